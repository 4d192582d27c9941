// Rows as a chart. The table of the same rows is its twin for whoever cannot see it.
import {
  BarController,
  BarElement,
  CategoryScale,
  Chart,
  Legend,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  ScatterController,
  Tooltip,
} from "chart.js";
import { field, h, select } from "../dom";
import type { Answer } from "../endpoint";
import { learn } from "../labels";
import { numberOf, type Prefixes } from "../terms";
import { nameOf } from "./cell";

Chart.register(
  BarController, BarElement, CategoryScale, Legend, LinearScale, LineController, LineElement,
  PointElement, ScatterController, Tooltip,
);

const MOST = 200; // bars or points along the axis; more cannot be told apart
const KINDS = [["bar", "bars"], ["across", "bars across"], ["line", "line"], ["scatter", "points"]] as const;
// Distinct in colour and in lightness, on light and on dark.
const COLOURS = ["--first", "--second", "--fine", "--visited", "--fault", "--edge"];

/** The chart with its choices, drawn into `holder`. */
export async function drawChart(holder: HTMLElement, answer: Answer, prefixes: Prefixes): Promise<void> {
  const numeric = answer.columns.filter((name) => answer.rows.some((row) => numberOf(row[name]) !== undefined));
  if (!numeric.length) {
    holder.replaceChildren(h("p", {}, "A chart needs a column of numbers; this answer has none."));
    return;
  }
  await learn(answer.rows.slice(0, MOST * COLOURS.length));
  const others = answer.columns.filter((name) => !numeric.includes(name));
  let kind: string = answer.rows.length > 12 ? "across" : "bar";
  let along = others[0] ?? numeric[0] ?? "";
  let value = numeric.find((name) => name !== along) ?? along;
  let series = others.find((name) => name !== along && distinct(name) <= COLOURS.length) ?? "";
  let chart: Chart | undefined;
  const canvas = h("canvas", { role: "img" });
  const frame = h("div", { class: "chart" }, canvas);
  const said = h("p", { class: "quiet" });
  const columns = answer.columns.map((name) => [name, name] as const);
  const choices = h(
    "div",
    { class: "controls" },
    field("Drawn as", select(KINDS, kind, (v) => draw(() => { kind = v; }))),
    field("Along", select(columns, along, (v) => draw(() => { along = v; }))),
    field("Value", select(numeric.map((n) => [n, n] as const), value, (v) => draw(() => { value = v; }))),
    field("A colour each", select([["", "none"], ...columns], series, (v) => draw(() => { series = v; }))),
  );
  holder.replaceChildren(choices, frame, said);
  draw(() => undefined);
  // Colours follow the reader's choice of dark or light.
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    if (canvas.isConnected) draw(() => undefined);
  });

  function distinct(column: string): number {
    return new Set(answer.rows.map((row) => row[column]?.value)).size;
  }

  function draw(change: () => void): void {
    change();
    const style = getComputedStyle(document.documentElement);
    const colour = (name: string): string => style.getPropertyValue(name).trim();
    const rows = answer.rows.filter((row) => numberOf(row[value]) !== undefined);
    const places = [...new Set(rows.map((row) => nameOf(row[along], prefixes)))];
    const shown = places.slice(0, MOST);
    const groups = series ? [...new Set(rows.map((row) => nameOf(row[series], prefixes)))] : [value];
    const sets = groups.slice(0, COLOURS.length).map((group, index) => {
      const own = series ? rows.filter((row) => nameOf(row[series], prefixes) === group) : rows;
      const at = new Map(own.map((row) => [nameOf(row[along], prefixes), numberOf(row[value]) ?? null]));
      const points = own.map((row) => ({ x: numberOf(row[along]) ?? 0, y: numberOf(row[value]) ?? 0 }));
      const data = kind === "scatter" ? points : shown.map((name) => at.get(name) ?? null);
      const mark = colour(COLOURS[index] ?? "--first");
      return { label: group, data, backgroundColor: mark, borderColor: mark, pointRadius: 4 };
    });
    const across = kind === "across";
    frame.style.height = across ? `${Math.max(320, shown.length * (18 + 8 * sets.length))}px` : "26rem";
    chart?.destroy();
    const grid = { color: colour("--line") };
    const ticks = { color: colour("--text"), autoSkip: !across };
    const axis = (text: string) => ({ grid, ticks, title: { display: true, text, color: colour("--quiet") } });
    chart = new Chart(canvas, {
      type: kind === "across" ? "bar" : (kind as "bar" | "line" | "scatter"),
      data: { labels: kind === "scatter" ? undefined : shown, datasets: sets as never },
      options: {
        indexAxis: across ? "y" : "x",
        responsive: true,
        maintainAspectRatio: false,
        animation: false,
        scales: { x: axis(across ? value : along), y: axis(across ? along : value) },
        plugins: { legend: { display: groups.length > 1, labels: { color: colour("--text") } } },
      },
    });
    canvas.setAttribute("aria-label", `Chart of ${value} along ${along}, ${shown.length} places. The table holds the same figures.`);
    const drawn = new Set(rows.map((row) => `${row[along]?.value}\n${series && row[series]?.value}`));
    const left = [
      places.length > MOST ? `the first ${MOST} of ${places.length} places` : "",
      groups.length > COLOURS.length ? `the first ${COLOURS.length} of ${groups.length} colours` : "",
    ].filter(Boolean);
    const shared = kind !== "scatter" && drawn.size < rows.length;
    said.textContent = [
      left.length ? `Drawn are ${left.join(" and ")}.` : "",
      shared ? "Several rows share a place, of which the last is drawn: choose a colour each." : "",
    ].join(" ");
  }
}
