"""The dataset's description of itself: VoID, DCAT 3 and, for each of its graphs, how much it holds.

Addresses begin with the base of the data's IRIs, as if it were served there; a service that is
reached at another address says its own (`located`). What names no address stays as it is.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from peelgraph import terms
from peelgraph.embedded import Embedded
from peelgraph.repository.counts import Key, count
from peelgraph.repository.digest import digest_graph
from peelgraph.repository.dumps import FOLDER, Dump
from peelgraph.repository.ntriples import Facts, as_quads, iri, lines_of, name, text, typed
from peelgraph.repository.version import GraphRecord, Version

DOCUMENT = terms.DESCRIPTION
DATASET = f"{DOCUMENT}#dataset"
CATALOGUE = f"{DOCUMENT}#catalogue"
SERVICE = f"{DOCUMENT}#service"
_YEARS = f"{DOCUMENT}#temporal"

# Whatever is current, wherever it is kept; the files of each version have sums and sizes too.
_NEWEST = f"{terms.BASE}dump.nq"

# Parts of an address below the base that are where something is served, not what it is called.
_LOCATIONS = ("sparql", "update", "versions", "dump", "openapi.json", "queries", "reconcile")

_IANA = "https://www.iana.org/assignments/media-types"
_V, _PROJECT = terms.VOCABULARIES, terms.PROJECT


def located(triples: bytes, url: str) -> bytes:
    """The description as a service at `url` tells it."""
    base = terms.BASE.encode()
    for part in _LOCATIONS:
        there = f"<{url}/{part}".encode()
        triples = triples.replace(b"<" + base + part.encode(), there)
    return triples


def count_all(store: Embedded) -> Counter[Key]:
    """The counts of everything that a query sees which names no graph."""
    return count([store.read(""), store.read(terms.INFERRED)])


def describe_itself(
    store: Embedded,
    version: Version,
    counts: Counter[Key],
    examples: bytes | None = None,
) -> Version:
    """The version once its store holds its description, and the examples where they are given.

    No query sees these graphs unless it names them: a third graph behind the default one made a
    query with joins three times as slow (114 ms against 40).
    """
    told = {terms.DESCRIPTION: describe(version, counts)}
    if examples:
        told[terms.EXAMPLES] = examples
    derived = dict(version.derived)
    for graph, triples in told.items():
        lines = frozenset(line for line in triples.split(b"\n") if line)
        before = lines_of(store, graph)
        store.change(as_quads(lines - before, graph), as_quads(before - lines, graph))
        digest = digest_graph([triples]) if graph == terms.EXAMPLES else ""
        derived[graph] = GraphRecord(len(lines), digest)
    return replace(version, derived=derived)


def describe(version: Version, counts: Counter[Key]) -> bytes:
    """The description of the dataset as a version holds it, as N-Triples.

    What changes with every version is left to `describe_version`, which is told when it is asked
    for: in the store the lines of each version lay in the way of all that follow.
    """
    facts = Facts()
    _dataset(facts, version, counts)
    _graphs(facts, version)
    _partitions(facts, counts)
    _catalogue(facts)
    return facts.encode()


def describe_plainly(created: str, triples: int) -> bytes:
    """A dataset of which no more is known than where it is asked, as N-Triples.

    `created` is an ISO 8601 instant.
    """
    facts = Facts()
    facts.say(
        DATASET,
        rdf_type=name("void:Dataset"),
        dcterms_modified=typed(created, "dateTime"),
        void_sparqlEndpoint=iri(f"{terms.BASE}sparql"),
        void_triples=typed(triples, "integer"),
    )
    return facts.encode()


def describe_version(version: Version, dumps: Sequence[Dump]) -> bytes:
    """One version as a dataset of DCAT, with the files that hold it, as N-Triples."""
    facts = Facts()
    this = f"{terms.BASE}versions/{version.number}"
    facts.say(
        this,
        rdf_type=name("dcat:Dataset"),
        dcterms_title=text(f"{_PROJECT.name}, version {version.number}"),
        dcterms_description=text(_PROJECT.description),
        dcterms_license=iri(terms.LICENCE),
        dcterms_publisher=_named(_PROJECT.publisher),
        dcterms_issued=typed(version.created, "dateTime"),
        dcat_version=text(str(version.number), ""),
        dcat_isVersionOf=iri(DATASET),
        owl_versionInfo=text(version.digest, ""),
        void_triples=typed(version.triples + version.inferred, "integer"),
        dcat_previousVersion=[iri(f"{terms.BASE}versions/{version.base}")] if version.base else (),
    )
    facts.say(DATASET, dcat_hasVersion=iri(this))
    for dump in dumps:
        _distribution(facts, this, dump)
    return facts.encode()


def _distribution(facts: Facts, dataset: str, dump: Dump) -> None:
    address = f"{dataset.replace('/versions/', f'/{FOLDER}/')}/{dump.file}"
    held = f"the graph {terms.shorten(dump.graph)}" if dump.graph else "every graph"
    facts.say(dump.graph or dataset, void_dataDump=iri(address))
    facts.say(dataset, dcat_distribution=iri(address))
    checksum = f"{address}#checksum"
    facts.say(
        address,
        rdf_type=name("dcat:Distribution"),
        dcterms_title=text(f"{held}, as {dump.media_type.rpartition('/')[2]}, packed"),
        dcterms_license=iri(terms.LICENCE),
        dcat_downloadURL=iri(address),
        dcat_mediaType=iri(f"{_IANA}/{dump.media_type}"),
        dcat_compressFormat=iri(f"{_IANA}/application/gzip"),
        dcat_byteSize=typed(dump.size, "nonNegativeInteger"),
        spdx_checksum=iri(checksum),
    )
    facts.say(
        checksum,
        rdf_type=name("spdx:Checksum"),
        spdx_algorithm=name("spdx:checksumAlgorithm_sha256"),
        spdx_checksumValue=typed(dump.sha256, "hexBinary"),
    )


def _dataset(facts: Facts, version: Version, counts: Counter[Key]) -> None:
    facts.say(
        DATASET,
        rdf_type=[name("void:Dataset"), name("dcat:Dataset"), name("sd:Dataset")],
        dcterms_title=text(_PROJECT.title),
        dcterms_description=text(_PROJECT.description),
        dcterms_license=iri(terms.LICENCE),
        dcterms_publisher=_named(_PROJECT.publisher),
        dcterms_modified=typed(version.created, "dateTime"),
        dcterms_accrualPeriodicity=_named(_PROJECT.frequency),
        dcterms_spatial=_named(_PROJECT.place),
        dcterms_temporal=[iri(_YEARS)] if _PROJECT.years else (),
        dcat_keyword=[text(word) for word in _PROJECT.keywords],
        dcat_theme=_named(_PROJECT.theme),
        dcat_hasCurrentVersion=iri(f"{terms.BASE}versions/{version.number}"),
        void_sparqlEndpoint=iri(f"{terms.BASE}sparql"),
        void_uriSpace=text(terms.ID, ""),
        void_vocabulary=[iri(vocabulary) for vocabulary in _vocabularies(counts)],
        void_exampleResource=_named(_PROJECT.example_thing),
        void_triples=_number(counts["triples",]),
        void_entities=_number(counts["entities",]),
        void_classes=_number(sum(key[0] == "class" for key in counts)),
        void_properties=_number(sum(key[0] == "property" for key in counts)),
        void_distinctSubjects=_number(counts["subjects",]),
        void_distinctObjects=_number(counts["objects",]),
        foaf_homepage=iri(terms.BASE),
        void_dataDump=iri(_NEWEST),
        dcat_distribution=iri(_NEWEST),
    )
    facts.say(
        _NEWEST,
        rdf_type=name("dcat:Distribution"),
        dcterms_title=text("every graph of the current version, as N-Quads"),
        dcterms_license=iri(terms.LICENCE),
        dcat_downloadURL=iri(_NEWEST),
        dcat_mediaType=iri(f"{_IANA}/application/n-quads"),
    )
    if _PROJECT.years:
        facts.say(
            _YEARS,
            rdf_type=name("dcterms:PeriodOfTime"),
            dcat_startDate=typed(_PROJECT.years[0], "gYear"),
            dcat_endDate=typed(_PROJECT.years[-1], "gYear"),
        )
    if _PROJECT.publisher:
        facts.say(
            terms.expand(_PROJECT.publisher),
            rdf_type=name("foaf:Organization"),
            foaf_name=text(_PROJECT.name),
        )


def _graphs(facts: Facts, version: Version) -> None:
    sizes = {graph: record.triples for graph, record in version.graphs.items()}
    if version.inferred:
        sizes[terms.INFERRED] = version.inferred
    for graph, size in sizes.items():
        facts.say(DATASET, void_subset=iri(graph))
        facts.say(
            graph,
            rdf_type=name("void:Dataset"),
            void_triples=_number(size),
            dcterms_isPartOf=iri(DATASET),
        )


def _catalogue(facts: Facts) -> None:
    facts.say(
        CATALOGUE,
        rdf_type=name("dcat:Catalog"),
        dcterms_title=text(_PROJECT.name),
        dcterms_description=text(
            "The dataset, its versions, and the service that answers from it."
        ),
        dcterms_publisher=_named(_PROJECT.publisher),
        dcterms_license=iri(terms.LICENCE),
        dcat_dataset=iri(DATASET),
        dcat_service=iri(SERVICE),
    )
    facts.say(
        SERVICE,
        rdf_type=name("dcat:DataService"),
        dcterms_title=text(f"{_PROJECT.name}: queries, linked data, stored questions"),
        dcterms_license=iri(terms.LICENCE),
        dcterms_conformsTo=iri("http://www.w3.org/TR/sparql11-protocol/"),
        dcat_endpointURL=iri(f"{terms.BASE}sparql"),
        dcat_endpointDescription=[
            iri(f"{terms.BASE}{part}") for part in ("sparql", "openapi.json")
        ],
        dcat_servesDataset=iri(DATASET),
    )


def _partitions(facts: Facts, counts: Counter[Key]) -> None:
    for key, number in counts.items():
        kind, *of = key
        this = _part(*of)
        if kind == "class":
            facts.say(DATASET, void_classPartition=iri(this))
            facts.say(this, void_class=of[0], void_entities=_number(number))
        elif kind == "property":
            facts.say(DATASET, void_propertyPartition=iri(this))
            facts.say(
                this,
                void_property=of[0],
                void_triples=_number(number),
                void_distinctSubjects=_number(counts["of subjects", key[1]]),
                void_distinctObjects=_number(counts["of objects", key[1]]),
            )
        elif kind == "pair":
            facts.say(_part(of[0]), void_propertyPartition=iri(this))
            facts.say(this, void_property=of[1], void_triples=_number(number))
        elif kind == "datatype":
            facts.say(_part(*of[:2]), ext_datatypePartition=iri(this))
            facts.say(this, ext_datatype=of[2], void_triples=_number(number))
        elif kind == "link":
            facts.say(DATASET, void_subset=iri(this))
            facts.say(
                this,
                rdf_type=name("void:Linkset"),
                void_subjectsTarget=iri(DATASET),
                void_objectsTarget=of[1],
                void_linkPredicate=of[0],
                void_triples=_number(number),
            )


def _part(*of: str) -> str:
    """The IRI of a partition: the same for the same, whatever else there is."""
    return f"{DOCUMENT}#part-{hashlib.sha256(' '.join(of).encode()).hexdigest()[:16]}"


def _vocabularies(counts: Counter[Key]) -> list[str]:
    used = [key[1] for key in counts if key[0] in ("class", "property")]
    spaces = (*_V.values(), terms.TERM, terms.SHAPE)
    return sorted({space for space in spaces if any(term.startswith(f"<{space}") for term in used)})


def _named(name: str) -> list[str]:
    """The term of what the project names; nothing where it names none."""
    return [iri(terms.expand(name))] if name else []


def _number(value: int) -> str:
    return typed(value, "integer")
