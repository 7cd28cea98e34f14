"""`db recover`: rebuilds ids, dates and addresses from the published tree, and touches nothing else."""

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.categories import Style
from aggregator.clean.clean_entry import ContentSettings
from aggregator.cli import main
from aggregator.codec import unpack
from aggregator.errors import ClockError, OutputError, StateError, UsageError
from aggregator.model.document import CategoryTerm, FeedInfo, Link, Person, RawEntry
from aggregator.model.entry import CleanEntry
from aggregator.model.published import FeedListing
from aggregator.parse import parse
from aggregator.recover import Recovery, rebuild, recover
from aggregator.recover.categories import Levels, PathFinder
from aggregator.recover.index_json import read_index
from aggregator.recover.read_document import TreeDocument, TreeEntry, TreeFile, read_document
from aggregator.recover.read_tree import FeedReading, PublishedTree
from aggregator.render import FILES
from aggregator.store import CategoryRow, SightingRow, Store
from tests.support.planet import NOON, Planet, Upstream, rss

HOUR = timedelta(hours=1)
LATER = NOON + HOUR
FORMATS = [["atom", "rss", "json"], ["atom"], ["rss"], ["json"]]

Shown = tuple[str, str, datetime | None, datetime | None, str]


def entry(n: int, **more: str) -> dict[str, str]:
    return {
        "title": f"Entry {n}",
        "link": f"https://blog.example/{n}",
        "guid": f"https://blog.example/{n}",
        "pubDate": f"Mon, {n:02d} Nov 2026 08:00:00 GMT",
        "description": f"What entry number {n} says, in words of its own.",
    } | more


def undated(n: int) -> dict[str, str]:
    return {"title": f"Undated {n}", "link": f"https://odd.example/{n}", "description": f"Undated words {n}."}


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    """One server for all tests: the addresses in a shared tree stay valid."""
    server = Upstream()
    yield server
    server.close()


@pytest.fixture(autouse=True)
def _nothing_served(upstream: Upstream) -> None:
    upstream.pages.clear()


Fill = Callable[[Planet], None]


@pytest.fixture(scope="module")
def fill(upstream: Upstream, tmp_path_factory: pytest.TempPathFactory) -> Fill:
    """A planet that was published: posts and two sources with everything that can be recovered. It is run once for each
    choice of formats, and copied from then on. Entry 1 is no longer there upstream."""
    published: dict[str, Path] = {}

    def fill(planet: Planet) -> None:
        key = repr(planet.config.setdefault("feeds", {"formats": ["atom", "json"]}))
        _write(planet, upstream)
        if key in published:
            for name in ("feeds", ".aggregator"):
                shutil.copytree(published[key] / name, planet.root / name)
            return
        planet.run()
        published[key] = tmp_path_factory.mktemp("published") / "planet"
        shutil.copytree(planet.root, published[key])

    def fill_and_forget(planet: Planet) -> None:
        fill(planet)
        upstream.serve("/blog", rss(*BLOG[:2], title="Blog"))

    return fill_and_forget


Lose = Callable[[Planet], None]


@pytest.fixture(scope="module")
def lose(tmp_path_factory: pytest.TempPathFactory) -> Lose:
    """Leaves a state with tables and no rows, as a refused run does; creating the tables takes long."""
    empty = Store(tmp_path_factory.mktemp("empty") / "state.db")
    empty.open()
    empty.close()

    def lose(planet: Planet) -> None:
        shutil.rmtree(planet.root / ".aggregator")
        (planet.root / ".aggregator").mkdir()
        shutil.copy(empty.at, planet.root / ".aggregator/state.db")

    return lose


BLOG = [
    entry(3, category="Python"),
    entry(2, guid="2 is no URI", category="Web|Tools"),
    entry(1, category="Web"),
]


def _write(planet: Planet, upstream: Upstream) -> None:
    planet.config["posts"] = [{"path": "posts"}]
    planet.post(
        "a.md", "---\ntitle: 没有链接\ndate: 2026-11-01\ncategories: [新媒体, 趣头条]\ntags: [AI]\n---\nWords of a\n"
    )
    planet.post("b.md", "---\ntitle: Linked\nlink: https://me.example/b\ndate: 2026-11-02\n---\nWords of b\n")
    planet.post("c.md", "---\ntitle: Undated and nameless\ncategories: [新媒体]\n---\nWords of c\n")
    odd = [undated(n) for n in range(3)]
    urls = upstream.serve("/blog", rss(*BLOG, title="Blog")), upstream.serve("/odd", rss(*odd, title="Odd"))
    planet.config["sources"] = [
        {"url": urls[0], "id": "blog", "categories": ["Programming/Python"]},
        {"url": urls[1], "id": "odd", "category_style": "path", "categories": ["Odd/Things"]},
    ]


