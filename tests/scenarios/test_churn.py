"""Changes by a publisher to a whole feed at once show no reader an entry again."""

import hashlib
from collections.abc import Callable, Sequence

import pytest

from tests.support.planet import NOON
from tests.support.simulation import DAY, HOUR, Item, Simulation, dated, prose, story, without

TOPICS = ("falcon", "ember", "dahlia", "cedar", "birch", "amber")

Change = Callable[[Sequence[Item]], Sequence[Item]]


def stories(host: str = "https://blog.example") -> list[Item]:
    """Six entries, the newest first."""
    return [story(topic, age, host=host) for age, topic in enumerate(TOPICS, 1)]


def each(change: Callable[[Item], Item]) -> Change:
    return lambda items: [item | change(item) for item in items]


def replaced(old: str, new: str, *names: str) -> Change:
    return each(lambda item: {name: item[name].replace(old, new) for name in names})


def minted(item: Item) -> str:
    return hashlib.md5(item["guid"].encode(), usedforsecurity=False).hexdigest()


def moved(item: Item) -> Item:
    """Another software under another address: nothing of the old link is left but the words it leads to."""
    link = f"https://new.example/archive/{minted(item)[:8]}.html"
    return {"link": link, "guid": link}


CHURN: dict[str, Change] = {
    "http becomes https in links": replaced("http:", "https:", "link"),
    "http becomes https in guids": replaced("http:", "https:", "guid"),
    "http becomes https in links and guids": replaced("http:", "https:", "link", "guid"),
    "a new host": replaced("//blog.example", "//journal.example", "link", "guid"),
    "a new host for links alone": replaced("//blog.example", "//journal.example", "link"),
    "www. before the host": replaced("//blog.example", "//www.blog.example", "link", "guid"),
    "all addresses are others": each(moved),
    "all links are new under the same guids": each(lambda item: {"link": moved(item)["link"]}),
    "the scheme of guids changed": each(lambda item: {"guid": f"tag:blog.example,2026:{item['title']}"}),
    "guids become numbers": each(lambda item: {"guid": str(TOPICS.index(item["title"].split()[-1]) + 1)}),
    "all guids are new": each(lambda item: {"guid": f"urn:md5:{minted(item)}"}),
    "all guids are new and everything is dated anew": each(
        lambda item: {"guid": f"urn:md5:{minted(item)}", "pubDate": dated(NOON)}
    ),
    "guids are dropped": lambda items: [without(item, "guid") for item in items],
    "guids and dates are dropped": lambda items: [without(item, "guid", "pubDate") for item in items],
    "dates are dropped": lambda items: [without(item, "pubDate") for item in items],
    "everything is dated now": each(lambda _: {"pubDate": dated(NOON)}),
    "everything is dated years ago": each(lambda _: {"pubDate": "Tue, 01 Jan 2019 00:00:00 GMT"}),
    "everything is dated in the future": each(lambda _: {"pubDate": dated(NOON + 300 * DAY)}),
    "the order is reversed": lambda items: list(reversed(items)),
    "links carry tracking parameters": each(lambda item: {"link": item["link"] + "?utm_source=rss&utm_medium=feed"}),
    "links and guids carry tracking parameters": each(
        lambda item: {name: item[name] + "?utm_source=rss&fbclid=IwAR0x" for name in ("link", "guid")}
    ),
    "a slash at the end": each(lambda item: {"link": item["link"] + "/", "guid": item["guid"] + "/"}),
    "a fragment at the end": each(lambda item: {"link": item["link"] + "#comments"}),
    "full texts become excerpts": each(lambda item: {"description": item["description"][:80] + " […]</p>"}),
    "all titles carry a prefix": each(lambda item: {"title": f"My blog: {item['title']}"}),
}


def shifted(items: Sequence[Item]) -> list[Item]:
    """A day later: the oldest has left the document, a new one stands before the others."""
    fresh = story("granite", -1 / 24, host=items[0]["link"].rpartition("/")[0])
    return [fresh, *items[:-1]]


@pytest.mark.variants(quick=2)
@pytest.mark.parametrize("change", [pytest.param(change, id=name) for name, change in CHURN.items()])
def test_a_change_of_everything_shows_nothing_again(simulation: Simulation, change: Change) -> None:
    """Nor does taking it back, in the same pull that brings something new."""
    old = stories(host="http://blog.example")
    simulation.shows("blog", *old)
    assert len(simulation.run()) == 6
    ids = simulation.planet.ids()
    simulation.shows("blog", *change(old))
    assert (simulation.run(), simulation.report.entries.new, simulation.planet.ids()) == ([], 0, ids)
    simulation.shows("blog", *shifted(old))
    assert simulation.run() == ["About granite"]


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize("name", ["all addresses are others", "all guids are new", "guids are dropped"])
def test_what_is_new_in_the_same_pull_is_shown_and_nothing_else(simulation: Simulation, name: str) -> None:
    simulation.shows("blog", *stories())
    simulation.run()
    simulation.shows("blog", *CHURN[name](shifted(stories())))
    assert simulation.run() == ["About granite"]


