// Elements made in one expression; text is only ever text.

type Child = Node | string | null | undefined | false;
type Attributes = Record<string, string | number | boolean | ((event: never) => void) | undefined>;

const SVG = "http://www.w3.org/2000/svg";

/** An element: attributes as written in HTML, listeners as functions under the event's name. */
export function h<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  fill(made, attributes, children);
  return made;
}

/** The same, of SVG. */
export function svg<Name extends keyof SVGElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[Name] {
  const made = document.createElementNS(SVG, name);
  fill(made, attributes, children);
  return made;
}

/** A field with its label. */
export function field(label: string, control: HTMLElement): HTMLElement {
  return h("div", {}, h("label", { for: control.id }, label), control);
}

let made = 0;

/** A list to choose from; `chosen` tells each change. */
export function select(
  options: readonly (readonly [value: string, text: string])[],
  value: string,
  chosen: (value: string) => void,
): HTMLSelectElement {
  made += 1;
  const list = h("select", { id: `choice-${made}` });
  for (const [name, text] of options) {
    list.append(h("option", { value: name, selected: name === value }, text));
  }
  list.addEventListener("change", () => chosen(list.value));
  return list;
}

function fill(made: Element, attributes: Attributes, children: Child[]): void {
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(key, value as EventListener);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== undefined) made.setAttribute(key, String(value));
  }
  made.append(...children.filter((child): child is Node | string => !!child || child === ""));
}
