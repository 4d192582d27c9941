// Rows as a cross table: one column down, one across, and what the cells sum up.
import { field, h, select } from "../dom";
import type { Answer } from "../endpoint";
import { learn } from "../labels";
import { compare, numberOf, type Prefixes, type Row, type Term } from "../terms";
import { nameOf } from "./cell";

const WIDEST = 60;
const LONGEST = 500;
const WAYS = [
  ["list", "each value"],
  ["count", "number of rows"],
  ["sum", "sum"],
  ["mean", "mean"],
  ["least", "least"],
  ["most", "most"],
] as const;

type Way = (typeof WAYS)[number][0];

/** The cross table with its choices, drawn into `holder`. */
export async function drawPivot(holder: HTMLElement, answer: Answer, prefixes: Prefixes): Promise<void> {
  if (answer.columns.length < 2) {
    holder.replaceChildren(h("p", {}, "A cross table needs two columns; this answer has one."));
    return;
  }
  await learn(answer.rows.slice(0, 2000));
  let [down = "", across = ""] = answer.columns;
  let value = answer.columns.find((name) => name !== down && name !== across) ?? across;
  let way: Way = answer.columns.length > 2 ? "list" : "count";
  const columns = answer.columns.map((name) => [name, name] as const);
  const table = h("div", { class: "scroll", role: "region", "aria-label": "Cross table", tabindex: 0 });
  const said = h("p", { class: "quiet" });
  holder.replaceChildren(
    h(
      "div",
      { class: "controls" },
      field("Down", select(columns, down, (v) => { down = v; draw(); })),
      field("Across", select(columns, across, (v) => { across = v; draw(); })),
      field("Cells show", select(WAYS, way, (v) => { way = v as Way; draw(); })),
      field("of", select(columns, value, (v) => { value = v; draw(); })),
    ),
    table,
    said,
  );
  draw();

  function keys(column: string): Term[] {
    const all = new Map<string, Term>();
    for (const row of answer.rows) {
      const term = row[column];
      if (term) all.set(nameOf(term, prefixes), term);
    }
    const named = (term: Term): Term => (term.type === "uri" ? { type: "literal", value: nameOf(term, prefixes) } : term);
    return [...all.values()].sort((a, b) => compare(named(a), named(b)));
  }

  function draw(): void {
    const [rows, heads] = [keys(down), keys(across)];
    const cells = new Map<string, Row[]>();
    for (const row of answer.rows) {
      const key = `${nameOf(row[down], prefixes)}\n${nameOf(row[across], prefixes)}`;
      cells.set(key, [...(cells.get(key) ?? []), row]);
    }
    const shownHeads = heads.slice(0, WIDEST);
    const body = rows.slice(0, LONGEST).map((row) => {
      const name = nameOf(row, prefixes);
      const made = shownHeads.map((head) => {
        const found = cells.get(`${name}\n${nameOf(head, prefixes)}`) ?? [];
        return h("td", { class: way === "list" ? undefined : "number" }, summed(found));
      });
      return h("tr", {}, h("th", { scope: "row" }, name), ...made);
    });
    table.replaceChildren(
      h(
        "table",
        {},
        h("caption", {}, `${down} down, ${across} across: ${rows.length} by ${heads.length}`),
        h("thead", {}, h("tr", {}, h("td"), ...shownHeads.map((head) => h("th", { scope: "col" }, nameOf(head, prefixes))))),
        h("tbody", {}, ...body),
      ),
    );
    const cut = rows.length > LONGEST || heads.length > WIDEST;
    said.textContent = cut ? `Shown are at most ${LONGEST} rows and ${WIDEST} columns of it.` : "";
  }

  function summed(found: Row[]): string {
    if (!found.length) return "";
    if (way === "count") return String(found.length);
    if (way === "list") return [...new Set(found.map((row) => nameOf(row[value], prefixes)))].join(", ");
    const numbers = found.map((row) => numberOf(row[value])).filter((n) => n !== undefined);
    if (!numbers.length) return "–";
    const sum = numbers.reduce((a, b) => a + b, 0);
    const told = { sum, mean: sum / numbers.length, least: Math.min(...numbers), most: Math.max(...numbers) }[way];
    return told.toLocaleString("en-GB", { maximumFractionDigits: 3 });
  }
}
