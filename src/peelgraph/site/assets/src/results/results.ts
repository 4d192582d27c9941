// The answer under the editor: what it is, how long it took, of which version, and its views.
import { h } from "../dom";
import type { Answer, Problem } from "../endpoint";
import type { Prefixes } from "../terms";
import { drawTable } from "./table";

type Draw = (holder: HTMLElement, answer: Answer, prefixes: Prefixes) => unknown;

// What only some readers open is fetched when they do.
const VIEWS: readonly [name: string, text: string, draw: Draw][] = [
  ["table", "Table", drawTable],
  ["chart", "Chart", async (...all) => (await import("./chart")).drawChart(...all)],
  ["network", "Network", async (...all) => (await import("./network")).drawNetwork(...all)],
  ["pivot", "Cross table", async (...all) => (await import("./pivot")).drawPivot(...all)],
];

export class Results {
  readonly element = h("section", { class: "results", "aria-labelledby": "result", hidden: true });
  private readonly status = h("p", { class: "status", role: "status" });
  private readonly body = h("div");

  constructor(private readonly prefixes: Prefixes) {
    this.element.append(h("h2", { id: "result", tabindex: -1 }, "Result"), this.status, this.body);
  }

  /** Tell that an answer is waited for; what was there stays, greyed. */
  wait(): void {
    this.element.hidden = false;
    this.body.classList.add("stale");
    this.status.textContent = "Asking …";
  }

  /** Tell that the reader cancelled. */
  stop(): void {
    this.status.textContent = "Cancelled.";
  }

  show(answer: Answer, downloads: readonly (readonly [name: string, address: string])[]): void {
    this.element.hidden = false;
    this.body.classList.remove("stale");
    this.status.replaceChildren(
      `${size(answer)} in ${took(answer.milliseconds)}, of `,
      h("a", { href: `/versions/${answer.version}` }, `version ${answer.version}`),
      `. ${answer.truncated || "Nothing was cut off."} `,
      h("span", { class: "downloads" }, "The whole answer as ", ...listed(downloads), "."),
    );
    if (answer.form === "ask") {
      const told = answer.truth ? "Yes: true" : "No: false";
      this.body.replaceChildren(h("p", { class: "truth" }, told));
    } else if (!answer.rows.length) {
      this.body.replaceChildren(h("p", {}, "Nothing in the data fits the query."));
    } else this.views(answer);
  }

  /** Tell what the service refused, with a way to the place. */
  fail(problem: Problem, goTo: (line: number, column: number) => void): void {
    const { title, detail, hint, line, column = 1, type } = problem;
    this.element.hidden = false;
    this.body.classList.remove("stale");
    this.status.textContent = "";
    this.body.replaceChildren(
      h(
        "div",
        { class: "fault", role: "alert" },
        h("h3", {}, title),
        h("p", {}, detail),
        hint ? h("p", {}, hint) : null,
        line
          ? h("p", {}, h("button", { type: "button", class: "plain", click: () => goTo(line, column) },
              `Go to line ${line}, column ${column}`))
          : null,
        type?.startsWith("http") ? h("p", {}, h("a", { href: new URL(type).pathname }, "What this means")) : null,
      ),
    );
  }

  private views(answer: Answer): void {
    const panel = h("div", { id: "view", role: "tabpanel", tabindex: -1 });
    const tabs = VIEWS.map(([name, text, draw]) =>
      h("button", { type: "button", role: "tab", id: `tab-${name}`, "aria-controls": "view",
        click: () => open(name, draw), keydown: (event: KeyboardEvent) => walk(event, name) }, text),
    );
    const open = (name: string, draw: Draw): void => {
      for (const tab of tabs) {
        const chosen = tab.id === `tab-${name}`;
        tab.setAttribute("aria-selected", String(chosen));
        tab.tabIndex = chosen ? 0 : -1;
      }
      panel.setAttribute("aria-labelledby", `tab-${name}`);
      panel.replaceChildren(h("p", {}, "Drawing …"));
      // The address names the view too, so that a link opens it.
      history.replaceState(null, "", name === "table" ? location.pathname + location.search : `#${name}`);
      void draw(panel, answer, this.prefixes);
    };
    const walk = (event: KeyboardEvent, name: string): void => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const at = VIEWS.findIndex(([one]) => one === name);
      tabs[(at + step + tabs.length) % tabs.length]?.focus();
      event.preventDefault();
    };
    this.body.replaceChildren(
      h("div", { class: "tabs", role: "tablist", "aria-label": "Views of the result" }, ...tabs),
      panel,
    );
    const [name, , draw] = VIEWS.find(([one]) => `#${one}` === location.hash) ?? VIEWS[0]!;
    open(name, draw);
  }
}

function size({ form, rows, truth }: Answer): string {
  if (form === "ask") return truth ? "True" : "False";
  const what = form === "graph" ? "triple" : "row";
  return `${rows.length.toLocaleString("en-GB")} ${what}${rows.length === 1 ? "" : "s"}`;
}

function took(milliseconds: number): string {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}

function listed(links: readonly (readonly [string, string])[]): (Node | string)[] {
  return links.flatMap(([name, address], index) => [index ? ", " : "", h("a", { href: address }, name)]);
}
