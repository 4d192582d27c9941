// The page /sparql: the plain form becomes an editor. Without this script the form works as it is.
import "@zazuko/yasqe/build/yasqe.min.css";
import "../editor/editor.css";
import { h } from "../dom";
import { Editor } from "../editor/mount";
import { sharing } from "../editor/sharing";
import { ask, cancel as takeBack, newKey, Refused } from "../endpoint";
import { Results } from "../results/results";
import type { Prefixes } from "../terms";

const LONGEST_ADDRESS = 6000;
const ROWS = ["csv", "tsv", "json", "xml"];
const GRAPHS = ["ttl", "nt", "rdf", "jsonld"];

const form = document.querySelector<HTMLFormElement>("form.editor");
const area = form?.querySelector<HTMLTextAreaElement>("#query");
const facts = document.querySelector<HTMLElement>("#editor-facts");
if (form && area && facts) start(form, area, JSON.parse(facts.dataset["prefixes"] ?? "{}"));

function start(form: HTMLFormElement, area: HTMLTextAreaElement, prefixes: Prefixes): void {
  const given = new URLSearchParams(location.search);
  let running: AbortController | undefined;
  let version = "";
  const editor = new Editor(area, prefixes, () => void run());
  const results = new Results(prefixes);
  const shared = sharing(() => ({ query: editor.text, options: options(), version }));
  const cancel = h("button", { type: "button", class: "plain", hidden: true,
    click: () => running?.abort() }, "Cancel");
  form.querySelector("button[type=submit]")?.after(
    cancel,
    h("button", { type: "button", class: "plain", click: shared.link }, "Link"),
    h("button", { type: "button", class: "plain", click: shared.copy }, "Copy as …"),
  );
  form.append(
    h("p", { class: "quiet" }, "Control and Enter runs the query, Control and space completes a term, Tab leaves the field."),
  );
  form.after(results.element, shared.element);
  form.addEventListener("submit", (event) => {
    editor.save();
    if (form.querySelector<HTMLSelectElement>("#format")?.value !== "html") return;
    event.preventDefault();
    void run();
  });
  examples((query) => {
    editor.text = query;
    form.scrollIntoView({ block: "start" });
    editor.focus();
    void run();
  });
  addEventListener("pagehide", () => running?.abort());
  // What the page already shows, asked for again, to be looked at in every way.
  document.querySelector("#served-result")?.remove();
  if (given.has("query") || document.querySelector(".fault")) {
    document.querySelectorAll("main > .fault, main > .source").forEach((old) => old.remove());
    void run();
  }

  function options(): Record<string, string> {
    const inference = form.querySelector<HTMLSelectElement>("#inference")?.value;
    const at = given.get("at");
    return { ...(inference === "off" ? { inference } : {}), ...(at ? { at } : {}) };
  }

  async function run(): Promise<void> {
    running?.abort();
    const mine = new AbortController();
    const key = newKey();
    mine.signal.addEventListener("abort", () => takeBack(key));
    running = mine;
    const query = editor.text;
    const asked = options();
    editor.clear();
    results.wait();
    cancel.hidden = false;
    remember(query, asked);
    try {
      const answer = await ask(query, asked, mine.signal, key);
      version = answer.version;
      results.show(answer, downloads(query, asked, answer.form));
    } catch (failure) {
      if (failure instanceof Refused) {
        editor.mark(failure.problem);
        results.fail(failure.problem, (line, column) => editor.goTo(line, column));
      } else if (failure instanceof DOMException && failure.name === "AbortError") {
        if (running === mine) results.stop();
      } else if (failure instanceof TypeError) {
        const detail = "The service cannot be reached. Is the network up? The query is kept.";
        results.fail({ title: "No answer", detail }, () => undefined);
      } else throw failure;
    } finally {
      if (running === mine) {
        running = undefined;
        cancel.hidden = true;
      }
    }
  }
}

/** Let the address name the query, so that it can be reloaded, kept and sent. */
function remember(query: string, options: Record<string, string>): void {
  const address = `/sparql?${new URLSearchParams({ query, ...options })}`;
  if (address.length < LONGEST_ADDRESS) history.replaceState(null, "", address + location.hash);
}

function downloads(query: string, options: Record<string, string>, answered: string): [string, string][] {
  const formats = answered === "graph" ? GRAPHS : answered === "ask" ? ["json", "xml"] : ROWS;
  return formats.map((format) => [
    format,
    `/sparql?${new URLSearchParams({ query, ...options, format })}`,
  ]);
}

/** The catalogue as examples: found by a word, and taken into the editor without leaving it. */
function examples(take: (query: string) => void): void {
  const list = document.querySelector<HTMLElement>(".examples");
  if (!list) return;
  const items = [...list.children] as HTMLElement[];
  const told = h("p", { class: "quiet", role: "status" });
  const find = h("input", { id: "find-example", type: "search", input: () => {
    const words = find.value.toLowerCase().split(/\s+/);
    for (const item of items) {
      const text = item.textContent?.toLowerCase() ?? "";
      item.hidden = !words.every((word) => text.includes(word));
    }
    told.textContent = find.value ? `${items.filter((item) => !item.hidden).length} of ${items.length} questions` : "";
  } });
  list.before(h("p", { class: "find-in" }, h("label", { for: find.id }, "Find a question "), find), told);
  list.addEventListener("click", (event) => {
    const link = (event.target as Element).closest<HTMLAnchorElement>("a.aside");
    const name = link && new URL(link.href).searchParams.get("example");
    if (!name || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    void fetch(`/queries/${name}.rq`).then(async (response) => {
      if (response.ok) take(withoutHeader(await response.text()));
      else location.assign(link.href);
    });
  });
}

/** A stored question without the lines that describe it. */
const withoutHeader = (text: string): string => text.replace(/^(?:#\+.*\n)+/, "");
