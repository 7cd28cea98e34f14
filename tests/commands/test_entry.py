"""entry: decisions of a person override the automatic ones and last."""

import asyncio
import json
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.cli import publish_now
from aggregator.errors import ClockError, UsageError
from aggregator.explain.find_entry import find_entry, find_sighting
from aggregator.overrides.apply import Keeping, OverrideResult, join, keep, release_all, split
from aggregator.status.held import all_held
from aggregator.store import EntryRow, OverrideRow, SightingRow, Store
from aggregator.worker_pool import WorkerPool
from tests.commands.test_cli import CONFIG, aggregator, report
from tests.commands.test_cli import Done as Ended
from tests.support.planet import NOON, Planet, Upstream, rss
from tests.support.running import daemon

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def entry(n: int, host: str = "blog", **more: str) -> dict[str, str]:
    return {
        "title": f"Entry {n}",
        "link": f"https://{host}.example/{n}",
        "guid": f"https://{host}.example/{n}",
        "pubDate": f"Mon, {n:02d} Nov 2026 08:00:00 GMT",
        "description": f"What entry number {n} says, in words of its own.",
    } | more


class Harness:
    """A planet of two sources, `a` and `b`, and a person at it. Each call is an hour later."""

    def __init__(self, planet: Planet, upstream: Upstream) -> None:
        self.planet, self.upstream, self.now = planet, upstream, NOON
        self.entries: dict[str, list[dict[str, str]]] = {"a": [], "b": []}
        planet.config["sources"] = [{"url": upstream.url(f"/{id_}"), "id": id_} for id_ in self.entries]

    def show(self, **entries: list[dict[str, str]]) -> None:
        """What the sources show from here on; and a run."""
        self.entries |= entries
        for id_, ones in self.entries.items():
            self.upstream.serve(f"/{id_}", rss(*ones, title=f"Source {id_}", link=f"https://{id_}.example/"))
        self.run()

    def run(self) -> None:
        self.now += HOUR
        self.planet.run(self.now, force=True)

    def pulls(self, times: int = 3) -> None:
        """Every source has something new, each time."""
        for _ in range(times):
            n = 10 + self.now.hour
            self.show(a=[entry(n, "a"), *self.entries["a"]], b=[entry(n + 1, "b"), *self.entries["b"]])

    def regenerate(self) -> None:
        self.now += HOUR
        self.planet.regenerate(self.now)

    def split(self, ref: str, sighting: str) -> OverrideResult:
        with self.planet.app(self.now) as app:
            return split(app, ref, sighting)

    def join(self, ref: str, other: str) -> OverrideResult:
        with self.planet.app(self.now) as app:
            return join(app, ref, other)

    def keep(self, act: Keeping, *refs: str) -> list[OverrideResult]:
        with self.planet.app(self.now) as app:
            return keep(app, act, refs)

    def row(self, ref: str) -> EntryRow:
        with self.planet.app() as app, app.store.read() as tx:
            return find_entry(tx, app, ref)

    def sightings(self, ref: str) -> list[SightingRow]:
        row = self.row(ref)
        with self.planet.app() as app, app.store.read() as tx:
            return tx.sightings.light_of(row.id)

    def history(self, ref: str) -> list[OverrideRow]:
        row = self.row(ref)
        with self.planet.app() as app, app.store.read() as tx:
            return tx.overrides.of([row.id])

    def hold_automatically(self, *refs: str) -> None:
        """As settling does when a source that we know well brings a flood of old entries."""
        with self.planet.app(self.now) as app, app.store.write() as tx:
            tx.entries.keep_back([find_entry(tx, app, ref).id for ref in refs], "held", self.now)


@pytest.fixture
def context(planet: Planet, upstream: Upstream) -> Harness:
    return Harness(planet, upstream)


@pytest.fixture
def doubled(context: Harness) -> Harness:
    """Source b shows what a shows: one entry of two sightings, one category each."""
    context.show(a=[entry(1, category="Python")], b=[entry(1, guid="b-1", category="Web", pubDate=NOVEMBER_2)])
    assert len(context.sightings(ONE)) == 2
    return context


ONE, TWO, THREE, FOUR = (f"https://blog.example/{n}" for n in (1, 2, 3, 4))
NOVEMBER_2 = "Mon, 02 Nov 2026 09:00:00 GMT"


# split


