"""One story from two sources, and what a source cannot do to another."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from unittest.mock import Mock

import pytest

from aggregator import pipeline
from aggregator.model.document import Text
from tests.support.merging import Merger, draft
from tests.support.planet import NOON, rss
from tests.support.simulation import DAY, HOUR, Item, Simulation, atom, dated, hanzi, prose, story

BOTH = {"one": "https://one.example/", "two": "https://two.example/"}


def both(simulation: Simulation, one: Item, two: Item, *, later: bool = False) -> int:
    """How many entries there are where the sources `one` and `two` show these; `later`: the second is added later."""
    simulation.shows("one", one | {"category": "First"}, home=BOTH["one"])
    if later:
        simulation.run()
    simulation.shows("two", two | {"category": "Second"}, home=BOTH["two"])
    simulation.run()
    assert set(simulation.planet.index()) == {"all", "first", "second"}
    return len(simulation.entries)


def at(name: str, topic: str, **more: str) -> Item:
    """A story on the site of source `name`, in the same words wherever it stands."""
    return story(topic, host=f"https://{name}.example", title="The harbor opens again") | more


# one article

LONG = prose("harbor", 120)

SAME: dict[str, tuple[Item, Item]] = {
    "the same words": ({}, {}),
    "other punctuation in the title": ({}, {"title": "The harbor opens, again!"}),
    "the name of the site in the title": ({}, {"title": "The harbor opens again | Two"}),
    "another title over a long text": (
        {"description": prose("harbor", 160)},
        {"description": prose("harbor", 160), "title": "Ships may enter once more"},
    ),
    "a word that was corrected": ({}, {"description": LONG.replace(LONG.split()[50], "corrected")}),
    "a sentence at the end": ({}, {"description": f"<p>{LONG}</p><p>First published on One.</p>"}),
    "other markup": ({}, {"description": f"<div><b>{LONG[:90]}</b>{LONG[90:]}</div>"}),
    "thirteen days later": ({}, {"pubDate": dated(NOON - DAY)}),
}


@pytest.mark.variants(quick=2)
@pytest.mark.parametrize(("one", "two"), [pytest.param(*case, id=name) for name, case in SAME.items()])
def test_one_article_on_two_sites_is_one_entry(simulation: Simulation, one: Item, two: Item) -> None:
    simulation.planet.config["feeds"]["formats"] = ["atom", "json"]
    words = {"description": f"<p>{LONG}</p>", "pubDate": dated(NOON - 14 * DAY + HOUR)}
    later = "title" in two  # some of them at once, some one after the other
    assert both(simulation, at("one", "harbor") | words | one, at("two", "port") | words | two, later=later) == 1
    [entry] = simulation.entries
    assert entry.id == "https://one.example/harbor"
    assert simulation.planet.ids("first") == simulation.planet.ids("second") == [entry.id]
    assert [(link.href, link.title) for link in entry.links if link.rel == "related"] == [
        ("https://two.example/port", "Two")
    ]
    [item] = json.loads((simulation.planet.root / "feeds/all/feed.json").read_text())["items"]
    assert "https://two.example/port" in json.dumps(item["_aggregator"]["also_published_by"])


def test_an_article_in_chinese_on_two_sites_is_one_entry(simulation: Simulation) -> None:
    text = hanzi("港口", 200)
    one = at("one", "harbor", title="港口重新开放", description=f"<p>{text}</p>")
    two = at("two", "port", title="【快讯】港口重新开放", description=f"<p>{text[:60]}，{text[60:]}</p>")
    assert both(simulation, one, two) == 1


@pytest.mark.torture
def test_a_passage_that_stands_in_all_entries_of_a_source_does_not_count(simulation: Simulation) -> None:
    about = f"<p>{prose('about the author of this page', 90)}</p>"
    others = [story(f"other-{n}", n, host="https://two.example") for n in range(2, 9)]
    for item in others:
        item["description"] += about
    simulation.shows("two", *others, home=BOTH["two"])
    simulation.shows("one", at("one", "harbor", description=f"<p>{LONG}</p>"), home=BOTH["one"])
    simulation.run()
    copy = at("two", "port", description=f"<p>{LONG}</p>{about}", pubDate=dated(NOON))
    simulation.shows("two", copy, *others, home=BOTH["two"])
    assert simulation.run() == []


@pytest.mark.torture
def test_the_boilerplate_that_two_sources_share_makes_nothing_alike(simulation: Simulation) -> None:
    """A network of sites with one imprint under every short note."""
    imprint = f"<p>{prose('imprint of the network', 150)}</p>"
    for ages, new in [(range(1, 9), 16), (range(8), 2)]:
        for name, home in BOTH.items():
            items = [story(f"{name}-{n}", n, words=12, host=f"https://{name}.example") for n in ages]
            simulation.shows(
                name, *(item | {"description": item["description"] + imprint} for item in items), home=home
            )
        assert len(simulation.run()) == new


# two articles

APART = {
    "another version": ({"title": "Tool 1.2 released"}, {"title": "Tool 1.3 released"}),
    "another episode": ({"title": "Harbor talk, episode 11"}, {"title": "Harbor talk, episode 12"}),
    "another title over a short text": ({}, {"title": "Ships may enter once more"}),
    "another year": ({"title": "Results of 2025"}, {"title": "Results of 2026"}),
    "too short a text": ({"description": prose("tweet", 39)}, {"description": prose("tweet", 39)}),
    "too short a text in Chinese": ({"description": hanzi("短", 79)}, {"description": hanzi("短", 79)}),
    "too long ago": ({}, {"pubDate": dated(NOON - 15.5 * DAY)}),
    "half of the words": ({}, {"description": f"{LONG[:400]} {prose('another end', 60)}"}),
    "the same title alone": ({}, {"description": prose("something else", 120)}),
    "no text at all": ({"description": ""}, {"description": ""}),
    "one small picture": ({"description": '<img src="https://i.example/a.jpg">'},) * 2,
}


@pytest.mark.variants(quick=2)
@pytest.mark.parametrize(("one", "two"), [pytest.param(*case, id=name) for name, case in APART.items()])
def test_two_articles_that_are_alike_are_two_entries(simulation: Simulation, one: Item, two: Item) -> None:
    words = {"description": f"<p>{LONG}</p>"}
    assert both(simulation, at("one", "harbor") | words | one, at("two", "port") | words | two) == 2


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize(("across", "count"), [("near", 1), ("link", 2), ("off", 2)])
def test_how_sources_join_is_for_the_config_to_say(simulation: Simulation, across: str, count: int) -> None:
    simulation.planet.config["duplicates"] = {"across_sources": across}
    assert both(simulation, at("one", "harbor", description=LONG), at("two", "port", description=LONG)) == count


def test_two_entries_that_are_both_published_are_never_joined(simulation: Simulation) -> None:
    """An edit that makes one like the other comes too late."""
    simulation.shows("one", at("one", "harbor", description=LONG), home=BOTH["one"])
    simulation.shows("two", at("two", "port", description=prose("a draft")), home=BOTH["two"])
    simulation.run()
    ids = simulation.planet.ids()
    simulation.shows("two", at("two", "port", description=LONG), home=BOTH["two"])
    assert (simulation.run(), simulation.planet.ids()) == ([], ids)


@pytest.mark.parametrize("site_first", [True, False])
def test_an_article_and_a_link_blog_in_like_words_are_one_entry_won_by_the_site(
    simulation: Simulation, site_first: bool
) -> None:
    article = at("one", "harbor", description=f"<p>{LONG}</p>")
    link_blog = {"guid": "lb-1", "link": article["link"], "description": f"<p>{LONG} via</p>", "title": "Harbor again"}
    simulation.shows("one", article, home=BOTH["one"])
    simulation.shows("two", link_blog | {"pubDate": article["pubDate"]}, home=BOTH["two"])
    if not site_first:
        simulation.planet.config["sources"].reverse()
    simulation.run()
    assert simulation.titles == ["The harbor opens again"]
    assert simulation.entries[0].source.title == "One"


def test_an_article_and_a_link_blog_with_words_of_its_own_are_two_entries(simulation: Simulation) -> None:
    article = at("one", "harbor")
    comment = {"title": "Finally", "link": article["link"], "guid": "lb-1", "description": prose("my comment", 50)}
    assert both(simulation, article, comment) == 2


# what a source may not do

VICTIM = story("truth", 2, host="https://one.example")

CLAIMS = {
    "an id": story("lie", 1, host="https://two.example", guid=VICTIM["guid"]),
    "an id and a title": story("lie", 1, host="https://two.example", guid=VICTIM["guid"], title=VICTIM["title"]),
    "an id and a link": story("lie", 1, guid=VICTIM["guid"], link=VICTIM["link"]),
    "an id under a newer date": story("lie", -1, host="https://two.example", guid=VICTIM["guid"]),
}


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize("claim", [pytest.param(claim, id=name) for name, claim in CLAIMS.items()])
def test_a_source_that_claims_anothers_id_is_published_under_its_own(simulation: Simulation, claim: Item) -> None:
    simulation.shows("one", VICTIM, home=BOTH["one"])
    simulation.run()
    before = dict(simulation.entry("About truth"))
    simulation.shows("two", claim, home=BOTH["two"])
    assert simulation.run() == [claim["title"]]
    victim, other = sorted(simulation.entries, key=lambda entry: entry.id != VICTIM["guid"])
    assert dict(victim) == before
    assert other.id.startswith("tag:planet.example,2026-11-23:two/")
    simulation.shows("one", VICTIM | {"description": prose("truth, edited")}, home=BOTH["one"])
    assert simulation.run() == []
    assert (simulation.entry("About truth") if claim["title"] != VICTIM["title"] else victim).id == VICTIM["guid"]


def test_a_copy_of_id_link_and_title_with_other_words_changes_and_hides_nothing(simulation: Simulation) -> None:
    """It joins, for it may be the planet next door; what is shown stays the victim's, even when that is gone."""
    simulation.shows("one", VICTIM, home=BOTH["one"])
    simulation.run()
    before = simulation.entries[0]
    simulation.shows(
        "two", VICTIM | {"description": f"Lies: {prose('lies')}", "pubDate": dated(NOON)}, home=BOTH["one"]
    )
    simulation.run()
    simulation.shows(
        "two", VICTIM | {"description": f"More lies: {prose('lies')}", "pubDate": dated(NOON)}, home=BOTH["one"]
    )
    simulation.shows("one", story("later", 1, host="https://one.example"), home=BOTH["one"])
    simulation.run()
    after = next(entry for entry in simulation.entries if entry.id == VICTIM["guid"])
    assert prose("truth") in after["summary"]
    assert "lies" not in after["summary"].lower()
    assert (after["title"], after["updated"]) == (before["title"], before["updated"])