def learn(planet: Planet, now: datetime = LATER) -> Recovery:
    with planet.app(now) as app:
        return planet.runner.run(recover(app, planet.pool))


def shown(planet: Planet) -> dict[str, tuple[str, list[Shown]]]:
    """Feed → its id, and its entries in order, from the best format that is published."""
    found = {}
    for id_, row in planet.index().items():
        name = next(one for one in ("atom", "rss", "json") if one in row["formats"])
        document = parse((planet.root / "feeds" / id_ / FILES[name]).read_bytes(), url="https://planet.example/")
        found[id_] = (document.about.id, [_shown(draft) for draft in document.drafts])
    return found


def _shown(draft: RawEntry) -> Shown:
    link = next((link.href for link in draft.links if link.rel == "alternate"), "")
    return draft.id, link, draft.published, draft.updated, draft.title.value if draft.title else ""


def sightings(planet: Planet) -> dict[str, SightingRow]:
    with planet.app(LATER) as app, app.store.read() as tx:
        return {row.upstream_id: row for row in tx.sightings.of_entries(tx.entries.ids(after=0, most=1000))}


def edit(planet: Planet, path: str, change: Callable[[bytes], bytes]) -> None:
    file = planet.root / "feeds" / path
    file.write_bytes(change(file.read_bytes()))


def edit_index(planet: Planet, change: Callable[[dict[str, Any]], Any]) -> None:
    file = planet.root / "feeds" / "index.json"
    index = json.loads(file.read_bytes())
    change(index)
    file.write_text(json.dumps(index))


def wheres(recovery: Recovery) -> list[str]:
    return [problem.where for problem in recovery.problems]


# what comes back


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize("formats", FORMATS, ids="+".join)
def test_readers_see_nothing_again_after_a_lost_state(
    planet: Planet, upstream: Upstream, fill: Fill, formats: list[str]
) -> None:
    """Neither while the sources are down, nor when they answer."""
    planet.config["feeds"] = {"formats": formats}
    fill(planet)
    before, tree = shown(planet), planet.tree()
    shutil.rmtree(planet.root / ".aggregator")
    with pytest.raises(StateError, match="aggregator db recover"):
        planet.run(LATER)
    recovery = learn(planet)
    assert (recovery.entries, recovery.feeds, recovery.problems) == (9, len(before), ())
    assert planet.tree() == tree
    served, upstream.pages = upstream.pages, {}
    assert planet.run(LATER).sources.failed == 2
    assert shown(planet) == before
    upstream.pages = served
    report = planet.run(LATER + HOUR, force=True)
    assert (report.entries.new, report.entries.updated, report.entries.total) == (0, 0, 9)
    assert shown(planet) == before
    assert planet.tree().keys() == tree.keys()
    assert "json" not in formats or "atom" not in formats or planet.tree() == tree  # together they hold everything


@pytest.mark.torture
def test_a_recovered_entry_is_not_edited(planet: Planet, fill: Fill, lose: Lose) -> None:
    fill(planet)
    before = shown(planet)
    lose(planet)
    learn(planet)
    planet.regenerate(LATER)
    assert planet.run(LATER + HOUR, force=True).entries.updated == 0
    assert shown(planet) == before


@pytest.mark.torture
def test_edits_count_from_the_first_pull_after_recovery(
    planet: Planet, fill: Fill, lose: Lose, upstream: Upstream
) -> None:
    fill(planet)
    lose(planet)
    learn(planet)
    planet.run(LATER)
    upstream.serve("/blog", rss(entry(3, description="Said in other words."), title="Blog"))
    report = planet.run(LATER + HOUR, force=True)
    assert (report.entries.new, report.entries.updated) == (0, 1)