def test_a_split_sighting_is_a_separate_entry_with_the_dates_of_its_source(doubled: Harness) -> None:
    before = doubled.row(ONE)
    done = doubled.split(ONE, "b")
    assert done.other
    assert (done.act, done.entry, done.state, done.sightings) == ("split", ONE, "", 1)
    new, [sighting] = doubled.row(done.other), doubled.sightings(done.other)
    assert done.other.startswith("tag:planet.example,2026-11-23:b/")  # b-1 is no address that others could use
    assert (new.published, new.updated) == (sighting.claimed, sighting.claimed)
    assert (new.first_seen_at, new.fresh_at, new.changed_at) == (NOON + HOUR,) * 3
    assert (sighting.matched_by, sighting.reason) == ("person", f"a person split it from {ONE}")
    assert (sighting.matched_to, sighting.score) == (None, None)
    after = doubled.row(ONE)
    assert (after.published, after.updated, after.first_seen_at) == (
        before.published,
        before.updated,
        before.first_seen_at,
    )


@pytest.mark.torture
def test_a_split_shows_each_in_the_categories_of_its_own_source(doubled: Harness) -> None:
    assert doubled.planet.ids("python") == doubled.planet.ids("web") == [ONE]
    other = doubled.split(ONE, "b").other
    doubled.run()
    assert (doubled.planet.ids("python"), doubled.planet.ids("web")) == ([ONE], [other])
    assert sorted(doubled.planet.ids()) == sorted([ONE, str(other)])


@pytest.mark.torture
def test_when_the_winner_leaves_the_next_is_shown_and_that_is_no_edit(context: Harness) -> None:
    context.show(a=[entry(1, description="What a says.")], b=[entry(1, guid="urn:blog:1", description="What b says.")])
    before = context.row(ONE)
    done = context.split(ONE, "a")
    context.run()
    assert done.other != ONE  # its own id is the old entry's for ever
    after = context.row("#1")
    assert (after.public_id, after.updated, after.changed_at) == (ONE, before.updated, before.changed_at)
    shown = {one.id: one.summary for one in context.planet.atom().entries}
    assert shown == {ONE: "What b says.", done.other: "What a says."}


@pytest.mark.torture
def test_a_split_entry_gets_its_upstream_id_if_that_is_free(context: Harness) -> None:
    context.show(a=[entry(1)], b=[entry(1, guid="urn:blog:1")])
    assert context.split(ONE, "urn:blog:1").other == "urn:blog:1"
    context.join(ONE, "urn:blog:1")
    again = context.split(ONE, "urn:blog:1").other  # ids once given are never given again
    assert again
    assert again.startswith("tag:planet.example,2026-11-23:b/")


@pytest.mark.torture
def test_a_split_entry_has_the_state_of_the_entry_it_leaves(doubled: Harness) -> None:
    doubled.keep("remove", ONE)
    done = doubled.split(ONE, "b")
    assert (done.state, doubled.row(str(done.other)).kept_back) == ("removed", "removed")
    doubled.run()
    assert doubled.planet.ids() == []
    doubled.keep("restore", str(done.other))
    doubled.run()
    assert doubled.planet.ids() == [done.other]


# join


def test_a_joined_entry_moves_its_sightings_and_leaves_the_feeds(context: Harness) -> None:
    context.show(a=[entry(1, category="Python"), entry(2, category="Web")])
    before = context.row(TWO)
    done = context.join(TWO, ONE)
    assert done == OverrideResult("join", TWO, "", 2, ONE)
    assert [(row.matched_by, row.reason) for row in context.sightings(TWO) if row.link == ONE] == [
        ("person", f"a person joined it from {ONE}")
    ]
    after = context.row(TWO)
    assert (after.published, after.first_seen_at) == (before.published, before.first_seen_at)
    context.run()
    assert context.planet.ids() == context.planet.ids("python") == context.planet.ids("web") == [TWO]


@pytest.mark.torture
def test_an_entry_joined_before_follows_a_later_join(context: Harness) -> None:
    context.show(a=[entry(1), entry(2), entry(3)])
    context.join(TWO, ONE)
    context.join(THREE, TWO)
    third = context.row(THREE)
    assert [context.row(ref).joined_to for ref in ("#1", ONE, TWO)][1:] == [third.id, third.id]
    context.run()
    assert context.planet.ids() == [THREE]
    with pytest.raises(UsageError, match=f"a person joined {ONE} to {THREE}; name {THREE} instead"):
        context.keep("hold", ONE)


