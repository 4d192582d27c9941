// One term of a result, with its name beside it and a link where one is safe.
import { h } from "../dom";
import { labelOf } from "../labels";
import { address, note, numberOf, prefixed, type Prefixes, type Term } from "../terms";

/** What is read of a term in a chart, a pivot or a node: its name before its IRI. */
export function nameOf(term: Term | undefined, prefixes: Prefixes): string {
  if (!term) return "";
  if (term.type === "bnode") return `_:${term.value}`;
  if (term.type !== "uri") return term.value;
  return labelOf(term.value) || prefixed(term.value, prefixes) || term.value;
}

/** A term as a cell of a table shows it. */
export function cell(term: Term | undefined, prefixes: Prefixes): HTMLTableCellElement {
  if (!term) return h("td");
  if (term.type === "uri") {
    const label = labelOf(term.value);
    const name = prefixed(term.value, prefixes) ?? term.value;
    const leads = address(term.value);
    const text = label || name;
    return h(
      "td",
      {},
      leads ? h("a", { href: leads }, text) : text,
      label ? h("span", { class: "beside-label" }, name) : null,
    );
  }
  if (term.type === "bnode") return h("td", {}, `_:${term.value}`);
  const told = note(term);
  const language = term["xml:lang"];
  return h(
    "td",
    { class: numberOf(term) === undefined ? undefined : "number" },
    h("span", { lang: language }, term.value),
    told ? h("small", {}, ` ${told}`) : null,
  );
}
