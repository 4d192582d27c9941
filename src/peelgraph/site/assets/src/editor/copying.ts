// The query as a few lines of other languages, ready to paste.

export const LANGUAGES = [
  ["curl", "curl"],
  ["python", "Python"],
  ["r", "R"],
] as const;

export type Language = (typeof LANGUAGES)[number][0];

/** A program of `language` that asks `query` of `endpoint` and prints or holds the answer. */
export function program(
  language: Language,
  query: string,
  endpoint: string,
  options: Readonly<Record<string, string>>,
): string {
  const graph = /^\s*(?:(?:PREFIX|BASE)\b[^\n]*\n\s*|#[^\n]*\n\s*)*(CONSTRUCT|DESCRIBE)\b/i.test(query);
  const fields = Object.entries(options);
  const text = query.trimEnd();
  if (language === "curl") {
    const type = graph ? "text/turtle" : "text/csv";
    const more = fields.map(([name, value]) => ` \\\n  --data-urlencode '${name}=${value}'`).join("");
    const mark = free("SPARQL", text);
    return `curl ${endpoint} -H 'Accept: ${type}'${more} \\
  --data-urlencode query@- <<'${mark}'\n${text}\n${mark}\n`;
  }
  if (language === "python") {
    const more = fields.map(([name, value]) => `, "${name}": "${value}"`).join("");
    const quoted = text.replaceAll("\\", "\\\\").replaceAll('"""', '\\"\\"\\"');
    const read = graph
      ? "graph = rdflib.Graph().parse(address, format=\"turtle\")\nprint(len(graph), \"triples\")"
      : "table = pandas.read_csv(address)\nprint(table)";
    return `from urllib.parse import urlencode

import ${graph ? "rdflib" : "pandas"}

query = """
${quoted}
"""
address = "${endpoint}?" + urlencode({"query": query, "format": "${graph ? "ttl" : "csv"}"${more}})
${read}
`;
  }
  const more = fields.map(([name, value]) => `, "&${name}=${value}"`).join("");
  // As many dashes as no line of the query holds.
  const dashes = free("-", text);
  const read = graph
    ? 'writeLines(readLines(address, encoding = "UTF-8"))'
    : 'answer <- read.csv(address, encoding = "UTF-8")\nprint(answer)';
  return `query <- r"${dashes}(
${text}
)${dashes}"
address <- paste0("${endpoint}?format=${graph ? "ttl" : "csv"}&query=", URLencode(query, reserved = TRUE)${more})
${read}
`;
}

/** `word` repeated until the text does not hold it. */
function free(word: string, text: string): string {
  let made = word;
  while (text.includes(made)) made += word;
  return made;
}