@pytest.mark.torture
def test_new_entries_are_new_and_entries_gone_upstream_stay(
    planet: Planet, fill: Fill, lose: Lose, upstream: Upstream
) -> None:
    fill(planet)
    before = planet.ids()
    lose(planet)
    learn(planet)
    upstream.serve("/blog", rss(entry(4), entry(3), title="Blog"))
    assert planet.run(LATER).entries.new == 1
    assert {*planet.ids()} - {*before} == {"https://blog.example/4"}
    assert {*before} <= {*planet.ids()}
    assert "Entry 1" in planet.titles("programming/python")


@pytest.mark.torture
def test_a_deleted_post_leaves_and_another_keeps_its_page(planet: Planet, fill: Fill, lose: Lose) -> None:
    fill(planet)
    page = planet.root / "feeds/entries/mei-you-lian-jie.html"
    before = page.read_bytes()
    lose(planet)
    learn(planet)
    (planet.root / "posts/c.md").unlink()
    planet.run(LATER)
    assert page.read_bytes() == before
    assert "Undated and nameless" not in planet.titles()
    assert "Linked" in planet.titles()


@pytest.mark.torture
def test_entries_of_equal_date_keep_their_order_in_every_feed(planet: Planet, lose: Lose, upstream: Upstream) -> None:
    date = "Mon, 02 Nov 2026 08:00:00 GMT"
    first = [entry(n, pubDate=date, category="Odd" if n % 2 else "Even") for n in (5, 1, 4, 2)]
    second = [entry(n, pubDate=date, category="Odd" if n % 2 else "Even") for n in (9, 3, 8, 6)]
    urls = upstream.serve("/a", rss(*first, title="A")), upstream.serve("/b", rss(*second, title="B"))
    planet.config["sources"] = [{"url": url, "id": id_} for url, id_ in zip(urls, "ab", strict=True)]
    planet.config["feeds"] = {"limit": 3, "window": "0s"}
    planet.run()
    before = shown(planet)
    lose(planet)
    learn(planet)
    planet.run(LATER)
    assert shown(planet) == before


@pytest.mark.torture
def test_entries_outside_the_feeds_stay_below_recovered_ones(planet: Planet, upstream: Upstream, lose: Lose) -> None:
    url = upstream.serve(
        "/a", rss(*(entry(n, pubDate="Mon, 02 Nov 2026 08:00:00 GMT") for n in range(1, 9)), title="A")
    )
    planet.config |= {"sources": [{"url": url, "id": "a"}], "feeds": {"limit": 1}}
    planet.run()
    before = shown(planet)
    assert len(before["all"][1]) == 4
    lose(planet)
    shutil.rmtree(planet.root / "feeds" / "all" / "archive")
    learn(planet)
    assert planet.run(LATER).entries.new == 4
    assert shown(planet) == before


@pytest.mark.torture
def test_an_entry_beyond_the_limit_stays_for_another_window(planet: Planet, lose: Lose, upstream: Upstream) -> None:
    planet.config["feeds"] = {"limit": 2}
    url = upstream.serve("/a", rss(entry(9), entry(8), title="A"))
    planet.config["sources"] = [{"url": url, "id": "a"}]
    planet.run()
    upstream.serve("/a", rss(*(entry(n) for n in (9, 8, 7, 6, 5)), title="A"))
    planet.run(LATER, force=True)
    before = shown(planet)
    assert len(before["all"][1]) == 5
    lose(planet)
    learn(planet)
    upstream.pages.clear()
    planet.run(LATER)
    assert shown(planet) == before


@pytest.mark.torture
def test_ids_are_kept_when_the_site_has_moved_as_well(planet: Planet, fill: Fill, lose: Lose) -> None:
    fill(planet)
    before = {id_: (atom_id, [one[0] for one in entries]) for id_, (atom_id, entries) in shown(planet).items()}
    lose(planet)
    planet.config["site"] |= {"url": "https://new.example/"}
    learn(planet)
    assert planet.run(LATER).entries.new == 0
    after = {id_: (atom_id, [one[0] for one in entries]) for id_, (atom_id, entries) in shown(planet).items()}
    assert after == before


# which source


