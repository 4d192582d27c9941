// Suggestions under each search field: without this script the form leads to /search.
"use strict";
for (const form of document.querySelectorAll("form[data-suggest]")) {
  const field = form.querySelector("input");
  const list = document.createElement("ul");
  list.className = "suggestions";
  list.id = field.id + "-suggestions";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Suggestions");
  list.hidden = true;
  form.append(list);
  const set = (name, value) => field.setAttribute(name, value);
  set("role", "combobox");
  set("aria-autocomplete", "list");
  set("aria-controls", list.id);
  set("aria-expanded", "false");
  let chosen = -1;
  let asked = 0;
  let timer = 0;

  const close = () => {
    list.hidden = true;
    chosen = -1;
    set("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  };
  const choose = (number) => {
    const options = list.children;
    chosen = (number + options.length) % options.length;
    for (const [at, option] of [...options].entries()) option.setAttribute("aria-selected", String(at === chosen));
    set("aria-activedescendant", options[chosen].id);
  };
  const show = (things) => {
    list.replaceChildren(...things.map((thing, number) => {
      const option = document.createElement("li");
      option.id = list.id + "-" + number;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.dataset.page = thing.page;
      const kind = document.createElement("small");
      kind.textContent = thing.kind;
      option.append(thing.name + " ", kind);
      // Before the field loses the focus and the list closes.
      option.addEventListener("pointerdown", (event) => { event.preventDefault(); location.assign(thing.page); });
      return option;
    }));
    list.hidden = things.length === 0;
    chosen = -1;
    set("aria-expanded", String(things.length > 0));
  };
  const ask = async () => {
    const turn = ++asked;
    if (field.value.trim().length < 2) { close(); return; }
    try {
      const answer = await fetch("/search.json?q=" + encodeURIComponent(field.value));
      const things = answer.ok ? await answer.json() : [];
      if (turn === asked && document.activeElement === field) show(things);
    } catch { close(); }
  };
  field.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, 120); });
  field.addEventListener("blur", () => { asked++; close(); });
  field.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    if (event.key === "ArrowDown") { choose(chosen + 1); event.preventDefault(); }
    else if (event.key === "ArrowUp") { choose(chosen < 0 ? -1 : chosen - 1); event.preventDefault(); }
    else if (event.key === "Escape") { close(); event.preventDefault(); }
    else if (event.key === "Enter" && chosen >= 0) { event.preventDefault(); location.assign(list.children[chosen].dataset.page); }
  });
}
