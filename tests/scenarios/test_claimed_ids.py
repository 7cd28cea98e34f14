"""Guids that are places in a document, and one guid on several articles: each article is an entry, and stays it."""

import json
import shutil
from collections.abc import Callable, Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime
from html import escape

import pytest

from aggregator.explain import explain
from aggregator.store import SourceRow
from tests.commands.test_recover import learn
from tests.support.planet import NOON, rss
from tests.support.simulation import DAY, HOUR, Item, Simulation, atom, dated, prose, story, without

TOPICS = ("amber", "birch", "cedar", "dahlia", "ember", "falcon", "granite", "heron", "iris")
OWN = "from now on its entries are matched by link, date or text as well"


def article(topic: str, place: int) -> Item:
    age = 2 - TOPICS.index(topic)  # the third is of today, each later one of the next day
    title = f"{prose(f'title of {topic}', 4)} {topic}"
    return story(topic, age, words=20, title=title, guid=str(place), comments=f"https://blog.example/{topic}/comments")


def document(newest: int, size: int = 3) -> list[Item]:
    """The newest first, and each under its place."""
    return [article(TOPICS[newest - place], place) for place in range(size)]


def title(topic: str) -> str:
    return article(topic, 0)["title"]


Writer = Callable[[Sequence[Item]], str]


def as_rss(items: Sequence[Item]) -> str:
    return rss(*items)


def as_atom(items: Sequence[Item]) -> str:
    return atom(
        *(
            {
                "id": f"urn:x:{item['guid']}",
                "title": item["title"],
                "link": item["link"],
                "updated": instant(item).isoformat(),
                "content": item["description"],
            }
            for item in items
        )
    )


def as_json(items: Sequence[Item]) -> str:
    shown = [
        {
            "id": item["guid"],
            "url": item["link"],
            "title": item["title"],
            "content_html": item["description"],
            "date_published": instant(item).isoformat(),
        }
        for item in items
    ]
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "Numbers", "items": shown})


def as_podcast(items: Sequence[Item]) -> str:
    """No link, an enclosure."""
    document = rss(*(without(item, "link", "comments") for item in items))
    for item in items:
        file = escape(f"https://cdn.example/{item['link'].rpartition('/')[2]}.mp3?session={item['guid']}")
        closing = f'<guid isPermaLink="false">{item["guid"]}</guid>'
        document = document.replace(closing, f'{closing}<enclosure url="{file}" length="9" type="audio/mpeg"/>')
    return document


def as_strips(items: Sequence[Item]) -> str:
    """A picture and no words."""
    return rss(*(item | {"description": f'<img src="{item["link"]}.png">'} for item in items))


def as_undated_links(items: Sequence[Item]) -> str:
    return rss(*(without(item, "pubDate", "description") for item in items))


def instant(item: Item) -> datetime:
    return parsedate_to_datetime(item["pubDate"])


WRITERS: dict[str, Writer] = {
    "RSS": as_rss,
    "Atom, as URNs": as_atom,
    "JSON Feed": as_json,
    "enclosures without links": as_podcast,
    "pictures": as_strips,
    "links without dates": as_undated_links,
    "places on a page": lambda items: rss(
        *(item | {"guid": f"https://blog.example/feed#item-{item['guid']}"} for item in items)
    ),
    "counted down": lambda items: rss(*(item | {"guid": str(len(items) - int(item["guid"]))} for item in items)),
}


def source(simulation: Simulation, name: str = "blog") -> SourceRow:
    with simulation.planet.app(simulation.now) as app, app.store.read() as tx:
        return tx.sources.get(name)


