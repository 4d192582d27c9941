// What is asked of /sparql, and what it answers.
import type { Row, Term } from "./terms";

const ROWS = "application/sparql-results+json";
const TRIPLES = "application/n-triples";

/** A problem document (RFC 9457), with where in the query the fault is. */
export interface Problem {
  type?: string;
  title: string;
  detail: string;
  hint?: string;
  line?: number;
  column?: number;
  token?: string;
  limit?: string;
}

export class Refused extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail);
  }
}

export interface Answer {
  form: "select" | "ask" | "graph";
  columns: string[];
  rows: Row[];
  truth?: boolean;
  version: string;
  milliseconds: number;
  /** What the service cut off, in its own words. */
  truncated: string;
}

/** The parameters of a request besides the query: inference, at. */
export type Options = Readonly<Record<string, string>>;

/**
 * The answer to a query; Refused with the problem, AbortError when `signal` cancels it. With a `key`
 * the service too ends what it does for it, once `cancel` is called with the same.
 */
export async function ask(
  query: string, options: Options, signal?: AbortSignal, key = "",
): Promise<Answer> {
  const began = performance.now();
  const response = await fetch("/sparql", {
    method: "POST",
    headers: { Accept: `${ROWS}, ${TRIPLES};q=0.9`, ...(key ? { "Cancel-Key": key } : {}) },
    body: new URLSearchParams({ query, ...options }),
    signal,
  });
  const body = await response.text();
  if (!response.ok) throw new Refused(readProblem(response, body));
  const version = response.headers.get("Peelgraph-Version") ?? "";
  const truncated = response.headers.get("Peelgraph-Truncated") ?? "";
  const told = { version, truncated, milliseconds: performance.now() - began };
  if (response.headers.get("Content-Type")?.startsWith(TRIPLES)) {
    const columns = ["subject", "predicate", "object"];
    return { form: "graph", columns, rows: readTriples(body), ...told };
  }
  const found = JSON.parse(body);
  if (typeof found.boolean === "boolean") {
    return { form: "ask", columns: [], rows: [], truth: found.boolean, ...told };
  }
  return { form: "select", columns: found.head.vars, rows: found.results.bindings, ...told };
}

/** A key by which one question can be taken back. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Have the service end what it does for the question of that key. */
export function cancel(key: string): void {
  // It outlives the page, and where it does not arrive, the deadline ends the question.
  fetch(`/sparql/running/${key}`, { method: "DELETE", keepalive: true }).catch(() => undefined);
}

/** The rows of a query of our own; empty where it fails, for nobody waits for it. */
export async function look(query: string, signal?: AbortSignal): Promise<Row[]> {
  try {
    return (await ask(query, { timeout: "5" }, signal)).rows;
  } catch (failure) {
    if (failure instanceof Refused || failure instanceof TypeError) return [];
    throw failure;
  }
}

function readProblem(response: Response, body: string): Problem {
  if (response.headers.get("Content-Type")?.includes("json")) return JSON.parse(body);
  return { title: response.statusText || `Status ${response.status}`, detail: body.slice(0, 500) };
}

const TERM =
  /<([^>]*)>|_:([^\s]+)|"((?:[^"\\]|\\.)*)"(?:@([A-Za-z0-9-]+)|\^\^<([^>]*)>)?/g;
const ESCAPE = /\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))/g;
const PLAIN: Record<string, string> = { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f" };

/** N-Triples as rows of subject, predicate and object. */
export function readTriples(text: string): Row[] {
  const rows: Row[] = [];
  for (const line of text.split("\n")) {
    const [subject, predicate, object] = [...line.matchAll(TERM)].map(readTerm);
    if (object) rows.push({ subject, predicate, object });
  }
  return rows;
}

function readTerm(match: RegExpMatchArray): Term {
  const [, iri, blank, literal, language, datatype] = match;
  if (iri !== undefined) return { type: "uri", value: unescape(iri) };
  if (blank !== undefined) return { type: "bnode", value: blank };
  return { type: "literal", value: unescape(literal ?? ""), "xml:lang": language, datatype };
}

function unescape(text: string): string {
  return text.replace(ESCAPE, (_, four, eight, one) =>
    one ? (PLAIN[one] ?? one) : String.fromCodePoint(Number.parseInt(four ?? eight, 16)),
  );
}
