"""How many entries of a document are those of another source, and by what."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from aggregator.dedup.candidates import Arriving, Known
from aggregator.dedup.moved_source import MovedSource
from tests.support.document_series import LONG, OTHER, day

URI = "https://a.example/1"
NEW = Arriving("item", title="a walk in the woods", text=LONG, claimed=day(1))
OLD = Known(7, "old", 3, "x", title="a walk in the woods", claimed=day(1))


def agreement(*pairs: tuple[Arriving, Known], texts: Mapping[int, str] | None = None) -> dict[str, int]:
    """`pairs`: entries of the new source, and sightings of the old one."""
    arriving, known = [one for one, _ in pairs], [seen for _, seen in pairs]
    return dict(MovedSource(arriving, known, lambda number: (texts or {}).get(number, "")).agreement())


def with_id(id_: str, title: str = "", *, dated: bool = False) -> tuple[Arriving, Known]:
    one = Arriving("item", id_, title=title, claimed=day(1) if dated else None)
    return one, Known(7, "old", 3, "x", id_, title="a title", claimed=day(1) if dated else None)


@pytest.mark.parametrize(
    ("pair", "agrees"),
    [
        (with_id(URI), True),
        (with_id("17"), False),
        (with_id("17", "a title"), True),
        (with_id("17", dated=True), True),
    ],
)
def test_an_id_agrees_that_is_public_or_stands_at_the_same_title_or_date(
    pair: tuple[Arriving, Known], *, agrees: bool
) -> None:
    assert agreement(pair) == ({"id": 1} if agrees else {})


def test_a_link_agrees() -> None:
    pair = Arriving("item", canonical="a.example/1"), Known(7, "old", 3, "x", canonical="a.example/1")
    assert agreement(pair) == {"link": 1}


def test_title_and_date_agree_together() -> None:
    assert agreement((NEW, OLD)) == {"title and date": 1}
    assert agreement((replace(NEW, claimed=day(2)), OLD)) == {}
    assert agreement((replace(NEW, title="a walk in the city"), OLD)) == {}
    assert agreement((replace(NEW, claimed=None), replace(OLD, claimed=None))) == {}


@pytest.mark.parametrize(("text", "agrees"), [(LONG, True), (OTHER, False), ("", True)])
def test_title_and_date_of_another_text_do_not_agree(text: str, *, agrees: bool) -> None:
    assert bool(agreement((NEW, OLD), texts={7: text})) is agrees
    assert agreement((replace(NEW, text=""), OLD), texts={7: text})


def test_a_title_that_names_nothing_or_several_entries_does_not_agree() -> None:
    generic = replace(NEW, title="untitled"), replace(OLD, title="untitled")
    assert agreement(generic) == {}
    assert agreement((NEW, OLD), (NEW, replace(OLD, id=8, title="another"))) == {}
    assert agreement((NEW, OLD), (replace(NEW, title="another"), replace(OLD, id=8, entry_id=4))) == {}
    assert agreement((NEW, OLD), (Arriving("i"), replace(OLD, id=8))) == {"title and date": 1}  # of one entry


def test_each_entry_counts_once_by_the_first_that_agrees() -> None:
    both = replace(NEW, upstream_id=URI, canonical="a.example/1")
    seen = replace(OLD, upstream_id=URI, canonical="a.example/1")
    assert agreement((both, seen)) == {"id": 1}
    assert agreement((both, seen), (both, replace(seen, id=8))) == {"id": 1}
    second = replace(both, upstream_id=""), replace(seen, id=8, entry_id=4, upstream_id="2")
    assert agreement((both, seen), second) == {"id": 1, "link": 1}
