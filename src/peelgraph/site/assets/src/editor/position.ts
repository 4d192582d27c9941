// Where in a query the cursor stands, and what was said of it so far.

/** What can be completed there, and the query that finds it. */
export interface Place {
  kind: "predicate" | "object" | "class" | "variable";
  /** What is typed of the term already, and how long that is. */
  typed: string;
  /** The prologue and the patterns before the term, closed so that they parse. */
  prologue: string;
  pattern: string;
}

const TOKEN =
  /(#[^\n]*)|("""[\s\S]*?"""|'''[\s\S]*?'''|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|(<[^<>"{}|^`\\\s]*>)|([?$]\w*)|(\^\^|&&|\|\||[{}()[\].;,/|^*+!=<>])|([^\s{}()[\],;|/^*+!=<>"'#]+)|(\s+)/g;

const FORM = /(?:^|\s)(SELECT|ASK|CONSTRUCT|DESCRIBE)\b[\s\S]*$/i;
const KEYWORD =
  /^(filter|optional|minus|union|exists|not|service|bind|values|as|graph|select|distinct|where)$/i;

interface Token {
  text: string;
  start: number;
  kind: "quiet" | "string" | "iri" | "variable" | "sign" | "word";
}

/** The tokens of SPARQL as far as completion needs them. */
function tokens(text: string): Token[] {
  const found: Token[] = [];
  for (const match of text.matchAll(TOKEN)) {
    const kinds = ["quiet", "string", "iri", "variable", "sign", "word", "quiet"] as const;
    const which = match.slice(1).findIndex((part) => part !== undefined);
    const kind = kinds[which];
    if (!kind || kind === "quiet") continue;
    let part = match[0];
    let start = match.index;
    // A full stop ends a triple, but stands inside numbers and names.
    if (kind === "word" && part.length > 1 && part.endsWith(".")) {
      part = part.slice(0, -1);
      found.push({ text: part, start, kind });
      start += part.length;
      found.push({ text: ".", start, kind: "sign" });
    } else {
      found.push({ text: part, start, kind: part === "." ? "sign" : kind });
    }
  }
  return found;
}

/** The place at the end of `before`; undefined where nothing of the data can stand. */
export function placeAt(before: string): Place | undefined {
  if (/#[^\n]*$/.test(before) && !/<[^>\s]*#[^\n]*$/.test(before)) return undefined;
  const all = tokens(before);
  const last = all.at(-1);
  const partial =
    last && last.start + last.text.length === before.length && /^(iri|variable|word)$/.test(last.kind)
      ? last
      : undefined;
  const open = /<[^<>"{}|^`\\\s]*$/.exec(before);
  const typed = open ? open[0] : (partial?.text ?? "");
  const start = before.length - typed.length;
  const said = all.filter((token) => token.start < start);
  if (/^[?$]/.test(typed)) return { kind: "variable", typed, prologue: "", pattern: "" };
  const brace = lastOpening(said);
  const first = said[brace];
  if (!first) return undefined;
  let depth = 0;
  let brackets = 0;
  // The parts of the triple begun: subject, predicate, object.
  let part = 0;
  let predicate = "";
  let path = false;
  for (const token of said.slice(brace)) {
    const sign = token.kind === "sign" ? token.text : "";
    if (sign === "{") [depth, part] = [depth + 1, 0];
    else if (sign === "}") [depth, part] = [depth - 1, 0];
    else if (sign === "(") brackets += 1;
    else if (sign === ")") brackets -= 1;
    else if (brackets > 0) continue;
    else if (sign === ".") part = 0;
    else if (sign === ";") part = 1;
    else if (sign === ",") part = 2;
    else if (sign === "[" || sign === "]") part = 1;
    else if (part === 1 && /^[/|^]$/.test(sign)) path = true;
    else if (part === 2 && /^[/|]$/.test(sign)) [part, path] = [1, true];
    else if (sign) continue;
    else if (part === 0 && KEYWORD.test(token.text)) continue;
    else {
      if (part === 1) predicate = path ? "" : token.text;
      path = false;
      part = Math.min(part + 1, 3);
    }
  }
  if (depth < 1 || brackets > 0 || part === 0 || part > 2) return undefined;
  const prologue = before.slice(0, first.start).replace(FORM, "");
  let pattern = before.slice(first.start, start).trimEnd();
  const close = "]".repeat(count(said, "[") - count(said, "]")) + "}".repeat(depth);
  if (part === 1) {
    // A path is walked to its last step, whose property is wanted.
    pattern = pattern.replace(/\/$/, " ?peelgraphStep . ?peelgraphStep");
    return { kind: "predicate", typed, prologue, pattern: `${pattern} ?found ?peelgraphObject ${close}` };
  }
  const kind = /^(a|rdf:type)$/.test(predicate) ? "class" : "object";
  return { kind, typed, prologue, pattern: `${pattern} ?found ${close}` };
}

/** Where the outermost braces that the cursor is in begin; a template's, before, are shut. */
function lastOpening(all: Token[]): number {
  let depth = 0;
  let opening = -1;
  for (const [index, { text }] of all.entries()) {
    if (text === "{" && depth++ === 0) opening = index;
    if (text === "}") depth -= 1;
  }
  return opening;
}

const count = (all: Token[], sign: string): number =>
  all.filter((token) => token.text === sign).length;

/** The variables of a query, in the order they come. */
export function variables(text: string): string[] {
  return [...new Set(tokens(text).filter((t) => t.kind === "variable").map((t) => t.text))];
}