@pytest.mark.torture
def test_a_join_of_one_and_the_same_entry_is_refused(context: Harness) -> None:
    context.show(a=[entry(1), entry(2), entry(3)])
    context.join(ONE, TWO)
    for ref, other in ((ONE, TWO), (TWO, ONE), (THREE, TWO)):
        with pytest.raises(UsageError, match=f"joined {TWO} to {ONE}"):
            context.join(ref, other)


# hold, release, remove, restore


def test_a_held_entry_is_in_no_feed_until_it_is_released(context: Harness) -> None:
    context.show(a=[entry(1, category="Python"), entry(2)])
    assert context.keep("hold", ONE) == [OverrideResult("hold", ONE, "hold", 1)]
    context.run()
    assert context.planet.ids() == [TWO]
    assert context.planet.ids("python") == []
    assert context.keep("release", ONE) == [OverrideResult("release", ONE, "", 1)]
    context.run()
    assert context.planet.ids() == [TWO, ONE]
    assert context.planet.ids("python") == [ONE]


@pytest.mark.torture
def test_a_released_entry_appears_at_its_date_and_not_as_new(context: Harness) -> None:
    context.show(a=[entry(2)])
    context.show(a=[entry(2), entry(1)])
    assert context.row(ONE).fresh_at == context.now
    context.hold_automatically(ONE)
    context.keep("release", ONE)
    assert context.row(ONE).fresh_at == context.row(ONE).published
    context.run()
    assert context.planet.ids() == [TWO, ONE]


@pytest.mark.torture
def test_a_person_can_hold_what_would_come_onto_pages(context: Harness) -> None:
    context.show(a=[entry(1), entry(2)])
    context.hold_automatically(ONE, TWO)
    context.keep("hold", TWO)
    context.now += DAY
    context.run()
    assert context.planet.ids() == []
    assert (context.row(ONE).winner_id is None, context.row(TWO).winner_id is None) == (False, True)


def test_release_all_releases_automatic_holds_of_all_sources_or_of_one(context: Harness) -> None:
    context.show(a=[entry(1), entry(2)], b=[entry(3)])
    context.hold_automatically(ONE, THREE)
    context.keep("hold", TWO)
    with context.planet.app(context.now) as app:
        assert [one.entry for one in release_all(app, "b")] == [THREE]
        assert [one.entry for one in release_all(app)] == [ONE]
        assert release_all(app) == []
    context.run()
    assert context.planet.ids() == [THREE, ONE]


@pytest.mark.torture
def test_a_removed_entry_stays_out_when_another_source_shows_it(context: Harness) -> None:
    context.show(a=[entry(1), entry(2)])
    context.keep("remove", ONE)
    context.run()
    assert context.planet.ids() == [TWO]
    context.show(b=[entry(1, guid="urn:blog:1")])
    context.show(a=[entry(1, title="Entry 1, edited"), entry(2)])
    context.regenerate()
    assert len(context.sightings(ONE)) == 2
    assert context.planet.ids() == [TWO]


def test_a_restored_entry_comes_back_unchanged(context: Harness) -> None:
    context.show(a=[entry(1), entry(2)])
    before = context.planet.tree()
    row = context.row(ONE)
    context.keep("remove", ONE, TWO)
    context.run()
    assert context.planet.ids() == []
    context.keep("restore", ONE, TWO)
    context.run()
    assert context.row(ONE) == row
    assert context.planet.tree() == before


@pytest.mark.torture
def test_the_page_of_a_post_goes_with_it(context: Harness) -> None:
    context.planet.post("a.md", "---\ntitle: A post\ndate: 2026-11-01\n---\nWords.\n")
    context.run()
    page = context.planet.root / "feeds/entries/a-post.html"
    assert page.exists()
    [done] = context.keep("remove", "https://planet.example/entries/a-post.html")
    context.run()
    assert not page.exists()
    context.keep("restore", done.entry)
    context.run()
    assert page.exists()


# what lasts


