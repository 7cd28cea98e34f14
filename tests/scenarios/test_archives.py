"""Archives of feeds (RFC 5005): every entry is in some document, and sealed pages never change."""

import json
import shutil
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from aggregator.model.archive_paging import Paging
from aggregator.overrides.apply import Keeping, keep, split
from aggregator.recover import recover
from tests.support.planet import NOON, Planet, Upstream, rss
from tests.support.simulation import DAY, HOUR, dated

SITE = "https://planet.example/"
FILES = {"atom": "atom.xml", "rss": "rss.xml"}
ARCHIVE = "{http://purl.org/syndication/history/1.0}archive"
LINK = "{http://www.w3.org/2005/Atom}link"


def item(n: int, **more: str) -> dict[str, str]:
    link = f"https://blog.example/{n}"
    words = f"What entry number {n} says, in the words of {n}."
    one = {"title": f"Entry {n}", "link": link, "guid": link, "pubDate": dated(NOON - 90 * DAY + n * HOUR)}
    return one | {"description": words, "category": "news" if n % 2 else "jobs"} | more


class Past:
    """A planet of one source, a reader of its archives, and a clock: each run is an hour after the last."""

    def __init__(self, planet: Planet, upstream: Upstream) -> None:
        self.planet, self.upstream, self.now = planet, upstream, NOON
        self.items: dict[int, dict[str, str]] = {}
        planet.config["feeds"] = {"limit": 10, "archive": 20, "window": "1s", "formats": ["atom"]}
        planet.config["sources"] = [{"url": upstream.url("/a"), "id": "a"}]

    def run(self, *items: dict[str, str]) -> Any:
        """With these entries more, or as they are now."""
        self.items |= {int(one["link"].rpartition("/")[2]): one for one in items}
        self.upstream.serve("/a", rss(*reversed(self.items.values()), title="A", link="https://blog.example/"))
        self.now += HOUR
        return self.planet.run(self.now, force=True)

    def read(self, address: str) -> bytes:
        assert address.startswith(SITE)
        return (self.planet.root / "feeds" / address.removeprefix(SITE)).read_bytes()

    def walk(self, feed: str = "all", form: str = "atom") -> Iterator[tuple[str, etree._Element]]:
        """Every document from the one that people subscribe to, to the start."""
        address: str | None = f"{SITE}{feed}/{FILES[form]}"
        while address:
            root = etree.fromstring(self.read(address))
            yield address, root
            address = link(root, "prev-archive")

    def titles(self, feed: str = "all", form: str = "atom") -> list[list[str]]:
        """Of each document on that way."""
        return [[one.findtext("{*}title") or "" for one in entries(root)] for _, root in self.walk(feed, form)]

    def everything(self, feed: str = "all") -> set[str]:
        return {title for document in self.titles(feed) for title in document}

    def sealed(self) -> dict[str, str]:
        return {path: digest for path, digest in self.planet.tree().items() if "/archive/" in path}

    def keep(self, act: Keeping, ref: str) -> None:
        with self.planet.app(self.now) as app:
            keep(app, act, [ref])

    def holds(self, text: str) -> list[str]:
        """Files of the tree in which it stands."""
        feeds = self.planet.root / "feeds"
        return [str(file) for file in feeds.rglob("*") if file.is_file() and text.encode() in file.read_bytes()]


def entries(root: etree._Element) -> Iterator[etree._Element]:
    return root.iter("{*}entry", "{*}item")


def link(root: etree._Element, rel: str) -> str | None:
    head = root if root.tag.endswith("feed") else root[0]
    found = [one.get("href") for one in head.findall(LINK) if one.get("rel") == rel]
    assert len(found) < 2
    return found[0] if found else None


def names(numbers: range) -> list[str]:
    return [f"Entry {n}" for n in numbers]


@pytest.fixture
def past(planet: Planet, upstream: Upstream) -> Past:
    """Sixty-five entries, of which sixty fill three pages."""
    one = Past(planet, upstream)
    one.run(*map(item, range(65)))
    return one


