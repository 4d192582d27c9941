// Completion by what the data hold: what is offered at the cursor is what the patterns before it
// leave possible, most frequent first.
import type { Hint, HintList, Yasqe } from "@zazuko/yasqe";
import { h } from "../dom";
import { look } from "../endpoint";
import { labelOf, learn } from "../labels";
import { type Prefixes, prefixed } from "../terms";
import { bindKeys } from "./keys";
import { type Place, placeAt, variables } from "./position";

const MOST = 1000; // candidates asked for at one place
const SHOWN = 60;
const PAUSE = 150; // milliseconds after a key, so that fast typing asks once

interface Candidate {
  iri: string;
  uses: number;
}

const GENERAL = {
  predicate: "{ ?subject ?found ?object }",
  class: "{ ?subject a ?found }",
};

/** Offer completions while one types, and on Ctrl-Space. */
export function offerCompletions(editor: Yasqe, prefixes: Prefixes): void {
  const asked = new Map<string, Promise<Candidate[]>>();

  async function found(prologue: string, pattern: string): Promise<Candidate[]> {
    const key = prologue + pattern;
    const kept = asked.get(key);
    if (kept) return kept;
    const rows = look(
      `${prologue}\nSELECT ?found (COUNT(*) AS ?uses) WHERE ${pattern}
      GROUP BY ?found HAVING(isIRI(?found)) ORDER BY DESC(?uses) ?found LIMIT ${MOST}`,
    ).then(async (answer) => {
      await learn(answer.map(({ found }) => ({ found })));
      return answer.flatMap(({ found, uses }) =>
        found && uses ? [{ iri: found.value, uses: Number(uses.value) }] : [],
      );
    });
    asked.set(key, rows);
    return rows;
  }

  /** What fits at the place; where its patterns hold nothing, what the data hold at all. */
  async function candidates(place: Place): Promise<Candidate[]> {
    const inContext = await found(place.prologue, place.pattern);
    if (inContext.length) return inContext;
    if (place.kind === "predicate" || place.kind === "class") return found("", GENERAL[place.kind]);
    return [];
  }

  async function hints(): Promise<HintList> {
    const cursor = editor.getDoc().getCursor();
    const before = editor.getDoc().getRange({ line: 0, ch: 0 }, cursor);
    const place = placeAt(before);
    const nothing = { list: [], from: cursor, to: cursor };
    if (!place) return nothing;
    const from = { line: cursor.line, ch: cursor.ch - place.typed.length };
    if (place.kind === "variable") {
      const names = variables(editor.getValue());
      const list = names
        .filter((name) => name !== place.typed && name.startsWith(place.typed))
        .map((text) => ({ text }));
      return { list, from, to: cursor };
    }
    const declared = { ...prefixes, ...(editor.getPrefixesFromQuery() as Prefixes) };
    const all = await candidates(place);
    // Whoever typed on while the answer came is offered what fits there, by the next request.
    if (!sameSpot(cursor, editor.getDoc().getCursor())) return nothing;
    requestAnimationFrame(nameList);
    const list = ranked(all, place.typed, declared).map((one) => hint(one, declared));
    return { list, from, to: cursor };
  }

  function hint({ iri, uses }: Candidate, declared: Prefixes): Hint {
    const name = prefixed(iri, declared);
    const render = (row: HTMLElement): void => {
      row.append(
        h("span", { class: "hint-name" }, name ?? `<${iri}>`),
        h("span", { class: "hint-label" }, labelOf(iri)),
        h("span", { class: "hint-uses" }, uses.toLocaleString("en-GB")),
      );
    };
    return { text: name ?? `<${iri}>`, render };
  }

  function declare(text: string): void {
    const prefix = /^([\w-]+):/.exec(text)?.[1];
    const namespace = prefix && prefixes[prefix];
    if (prefix && namespace && !(prefix in editor.getPrefixesFromQuery())) {
      editor.addPrefixes({ [prefix]: namespace });
    }
  }

  const show = (): void =>
    editor.showHint({
      hint: hints,
      completeSingle: false,
      container: document.querySelector<HTMLElement>("main") ?? document.body,
      closeCharacters: /[\s{}()[\];,]/,
    });

  bindKeys(editor, { "Ctrl-Space": show });
  let timer = 0;
  // The types of YASQE name its own events alone; these two are CodeMirror's.
  const { on } = editor as unknown as {
    on(event: string, run: (editor: Yasqe, change: Change) => void): void;
  };
  on.call(editor, "inputRead", (_, { text, origin }) => {
    window.clearTimeout(timer);
    if (origin === "+input" && /[\w:?$< ]$/.test(text.join("\n"))) {
      timer = window.setTimeout(show, PAUSE);
    }
  });
  on.call(editor, "change", (_, { text, origin }) => {
    if (origin === "complete") declare(text.join(""));
  });
}

interface Change {
  text: string[];
  origin?: string;
}

/** Tell what the list is that YASQE shows; it leaves that out. */
function nameList(): void {
  document.querySelector(".CodeMirror-hints")?.setAttribute("aria-label", "Terms that fit here");
}

const sameSpot = (a: { line: number; ch: number }, b: { line: number; ch: number }): boolean =>
  a.line === b.line && a.ch === b.ch;

/** Those whose name or label holds what is typed; those that begin with it first. */
function ranked(all: Candidate[], typed: string, prefixes: Prefixes): Candidate[] {
  const wanted = typed.replace(/^</, "").toLowerCase();
  const scored = all.flatMap((one, order) => {
    const name = (prefixed(one.iri, prefixes) ?? one.iri).toLowerCase();
    const label = labelOf(one.iri).toLowerCase();
    const local = name.slice(name.indexOf(":") + 1);
    if (name === wanted) return [];
    if (!wanted || [name, label, local, one.iri.toLowerCase()].some((t) => t.startsWith(wanted))) {
      return [{ one, rank: order }];
    }
    return name.includes(wanted) || label.includes(wanted) ? [{ one, rank: order + MOST }] : [];
  });
  return scored.sort((a, b) => a.rank - b.rank).slice(0, SHOWN).map(({ one }) => one);
}