def reasons(simulation: Simulation, topic: str) -> list[str]:
    with simulation.planet.app(simulation.now) as app:
        return [one.reason for one in explain(app, title(topic)).sightings]


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize("writer", [pytest.param(writer, id=name) for name, writer in WRITERS.items()])
def test_guids_that_are_places_show_each_new_article_and_keep_the_old_ones(
    simulation: Simulation, writer: Writer
) -> None:
    simulation.serves("blog", writer(document(2)))
    assert len(simulation.run()) == 3
    ids = {entry.title: entry.id for entry in simulation.planet.heads()}
    told = 0
    for newest in (3, 4, 6, 8):
        simulation.serves("blog", writer(document(newest)))
        simulation.run(DAY)
        told += [(one.where, one.kind) for one in simulation.report.problems].count(("blog", "ids"))
        expected = {title(topic) for topic in TOPICS[: newest + 1]}
        heads = {entry.title: entry.id for entry in simulation.planet.heads()}
        assert set(heads) == expected
        assert {name: heads[name] for name in ids} == ids
        assert simulation.report.entries.updated == 0
        ids = heads
    assert told == 1
    assert source(simulation).repeats_ids
    simulation.serves("blog", writer(document(8)) + "\n")
    assert simulation.run() == []


@pytest.mark.torture
def test_explain_says_why_an_id_was_not_believed(simulation: Simulation) -> None:
    simulation.shows("blog", *document(2))
    simulation.run()
    simulation.shows("blog", *document(3))
    simulation.run(DAY)
    [problem] = [one.message for one in simulation.report.problems if one.kind == "ids"]
    assert OWN in problem
    assert reasons(simulation, "dahlia") == [
        "another entry had its id 0 before: link and title of the entry that had it stand under another id now"
    ]
    [moved] = reasons(simulation, "cedar")
    assert moved == (
        "nothing known is like it; now under another id: link and title are those of an entry which this source showed"
        " before under the id 0"
    )
    simulation.shows("blog", *document(4))
    simulation.run(DAY)
    assert reasons(simulation, "cedar") == [moved.replace("the id 0", "the id 1")]


def test_five_articles_replaced_at_once_are_five_new_entries(simulation: Simulation) -> None:
    def article(n: int, place: int) -> Item:
        text = f"<p>number {n} {prose('the same words under each', 20)}</p>"
        return story(f"{n}", 3 - n / 24, title=f"Article {n}", guid=f"{place}", description=text)

    def document(newest: int) -> list[Item]:
        return [article(newest - place, place) for place in range(5)]

    simulation.shows("blog", *document(4))
    simulation.run()
    dates = {entry.title: entry.published for entry in simulation.planet.heads()}
    simulation.shows("blog", *document(7))
    assert simulation.run() == ["Article 7", "Article 6", "Article 5"]
    simulation.shows("blog", *document(13))
    assert simulation.run() == [f"Article {n}" for n in (13, 12, 11, 10, 9)]
    assert {one.title: one.published for one in simulation.planet.heads() if one.title in dates} == dates


def test_one_guid_and_link_on_different_articles_of_a_document(simulation: Simulation) -> None:
    def release(topic: str, age: float) -> Item:
        page = "https://blog.example/changelog#1.2"
        return story(topic, age, words=40, title="v1.2", link=page, guid=page)

    shown = [release("one", 1), release("two", 3), release("three", 5)]
    simulation.shows("log", *shown, *(story(f"other-{n}", n) for n in range(4)))
    assert len(simulation.run()) == 7
    assert [one.kind for one in simulation.report.problems if one.where == "log"] == ["ids"]
    simulation.shows("log", release("four", -1), *shown)
    assert simulation.run(2 * DAY) == ["v1.2"]
    assert [one.kind for one in simulation.report.problems if one.where == "log"] == []
    edited = shown[0] | {"description": shown[0]["description"] + "<p>One word more.</p>"}
    simulation.shows("log", release("four", -1), edited, *shown[1:])
    assert (simulation.run(), simulation.report.entries.updated) == ([], 1)


EDITS = {
    "link": {"link": "https://blog.example/moved/permalink"},
    "title": {"title": "Something that nobody expected"},
    "pubDate": {"pubDate": dated(NOON + HOUR)},
    "description": {"description": f"<p>{prose('written anew')}</p>"},
}


