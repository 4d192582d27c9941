// The page /validate: files are dropped on the field. Without this script they are chosen.
const field = document.querySelector<HTMLElement>(".drop");
const area = field?.querySelector<HTMLTextAreaElement>("textarea");
const files = document.querySelector<HTMLInputElement>("#file");
const syntax = document.querySelector<HTMLSelectElement>("#syntax");
const LONGEST = 512 * 1024;

if (field && area && files && syntax) {
  const told = document.createElement("p");
  told.className = "quiet";
  told.setAttribute("role", "status");
  told.textContent = "Paste the data, or drop a file here.";
  field.append(told);
  const over = (event: DragEvent): void => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    field.classList.toggle("over", event.type !== "dragleave" && event.type !== "drop");
  };
  for (const type of ["dragenter", "dragover", "dragleave", "drop"] as const) {
    field.addEventListener(type, over);
  }
  field.addEventListener("drop", (event) => {
    const dropped = event.dataTransfer?.files;
    if (!dropped?.length) return;
    const [only] = dropped;
    const known = [...syntax.options].map((option) => option.value);
    const suffix = only?.name.split(".").at(-1)?.toLowerCase() ?? "";
    if (only && dropped.length === 1 && known.includes(suffix) && suffix !== "csv" && only.size <= LONGEST) {
      // A text is shown, to be mended here; a table is known by the name of its file.
      void only.text().then((text) => {
        area.value = text;
        syntax.value = suffix;
        told.textContent = `${only.name} is in the field. Check reads it.`;
      });
      return;
    }
    files.files = dropped;
    area.value = "";
    told.textContent = `${[...dropped].map(({ name }) => name).join(", ")}: Check reads ${dropped.length === 1 ? "it" : "them"}.`;
  });
  files.addEventListener("change", () => {
    if (files.files?.length) told.textContent = "The files are checked, and the field with them if it is filled.";
  });
}

export {};
