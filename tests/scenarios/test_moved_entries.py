"""Webcomics and link lists: a move shows nothing again, though title and date are all that stays."""

from collections.abc import Callable, Sequence
from email.utils import parsedate_to_datetime

import pytest

from tests.support.planet import rss
from tests.support.simulation import DAY, HOUR, Item, Simulation, dated, prose, story, without

COMIC = "https://comic.example"

Change = Callable[[Sequence[Item]], Sequence[Item]]


def strip(number: int, text: str = "") -> Item:
    return story(f"strip/{number}", 40 - number, host=COMIC, title=f"Strip {number} about {number * number}") | {
        "description": text
    }


def comic(newest: int = 30, text: str = "") -> list[Item]:
    return [strip(number, text) for number in range(newest, newest - 30, -1)]


def pictured(newest: int = 30) -> list[Item]:
    return [item | {"description": f'<img src="{item["link"]}.png">'} for item in comic(newest)]


def links(newest: int = 30) -> list[Item]:
    return [item | {"description": "Comments"} for item in comic(newest)]


def to(new: str, *names: str) -> Change:
    """Everything that names the old address names a new one."""
    return lambda items: [{name: value.replace(COMIC, new) for name, value in item.items()} for item in items]


def to_numbers(items: Sequence[Item]) -> list[Item]:
    pages = (f"{COMIC}/?p={item['title'].split()[1]}" for item in items)
    return [item | {"link": page, "guid": page} for item, page in zip(items, pages, strict=True)]


def to_other_pages_dated_at_midnight(items: Sequence[Item]) -> list[Item]:
    return [
        item | {"pubDate": dated(parsedate_to_datetime(item["pubDate"]).replace(hour=0, minute=0))}
        for item in to("https://strips.example")(items)
    ]


MOVES: dict[str, Change] = {
    "www.": to("https://www.comic.example"),
    "another path": to("https://comic.example/archive"),
    "another host": to("https://strips.example"),
    "another software": to_numbers,
    "another host that knows the days": to_other_pages_dated_at_midnight,
}
KINDS: dict[str, Callable[[int], list[Item]]] = {"titles": comic, "pictures": pictured, "links": links}


@pytest.mark.torture
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("move", MOVES)
def test_a_move_shows_nothing_again_and_the_next_strip_once(simulation: Simulation, kind: str, move: str) -> None:
    items, change = KINDS[kind], MOVES[move]
    simulation.shows("comic", *items(30), home=COMIC)
    assert len(simulation.run()) == 30
    ids = simulation.planet.ids()
    simulation.shows("comic", *change(items(30)), home=COMIC)
    assert simulation.run() == []
    assert simulation.planet.ids() == ids
    simulation.shows("comic", *change(items(31)), home=COMIC)
    assert simulation.run(DAY) == [strip(31)["title"]]
    simulation.shows("comic", *items(30), home=COMIC)
    assert simulation.run(DAY) == []


def test_titles_that_say_nothing_are_no_evidence(simulation: Simulation) -> None:
    """Three pictures of one day under one title, and on the day after three others at the same hour."""

    def photos(host: str) -> list[Item]:
        return [story(f"{n}", 3, host=host, title="Photo", description="") for n in range(3)]

    simulation.shows("photos", *photos("https://one.example"))
    assert len(simulation.run()) == 3
    simulation.shows("photos", *photos("https://two.example"))
    assert len(simulation.run()) == 3


CORRECTED = {"link": f"{COMIC}/put-right", "guid": f"{COMIC}/put-right", "title": "A headline put right"}


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize("text", ["", "Short.", f"<p>{prose('some words', 15)}</p>"])
def test_permalink_and_title_edited_at_once_are_one_edit(simulation: Simulation, text: str) -> None:
    before = comic(text=text)
    simulation.shows("comic", *before, home=COMIC)
    simulation.run()
    ids = simulation.planet.ids()
    simulation.shows("comic", *before[:4], before[4] | CORRECTED, *before[5:], home=COMIC)
    assert (simulation.run(), simulation.report.entries.updated) == ([], 1)
    assert simulation.planet.ids() == ids
    assert simulation.entry("A headline put right").link == CORRECTED["link"]


@pytest.mark.torture
def test_a_new_strip_while_the_oldest_leaves_is_new(simulation: Simulation) -> None:
    """Also where all of them claim one hour, or one day."""
    simulation.shows("comic", *(item | {"pubDate": dated(simulation.now)} for item in comic()), home=COMIC)
    simulation.run()
    simulation.shows("comic", *(item | {"pubDate": dated(simulation.now)} for item in comic(31)), home=COMIC)
    assert simulation.run() == [strip(31)["title"]]


@pytest.mark.torture
def test_a_strip_that_replaces_another_of_the_same_hour_is_known_by_its_text(simulation: Simulation) -> None:
    def told(topic: str) -> list[Item]:
        return [item | {"description": f"<p>{prose(topic if n == 4 else str(n), 30)}</p>"} for n, item in before]

    before = list(enumerate(comic()))
    simulation.shows("comic", *told("one story"), home=COMIC)
    simulation.run()
    shown = told("quite another story")
    simulation.shows("comic", *shown[:4], shown[4] | CORRECTED, *shown[5:], home=COMIC)
    assert simulation.run() == ["A headline put right"]


@pytest.mark.torture
def test_explain_says_what_was_little_to_go_by(simulation: Simulation) -> None:
    simulation.shows("comic", *comic(), home=COMIC)
    simulation.run()
    simulation.shows("comic", *MOVES["www."](comic()), home=COMIC)
    simulation.run()
    with simulation.planet.app(simulation.now) as app, app.store.read() as tx:
        rows = tx.sightings.light_of(1)
    assert [(row.matched_by, row.reason) for row in rows] == [
        ("new", "nothing known is like it"),
        ("fingerprint", "the same title and date as an entry that is gone"),
    ]


def test_a_source_takes_nothing_over_by_the_titles_and_dates_of_another(simulation: Simulation) -> None:
    simulation.shows("comic", *comic(), home=COMIC)
    simulation.run()
    simulation.shows("comic", *comic()[:3], home=COMIC)
    ids = simulation.planet.ids()
    simulation.serves("thief", rss(*(without(item, "guid") for item in MOVES["another host"](comic()))))
    assert len(simulation.run(HOUR)) == 30
    assert set(ids) < set(simulation.planet.ids())
    assert all("strips.example" not in entry.link for entry in simulation.entries if entry.id in ids)