@pytest.mark.torture
def test_overrides_survive_regenerate_and_three_further_pulls(context: Harness) -> None:
    context.show(a=[entry(1), entry(2), entry(4)], b=[entry(1, guid="urn:blog:1"), entry(3)])
    context.split(ONE, "b")
    context.join(TWO, THREE)
    context.keep("hold", FOUR)
    context.regenerate()
    context.pulls(2)
    edited = [entry(1, guid="urn:blog:1", title="Entry 1 of b, edited"), entry(3, title="Entry 3, edited")]
    context.show(b=[*context.entries["b"][:-2], *edited])
    context.regenerate()
    assert {ONE, TWO, "urn:blog:1"} <= set(context.planet.ids())
    assert not {THREE, FOUR} & set(context.planet.ids())
    assert [len(context.sightings(ref)) for ref in (ONE, "urn:blog:1", TWO)] == [1, 1, 2]
    assert {"Entry 1", "Entry 1 of b, edited"} <= set(context.planet.titles())


@pytest.mark.torture
def test_decisions_are_recorded_in_order(context: Harness) -> None:
    context.show(a=[entry(1), entry(2)], b=[entry(1, guid="urn:blog:1")])
    context.split(ONE, "b")
    context.join(ONE, "urn:blog:1")
    for act in ("hold", "release", "remove", "restore"):
        assert len(context.keep(act, ONE, ONE)) == 1
    first, other = context.row(ONE).id, context.row("#3").id
    assert [(row.act, row.entry_id, row.other_id, row.sighting_id) for row in context.history(ONE)] == [
        ("split", first, other, 3),
        ("join", first, other, None),
        *((act, first, None, None) for act in ("hold", "release", "remove", "restore")),
    ]
    assert {row.at for row in context.history(ONE)} == {context.now}


# what things are called, and what is refused: nothing changes


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory, runner: asyncio.Runner, pool: WorkerPool) -> Harness:
    """#1 of two sightings, #2 held, #3 removed, #4 called otherwise than it links, #5 and #6 about one article."""
    blog = {"title": "A fine thing", "guid": "urn:anne:5", "description": "What I think of it, and at some length."}
    other = {"title": "Look at that", "guid": "urn:blog:6", "description": "Quite another opinion on the subject."}
    article = {"link": "https://article.example/x"}
    upstream = Upstream()
    context = Harness(Planet(tmp_path_factory.mktemp("still"), runner, pool), upstream)
    fourth = entry(4, guid="urn:anne:4", link="https://blog.example/4?utm_source=x")
    context.show(
        a=[entry(1), entry(2), entry(3), fourth, blog | article],
        b=[entry(1, guid="b-1"), entry(4, guid="guid of b"), other | article],
    )
    context.keep("hold", TWO)
    context.keep("remove", THREE)
    upstream.close()
    return context


@pytest.mark.variants(quick=4)
@pytest.mark.parametrize(
    "ref",
    [
        "urn:anne:4",  # its id
        "#4",
        "https://blog.example/4?utm_source=x",  # its link
        "https://blog.example/4",  # another form of it
        "blog.example/4/",
        "guid of b",  # an upstream id that is not its id
        "Entry 4",  # its title
        "  eNTRY 4 ",
        "try 4",  # a part of it
    ],
)
def test_an_entry_is_found_by(still: Harness, ref: str) -> None:
    assert still.row(ref).public_id == "urn:anne:4"


@pytest.mark.parametrize("ref", ["", "#99", "#" + "9" * 40, "nothing", "https://blog.example/", "\udcff\x00", "%"])
def test_a_reference_to_no_entry_is_refused(still: Harness, ref: str) -> None:
    with pytest.raises(UsageError, match=r"no entry has the id, link, path or title|name an entry by its id"):
        still.row(ref)


def test_a_reference_to_several_entries_is_refused_with_their_ids(still: Harness) -> None:
    with pytest.raises(UsageError, match=r"fits 2 entries; name one by its id:\n.*urn:\w+:[56].*\n.*urn:\w+:[56]"):
        still.row("https://article.example/x")


@pytest.mark.parametrize("ref", ["6", "#6", "b", "b-1"])
def test_a_sighting_is_named_by_number_source_or_upstream_id(still: Harness, ref: str) -> None:
    row, sightings = still.row(ONE), still.sightings(ONE)
    with still.planet.app() as app:
        assert find_sighting(app, row, sightings, ref).id == 6


