"""One literal of every datatype of XSD, in a spelling that is not its canonical one."""

XSD = "http://www.w3.org/2001/XMLSchema#"

NON_CANONICAL = {
    "string": "a\\u00E9",
    "normalizedString": " a  b ",
    "token": " a ",
    "language": "EN-gb",
    "Name": " a:b ",
    "NCName": " a ",
    "NMTOKEN": " 1a ",
    "ID": " a ",
    "IDREF": " a ",
    "ENTITY": " a ",
    "QName": " rdf:type ",
    "NOTATION": " gif ",
    "anyURI": " http://example.org/a%20b ",
    "boolean": "1",
    "decimal": "+01617.0",
    "integer": "+042",
    "nonPositiveInteger": "-00",
    "negativeInteger": "-042",
    "nonNegativeInteger": "+042",
    "positiveInteger": "+042",
    "long": "0042",
    "int": "0042",
    "short": "0042",
    "byte": "0042",
    "unsignedLong": "0042",
    "unsignedInt": "0042",
    "unsignedShort": "0042",
    "unsignedByte": "0042",
    "double": "+1.50e3",
    "float": "0.10E-2",
    "duration": "P12MT90M",
    "dayTimeDuration": "PT90M",
    "yearMonthDuration": "P12M",
    "dateTime": "2015-12-31T24:00:00.0+00:00",
    "dateTimeStamp": "2016-01-01T01:00:00.50-00:00",
    "date": "2016-01-01+00:00",
    "time": "24:00:00+00:00",
    "gYear": "2016+00:00",
    "gYearMonth": "2016-01+00:00",
    "gMonth": "--01+00:00",
    "gMonthDay": "--01-01-00:00",
    "gDay": "---01+00:00",
    "hexBinary": "0aFf",
    "base64Binary": "YQ = =",
}


def triples() -> str:
    """A triple for each datatype, and one of a double that is no number; as Turtle."""
    lines = [
        f'<urn:t#{name}> <urn:t#value> "{text}"^^<{XSD}{name}> .'
        for name, text in NON_CANONICAL.items()
    ]
    lines += [
        f'<urn:t#special> <urn:t#value> "{text}"^^<{XSD}double> .'
        for text in ("NaN", "-0", "1e400")
    ]
    return "\n".join(lines) + "\n"