@pytest.mark.torture
def test_a_source_that_was_renamed_meanwhile_keeps_its_entries(planet: Planet, fill: Fill, lose: Lose) -> None:
    fill(planet)
    before = shown(planet)
    lose(planet)
    planet.config["sources"][0]["id"] = "renamed"
    assert learn(planet).problems == ()
    assert planet.run(LATER).entries.new == 0
    assert shown(planet) == before


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize("formats", [["atom"], ["rss"]], ids="+".join)
def test_a_source_is_recognized_by_its_url_or_by_elimination(
    planet: Planet, lose: Lose, upstream: Upstream, formats: list[str]
) -> None:
    """A local file has no public URL."""
    planet.config["feeds"] = {"formats": formats}
    (planet.root / "local.xml").write_text(rss(entry(1), title="Local"))
    planet.post("p.md", "---\ntitle: Post\ndate: 2026-11-05\n---\nWords\n")
    url = upstream.serve("/a?token=1", rss(entry(2), title="A"))
    planet.config |= {"posts": [{"path": "posts"}], "sources": [{"url": url, "id": "a"}, {"url": "local.xml"}]}
    planet.run()
    lose(planet)
    assert learn(planet).problems == ()
    sources = {row.title: row.source_id for row in sightings(planet).values()}
    with planet.app() as app:
        assert sources == {"post": "posts", "entry 1": app.sources[1].id, "entry 2": "a"}


@pytest.mark.torture
@pytest.mark.parametrize("name", ["blog", "renamed"])
def test_entries_of_a_removed_source_leave_and_return_with_it(
    planet: Planet, fill: Fill, lose: Lose, name: str
) -> None:
    fill(planet)
    before = shown(planet)
    lose(planet)
    blog, odd = planet.config["sources"]
    planet.config["sources"] = [odd]
    recovery = learn(planet)
    assert [(problem.where, problem.kind) for problem in recovery.problems] == [("blog", "config")]
    assert "3 entries" in recovery.problems[0].message
    planet.run(LATER)
    assert not [id_ for id_ in planet.ids() if "blog" in id_]
    planet.config["sources"] = [blog | {"id": name}, odd]
    assert planet.run(LATER + HOUR).entries.new == 0
    assert shown(planet) == before


@pytest.mark.torture
def test_a_planet_of_planets_keeps_the_first_source(planet: Planet, lose: Lose, upstream: Upstream) -> None:
    document = """<feed xmlns="http://www.w3.org/2005/Atom"><id>urn:x:planet</id><title>Other planet</title>
      <updated>2026-11-01T00:00:00Z</updated><entry><id>urn:x:1</id><title>Carried</title>
      <updated>2026-11-01T00:00:00Z</updated><link href="https://first.example/1"/><summary>Words</summary>
      <source><id>urn:x:first</id><title>First</title><link rel="self" href="https://first.example/feed"/></source>
      </entry></feed>"""
    planet.config["sources"] = [{"url": upstream.serve("/planet", document), "id": "other"}]
    planet.config["posts"] = [{"path": "posts"}]
    planet.run()
    tree = planet.tree()
    lose(planet)
    learn(planet)
    assert [row.source_id for row in sightings(planet).values()] == ["other"]
    upstream.pages.clear()
    planet.run(LATER)
    assert planet.atom().entries[0].source.title == "First"
    assert planet.tree()["all/atom.xml"] == tree["all/atom.xml"]


@pytest.mark.torture
def test_the_footer_with_other_sources_is_not_content(planet: Planet, lose: Lose, upstream: Upstream) -> None:
    one, other = entry(1, category="A"), entry(1, guid="urn:other:1", category="B")
    urls = upstream.serve("/a", rss(one, title="A")), upstream.serve("/b", rss(other, title="B"))
    planet.config["sources"] = [{"url": url, "id": id_} for url, id_ in zip(urls, "ab", strict=True)]
    planet.run()
    before, tree = shown(planet), planet.tree()
    assert "Also published by" in planet.atom().entries[0].summary
    lose(planet)
    learn(planet)
    (row,) = sightings(planet).values()
    assert b"Also published" not in row.draft
    planet.run(LATER)
    assert (shown(planet), planet.tree()) == (before, tree)


def test_feeds_of_contradicting_order_give_some_order() -> None:
    date = datetime(2026, 11, 1, tzinfo=UTC)
    one, other = (TreeEntry(f"urn:x:{n}", date, date, b"", ()) for n in (1, 2))
    listing = FeedListing("all", "All", "all/", date, 2)
    tree = PublishedTree("https://planet.example/", [listing], [], {}, {}, [])
    for entries in ((one, other), (other, one)):
        tree.add(listing, FeedReading([TreeDocument("atom", "", entries, True, ())], [], [], True), 50)
    assert [each.entry for each in tree.in_order()] == [one, other]