@pytest.mark.torture
def test_a_thief_that_comes_first_takes_an_id_and_no_entry(simulation: Simulation) -> None:
    simulation.shows("two", CLAIMS["an id"], home=BOTH["two"])
    simulation.run()
    simulation.shows("one", VICTIM, home=BOTH["one"])
    assert simulation.run() == ["About truth"]
    assert simulation.entry("About truth").id.startswith("tag:planet.example,2026-11-23:one/")


def test_a_thief_that_comes_first_and_claims_the_victims_home_hides_nothing(simulation: Simulation) -> None:
    """What a document says of its own site is a claim like any other."""
    lie = {name: VICTIM[name] for name in ("link", "guid", "pubDate")}
    simulation.shows("two", lie | {"title": "Cheap pills", "description": prose("pills")}, home=BOTH["one"])
    simulation.run()
    simulation.shows("one", VICTIM, home=BOTH["one"])
    assert simulation.run() == ["About truth"]
    assert prose("truth") in simulation.entry("About truth").summary


@pytest.mark.parametrize("home", ["one", "two"])
def test_a_copy_that_was_seen_first_gives_way_to_the_site_itself(tmp_path: Path, blank_state: Path, home: str) -> None:
    """Whatever site the copy says it is of, it was not fetched from there; the id that was given stays."""
    merger = Merger(tmp_path, blank_state, BOTH)
    original = draft("The truth", prose("truth", 90), link=f"{BOTH['one']}1", guid="1", at=NOON - HOUR)
    copy = replace(original, content=Text(f"{prose('truth', 90)} Buy pills."))
    merger.homes = BOTH | {"two": BOTH[home]}
    for source_id, shown in (("two", copy), ("one", original)):
        merger.pull(source_id, [shown])
        merger.merge()
        merger.now += HOUR
    [(row, _)] = merger.all()
    merger.close()
    assert row.source_id == "one"


