// Comunica joins the endpoint, which it knows by its service description, with a document.
//
//     node federate.mjs URL

import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [url, folder] = process.argv.slice(2);
const require = createRequire(pathToFileURL(`${folder}/`));
const { QueryEngine } = require('@comunica/query-sparql');

const prefixes = `
PREFIX peel: <https://w3id.org/peelgraph/ontology#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>`;
const engine = new QueryEngine();

async function rows(query, sources) {
  const bindings = await engine.queryBindings(prefixes + query, { sources });
  return (await bindings.toArray()).map(row => Object.fromEntries(
    [...row].map(([variable, term]) => [variable.value, term.value])));
}

// The plain address: the engine finds out from the description that it is an endpoint.
const forces = await rows('SELECT ?force WHERE { ?force a peel:Force }', [`${url}/sparql`]);

// The force's region stands in its document; which other forces are there, only the endpoint knows.
const joined = await rows(`
SELECT DISTINCT ?name WHERE {
  <https://w3id.org/peelgraph/id/force/derbyshire> peel:inRegion ?region .
  ?other peel:inRegion ?region ; a peel:Force ; rdfs:label ?name .
}`, [`${url}/doc/force/derbyshire.ttl`, { type: 'sparql', value: `${url}/sparql` }]);

// Documents alone, each fetched by following the links of the last.
const label = await rows(`
SELECT ?name WHERE { <https://w3id.org/peelgraph/id/force/kent> rdfs:label ?name }`,
[`${url}/id/force/kent`]);

console.log(JSON.stringify({
  forces: forces.length, joined: joined.map(row => row.name).sort(), label: label.map(row => row.name),
}));