def test_what_fills_pages_is_sealed_and_the_feed_holds_the_rest(past: Past) -> None:
    newest, third, second, first = past.titles()
    assert newest == names(range(55, 65))[::-1]
    assert third == names(range(40, 60))[::-1]
    assert second == names(range(20, 40))[::-1]
    assert first == names(range(20))[::-1]
    assert past.everything("jobs") == {f"Entry {n}" for n in range(0, 65, 2)}
    assert past.planet.index()["all"]["archive"] == {
        "pages": 3,
        "newest": "all/archive/1/3/",
        "formats": ["atom", "html"],
    }
    assert "archive" in past.planet.index()["news"]


@pytest.fixture
def everything(planet: Planet, upstream: Upstream) -> Past:
    """The same in every format."""
    one = Past(planet, upstream)
    del planet.config["feeds"]["formats"]
    planet.config["feeds"]["archive_formats"] = ["atom", "rss", "json", "html"]
    one.run(*map(item, range(65)))
    return one


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize("form", FILES)
def test_each_document_says_where_it_stands(everything: Past, form: str) -> None:
    past = everything
    (top, newest), *pages = past.walk(form=form)
    file = FILES[form]
    places = [f"{SITE}all/archive/1/{n}/{file}" for n in (3, 2, 1)]
    assert [address for address, _ in pages] == places
    assert newest.find(f".//{ARCHIVE}") is None
    assert link(newest, "current") is None
    for (address, root), newer in zip(pages, [None, *places], strict=False):
        assert root.find(f".//{ARCHIVE}") is not None
        assert (link(root, "self"), link(root, "current"), link(root, "next-archive")) == (address, top, newer)


@pytest.mark.torture
def test_json_and_pages_go_back_to_the_start_as_well(everything: Past) -> None:
    past = everything
    address, seen = f"{SITE}all/feed.json", set()
    while address:
        document = json.loads(past.read(address))
        seen |= {one["title"] for one in document["items"]}
        assert document["feed_url"] == address
        address = document.get("next_url", "")
    assert seen == past.everything()
    page = past.planet.root / "feeds" / "all" / "index.html"
    steps = 0
    while (older := etree.HTML(page.read_text("utf-8")).find(".//nav/a[@rel='prev']")) is not None:
        page, steps = page.parent / older.get("href", ""), steps + 1
    assert steps == 3
    assert "Page 1 of the archive" in page.read_text("utf-8")


@pytest.mark.torture
def test_after_many_runs_every_entry_is_on_the_way_and_sealed_pages_are_what_they_were(
    past: Past,
) -> None:
    before = past.sealed()
    for n in range(65, 115):
        past.run(item(n))
    after = past.sealed()
    assert {path: after.get(path) for path in before} == before
    assert past.everything() == set(names(range(115)))
    assert [len(document) for document in past.titles()] == [15, 20, 20, 20, 20, 20]
    assert past.run().feeds.written == 0
    assert past.sealed() == after


@pytest.mark.torture
def test_a_late_arrival_waits_in_the_feed_and_goes_to_the_newest_page(past: Past) -> None:
    sealed = past.sealed()
    past.run(item(500, pubDate=dated(NOON - 400 * DAY)))
    for n in range(65, 69):
        past.run(item(n))
    assert past.titles()[0][-1] == "Entry 500"
    assert past.sealed() == sealed
    past.run(*map(item, range(69, 80)))
    assert "Entry 500" not in past.titles()[0]
    assert past.titles()[1][-1] == "Entry 500"


@pytest.mark.torture
def test_an_edit_shows_in_the_feed_and_changes_no_sealed_page(past: Past) -> None:
    sealed = past.sealed()
    past.run(item(3, description="Said otherwise, and at more length than before."))
    assert past.sealed() == sealed
    assert past.titles()[0][-1] == "Entry 3"
    assert past.holds("Said otherwise")


