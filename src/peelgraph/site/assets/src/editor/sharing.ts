// A short address that names the query, and the query as a few lines of a program.
import { h, select } from "../dom";
import { LANGUAGES, type Language, program } from "./copying";

export interface Shared {
  query: string;
  options: Readonly<Record<string, string>>;
  version: string;
}

/** The dialog that both buttons open; `current` tells what is shared. */
export function sharing(current: () => Shared): { link: () => void; copy: () => void; element: HTMLElement } {
  const title = h("h2", { id: "sharing-title" });
  const body = h("div");
  const element = h("dialog", { class: "sharing", "aria-labelledby": "sharing-title" }, title, body,
    h("form", { method: "dialog" }, h("button", { class: "plain" }, "Close")));

  function open(name: string, ...content: Node[]): void {
    title.textContent = name;
    body.replaceChildren(...content);
    element.showModal();
  }

  async function link(): Promise<void> {
    const { query, options, version } = current();
    const fields = { query, ...options };
    const told = h("p", { role: "status" }, "Making the links …");
    open("Link to this query", told);
    const [now, then] = await Promise.all([
      shorten(fields),
      version ? shorten({ ...fields, at: version }) : Promise.resolve(""),
    ]);
    const view = location.hash;
    body.replaceChildren(
      ...copied("Answered from whatever is published when it is opened", now + view, "permalink"),
      ...(then ? copied(`Answered from version ${version} for good, to cite`, then + view, "permalink-at") : []),
    );
  }

  function copy(): void {
    const { query, options } = current();
    const code = h("pre", { tabindex: 0, role: "region", "aria-label": "Program" });
    const draw = (language: string): void => {
      code.textContent = program(language as Language, query, `${location.origin}/sparql`, options);
    };
    const choice = select(LANGUAGES, "curl", draw);
    draw("curl");
    open("Ask from a program",
      h("p", {}, h("label", { for: choice.id }, "For "), choice, " ", copier(() => code.textContent ?? "")), code);
  }

  return { link: () => void link(), copy, element };
}

/** A short address of the service's own; the whole query in the address where it keeps none. */
async function shorten(fields: Record<string, string>): Promise<string> {
  const asked = new URLSearchParams(fields);
  const long = `${location.origin}/sparql?${asked}`;
  try {
    const response = await fetch("/q", { method: "POST", body: asked });
    if (response.ok) return new URL((await response.json()).path, location.origin).href;
  } catch (failure) {
    if (!(failure instanceof TypeError)) throw failure;
  }
  return long;
}

function copied(label: string, address: string, id: string): Node[] {
  const shown = h("input", { id, readonly: true, value: address, focus: () => shown.select() });
  return [h("label", { for: id }, label), h("p", { class: "copied" }, shown, copier(() => address))];
}

function copier(text: () => string): HTMLElement {
  const button: HTMLButtonElement = h("button", { type: "button", click: () => {
    navigator.clipboard.writeText(text()).then(
      () => { button.textContent = "Copied"; },
      () => { button.textContent = "Select it and press Control and C"; },
    );
  } }, "Copy");
  return button;
}
