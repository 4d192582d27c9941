// RDF terms as the pages show them: prefixed names, and where an IRI leads.

export interface Term {
  type: "uri" | "literal" | "bnode" | "typed-literal";
  value: string;
  "xml:lang"?: string;
  datatype?: string;
}

export type Row = Record<string, Term | undefined>;

const OURS = "https://w3id.org/peelgraph/";
const XSD = "http://www.w3.org/2001/XMLSchema#";
const NUMBERS = new Set(
  "integer decimal double float int long short byte nonNegativeInteger positiveInteger"
    .split(" ")
    .map((name) => XSD + name),
);

/** Prefixes, told by the page. */
export type Prefixes = Readonly<Record<string, string>>;

/** The prefixed name of an IRI; undefined where no prefix gives a plain one. */
export function prefixed(iri: string, prefixes: Prefixes): string | undefined {
  let best: [string, string] | undefined;
  for (const [prefix, namespace] of Object.entries(prefixes)) {
    if (iri.startsWith(namespace) && namespace.length > (best?.[1].length ?? 0)) {
      best = [prefix, namespace];
    }
  }
  const local = best && iri.slice(best[1].length);
  return best && local && /^[A-Za-z0-9_][A-Za-z0-9_-]*$/.test(local)
    ? `${best[0]}:${local}`
    : undefined;
}

/** Where an IRI leads: our own documents for our own; undefined where no link is safe. */
export function address(iri: string): string | undefined {
  if (iri.startsWith(OURS)) return `/${iri.slice(OURS.length).replace(/^id\//, "doc/")}`;
  return /^https?:/.test(iri) ? iri : undefined;
}

/** The number that a literal states. */
export function numberOf(term: Term | undefined): number | undefined {
  if (!term?.datatype || !NUMBERS.has(term.datatype)) return undefined;
  const value = Number(term.value);
  return Number.isFinite(value) ? value : undefined;
}

/** What is worth telling of a literal beside its text: another language, an odd datatype. */
export function note(term: Term): string {
  const language = term["xml:lang"];
  if (language) return language === "en" ? "" : language;
  return term.datatype && !term.datatype.startsWith(XSD) ? `<${term.datatype}>` : "";
}

/** Terms in another order than text: numbers by value, absent ones last. */
export function compare(one: Term | undefined, other: Term | undefined): number {
  if (!one || !other) return one ? -1 : other ? 1 : 0;
  const [a, b] = [numberOf(one), numberOf(other)];
  if (a !== undefined && b !== undefined) return a - b;
  return one.value.localeCompare(other.value, "en", { numeric: true });
}
