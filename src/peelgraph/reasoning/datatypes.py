"""Which literals cannot be of a datatype."""

from peelgraph.reasoning.rules import iri

# Datatypes that share their values; RL's value spaces are disjoint otherwise
# (https://www.w3.org/TR/xmlschema11-2/#value-space, https://www.w3.org/TR/owl2-profiles/#Feature_Overview_3).
FAMILIES = (
    (
        "xsd:decimal",
        "xsd:integer",
        "xsd:nonNegativeInteger",
        "xsd:nonPositiveInteger",
        "xsd:positiveInteger",
        "xsd:negativeInteger",
        "xsd:long",
        "xsd:int",
        "xsd:short",
        "xsd:byte",
        "xsd:unsignedLong",
        "xsd:unsignedInt",
        "xsd:unsignedShort",
        "xsd:unsignedByte",
    ),
    (
        "xsd:string",
        "xsd:normalizedString",
        "xsd:token",
        "xsd:language",
        "xsd:Name",
        "xsd:NCName",
        "xsd:NMTOKEN",
    ),
    ("xsd:float",),
    ("xsd:double",),
    ("xsd:boolean",),
    ("xsd:dateTime", "xsd:dateTimeStamp"),
    ("xsd:date",),
    ("xsd:gYear",),
    ("xsd:gYearMonth",),
    ("xsd:anyURI",),
    ("rdf:langString",),
)


def outside_datatype(datatype: str) -> str | None:
    """The SPARQL test, with {} for the variable, that a literal has no value of `datatype`.

    None when nothing is known of the datatype, or everything is of it. A value within the family
    but outside a narrower type's range (-1 as xsd:nonNegativeInteger) is left to the shapes.
    """
    for family in FAMILIES:
        names = [iri(name) for name in family]
        if datatype in names:
            return f"isLiteral({{0}}) && datatype({{0}}) NOT IN ({', '.join(names)})"
    return None
