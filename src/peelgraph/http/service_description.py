"""The service description: what this endpoint is, holds and can do (SPARQL 1.1)."""

from peelgraph import terms
from peelgraph.http.documents import serialise
from peelgraph.http.service import Service
from peelgraph.repository.ntriples import Facts, iri, name, text, typed
from peelgraph.repository.void_dcat import DATASET
from peelgraph.settings import table

_SD = terms.VOCABULARIES["sd"]
_VOID = terms.VOCABULARIES["void"]
_TYPE = f"<{terms.VOCABULARIES['rdf']}type>"
_FORMATS = (
    "SPARQL_Results_JSON",
    "SPARQL_Results_XML",
    "SPARQL_Results_CSV",
    "SPARQL_Results_TSV",
    "Turtle",
    "N-Triples",
    "RDF_XML",
    "JSON-LD",
    "TriG",
    "N-Quads",
)
_INPUT = ("Turtle", "N-Triples", "RDF_XML", "JSON-LD")
_GEOMETRY = "http://www.opengis.net/def/function/geosparql/"
# What a query may call beside the functions of SPARQL 1.1; a test calls each.
FUNCTIONS = (
    *(
        f"{_GEOMETRY}sf{name}"
        for name in (
            *("Contains", "Crosses", "Disjoint", "Equals"),
            *("Intersects", "Overlaps", "Touches", "Within"),
        )
    ),
    *(
        f"{terms.VOCABULARIES['xsd']}{name}"
        for name in (
            *("date", "time", "duration", "dayTimeDuration", "yearMonthDuration"),
            *("gYear", "gYearMonth"),
        )
    ),
)
# What the settings limit for whoever asks; the rest is the operator's.
_LIMITS = ("timeout", "memory", "max_body", "max_query", "max_result", "max_depth", "per_client")
_ENTAILMENT = "http://www.w3.org/ns/entailment/"
_SIMPLE = ((f"{_SD}entailmentRegime", f"<{_ENTAILMENT}Simple>"),)
_OWL = (
    (f"{_SD}entailmentRegime", f"<{_ENTAILMENT}OWL-RDF-Based>"),
    (f"{_SD}supportedEntailmentProfile", "<http://www.w3.org/ns/owl-profile/RL>"),
)
# What a graph and what the service say of the same thing.
_BY_DEFAULT = {
    f"{_SD}entailmentRegime": f"{_SD}defaultEntailmentRegime",
    f"{_SD}supportedEntailmentProfile": f"{_SD}defaultSupportedEntailmentProfile",
}


def describe_service(service: Service, media_type: str) -> bytes:
    """The description in an RDF syntax."""
    facts = Facts()
    facts.lines += _statements(service)
    _limits(facts, service)
    return serialise(facts.encode(), media_type)


def _statements(service: Service) -> list[str]:
    endpoint = f"{service.settings.url}/sparql"
    this, dataset, default = f"<{endpoint}>", f"<{endpoint}#dataset>", f"<{endpoint}#default>"
    lines = [
        _line(this, _TYPE, f"<{_SD}Service>"),
        _line(this, f"<{_SD}endpoint>", this),
        _line(this, f"<{_SD}supportedLanguage>", f"<{_SD}SPARQL11Query>"),
        _line(this, f"<{_SD}defaultDataset>", dataset),
        _line(dataset, _TYPE, f"<{_SD}Dataset>"),
        _line(dataset, f"<{_SD}defaultGraph>", default),
        _line(default, _TYPE, f"<{_SD}Graph>"),
    ]
    lines += [_line(this, f"<{_SD}extensionFunction>", f"<{function}>") for function in FUNCTIONS]
    lines += [
        _line(this, f"<{_SD}inputFormat>", f"<http://www.w3.org/ns/formats/{name}>")
        for name in _INPUT
    ]
    lines += [
        _line(this, f"<{_SD}resultFormat>", f"<http://www.w3.org/ns/formats/{name}>")
        for name in _FORMATS
    ]
    if service.settings.open_writes or service.settings.token_file is not None:
        update = f"<{service.settings.url}/update>"
        lines += [
            _line(this, f"<{_SD}supportedLanguage>", f"<{_SD}SPARQL11Update>"),
            _line(update, _TYPE, f"<{_SD}Service>"),
            _line(update, f"<{_SD}endpoint>", update),
            _line(update, f"<{_SD}supportedLanguage>", f"<{_SD}SPARQL11Update>"),
            _line(update, f"<{_SD}defaultDataset>", dataset),
        ]
    if service.settings.allow_service:
        lines.append(_line(this, f"<{_SD}feature>", f"<{_SD}BasicFederatedQuery>"))
    lines.append(_count(default, service.default_size()))
    is_closed = service.infers() and service.current().inferred
    for term, value in _OWL if is_closed else _SIMPLE:
        lines.append(_line(this, f"<{_BY_DEFAULT[term]}>", value))
    for graph, size in service.graph_sizes().items():
        lines += _named(dataset, f"{endpoint}#graph-{terms.slug(graph)}", graph, size)
    return lines


def _limits(facts: Facts, service: Service) -> None:
    """Each limit as a property of the service, in the words of schema.org."""
    endpoint = f"{service.settings.url}/sparql"
    facts.say(
        endpoint,
        rdfs_seeAlso=[
            iri(f"{service.settings.url}/{part}") for part in (".well-known/void", "openapi.json")
        ],
        dcterms_license=iri(terms.LICENCE),
        dcterms_description=text(service.seen()),
        dcat_servesDataset=iri(DATASET),
    )
    for setting, _, unit, reason in table():
        if setting in _LIMITS:
            this = f"{endpoint}#limit-{setting.replace('_', '-')}"
            facts.say(endpoint, schema_additionalProperty=iri(this))
            facts.say(
                this,
                rdf_type=name("schema:PropertyValue"),
                schema_name=text(setting, ""),
                schema_value=typed(f"{getattr(service.settings, setting):g}", "decimal"),
                schema_unitText=text(unit),
                schema_description=text(reason),
            )


def _named(dataset: str, node: str, graph: str, size: int) -> list[str]:
    named, content = f"<{node}>", f"<{node}-content>"
    regime = _OWL if graph == terms.INFERRED else _SIMPLE
    return [
        _line(dataset, f"<{_SD}namedGraph>", named),
        _line(named, _TYPE, f"<{_SD}NamedGraph>"),
        _line(named, f"<{_SD}name>", f"<{graph}>"),
        _line(named, f"<{_SD}graph>", content),
        _line(content, _TYPE, f"<{_SD}Graph>"),
        _count(content, size),
        *(_line(named, f"<{term}>", value) for term, value in regime),
    ]


def _count(subject: str, number: int) -> str:
    integer = f"{terms.VOCABULARIES['xsd']}integer"
    return _line(subject, f"<{_VOID}triples>", f'"{number}"^^<{integer}>')


def _line(subject: str, predicate: str, value: str) -> str:
    return f"{subject} {predicate} {value} .\n"