@pytest.mark.parametrize(
    ("ref", "sighting", "message"),
    [
        (ONE, "c", r"has no sighting 'c'; it has #1 \(source a, .*#6 \(source b"),
        (ONE, "", "has no sighting ''"),
        (ONE, ONE, r"fits 2 sightings: #1 \(source a, .*#6 .*name one by its number"),
        (TWO, "a", "has only one sighting"),
    ],
)
def test_a_sighting_that_cannot_be_split_off_is_refused(still: Harness, ref: str, sighting: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        still.split(ref, sighting)


@pytest.mark.parametrize(
    ("ref", "act", "message"),
    [
        (
            ONE,
            "release",
            "is neither held nor removed; `entry release` needs an entry that is held automatically, is held by",
        ),
        (ONE, "restore", "is neither held nor removed; `entry restore` needs an entry that was removed by a person"),
        (
            TWO,
            "hold",
            "is held by a person; `entry hold` needs an entry that is neither held nor removed, is held",
        ),
        (TWO, "restore", "is held by a person; `entry restore` needs an entry that was removed by a person"),
        (THREE, "hold", "was removed by a person; `entry hold`"),
        (THREE, "release", "was removed by a person; `entry release`"),
    ],
)
def test_an_act_for_another_state_is_refused_with_the_state(
    still: Harness, ref: str, act: Keeping, message: str
) -> None:
    row = still.row(ref)
    with pytest.raises(UsageError, match=f"^{ref} {message}"):
        still.keep(act, ref)
    assert still.row(ref) == row


def test_of_several_entries_all_are_changed_or_none(still: Harness) -> None:
    with pytest.raises(UsageError, match="was removed"):
        still.keep("hold", ONE, THREE)
    assert still.row(ONE).kept_back == ""


def test_a_removed_entry_cannot_be_joined(still: Harness) -> None:
    with pytest.raises(
        UsageError, match="was removed by a person; `entry join` needs an entry that is neither held nor removed"
    ):
        still.join(ONE, THREE)
    with pytest.raises(UsageError, match="the same entry already"):
        still.join(ONE, "#1")


def test_a_clock_that_went_back_is_refused(still: Harness) -> None:
    with still.planet.app(still.now - 2 * DAY) as app, pytest.raises(ClockError):
        keep(app, "hold", [ONE])


def test_a_state_that_knows_nothing_is_said(planet: Planet) -> None:
    with planet.app() as app, pytest.raises(UsageError, match="has no entry yet"):
        keep(app, "hold", ["x"])


# on the command line


@pytest.fixture
def folder(context: Harness) -> Path:
    """Where a planet was published from; its commands go on from there."""
    context.now -= HOUR
    context.show(a=[entry(1), *(entry(n) for n in range(3, 10))], b=[entry(1, guid="urn:blog:1"), entry(2)])
    return context.planet.root


@pytest.fixture
def unread(tmp_path: Path) -> Path:
    (tmp_path / "config.yaml").write_text(CONFIG)
    (tmp_path / "posts").mkdir()
    return tmp_path


def told(done: Ended) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    return report(done)


@pytest.mark.torture
def test_entry_commands_report_text_and_json(folder: Path) -> None:
    assert told(aggregator(folder, "entry", "split", ONE, "b", "--json")) == {
        "act": "split",
        "entry": ONE,
        "state": "",
        "sightings": 1,
        "other": "urn:blog:1",
    }
    assert told(aggregator(folder, "entry", "join", "urn:blog:1", TWO, "--json"))["other"] == TWO
    assert told(aggregator(folder, "entry", "hold", ONE, "--json"))["state"] == "hold"
    several = told(aggregator(folder, "entry", "remove", ONE, THREE, "--json"))
    assert [one["entry"] for one in several["entries"]] == [ONE, THREE]
    done = aggregator(folder, "entry", "restore", THREE)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == f"{THREE} is restored\nthe next run publishes this\n"
    assert told(aggregator(folder, "entry", "release", "--all", "--json")) == {"entries": []}
    aggregator(folder, "run")
    titles = {one["id"]: one["title"] for one in json.loads((folder / "feeds/all/feed.json").read_bytes())["items"]}
    assert {"urn:blog:1", THREE} <= titles.keys()
    assert TWO not in titles
    assert titles[ONE] == "Removed"


def test_words_that_do_not_say_which_entry_end_with_2(folder: Path) -> None:
    for words in ("release", f"release {ONE} --all", f"release {ONE} --source a", "release --source c", "hold"):
        done = aggregator(folder, "entry", *words.split())
        assert done.returncode == 2, words
        assert "Traceback" not in done.stderr


def test_commands_work_beside_a_running_process(folder: Path) -> None:
    store = Store(folder / ".aggregator/state.db")
    with store.exclusive():
        assert aggregator(folder, "run").returncode == 3
        assert aggregator(folder, "entry", "remove", ONE).returncode == 0
        assert aggregator(folder, "status").returncode == 0


@pytest.mark.parametrize("words", [["entry", "hold", "x"], ["entry", "join", "x", "y"], ["entry", "release", "--all"]])
def test_where_no_state_is_none_is_made(unread: Path, words: list[str]) -> None:
    done = aggregator(unread, *words)
    assert done.returncode == 2
    assert "there is no state" in done.stderr
    assert not (unread / ".aggregator").exists()


def test_status_makes_no_state_either(unread: Path) -> None:
    done = aggregator(unread, "status")
    assert (done.returncode, done.stdout) == (
        0,
        "no source has been pulled yet; `aggregator run` pulls the sources in config.yaml\n",
    )
    nothing = {"sources": [], "held": [], "unmapped": 0, "feeds": 0}
    assert nothing.items() <= told(aggregator(unread, "status", "--json")).items()
    assert not (unread / ".aggregator").exists()


def hold_automatically(folder: Path) -> None:
    store = Store(folder / ".aggregator/state.db")
    store.open()
    with store.write() as tx:
        held = tx.sightings.entries_of_sources(["a"])
        tx.entries.keep_back(held, "held", NOON)
        tx.sources.change("a", repeats_ids=True)
    store.close()


@pytest.mark.torture
def test_status_shows_held_entries_and_the_command_that_releases_them(folder: Path) -> None:
    hold_automatically(folder)
    aggregator(folder, "entry", "hold", TWO)
    held = told(aggregator(folder, "status", "--json"))["held"]
    assert len(held) == 9
    assert held[0] == {
        "entry": ONE,
        "title": "Entry 1",
        "link": ONE,
        "source": "a",
        "since": "2026-11-23T12:00:00Z",
        "until": "2026-11-24T12:00:00Z",
        "state": "held",
    }
    assert [(one["entry"], one["until"]) for one in held if one["state"] == "hold"] == [(TWO, None)]
    said = aggregator(folder, "status").stdout
    later = "from 2026-11-24 12:00 on in archives and on pages only"
    assert f"a: 8 entries held; `aggregator entry release --source a` publishes them; {later}" in said
    assert f"  {ONE}  Entry 1\n" in said
    assert "… and 3 more" in said
    assert "b: 1 entry held by a person; `aggregator entry release ENTRY` releases one" in said
    assert "a: repeats its ids; " in said
    assert "8 entries" not in aggregator(folder, "entry", "release", "--source", "a").stderr
    assert len(told(aggregator(folder, "status", "--json"))["held"]) == 1


@pytest.mark.torture
def test_held_entries_are_listed_the_longest_held_first(context: Harness) -> None:
    context.show(a=[entry(1), entry(2)])
    context.keep("hold", TWO)
    context.now += HOUR
    context.keep("hold", ONE)
    with context.planet.app() as app, app.store.read() as tx:
        assert [one.entry for one in all_held(tx)] == [TWO, ONE]


# what `explain` takes; at once; again


@pytest.fixture
def written(planet: Planet) -> Path:
    """A page of an archive, and posts with a page of their own."""
    planet.config["posts"] = [{"path": "posts"}]
    planet.config["feeds"] = {"limit": 2, "archive": 3, "formats": ["atom", "rss", "json", "posts"]}
    for n, name in enumerate(("An odd thing", "A fine thing", "A third one", "One more", "The last", "Not yet"), 1):
        planet.post(f"in/{n}.md", f"---\ntitle: {name}\ndate: 2026-11-{n:02d}\ncategories: [Top]\n---\nWords of {n}\n")
    planet.run()
    return planet.root


def where_it_stands(folder: Path, words: str) -> set[str]:
    files = (file for file in (folder / "feeds").rglob("*") if file.is_file())
    return {str(file.relative_to(folder / "feeds")) for file in files if words.encode() in file.read_bytes()}


def names_of(folder: Path) -> list[str]:
    """How a person may call the post about an odd thing."""
    slug = "an-odd-thing"
    return [
        "An odd thing",
        "odd",
        "posts/in/1.md",
        "in/1.md",
        str(folder / "posts/in/1.md"),
        f"https://planet.example/entries/{slug}.html",
    ]


@pytest.mark.torture
@pytest.mark.parametrize("name", range(6))
def test_every_command_takes_what_explain_takes(written: Path, name: int) -> None:
    ref = names_of(written)[name]
    one = report(aggregator(written, "explain", ref, "--json"))["entry"]["id"]
    for act, state in (("hold", "hold"), ("release", ""), ("remove", "removed"), ("restore", "")):
        assert told(aggregator(written, "entry", act, ref, "--json"))["entry"] == one
        assert report(aggregator(written, "explain", one, "--json"))["entry"]["state"] == (state or "shown")
    joined = told(aggregator(written, "entry", "join", ref, "A fine thing", "--json"))
    assert joined["entry"] == one
    assert told(aggregator(written, "entry", "split", ref, "#2", "--json"))["entry"] == one


@pytest.mark.torture
def test_remove_now_takes_the_entry_out_of_all_files(written: Path) -> None:
    before = where_it_stands(written, "An odd thing")
    assert {"entries/an-odd-thing.html"} < before
    assert any("archive" in path for path in before)
    done = aggregator(written, "entry", "remove", "--now", "posts/in/1.md")
    assert (done.returncode, done.stdout) == (0, "")
    id_ = done.stderr.split()[0]
    assert done.stderr == f"{id_} is removed; `aggregator entry restore {id_}` brings it back\npublished\n"
    assert where_it_stands(written, "An odd thing") == set()
    assert where_it_stands(written, "Words of 1") == set()
    assert where_it_stands(written, "A fine thing")
    again = told(aggregator(written, "run", "--json"))
    assert (again["feeds"]["written"], again["entries"]["new"]) == (0, 0)


@pytest.mark.torture
def test_without_now_the_next_run_publishes_it(written: Path) -> None:
    assert "the next run publishes this" in aggregator(written, "entry", "remove", "An odd thing").stderr
    assert where_it_stands(written, "An odd thing")
    told(aggregator(written, "run", "--json"))
    assert where_it_stands(written, "An odd thing") == set()


@pytest.mark.torture
def test_removing_a_removed_entry_again_says_so(written: Path) -> None:
    first = told(aggregator(written, "entry", "remove", "An odd thing", "--json"))
    assert "already" not in first
    again = told(aggregator(written, "entry", "remove", "An odd thing", "--json"))
    assert again == first | {"already": True}
    done = aggregator(written, "entry", "remove", "An odd thing", "A fine thing", "--now")
    assert done.returncode == 0
    before, now, _ = done.stderr.splitlines()
    assert before.endswith(f" was removed already; `aggregator entry restore {before.split()[0]}` brings it back")
    assert now.endswith(f" is removed; `aggregator entry restore {now.split()[0]}` brings it back")
    assert where_it_stands(written, "An odd thing") | where_it_stands(written, "A fine thing") == set()
    said = report(aggregator(written, "explain", "An odd thing", "--json"))
    assert [one["act"] for one in said["overrides"]] == ["remove"]  # one decision, one row


@pytest.mark.torture
def test_now_waits_for_another_process(written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And says so where that one neither ends nor publishes; what was removed stays removed."""
    store = Store(written / ".aggregator/state.db")
    monkeypatch.setattr(publish_now, "MAX_WAIT", 0.1)
    with store.exclusive():
        done = aggregator(written, "entry", "remove", "An odd thing", "--now", "--json")
    assert done.returncode == 3
    [problem] = report(done)["problems"]
    assert "removed, but not published yet" in problem["message"]
    assert where_it_stands(written, "An odd thing")
    monkeypatch.setattr(publish_now, "MAX_WAIT", 20)
    waiting = threading.Event()

    def hold() -> None:
        with store.exclusive():
            waiting.set()
            time.sleep(0.3)

    other = threading.Thread(target=hold)
    other.start()
    waiting.wait(10)
    assert told(aggregator(written, "entry", "remove", "An odd thing", "--now", "--json"))["published"] is True
    other.join()
    assert where_it_stands(written, "An odd thing") == set()


@pytest.mark.torture
def test_a_daemon_publishes_at_once_what_is_removed_beside_it(written: Path) -> None:
    with daemon(written, "--no-server"):
        done = aggregator(written, "entry", "remove", "An odd thing", "--now", AGGREGATOR_NOW="")
        assert (done.returncode, done.stderr.endswith("\npublished\n")) == (0, True), done.stderr
        assert where_it_stands(written, "An odd thing") == set()