def test_an_entry_in_feed_and_archive_is_there_for_its_date() -> None:
    """Not one in the archive alone, nor one in the feed alone, which waits to be sealed."""
    date = datetime(2026, 11, 1, tzinfo=UTC)
    document = TreeDocument("atom", "", (TreeEntry("urn:x:1", date, date, b"", ()),), True, ())
    listing = FeedListing("all", "All", "all/", date, 2)
    page = ("all/archive/1/1/", document)
    readings = (
        (FeedReading([], [page], [], True), None),
        (FeedReading([document], [], [], True), None),
        (FeedReading([document], [page], [], True), date),
    )
    for reading, beyond in readings:
        tree = PublishedTree("https://planet.example/", [listing], [], {}, {}, [])
        tree.add(listing, reading, 0)
        assert tree.entries["urn:x:1"].beyond == beyond


# what is refused


def test_a_living_state_is_never_overwritten(planet: Planet, fill: Fill, lose: Lose) -> None:
    fill(planet)
    with pytest.raises(UsageError, match="not lost"):
        learn(planet)
    lose(planet)
    learn(planet)
    with pytest.raises(UsageError, match="not lost"):
        learn(planet)


def test_without_a_tree_there_is_nothing_to_recover(planet: Planet) -> None:
    with pytest.raises(StateError, match="no published tree"):
        learn(planet)
    (planet.root / "feeds").mkdir()
    (planet.root / "feeds/index.json").write_text('{"feeds": []}')
    with pytest.raises(StateError, match="no published tree"):
        learn(planet)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"site": {"url": "x"}}', '{"feeds": []}', "[" * 100_000, "\xff"])
def test_an_unreadable_index_is_an_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "index.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(StateError, match="cannot be read"):
        read_index(tmp_path / "index.json")


def test_a_clock_earlier_than_the_tree_is_an_error(planet: Planet, fill: Fill, lose: Lose) -> None:
    fill(planet)
    lose(planet)
    with pytest.raises(ClockError):
        learn(planet, NOON - timedelta(days=2))