def test_what_is_removed_is_found_nowhere_and_the_archives_still_walk(past: Past) -> None:
    past.keep("remove", "https://blog.example/6")
    past.run()
    assert past.holds("https://blog.example/6<") == past.holds("the words of 6.") == []
    assert past.everything() == set(names(range(65))) - {"Entry 6"}
    assert past.everything("jobs") == {f"Entry {n}" for n in range(0, 65, 2)} - {"Entry 6"}
    paths = past.sealed()
    assert not [path for path in paths if path.startswith(("all/archive/1/", "jobs/archive/1/"))]
    assert [path for path in paths if path.startswith("news/archive/1/")]
    assert past.planet.index()["all"]["archive"]["newest"] == "all/archive/2/3/"
    past.keep("restore", "https://blog.example/6")
    past.run()
    assert past.everything() == set(names(range(65)))


@pytest.mark.torture
def test_a_rule_that_takes_entries_elsewhere_begins_the_archive_of_the_one_they_left_anew(past: Past) -> None:
    before = past.sealed()
    past.planet.config["categories"] = {"aliases": {"Work": ["jobs"]}}
    past.run()
    after = past.sealed()
    assert {path: digest for path, digest in after.items() if path.startswith("news/")} == {
        path: digest for path, digest in before.items() if path.startswith("news/")
    }
    assert not [path for path in after if path.startswith("jobs/")]
    assert past.everything("work") == {f"Entry {n}" for n in range(0, 65, 2)}
    moved = etree.fromstring(past.read(f"{SITE}jobs/atom.xml"))
    assert link(moved, "prev-archive") == f"{SITE}work/archive/1/1/atom.xml"
    page = etree.HTML((past.planet.root / "feeds" / "jobs" / "index.html").read_text("utf-8"))
    older = page.find(".//nav/a[@rel='prev']")
    assert older is not None
    assert older.get("href") == "../work/archive/1/1/index.html"


@pytest.mark.torture
def test_what_a_person_split_off_is_not_on_an_old_page_any_more(past: Past, upstream: Upstream) -> None:
    past.planet.config["sources"].append({"url": upstream.url("/b"), "id": "b"})
    upstream.serve("/b", rss(item(8, description="Another says: in the words of 8."), title="B"))
    past.run()
    with past.planet.app(past.now) as app:
        split(app, "https://blog.example/8", "b")
    past.run()
    assert past.planet.index()["all"]["archive"]["newest"].startswith("all/archive/2/")
    assert past.everything() == set(names(range(65)))


@pytest.mark.torture
def test_a_source_that_lets_less_be_shown_is_believed_of_the_past_as_well(past: Past) -> None:
    assert past.holds("in the words of 6.")
    past.planet.config["sources"][0]["republish"] = "link"
    past.run()
    assert past.holds("in the words of 6.") == []
    assert past.everything() == set(names(range(65)))


@pytest.mark.torture
def test_a_lost_tree_is_written_again_from_what_was_kept(everything: Past) -> None:
    past = everything
    past.run(item(3, title="Entry three"))
    before = past.planet.tree()
    shutil.rmtree(past.planet.root / "feeds")
    past.planet.regenerate(past.now)
    assert past.planet.tree() == before
    (past.planet.root / "feeds" / "all" / "archive" / "1" / "2" / "rss.xml").unlink()
    past.run()
    assert past.planet.tree() == before


@pytest.mark.torture
def test_pages_at_other_addresses_are_other_pages(past: Past) -> None:
    past.planet.config["site"]["url"] = "https://moved.example/"
    past.planet.run(past.now)
    newest = past.planet.index()["all"]["archive"]["newest"]
    assert newest == "all/archive/2/3/"
    root = etree.fromstring((past.planet.root / "feeds" / newest / "atom.xml").read_bytes())
    assert link(root, "self") == f"https://moved.example/{newest}atom.xml"


@pytest.mark.torture
def test_feeds_of_a_choice_of_ones_own_have_archives_too(past: Past) -> None:
    feeds = past.planet.config["feeds"]
    feeds |= {"per_source": True, "extra": [{"id": "odd", "all": ["news"]}]}
    past.run()
    assert past.everything("odd") == past.everything("news")
    assert past.everything("source/a") == past.everything()
    feeds["extra"] = [{"id": "odd", "all": ["jobs"]}]
    past.run()
    assert past.everything("odd") == past.everything("jobs")
    feeds |= {"per_source": False, "extra": []}
    past.run()
    assert not [path for path in past.planet.tree() if path.startswith(("odd/", "source/"))]


