"""What documents say of themselves, hubs in pages, and things that were taken out."""

from pathlib import Path

from flask.testing import FlaskClient

from peelgraph import terms
from peelgraph.repository import Home

FORCE = f"{terms.ID}force/derbyshire"
ENDINGS = {
    "ttl": "text/turtle",
    "nt": "application/n-triples",
    "rdf": "application/rdf+xml",
    "jsonld": "application/ld+json",
    "html": "text/html",
}


def test_links_tell_the_other_syntaxes_the_licence_and_the_dataset(client: FlaskClient) -> None:
    response = client.get("/doc/force/derbyshire", headers={"Accept": "text/turtle"})
    links = set(response.headers.getlist("Link"))

    alternates = {
        f'</doc/force/derbyshire.{ending}>; rel="alternate"; type="{media_type}"'
        for ending, media_type in ENDINGS.items()
    }
    others = {
        '<https://graph.example/doc/force/derbyshire>; rel="canonical"',
        '</.well-known/void>; rel="describedby"',
        f'<{terms.LICENCE}>; rel="license"',
    }
    assert alternates | others == links


def test_every_address_of_a_syntax_answers_in_it(client: FlaskClient) -> None:
    for path in ("/doc/force/derbyshire", "/ontology", "/shapes", "/graph/report"):
        for ending, media_type in ENDINGS.items():
            response = client.get(f"{path}.{ending}")
            expected = 404 if path == "/shapes" else 200

            assert (path, ending, expected) == (path, ending, response.status_code)
            if expected == 200:
                assert media_type == response.mimetype


def test_what_a_version_took_out_is_told(tmp_path: Path) -> None:
    for number, removed in ((1, b""), (2, f"<{FORCE}> <a:b> <a:c> <a:g> .\n".encode()), (3, b"")):
        folder = tmp_path / "versions" / str(number)
        folder.mkdir(parents=True)
        (folder / "removed.nq").write_bytes(removed)
        (folder / "published").touch()

    assert 2 == Home(tmp_path).find_withdrawal(FORCE, 3)
    assert 0 == Home(tmp_path).find_withdrawal(FORCE, 1)
    assert 0 == Home(tmp_path).find_withdrawal(f"{FORCE}-dales", 3)
    assert 0 == Home(tmp_path).find_withdrawal("a:c", 3)
