// Rows as a network: each row joins two things. The table of the same rows is its twin.
import {
  forceCenter,
  forceCollide,
  forceLink,
  forceManyBody,
  forceSimulation,
  forceX,
  forceY,
  type SimulationLinkDatum,
  type SimulationNodeDatum,
} from "d3-force";
import { field, h, select, svg } from "../dom";
import type { Answer } from "../endpoint";
import { learn } from "../labels";
import { address, type Prefixes, type Term } from "../terms";
import { nameOf } from "./cell";

const MOST = 250; // nodes; more is a ball of wool
const STEPS = 300;
const LONGEST = 28;

interface Node extends SimulationNodeDatum {
  id: string;
  name: string;
  leads?: string;
  links: number;
}

interface Link extends SimulationLinkDatum<Node> {
  source: Node;
  target: Node;
  name: string;
}

/** The network with its choices, drawn into `holder`. */
export async function drawNetwork(holder: HTMLElement, answer: Answer, prefixes: Prefixes): Promise<void> {
  if (answer.columns.length < 2) {
    holder.replaceChildren(h("p", {}, "A network joins two columns; this answer has one."));
    return;
  }
  await learn(answer.rows.slice(0, MOST * 4));
  const things = answer.columns.filter((name) => answer.rows.some((row) => row[name]?.type === "uri"));
  const graph = answer.form === "graph";
  let from = (graph ? "subject" : things[0]) ?? answer.columns[0] ?? "";
  let to = (graph ? "object" : things.find((name) => name !== from)) ?? answer.columns[1] ?? "";
  let by = graph ? "predicate" : "";
  const columns = answer.columns.map((name) => [name, name] as const);
  const frame = h("div", { class: "network", role: "group", "aria-label": "Network" });
  const said = h("p", { class: "quiet" });
  let view = { x: 0, y: 0, width: 900, height: 600 };
  let picture: SVGSVGElement | undefined;
  const zoom = (factor: number): void => {
    const { x, y, width, height } = view;
    show({
      x: x + (width * (1 - factor)) / 2,
      y: y + (height * (1 - factor)) / 2,
      width: width * factor,
      height: height * factor,
    });
  };
  holder.replaceChildren(
    h(
      "div",
      { class: "controls" },
      field("From", select(columns, from, (v) => { from = v; draw(); })),
      field("To", select(columns, to, (v) => { to = v; draw(); })),
      field("Named by", select([["", "nothing"], ...columns], by, (v) => { by = v; draw(); })),
      h("div", { class: "zoom" },
        h("button", { type: "button", class: "plain", click: () => zoom(0.8) }, "Nearer"),
        h("button", { type: "button", class: "plain", click: () => zoom(1.25) }, "Farther"),
        h("button", { type: "button", class: "plain", click: draw }, "All"),
      ),
    ),
    frame,
    said,
  );
  draw();

  function show(wanted: typeof view): void {
    view = wanted;
    picture?.setAttribute("viewBox", `${view.x} ${view.y} ${view.width} ${view.height}`);
  }

  function draw(): void {
    const { nodes, links, total } = gather();
    if (!links.length) {
      frame.replaceChildren(h("p", {}, "No row joins two things in these columns."));
      said.textContent = "";
      return;
    }
    lay(nodes, links);
    const lines = links.map(({ source, target }) =>
      svg("line", { x1: source.x ?? 0, y1: source.y ?? 0, x2: target.x ?? 0, y2: target.y ?? 0 }),
    );
    const names = links.filter(({ name }) => name).map(({ source, target, name }) =>
      svg("text", { class: "link-name", x: ((source.x ?? 0) + (target.x ?? 0)) / 2, y: ((source.y ?? 0) + (target.y ?? 0)) / 2 }, name),
    );
    picture = svg("svg", { "aria-hidden": nodes.every(({ leads }) => !leads) ? "true" : undefined });
    picture.append(svg("g", { class: "lines", "aria-hidden": "true" }, ...lines), svg("g", { "aria-hidden": "true" }, ...(links.length > 120 ? [] : names)), ...nodes.map(drawn));
    frame.replaceChildren(picture);
    show(whole(nodes));
    drag(picture);
    said.textContent =
      `${nodes.length} things, ${links.length} links` +
      (total > nodes.length ? `: the most linked of ${total} things.` : ". The table holds the same rows.");
  }

  function drag(whole: SVGSVGElement): void {
    whole.addEventListener("pointermove", (event) => {
      if (!(event.buttons & 1)) return;
      const scale = view.width / whole.clientWidth;
      show({ ...view, x: view.x - event.movementX * scale, y: view.y - event.movementY * scale });
    });
  }

  function gather(): { nodes: Node[]; links: Link[]; total: number } {
    const all = new Map<string, Node>();
    const node = (term: Term): Node => {
      const id = `${term.type} ${term.value}`;
      const made = all.get(id) ?? {
        id,
        name: nameOf(term, prefixes),
        leads: term.type === "uri" ? address(term.value) : undefined,
        links: 0,
      };
      all.set(id, made);
      made.links += 1;
      return made;
    };
    const joined = new Map<string, Link>();
    for (const row of answer.rows) {
      const [a, b] = [row[from], row[to]];
      if (!a || !b || from === to || (graph && b.type !== "uri" && b.type !== "bnode")) continue;
      const name = by ? nameOf(row[by], prefixes) : "";
      const [source, target] = [node(a), node(b)];
      joined.set(`${source.id}\n${target.id}\n${name}`, { source, target, name });
    }
    const nodes = [...all.values()].sort((a, b) => b.links - a.links).slice(0, MOST);
    const kept = new Set(nodes);
    const links = [...joined.values()].filter((l) => kept.has(l.source) && kept.has(l.target));
    return { nodes, links, total: all.size };
  }
}

function lay(nodes: Node[], links: Link[]): void {
  forceSimulation(nodes)
    .force("link", forceLink<Node, Link>(links).distance(110))
    .force("charge", forceManyBody().strength(-420))
    .force("apart", forceCollide(34))
    .force("x", forceX().strength(0.05))
    .force("y", forceY().strength(0.07))
    .force("centre", forceCenter())
    .stop()
    .tick(STEPS);
}

function drawn({ name, leads, links, x = 0, y = 0 }: Node): SVGElement {
  const short = name.length > LONGEST ? `${name.slice(0, LONGEST - 1)}…` : name;
  const parts = [
    svg("circle", { cx: x, cy: y, r: Math.min(16, 5 + Math.sqrt(links) * 1.6) }),
    svg("text", { x, y: y - 10 - Math.sqrt(links) }, short),
    svg("title", {}, `${name}, ${links} link${links === 1 ? "" : "s"}`),
  ];
  return leads ? svg("a", { href: leads, class: "node" }, ...parts) : svg("g", { class: "node" }, ...parts);
}

function whole(nodes: Node[]): { x: number; y: number; width: number; height: number } {
  const xs = nodes.map(({ x = 0 }) => x);
  const ys = nodes.map(({ y = 0 }) => y);
  const margin = 90;
  const [left, top] = [Math.min(...xs) - margin, Math.min(...ys) - margin / 2];
  return { x: left, y: top, width: Math.max(...xs) + margin - left, height: Math.max(...ys) + margin / 2 - top };
}
