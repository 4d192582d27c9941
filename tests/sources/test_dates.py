"""A text is read as each day, month or year that it can mean."""

import pytest

from peelgraph.sources.dates import read_dates


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("03/04/2017", ["2017-04-03", "2017-03-04"]),
        ("23/04/2017", ["2017-04-23"]),
        ("05.05.2017", ["2017-05-05"]),
        ("04/23/2017", ["2017-04-23"]),
        ("3 April 2017", ["2017-04-03"]),
        ("3rd of April 2017", ["2017-04-03"]),
        ("April 3, 2017", ["2017-04-03"]),
        ("30 Sept. 2016", ["2016-09-30"]),
        ("1-Jul-2014", ["2014-07-01"]),
        ("2017-4-3", ["2017-04-03"]),
        ("20170403", ["2017-04-03"]),
        ("April 2017", ["2017-04"]),
        ("02/2016", ["2016-02"]),
        ("2015", ["2015"]),
        ("03/04/17", []),
        ("2013/14", []),
        ("31/02/2017", []),
        ("last spring", []),
    ],
)
def test_a_date_is_read_as_what_it_can_mean(text: str, meant: list[str]) -> None:
    assert meant == [reading.lexical for reading in read_dates(text)]
