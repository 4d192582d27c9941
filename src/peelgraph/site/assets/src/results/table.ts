// Rows as a table: names beside IRIs, sorted by a column, found by a word, a page at a time.
import { h } from "../dom";
import type { Answer } from "../endpoint";
import { labelOf, learn } from "../labels";
import { compare, numberOf, type Prefixes, type Row } from "../terms";
import { cell } from "./cell";

const PAGE = 100;

/** The table, drawn into `holder`. */
export function drawTable(holder: HTMLElement, answer: Answer, prefixes: Prefixes): void {
  let first = 0;
  let sorted = "";
  let descending = false;
  let wanted = "";

  const find = h("input", { id: "find-in-result", type: "search", input: search });
  const body = h("tbody");
  const caption = h("caption", { "aria-live": "polite" });
  const heads = answer.columns.map((column) => {
    const numeric = answer.rows.some((row) => numberOf(row[column]) !== undefined);
    const button = h("button", { type: "button", class: "sort", click: () => sort(column) }, column);
    return h("th", { scope: "col", class: numeric ? "number" : undefined }, button);
  });
  const pages = h("div", { class: "pages" });
  holder.replaceChildren(
    answer.rows.length > 10
      ? h("div", { class: "find-in" }, h("label", { for: find.id }, "Find in the rows"), find)
      : "",
    h(
      "div",
      { class: "scroll", role: "region", "aria-label": "Rows", tabindex: 0 },
      h("table", {}, caption, h("thead", {}, h("tr", {}, ...heads)), body),
    ),
    pages,
  );
  draw();

  function search(): void {
    wanted = find.value.trim().toLowerCase();
    first = 0;
    draw();
  }

  function sort(column: string): void {
    descending = sorted === column && !descending;
    sorted = column;
    first = 0;
    for (const [index, head] of heads.entries()) {
      if (answer.columns[index] === column) {
        head.setAttribute("aria-sort", descending ? "descending" : "ascending");
      } else head.removeAttribute("aria-sort");
    }
    draw();
  }

  function matching(): Row[] {
    const found = wanted ? answer.rows.filter(holds) : answer.rows;
    if (!sorted) return found;
    const way = descending ? -1 : 1;
    return [...found].sort((a, b) => way * compare(a[sorted], b[sorted]));
  }

  function holds(row: Row): boolean {
    return Object.values(row).some(
      (term) =>
        term?.value.toLowerCase().includes(wanted) ||
        (term?.type === "uri" && labelOf(term.value).toLowerCase().includes(wanted)),
    );
  }

  function draw(): void {
    const all = matching();
    const shown = all.slice(first, first + PAGE);
    render(shown);
    void learn(shown).then(() => render(shown));
    const of = wanted ? `${count(all.length)} of ${count(answer.rows.length)} rows` : rowsIn(all);
    caption.textContent =
      all.length > PAGE ? `Rows ${first + 1} to ${first + shown.length} of ${of}` : of;
    pages.replaceChildren(
      ...(all.length > PAGE
        ? [turn("Earlier rows", -PAGE, first > 0), turn("Later rows", PAGE, first + PAGE < all.length)]
        : []),
    );
  }

  function render(shown: Row[]): void {
    body.replaceChildren(
      ...shown.map((row) => h("tr", {}, ...answer.columns.map((name) => cell(row[name], prefixes)))),
    );
  }

  function turn(text: string, step: number, possible: boolean): HTMLButtonElement {
    return h("button", { type: "button", class: "plain", disabled: !possible, click: () => {
      first += step;
      draw();
      holder.querySelector<HTMLElement>(".scroll")?.focus();
    } }, text);
  }
}

const count = (number: number): string => number.toLocaleString("en-GB");
const rowsIn = (all: Row[]): string => `${count(all.length)} row${all.length === 1 ? "" : "s"}`;
