"""What a literal is in its plainest form."""

import pytest

from peelgraph.validation.literals import canonical

INTEGER = "http://www.w3.org/2001/XMLSchema#integer"


@pytest.mark.parametrize(("written", "plain"), [("+7", "7"), ("007", "7"), ("-0", "0"), ("5", "5")])
def test_an_integer_has_a_plain_form(written: str, plain: str) -> None:
    assert plain == canonical(written, INTEGER)


def test_an_integer_of_a_million_digits_stays_as_it_is() -> None:
    digits = "0" + "1" * 10**6

    assert digits == canonical(digits, INTEGER)
