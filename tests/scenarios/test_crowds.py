"""Thousands of similar entries, and invalid addresses: matching ends in bounded time with a stated decision."""

from collections.abc import Callable

import pytest

from aggregator.store import SourceRow
from tests.support.planet import rss
from tests.support.simulation import Item, Simulation, atom, prose, story, without


def crowd_of(number: int) -> Item:
    link = f"https://crowd.example/{number}"
    return {"title": f"Number {number}", "link": link, "guid": link, "description": prose(f"n{number}", 6)}


CROWDS: dict[str, Callable[[Item], Item]] = {
    "one guid": lambda item: item | {"guid": "1"},
    "one guid that is a permalink": lambda item: item | {"guid": "https://crowd.example/"},
    "one guid and one link": lambda item: item | {"guid": "1", "link": "https://crowd.example/x"},
    "one text": lambda item: item | {"description": prose("the same", 60)},
    "one title and one text": lambda item: item | {"title": "T", "description": prose("the same", 60)},
    "no guid": lambda item: without(item, "guid"),
    "no guid and one link": lambda item: without(item, "guid") | {"link": "https://crowd.example/x"},
    "no guid and no link": lambda item: without(item, "guid", "link"),
    "no guid, no link and one title": lambda item: without(item, "guid", "link") | {"title": "T"},
    "all of one and the same": lambda item: item | crowd_of(1),
}


QUICK = ("all of one and the same",)  # every day


def source_row(simulation: Simulation) -> SourceRow:
    with simulation.planet.app(simulation.now) as app, app.store.read() as tx:
        return tx.sources.get("crowd")


@pytest.mark.parametrize("size", [pytest.param(120), pytest.param(5000, marks=pytest.mark.torture)])
@pytest.mark.parametrize(
    "name", [*QUICK, *(pytest.param(name, marks=pytest.mark.torture) for name in CROWDS if name not in QUICK)]
)
def test_thousands_that_are_alike_are_as_many_entries_as_they_are_things(
    simulation: Simulation, name: str, size: int
) -> None:
    simulation.planet.config["feeds"] = {"limit": 20}
    items = [CROWDS[name](crowd_of(n)) for n in range(size)]
    count = 1 if name == "all of one and the same" else size
    simulation.shows("crowd", *items, home="https://crowd.example/")
    simulation.run()
    verdicts = [problem.message for problem in simulation.report.problems if problem.where == "crowd"]
    total = simulation.report.entries.total
    assert total == count or (verdicts and 0 < total < count), verdicts
    assert source_row(simulation).repeats_ids is name.startswith("one guid")
    simulation.serves("crowd", rss(*reversed(items), title="Crowd", link="https://crowd.example/"))
    assert (simulation.run(), simulation.report.entries.new, simulation.report.entries.total) == (
        [],
        0,
        total,
    )


BAD = [
    "http://[",
    "http://[::1",
    "http://a b",
    "http://a\u00a0b/",
    "//",
    "///",
    "//evil.example/x",
    "/relative",
    "?query",
    "#fragment",
    "javascript:alert(1)",
    "JaVaScRiPt://example/%0aalert(1)",
    "data:text/html,<script>alert(1)</script>",
    "file:///etc/passwd",
    "http://",
    "http:///path",
    "https://example.com:99999/",
    "https://example.com:port/",
    "http://user:pass@example.com/",
    "http://xn--/",
    "http://exa mple.com/ü?ä=ö#ß",
    "http://\u202eelpmaxe.example/",
    "http://%00.example/",
    "mailto:somebody@example.com",
    "tel:+123",
    "urn:",
    "tag:",
    "::",
    "\\\\server\\share",
    "http://example.com/" + "a" * 10_000,
    "a" * 10_000,
    "http://" + "a." * 5000 + "example/",
    "http://example.com/%",
    "http://example.com/%zz%%",
    "🙂",
    " ",
]


@pytest.mark.torture
def test_invalid_addresses_stop_no_pull_and_cost_no_entry(simulation: Simulation) -> None:
    """Wherever they stand: links, ids, pictures, references, enclosures, the document's own."""
    items = []
    for n, bad in enumerate(BAD):
        items.append(story(f"link-{n}", n) | {"link": bad, "guid": f"link-{n}"})
        items.append(story(f"guid-{n}", n) | {"guid": bad})
        text = f'<a href="{bad}">a</a><img src="{bad}"><iframe src="{bad}"></iframe><p>{prose(f"text {n}", 20)}</p>'
        items.append(story(f"text-{n}", n) | {"description": text, "comments": bad, "source": bad})
    simulation.shows("bad", *items, home="http://[")
    assert len(simulation.run()) == len(items)
    assert simulation.report.sources.failed == 0
    simulation.shows("bad", *reversed(items), home="//")
    assert simulation.run() == []


def test_characters_that_are_none_stop_no_pull_and_cost_no_entry(simulation: Simulation) -> None:
    good = rss(story("letter"), story("nul", 2))
    simulation.serves("bad", good.replace("https://blog.example/nul", "https://blog.example/n\x00u\x01l\ufffe"))
    assert len(simulation.run()) == 2
    one = {"id": "http://a b", "title": "One", "link": "http://a b", "content": "<p>x</p>"}
    simulation.serves(
        "atom", atom(one, one | {"id": "", "title": "Two", "link": ""}, one | {"id": "\u200b", "title": "3"})
    )
    assert sorted(simulation.run()) == ["3", "One", "Two"]
