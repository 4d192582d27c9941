// The names of things, asked for once and kept while the page is open.
import { look } from "./endpoint";
import type { Row } from "./terms";

const MOST = 300; // in one request

const known = new Map<string, string>();

/** The name of `iri`, when it was asked for before. */
export const labelOf = (iri: string): string => known.get(iri) ?? "";

/** Learn the names of every IRI in `rows`, English before others. */
export async function learn(rows: readonly Row[], signal?: AbortSignal): Promise<void> {
  const wanted = new Set<string>();
  for (const row of rows) {
    for (const term of Object.values(row)) {
      if (term?.type === "uri" && !known.has(term.value)) wanted.add(term.value);
    }
  }
  const all = [...wanted].filter((iri) => !/[<>"{}|\\^`\s]/.test(iri));
  for (let start = 0; start < all.length; start += MOST) {
    const part = all.slice(start, start + MOST);
    const found = await look(
      `SELECT ?thing ?label WHERE {
        VALUES ?thing { ${part.map((iri) => `<${iri}>`).join(" ")} }
        ?thing <http://www.w3.org/2000/01/rdf-schema#label>|<http://www.w3.org/2004/02/skos/core#prefLabel>|<http://purl.org/dc/terms/title> ?label .
      }`,
      signal,
    );
    for (const iri of part) known.set(iri, "");
    for (const { thing, label } of found) {
      if (!thing || !label) continue;
      if (!known.get(thing.value) || label["xml:lang"] === "en") known.set(thing.value, label.value);
    }
  }
}