@pytest.mark.torture
def test_edits_of_one_thing_at_a_time_are_edits(simulation: Simulation) -> None:
    shown = [story("one"), story("two", 2)]
    simulation.shows("blog", *shown)
    simulation.run()
    ids = simulation.planet.ids()
    for edit in EDITS.values():
        shown = [item | edit for item in shown[:1]] + shown[1:]
        simulation.shows("blog", *shown)
        assert simulation.run() == []
    assert simulation.planet.ids() == ids
    assert not source(simulation).repeats_ids


@pytest.mark.torture
@pytest.mark.parametrize("name", EDITS)
def test_an_edit_of_all_but_one_thing_is_an_edit(simulation: Simulation, name: str) -> None:
    simulation.shows("blog", story("one"), story("two", 2))
    simulation.run()
    edit = {key: value for other, change in EDITS.items() if other != name for key, value in change.items()}
    simulation.shows("blog", story("one") | edit, story("two", 2))
    assert (simulation.run(), simulation.report.entries.updated) == ([], 1)


@pytest.mark.torture
def test_a_source_that_numbers_places_touches_no_neighbor(simulation: Simulation) -> None:
    """It shows the neighbor's ids, titles and dates at pages of its own, and shifts them with each pull."""
    simulation.shows("blog", *(item | {"guid": item["link"]} for item in document(2)))
    simulation.run()
    before = {one.id: (one.title, one.published) for one in simulation.planet.heads()}
    guids = [item["link"] for item in document(4, 5)]
    for newest in (4, 5, 6):
        forged = [
            item | {"guid": guid, "link": f"https://casino.example/{item['title'][-5:]}", "description": "<p>Win</p>"}
            for item, guid in zip(document(newest, 5), guids, strict=True)
        ]
        simulation.shows("casino", *forged, home="https://casino.example/")
        simulation.run(DAY)
        now = {one.id: (one.title, one.published) for one in simulation.planet.heads()}
        assert {id_: now[id_] for id_ in before} == before
        assert all("casino" not in entry.link for entry in simulation.entries if entry.id in before)
    assert not source(simulation).repeats_ids
    assert source(simulation, "casino").repeats_ids


@pytest.mark.torture
@pytest.mark.parametrize("writer", [as_rss, as_atom, as_podcast])
def test_a_lost_state_is_learned_again_though_every_id_was_another_entry_s(
    simulation: Simulation, writer: Writer
) -> None:
    for newest in (2, 3, 5):
        simulation.serves("blog", writer(document(newest)))
        simulation.run(DAY)
    ids = {entry.title: (entry.id, entry.published) for entry in simulation.planet.heads()}
    shutil.rmtree(simulation.planet.root / ".aggregator")
    learn(simulation.planet, simulation.now)
    simulation.serves("blog", writer(document(5)) + "\n")
    assert simulation.run() == []
    assert {entry.title: (entry.id, entry.published) for entry in simulation.planet.heads()} == ids
    simulation.serves("blog", writer(document(6)))
    assert simulation.run(DAY) == [title(TOPICS[6])]


@pytest.mark.torture
def test_a_feed_that_always_shows_its_latest_article_under_one_id(simulation: Simulation) -> None:
    for number, topic in enumerate(TOPICS):
        simulation.shows("latest", article(topic, 0))
        assert simulation.run(DAY) == [title(topic)], number
    assert not source(simulation, "latest").repeats_ids


def test_items_with_one_title_and_no_link_are_told_by_their_enclosures(simulation: Simulation) -> None:
    """Those of one document, too, of which none is stored yet."""
    items = "".join(
        f"<item><title>Episode</title><guid isPermaLink='false'>{n}</guid><description>Part {n}</description>"
        f"<enclosure url='https://audio.example/{n}.mp3' length='9' type='audio/mpeg'/></item>"
        for n in range(4)
    )
    simulation.serves("show", rss(link="https://show.example/").replace("</channel>", f"{items}</channel>"))
    simulation.run()
    assert len(simulation.entries) == 4