@pytest.mark.torture
def test_the_feed_never_holds_more_than_four_times_its_limit(past: Past) -> None:
    past.planet.config["feeds"] |= {"limit": 2, "archive": 100, "window": "9999h"}
    past.run(*map(item, range(65, 80)))
    assert len(past.titles()[0]) <= 8
    assert past.everything() == set(names(range(80)))


@pytest.mark.torture
def test_a_state_without_archives_gets_them(past: Past) -> None:
    """As one has that was made before there were any."""
    before = past.planet.tree()
    with past.planet.app(past.now) as app, app.store.write() as tx:
        for id_ in tx.feeds.all():
            tx.archives.forget(id_)
    past.run()
    assert set(past.planet.tree()) == {path.replace("/archive/1/", "/archive/2/") for path in before}
    assert past.everything() == set(names(range(65)))


@pytest.mark.torture
def test_a_recovered_state_knows_the_whole_past_and_changes_no_byte(everything: Past) -> None:
    past = everything
    for n in range(65, 70):
        past.run(item(n))
    before = past.planet.tree()
    shutil.rmtree(past.planet.root / ".aggregator")
    with past.planet.app(past.now) as app:
        found = past.planet.runner.run(recover(app, past.planet.pool))
    assert found.entries == 70
    report = past.run()
    assert (report.entries.new, report.feeds.written) == (0, 0)
    assert past.planet.tree() == before
    past.run(*map(item, range(70, 85)))
    after = past.sealed()
    assert {path: after.get(path) for path in before if "/archive/" in path} == {
        path: digest for path, digest in before.items() if "/archive/" in path
    }
    assert past.everything() == set(names(range(85)))


@pytest.mark.torture
def test_a_run_that_is_cut_off_between_pages_and_feed_seals_nothing_twice(
    past: Past, monkeypatch: pytest.MonkeyPatch
) -> None:
    from aggregator.errors import OutputError
    from aggregator.publish.output_tree import Tree

    write, pages = Tree.write, []

    def fail(self: Tree, files: Any) -> None:
        if any("/archive/" in path for path in files):
            pages.append(sorted(files))
            write(self, files)
            raise OutputError("cut off")
        write(self, files)

    monkeypatch.setattr(Tree, "write", fail)
    with pytest.raises(OutputError):
        past.run(*map(item, range(65, 90)))
    monkeypatch.undo()
    past.run()
    assert pages
    assert past.everything() == set(names(range(90)))
    assert [len(one) for one in past.titles()][1:] == [20, 20, 20, 20]


@pytest.mark.torture
def test_what_waits_is_counted_the_same_before_and_after_it_is_sealed(past: Past) -> None:
    """A plan compares what the feed holds: sealing alone changes nothing that a reader sees twice."""
    past.run(*map(item, range(65, 85)))
    with past.planet.app(past.now + timedelta(hours=1)) as app, app.store.read() as tx:
        assert tx.archives.pending_counts()["all"] == 5
        assert tx.archives.pages()["all"] == 4


@given(limit=st.integers(1, 60), archive=st.integers(1, 300), waiting=st.integers(0, 2000), has_pages=st.booleans())
def test_waiting_entries_always_fit(limit: int, archive: int, waiting: int, has_pages: bool) -> None:
    paging = Paging(limit, archive)
    full = paging.full(waiting, has_pages=has_pages)
    left = waiting - full * paging.size
    assert left >= 0
    assert left < archive
    assert left + (limit if has_pages or full else 0) <= 4 * limit
    assert paging.full(left, has_pages=has_pages or full > 0) == 0
    assert full == 0 or waiting >= archive or waiting > 3 * limit


def test_few_entries_are_on_no_page_yet() -> None:
    assert Paging(10, 100).full(40, has_pages=False) == 0
    assert Paging(10, 100).full(41, has_pages=False) == 1
    assert [Paging(50, 100).full(count, has_pages=True) for count in (99, 100, 199, 200)] == [0, 1, 1, 2]