def test_guids_alone_may_churn_at_each_crawl_and_no_byte_changes(simulation: Simulation) -> None:
    simulation.shows("blog", *stories())
    simulation.run()
    before = simulation.planet.tree()
    for n in range(3):
        simulation.shows("blog", *each(lambda item, n=n: {"guid": f"{n}-{minted(item)}"})(stories()))  # type: ignore[misc]
        assert (simulation.run(), simulation.report.entries.updated) == ([], 0)
    assert simulation.planet.tree() == before


@pytest.mark.parametrize("session", [";jsessionid={}.node1", "?PHPSESSID={}", "?CFID={}&CFTOKEN=1"])
def test_sessions_in_links_may_change_at_each_crawl_and_are_no_edit(session: str, simulation: Simulation) -> None:
    """Java, PHP and ColdFusion write them into links for clients without cookies."""
    for crawl in range(3):
        mark = session.format(f"{crawl}a7")
        marked = [item | {name: item[name] + mark for name in ("link", "guid")} for item in stories()]
        simulation.shows("blog", *marked)
        assert len(simulation.run()) == (0 if crawl else len(TOPICS))
        assert simulation.report.entries.updated == 0


@pytest.mark.torture
def test_dates_may_move_at_each_crawl_and_no_entry_moves(simulation: Simulation) -> None:
    simulation.shows("blog", *stories())
    simulation.run()
    ids = simulation.planet.ids()
    for _ in range(3):
        simulation.shows("blog", *each(lambda _: {"pubDate": dated(simulation.now + HOUR)})(stories()))
        assert (simulation.run(), simulation.report.entries.updated) == ([], 0)
    assert simulation.planet.ids() == ids


@pytest.mark.torture
def test_a_guid_that_is_the_hash_of_the_description_survives_each_edit_of_it(simulation: Simulation) -> None:
    def hashed(edits: Sequence[str]) -> list[Item]:
        items = []
        for item, edit in zip(stories(), edits, strict=True):
            text = f"{item['description']}<p>{prose(edit, 8)}</p>" if edit else item["description"]
            items.append(item | {"description": text, "guid": hashlib.sha256(text.encode()).hexdigest()})
        return items

    simulation.shows("blog", *hashed([""] * 6))
    simulation.run()
    ids = simulation.planet.ids()
    for n in range(1, 4):
        simulation.shows("blog", *hashed([f"edit{n}"] * n + [""] * (6 - n)))
        assert simulation.run() == []
        assert (simulation.report.entries.new, simulation.report.entries.updated) == (0, n)
    assert simulation.planet.ids() == ids


@pytest.mark.torture
def test_short_entries_whose_addresses_all_change_are_known_by_their_words(simulation: Simulation) -> None:
    short = [story(topic, age, words=6) for age, topic in enumerate(TOPICS, 1)]
    simulation.shows("links", *short)
    simulation.run()
    simulation.shows("links", *each(moved)(short))
    assert simulation.run() == []


def test_a_site_that_moves_and_edits_every_title_is_known_by_its_texts(simulation: Simulation) -> None:
    simulation.shows("blog", *stories())
    simulation.run()
    simulation.shows("blog", *each(lambda item: moved(item) | {"title": f"{item['title']} | Blog"})(stories()))
    assert simulation.run() == []


def test_an_entry_that_left_the_document_and_comes_back_moved_is_known(simulation: Simulation) -> None:
    simulation.shows("blog", *stories())
    simulation.run()
    simulation.shows("blog", *stories()[:3])
    simulation.run()
    simulation.shows("blog", *stories()[:3], *each(moved)(stories()[3:]))
    assert simulation.run() == []


@pytest.mark.torture
def test_a_source_whose_guids_change_at_every_pull_does_not_cost_more_with_each(simulation: Simulation) -> None:
    """Of one entry a few forms are remembered, the newest ones; it keeps its id all the while."""
    for n in range(14):
        simulation.shows("source", *(story(f"one-{i}") | {"guid": f"{n}-{i}"} for i in range(3)))
        assert len(simulation.run()) == (3 if n == 0 else 0)
    with simulation.planet.app(simulation.now) as app, app.store.read() as tx:
        assert tx.sources.sighting_counts()["source"] <= 3 * 10