def test_recovery_is_all_or_nothing(planet: Planet, fill: Fill, lose: Lose, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(planet)
    lose(planet)
    with monkeypatch.context() as patch:
        patch.setattr(rebuild, "feed_rows", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            learn(planet)
    with pytest.raises(StateError, match="is empty"):
        planet.run(LATER)
    assert learn(planet).entries == 9


# a tree that somebody edited


@pytest.mark.torture
def test_a_broken_document_is_named_and_another_format_is_used(planet: Planet, fill: Fill, lose: Lose) -> None:
    fill(planet)
    before = shown(planet)
    lose(planet)
    edit(planet, "all/atom.xml", lambda data: data[: len(data) // 2])
    edit(planet, "web/atom.xml", lambda _: b"<html>aggregator")
    recovery = learn(planet)
    assert {*wheres(recovery)} == {"all/atom.xml", "web/atom.xml"}
    assert recovery.entries == 9
    assert planet.run(LATER).entries.new == 0
    assert shown(planet) == before


@pytest.mark.torture
def test_an_unreadable_feed_is_rebuilt_from_the_others(
    planet: Planet, fill: Fill, lose: Lose, upstream: Upstream
) -> None:
    fill(planet)
    before = shown(planet)
    lose(planet)
    for name in ("atom.xml", "feed.json"):
        edit(planet, f"programming/python/{name}", lambda _: b"aggregator")
        (planet.root / "feeds/web" / name).unlink()
    recovery = learn(planet)
    assert {"programming/python/", "web/"} <= {*wheres(recovery)}
    upstream.pages.clear()
    planet.run(LATER)
    assert shown(planet) == before


@pytest.mark.torture
def test_a_foreign_file_stays_and_is_reported_where_it_blocks_a_run(planet: Planet, fill: Fill, lose: Lose) -> None:
    fill(planet)
    lose(planet)
    there = planet.root / "feeds"
    (there / "CNAME").write_text("planet.example")
    (there / ".well-known").mkdir()
    (there / ".well-known/x.json").write_text('"aggregator"')
    (there / "all/atom.xml").write_text("<feed/>")
    recovery = learn(planet)
    assert wheres(recovery) == ["all/atom.xml"]
    with planet.app(LATER) as app, app.store.read() as tx:
        assert not tx.files.all().keys() & {"CNAME", ".well-known/x.json", "all/atom.xml"}
    with pytest.raises(OutputError, match=r"all/atom\.xml"):
        planet.run(LATER)
    (there / "all/atom.xml").unlink()
    planet.run(LATER)
    assert (there / "CNAME").read_text() == "planet.example"
    assert (there / ".well-known/x.json").exists()


@pytest.mark.parametrize(
    "row",
    [
        None,
        "all",
        {},
        {"id": "../x"},
        {"id": "a//b"},
        {"id": "X"},
        {"category": ["A", "B"]},
        {"category": ["\u2028"]},
        {"category": [7]},
        {"category": 7},
        {"updated": "2026-11-01T00:00:00"},
        {"updated": "1066-10-14T00:00:00Z"},
        {"updated": 7},
        {"entries": -1},
        {"entries": 10**30},
        {"entries": float("inf")},
        {"formats": []},
        {"formats": {"atom": {}}},
    ],
    ids=repr,
)
def test_an_invalid_row_of_the_index_is_left_out(tmp_path: Path, row: Any) -> None:
    good = {"id": "a", "title": "A", "category": ["A"], "updated": "2026-11-01T00:00:00Z", "entries": 1, "formats": {}}
    bad = good | row if isinstance(row, dict) and row else row
    (tmp_path / "index.json").write_text(json.dumps({"site": {"url": "https://p.example/"}, "feeds": [good, bad]}))
    index = read_index(tmp_path / "index.json")
    assert (index.site_url, [listing.id for listing in index.listings]) == ("https://p.example/", ["a"])
    assert [(problem.where, problem.kind) for problem in index.problems] == [("index.json", "parse")]


@pytest.mark.parametrize(
    "row", [None, {}, {"id": "../x"}, {"category": None}, {"category": ["A", "B"]}, {"moved_to": 7}, {"recorded": ""}]
)
def test_an_invalid_moved_feed_is_left_out(tmp_path: Path, row: Any) -> None:
    good = {"id": "a", "category": ["A"], "moved_to": "b", "recorded": "2026-11-01T00:00:00Z"}
    bad = good | row if row else row
    index = {"site": {"url": "https://p.example/"}, "feeds": [], "moved": [good, bad]}
    (tmp_path / "index.json").write_text(json.dumps(index))
    read = read_index(tmp_path / "index.json")
    assert [(one.id, one.to) for one in read.moved] == [("a", "b")]
    assert len(read.problems) == 1


def test_two_feeds_never_get_one_category_or_one_id(planet: Planet, fill: Fill, lose: Lose) -> None:
    fill(planet)
    lose(planet)

    def double(index: dict[str, Any]) -> None:
        web = next(row for row in index["feeds"] if row["id"] == "web")
        index["feeds"].append(web | {"id": "web-2", "path": "web-2/"})

    edit_index(planet, double)
    shutil.copytree(planet.root / "feeds/web", planet.root / "feeds/web-2")
    recovery = learn(planet)
    assert [(problem.where, problem.kind) for problem in recovery.problems] == [("web-2/", "category")]
    with planet.app(LATER) as app, app.store.read() as tx:
        atom_ids = [row.atom_id for row in tx.feeds.all().values()]
    assert len({*atom_ids}) == len(atom_ids)


GOOD = "<id>https://blog.example/3</id><updated>2026-11-03T08:00:00Z</updated>"


@pytest.mark.parametrize(
    "bad",
    [
        "<id>javascript:alert(1)</id><updated>2026-11-03T08:00:00Z</updated>",
        "<updated>2026-11-03T08:00:00Z</updated>",
        "<id>urn:x:1</id>",
        "<id>urn:x:1</id><updated>soon</updated>",
        "<id>urn:x:1</id><updated>1066-10-14T00:00:00Z</updated>",
        "<id>urn:x:1</id><updated>0001-01-01T00:00:00+14:00</updated>",
    ],
)
def test_an_entry_that_is_not_ours_is_left_out(bad: str) -> None:
    body = f'<feed xmlns="http://www.w3.org/2005/Atom"><entry>{bad}</entry><entry>{GOOD}</entry></feed>'
    document = read_document(
        TreeFile("all/atom.xml", "https://p.example/all/atom.xml", body.encode(), ()), ContentSettings()
    )
    assert [one.public_id for one in document.entries] == ["https://blog.example/3"]
    assert not document.complete
    assert {problem.where for problem in document.problems} == {"all/atom.xml"}


def test_markup_added_to_the_tree_is_sanitized(planet: Planet, fill: Fill, lose: Lose) -> None:
    fill(planet)
    lose(planet)
    for feed in ("all", "web", "programming", "programming/python"):
        edit(
            planet, f"{feed}/atom.xml", lambda data: data.replace(b"What entry number 1", b"&lt;script>x&lt;/script>Y")
        )
    learn(planet)
    clean = unpack(sightings(planet)["https://blog.example/1"].clean, CleanEntry)
    assert clean.summary.startswith("Y says")


def test_one_page_is_never_two_entries(planet: Planet, lose: Lose) -> None:
    planet.config |= {"posts": [{"path": "posts"}], "feeds": {"formats": ["atom"]}}
    for name in "ab":
        planet.post(f"{name}.md", f"---\ntitle: Page {name}\ndate: 2026-11-01\n---\nWords of {name}\n")
    planet.run()
    lose(planet)
    edit(planet, "all/atom.xml", lambda data: data.replace(b"page-b.html", b"page-a.html"))
    assert learn(planet).entries == 2
    with planet.app(LATER) as app, app.store.read() as tx:
        assert tx.entries.slugs() == {"page-a"}


def test_pages_of_an_archive_are_read_and_other_feeds_folders_are_not(
    planet: Planet, lose: Lose, upstream: Upstream
) -> None:
    url = upstream.serve("/a", rss(entry(3), title="A"))
    planet.config["sources"] = [{"url": url, "id": "a"}]
    planet.run()
    feeds = planet.root / "feeds"
    page = (feeds / "all/atom.xml").read_text().replace("blog.example/3", "blog.example/1").replace("-03T", "-01T")
    for path in ("all/archive/1/1/atom.xml", "all/old/atom.xml"):
        (feeds / path).parent.mkdir(parents=True)
        (feeds / path).write_text(page.replace("/1<", f"/{path.count('old')}<"))
    (feeds / "all/archive/list.json").write_text('{"aggregator": "no feed"}')
    lose(planet)
    recovery = learn(planet)
    assert recovery.entries == 2
    assert sightings(planet).keys() == {"https://blog.example/3", "https://blog.example/0"}


# the rows


def test_recovered_rows_say_where_they_come_from(planet: Planet, fill: Fill, lose: Lose, upstream: Upstream) -> None:
    fill(planet)
    lose(planet)
    learn(planet)
    with planet.app(LATER) as app, app.store.read() as tx:
        rows = tx.sightings.of_entries(tx.entries.ids(after=0, most=100))
        entries = tx.entries.of(row.entry_id for row in rows)
        categories = {row.path: row.label for row in tx.categories.all()}
        feeds = tx.feeds.all()
        assert tx.files.all() == planet.tree()
    assert all(row.recalled and row.matched_by == "new" and "published tree" in row.reason for row in rows)
    assert all(entries[row.entry_id].public_id == row.upstream_id for row in rows)
    assert all(one.digest == "" and one.winner_id and one.first_seen_at == one.published for one in entries.values())
    assert {one.slug for one in entries.values()} == {None, "mei-you-lian-jie", "undated-and-nameless"}
    assert categories["xin-mei-ti/qu-tou-tiao"] == "趣头条"
    assert all(row.listing and (row.category_id or row.id == "all") for row in feeds.values())
    newest = max(entries.values(), key=lambda one: one.id)
    assert newest.published == max(one.published for one in entries.values())


def category(id_: int, path: str, label: str) -> CategoryRow:
    return CategoryRow(id_, None, label.lower(), label, path.rpartition("/")[2], path, path.count("/") + 1)


CATEGORIES = [
    category(1, "a", "A"),
    category(2, "a/b", "B"),
    category(3, "a/c", "C"),
    category(4, "b", "B"),
    category(5, "a/c/d", "D"),
]


@pytest.mark.parametrize(
    ("feeds", "levels", "style", "expected"),
    [
        (["a"], "A", "flat", ["A"]),
        (["a", "a/b"], "A B", "flat", ["A/B"]),
        (["a", "a/b", "b"], "B A B", "flat", ["B", "A/B"]),
        (["a", "a/b", "b"], "A B B", "flat", ["A/B", "B"]),
        (["a", "a/b", "a/c"], "A B C", "flat", ["A/B", "A/C"]),
        (["a", "a/c", "a/c/d"], "A C D E", "flat", ["A/C/D/E"]),
        (["a"], "A E", "flat", ["A", "E"]),
        (["a"], "A E", "path", ["A/E"]),
        ([], "A B", "flat", ["A", "B"]),
        ([], "A B", "path", ["A/B"]),
        (["a", "a/b"], "", "flat", ["A/B"]),
        (["all", "source/x"], "", "flat", []),
    ],
)
def test_paths_come_from_feeds_and_what_is_left_of_the_levels(
    feeds: list[str], levels: str, style: Style, expected: list[str]
) -> None:
    listed = {row.path: row for row in CATEGORIES}
    placing = PathFinder(listed, listed, (), 3)
    paths = placing.paths(feeds, Levels([CategoryTerm(one) for one in levels.split()], [""]), style)
    assert ["/".join(name.shown for name in path) for path in paths] == expected


def test_levels_alone_place_entries_in_unreadable_feeds() -> None:
    listed = {row.path: row for row in CATEGORIES}
    placing = PathFinder(listed, listed, {"a/b"}, 3)
    (path,) = placing.paths(
        ["a"], Levels([CategoryTerm("A", "", "us"), CategoryTerm("b", "B", "them")], ["us"]), "flat"
    )
    assert [(name.term, name.label, name.scheme) for name in path] == [("A", "A", None), ("b", "B", "them")]


def test_the_extension_object_of_json_items_is_read() -> None:
    said = {
        "source": {"id": "urn:x:1", "title": " The\nblog ", "url": "https://b.example/f", "link": "https://b.example/"},
        "rights": "CC0",
        "comments": "https://b.example/1#c",
        "contributors": [{"name": "Di", "url": "mailto:di@b.example"}, 7],
        "links": [{"rel": "via", "href": "https://v.example/"}, {"rel": "via"}, "x"],
    }
    items = [{"id": "1", "_aggregator": said}, {"id": "2", "_aggregator": {"source": "x", "links": 7, "rights": []}}]
    body = json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": items}).encode()
    one, other = parse(body, url="https://p.example/").drafts
    about = FeedInfo(id="urn:x:1", title="The blog", link="https://b.example/", self_link="https://b.example/f")
    assert (one.source, one.rights, one.comments) == (about, "CC0", "https://b.example/1#c")
    assert one.contributors == (Person("Di", "", "di@b.example"),)
    assert one.links == (Link("https://v.example/", "via"),)
    assert other == RawEntry(id="2")


# the command


def command(planet: Planet, monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setenv("AGGREGATOR_NOW", LATER.isoformat())
    monkeypatch.setattr("sys.argv", ["aggregator", "-c", str(planet.root / "config.yaml"), *words])
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code if isinstance(ended.value.code, int) else 0


@pytest.mark.torture
def test_the_command_prints_what_it_recovered_and_the_next_step(
    planet: Planet, lose: Lose, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    planet.config["posts"] = [{"path": "posts"}]
    planet.post("a.md", "---\ntitle: A\ndate: 2026-11-01\ncategories: [News]\n---\nWords\n")
    planet.run()
    lose(planet)
    assert command(planet, monkeypatch, "run") == 4
    capsys.readouterr()
    assert command(planet, monkeypatch, "db", "recover", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told == {
        "entries": 1,
        "feeds": 2,
        "categories": 1,
        "files": len(planet.tree()),
        "removed": 0,
        "problems": [],
    }
    assert command(planet, monkeypatch, "db", "recover", "--json") == 2
    assert "not lost" in json.loads(capsys.readouterr().out)["problems"][0]["message"]
    lose(planet)
    edit(planet, "all/atom.xml", lambda _: b"<x> aggregator")
    assert command(planet, monkeypatch, "db", "recover") == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert "all/atom.xml: not-a-feed" in said.err
    assert "1 entry, 2 feeds, 1 category, " in said.err
    assert "config.yaml run` continues from the published tree" in said.err


def test_the_state_of_a_running_process_is_left_alone(planet: Planet, monkeypatch: pytest.MonkeyPatch) -> None:
    with planet.app():
        assert command(planet, monkeypatch, "db", "recover") == 3