def test_a_tombstone_for_anothers_entry_takes_nothing_away(simulation: Simulation) -> None:
    simulation.shows("one", VICTIM, home=BOTH["one"])
    simulation.run()
    simulation.serves("two", atom(deleted={VICTIM["guid"]: NOON}))
    simulation.run()
    assert simulation.titles == ["About truth"]


# tombstones


def grave(name: str, *entries: Item, deleted: bool = False) -> str:
    id_ = f"tag:{name}.example,2026:notice"
    one = {"id": id_, "title": "A notice", "link": f"https://{name}.example/notice", "content": f"<p>{LONG}</p>"}
    return atom(*([] if deleted else [one]), deleted={id_: NOON} if deleted else {}, title=name.title())


@pytest.mark.torture
def test_a_tombstone_takes_away_its_sources_sighting_and_the_last_one_the_entry(simulation: Simulation) -> None:
    simulation.serves("one", grave("one"))
    simulation.serves("two", grave("two"))
    simulation.run()
    [before] = simulation.entries
    assert before.source.title == "One"
    simulation.serves("one", grave("one", deleted=True))
    assert simulation.run() == []
    [after] = simulation.entries
    assert (after.id, after.published, after.source.title) == (before.id, before.published, "Two")
    simulation.serves("two", grave("two", deleted=True))
    simulation.run()
    assert simulation.titles == []
    simulation.serves("two", grave("two"))
    assert (simulation.run(), simulation.planet.ids()) == ([], [before.id])


def test_what_is_only_gone_stays(simulation: Simulation) -> None:
    simulation.serves("one", grave("one"))
    simulation.run()
    simulation.serves("one", atom())
    simulation.run(30 * DAY)
    assert simulation.titles == ["A notice"]


# a source whose address changes


@pytest.mark.torture
@pytest.mark.parametrize("keeps", ["links and ids", "links", "ids", "half of its links"])
def test_a_source_without_an_id_whose_address_changes_is_the_same_source(simulation: Simulation, keeps: str) -> None:
    simulation.planet.config["duplicates"] = {"across_sources": "off"}
    items = [story(f"chapter-{n}", n, words=10) | {"guid": f"c{n}"} for n in range(1, 7)]
    changes = {"links": {"guid"}, "ids": {"link"}}.get(keeps, set())
    new = [item | {name: f"{item[name]}0" for name in changes} for item in items]
    if keeps == "half of its links":
        new = [*items[:3], *(story(f"verse-{n}", 8 + n, words=10) for n in range(3))]
    old, other = (
        simulation.upstream.serve(f"/{name}", feed) for name, feed in [("feed", rss(*items)), ("new", rss(*new))]
    )
    simulation.planet.config["sources"] = [{"url": old}]
    simulation.run()
    ids = simulation.planet.ids()
    simulation.planet.config["sources"] = [{"url": other}]
    assert len(simulation.run()) == (3 if keeps == "half of its links" else 0)
    assert simulation.planet.ids()[: len(ids)] == ids


@pytest.mark.torture
def test_another_source_at_another_address_is_another_source(simulation: Simulation) -> None:
    old = simulation.upstream.serve("/feed", rss(*[story(f"chapter-{n}", n) for n in range(1, 5)]))
    new = simulation.upstream.serve("/new", rss(*[story(f"verse-{n}", n) for n in range(1, 5)]))
    simulation.planet.config["sources"] = [{"url": old}]
    simulation.run()
    simulation.planet.config["sources"] = [{"url": new}]
    assert len(simulation.run(timedelta(hours=2))) == 4
    assert len(simulation.entries) == 4


def test_pulls_of_an_interrupted_run_are_merged_in_order(
    simulation: Simulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who answered before the power went is not first for that."""
    for name in ("one", "two"):
        simulation.shows(name, story("letter", 2, words=90, host=f"https://{name}.example"), home=BOTH[name])
    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "merge", Mock(side_effect=KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            simulation.planet.run(simulation.now, only=["two"], force=True)
    simulation.run()
    [entry] = simulation.entries
    assert entry.link == "https://one.example/letter"
