"""A withdrawal reaches subscribers: as a tombstone in Atom, as a stub in RSS and JSON Feed, and for how long."""

import json
import shutil
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from aggregator.daemon.batches import Batches
from aggregator.explain import explain
from aggregator.model.entry import Entry
from aggregator.overrides.apply import Keeping, keep
from aggregator.overrides.apply import join as join_entries
from aggregator.publish.feed_publisher import FeedPublisher
from aggregator.render.rss import RssFormat
from aggregator.store import Store
from aggregator.text.removed_text import removed_text
from aggregator.web import StateReader, application_of
from tests.commands.test_recover import learn
from tests.support.planet import NOON, BuiltOnce, Planet, Upstream, rss
from tests.support.serving import Client, served

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
LATER = NOON + HOUR
STONE = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"
SPACES = 'xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0"'
NONE: dict[str, list[str]] = {"rss": [], "json": []}  # stubs
SECRET = "The editor of the valley gazette was seen at the mill"


def entry(n: int, more: str = "") -> str:
    return (
        f"<entry><id>https://blog.example/{n}</id><title>{SECRET} {n}</title><author><name>Ann Onymous</name></author>"
        f'<link href="https://blog.example/{n}"/><updated>2026-11-{n:02d}T08:00:00Z</updated><category term="News"/>'
        f"<content>{SECRET}, number {n}, with a word of its own: {'abcdefghij'[n % 10] * 7}.</content>{more}</entry>"
    )


def stone(n: int) -> str:
    return f'<at:deleted-entry ref="https://blog.example/{n}" when="2026-11-23T12:30:00Z"/>'


def atom(*parts: str, head: str = "") -> str:
    about = "<id>urn:blog</id><title>Blog</title><updated>2026-11-20T00:00:00Z</updated>"
    return f"<feed {SPACES}>{about}{head}{''.join(parts)}</feed>"


BLOCK = '<itunes:block xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd">yes</itunes:block>'
POST = (
    "---\ntitle: A post\ndate: 2026-11-12T08:00:00Z\nid: https://planet.example/post\ncategories: [News]\n---\nwords\n"
)


def build(planet: Planet, upstream: Upstream) -> None:
    planet.config["posts"] = [{"path": "posts"}]
    planet.config["sources"] = [{"url": upstream.serve("/blog", atom(*map(entry, range(20, 9, -1)))), "id": "blog"}]
    planet.post("a.md", POST)
    planet.post("b.md", POST.replace("A post", "Another").replace("/post", "/other").replace("11-12", "11-13"))
    planet.run(NOON)


@pytest.fixture
def gazette(planet: Planet, upstream: Upstream, built_once: BuiltOnce) -> "Gazette":
    built_once.fill(planet, build)
    return Gazette(planet, upstream)


class Gazette:
    """A planet with a blog of eleven entries and two posts."""

    def __init__(self, planet: Planet, upstream: Upstream) -> None:
        self.planet, self.upstream = planet, upstream

    def show(self, *parts: str, head: str = "") -> None:
        self.upstream.serve("/blog", atom(*parts, head=head))

    def run(self, now: datetime = LATER) -> None:
        self.planet.run(now, force=True)

    def act(self, act: Keeping, *names: str | int, now: datetime = LATER) -> None:
        refs = [f"https://blog.example/{name}" if isinstance(name, int) else name for name in names]
        with self.planet.app(now) as app:
            keep(app, act, refs)

    def read(self, file: str, feed: str = "all") -> bytes:
        return (self.planet.root / "feeds" / feed / file).read_bytes()

    def stones(self, feed: str = "all") -> dict[str, str]:
        return {one.get("ref", ""): one.get("when", "") for one in self.root(feed).iter(STONE)}

    def root(self, feed: str = "all") -> Any:
        return etree.fromstring(self.read("atom.xml", feed))

    def stubs(self, feed: str = "all") -> dict[str, list[str]]:
        """By format, the ids of the items that are stubs."""
        items = etree.fromstring(self.read("rss.xml", feed)).iter("item")
        return {
            "rss": [one.findtext("guid") or "" for one in items if one.findtext("description") == "Removed"],
            "json": [one["id"] for one in self.items(feed) if one.get("content_text") == "Removed"],
        }

    def items(self, feed: str = "all") -> list[Any]:
        items: list[Any] = json.loads(self.read("feed.json", feed))["items"]
        return items


ID = "https://blog.example/15"
Cause = Callable[[Gazette], None]


def removed(gazette: Gazette) -> None:
    gazette.act("remove", ID)


def buried(gazette: Gazette) -> None:
    gazette.show(*(entry(n) for n in range(20, 9, -1) if n != 15), stone(15))


def entry_opted_out(gazette: Gazette) -> None:
    gazette.show(*(entry(n, BLOCK if n == 15 else "") for n in range(20, 9, -1)))


def source_opted_out(gazette: Gazette) -> None:
    gazette.show(*(entry(n) for n in range(20, 9, -1)), head=BLOCK)


def shown_again(gazette: Gazette) -> None:
    gazette.show(*map(entry, range(20, 9, -1)))


WITHDRAWN: dict[str, tuple[Cause, Cause]] = {
    "removed": (removed, lambda gazette: gazette.act("restore", ID)),
    "tombstone": (buried, shown_again),
    "opt-out of the entry": (entry_opted_out, shown_again),
    "opt-out of the source": (source_opted_out, shown_again),
}


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize("cause", WITHDRAWN)
def test_what_was_withdrawn_is_told_and_for_how_long(gazette: Gazette, cause: str) -> None:
    before = gazette.items()
    WITHDRAWN[cause][0](gazette)
    gazette.run()
    for feed in ("all", "news"):
        assert ID in gazette.stones(feed), feed
        assert ID not in gazette.planet.ids(feed)
        assert all(len(some) in {1, 5} for some in gazette.stubs(feed).values())
        assert gazette.root(feed).findtext("{*}updated") == "2026-11-23T13:00:00Z"
    if cause != "opt-out of the source":
        assert gazette.stubs() == {"rss": [ID], "json": [ID]}
        assert [one["id"] for one in gazette.items()] == [one["id"] for one in before]
        [stub] = (one for one in gazette.items() if one["id"] == ID)
        assert stub == {
            "id": ID,
            "title": "Removed",
            "content_text": "Removed",
            "date_published": "2026-11-15T08:00:00Z",
            "date_modified": "2026-11-23T13:00:00Z",
        }
    index = gazette.planet.index()["all"]
    assert {one["entries"] for one in index["formats"].values()} == {index["entries"]}
    tree = gazette.planet.tree()
    gazette.run(LATER + WEEK - HOUR)
    assert gazette.planet.tree() == tree
    gazette.run(LATER + WEEK)
    assert gazette.stubs() == gazette.stubs("news") == NONE
    assert ID in gazette.stones()
    gazette.run(LATER + 30 * DAY - HOUR)
    assert ID in gazette.stones("news")
    gazette.run(LATER + 30 * DAY)
    assert gazette.stones() == gazette.stones("news") == {}
    assert b"tombstones" not in gazette.read("atom.xml")
    with gazette.planet.app() as app, app.store.read() as tx:
        assert tx.withdrawals.feeds() == []


@pytest.mark.torture
@pytest.mark.parametrize("cause", WITHDRAWN)
def test_what_comes_back_is_itself_again(gazette: Gazette, cause: str) -> None:
    before = {name: gazette.read(name) for name in ("atom.xml", "rss.xml", "feed.json", "index.html")}
    WITHDRAWN[cause][0](gazette)
    gazette.run()
    WITHDRAWN[cause][1](gazette)
    gazette.run(LATER + HOUR)
    assert gazette.stones() == {}
    assert gazette.stubs() == NONE
    assert {name: gazette.read(name) for name in before} == before


@pytest.mark.torture
def test_nothing_of_a_removed_entry_stands_anywhere(gazette: Gazette) -> None:
    gazette.act("remove", *range(10, 21))
    gazette.run()
    for file in (gazette.planet.root / "feeds").rglob("*"):
        if file.is_file():
            data = file.read_text()
            assert SECRET not in data, file
            assert "Ann Onymous" not in data, file
    item = next(etree.fromstring(gazette.read("rss.xml")).iter("item"))
    assert [(str(one.tag).rpartition("}")[2], one.text) for one in item] == [
        ("title", "Removed"),
        ("description", "Removed"),
        ("guid", "https://blog.example/20"),
        ("pubDate", "Fri, 20 Nov 2026 08:00:00 GMT"),
        ("updated", "2026-11-23T13:00:00Z"),
    ]
    assert item.find("guid").get("isPermaLink") == "true"  # type: ignore[union-attr]


@pytest.mark.torture
def test_at_most_five_stubs_stand_in_a_document(gazette: Gazette) -> None:
    gazette.act("remove", 10, 11)
    gazette.act("remove", 16, 17, 18, 19, now=LATER + HOUR)
    gazette.run(LATER + 2 * HOUR)
    assert len(gazette.stones()) == 6
    five = [f"https://blog.example/{n}" for n in (19, 18, 17, 16, 11)]
    assert gazette.stubs() == {"rss": five, "json": five}
    assert [one["id"].rpartition("/")[2] for one in gazette.items()] == [
        *("20", "19", "18", "17", "16", "15", "14", "other", "13", "post", "12", "11"),
    ]  # fmt: skip


def test_a_post_that_went_is_buried_and_leaves_no_stub(gazette: Gazette) -> None:
    (gazette.planet.root / "posts/a.md").unlink()
    gazette.planet.post(
        "b.md", (gazette.planet.root / "posts/b.md").read_text().replace("---\n", "---\ndraft: true\n", 1)
    )
    gazette.run()
    both = {"https://planet.example/post", "https://planet.example/other"}
    assert gazette.stones().keys() == gazette.stones("news").keys() == both
    assert gazette.stubs() == NONE
    gazette.planet.post("a.md", POST)
    gazette.run(LATER + HOUR)
    assert gazette.stones().keys() == {"https://planet.example/other"}
    assert "https://planet.example/post" in gazette.planet.ids()
    gazette.run(LATER + 30 * DAY)
    assert gazette.stones() == {}


@pytest.mark.torture
def test_an_expired_post_is_one_that_went(gazette: Gazette) -> None:
    gazette.planet.post("a.md", POST.replace("---\n", f"---\nexpiryDate: {NOON + DAY:%Y-%m-%dT%H:%M:%SZ}\n", 1))
    gazette.run()
    assert gazette.stones() == {}
    gazette.run(NOON + 2 * DAY)
    assert gazette.stones() == {"https://planet.example/post": "2026-11-25T12:00:00Z"}
    assert gazette.stubs() == NONE


def source_taken_out(gazette: Gazette) -> None:
    gazette.planet.config["sources"] = []


def excluded(gazette: Gazette) -> None:
    gazette.planet.config["sources"][0]["exclude"] = [{"title": "15"}]


def unpublished(gazette: Gazette) -> None:
    gazette.planet.config["sources"][0]["publish"] = False


def held(gazette: Gazette) -> None:
    gazette.act("hold", ID)


def joined(gazette: Gazette) -> None:
    with gazette.planet.app(LATER) as app:
        join_entries(app, "https://blog.example/16", ID)


def out_of_sight(gazette: Gazette) -> None:
    gazette.planet.config["feeds"] = {"limit": 2, "window": "1h", "archive": 1}


def moved_away(gazette: Gazette) -> None:
    gazette.show(*(entry(n).replace('term="News"', 'term="Else"') for n in range(20, 9, -1)))


@pytest.mark.variants(quick=3)
@pytest.mark.parametrize("cause", [source_taken_out, excluded, unpublished, held, joined, out_of_sight, moved_away])
def test_what_only_left_is_no_withdrawal(gazette: Gazette, cause: Cause) -> None:
    cause(gazette)
    gazette.run()
    assert ID not in gazette.planet.ids("news")
    for feed in ("all", "news"):
        assert gazette.stones(feed) == {}
        assert gazette.stubs(feed) == NONE


@pytest.mark.torture
def test_what_is_removed_while_it_is_held_is_told(gazette: Gazette) -> None:
    gazette.act("hold", ID)
    gazette.run()
    gazette.run(LATER + 40 * DAY)
    gazette.act("remove", ID, now=LATER + 41 * DAY)
    gazette.run(LATER + 41 * DAY)
    assert gazette.stones().keys() == gazette.stones("news").keys() == {ID}
    assert gazette.stubs() == {"rss": [ID], "json": [ID]}


@pytest.mark.torture
def test_what_is_released_again_is_forgotten(gazette: Gazette) -> None:
    gazette.act("hold", ID)
    gazette.run()
    gazette.act("release", ID, now=LATER + HOUR)
    gazette.run(LATER + HOUR)
    assert ID in gazette.planet.ids()
    with gazette.planet.app() as app, app.store.read() as tx:
        assert tx.withdrawals.of_entry(tx.entries.with_public_ids([ID])[0]) == {}


@pytest.mark.torture
def test_a_post_removed_after_it_went_gets_its_stub(gazette: Gazette) -> None:
    (gazette.planet.root / "posts/a.md").unlink()
    gazette.run()
    gazette.act("remove", "https://planet.example/post", now=LATER + 2 * DAY)
    gazette.run(LATER + 2 * DAY)
    assert gazette.stubs()["rss"] == ["https://planet.example/post"]
    assert gazette.stones() == {"https://planet.example/post": "2026-11-25T13:00:00Z"}


def test_what_was_never_published_is_not_told(gazette: Gazette) -> None:
    gazette.show(*map(entry, range(21, 9, -1)))
    gazette.planet.run(LATER, force=True)
    with gazette.planet.app(LATER) as app, app.store.write() as tx:
        tx.archives.drop("all", tx.entries.with_public_ids(["https://blog.example/21"]))
        tx.archives.drop("news", tx.entries.with_public_ids(["https://blog.example/21"]))
    gazette.act("remove", 21)
    gazette.run(LATER + HOUR)
    assert gazette.stones() == {}


@pytest.mark.torture
def test_an_old_entry_is_buried_though_it_left_the_document_long_ago(gazette: Gazette) -> None:
    out_of_sight(gazette)
    gazette.run()
    assert ID not in gazette.planet.ids()
    gazette.act("remove", ID, now=LATER + HOUR)
    gazette.run(LATER + HOUR)
    assert gazette.stones().keys() == {ID}
    assert gazette.stubs() == NONE


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize(("tombstones", "stubs"), [(False, True), (True, False), (False, False)])
def test_takedown_switches_both(gazette: Gazette, tombstones: bool, stubs: bool) -> None:
    gazette.act("remove", ID)
    gazette.run()
    gazette.planet.config["takedown"] = {"tombstones": tombstones, "stubs": stubs}
    gazette.run(LATER + HOUR)
    assert gazette.stones().keys() == ({ID} if tombstones else set())
    assert gazette.stubs() == dict.fromkeys(("rss", "json"), [ID] if stubs else [])
    del gazette.planet.config["takedown"]
    gazette.run(LATER + 2 * HOUR)
    assert gazette.stones().keys() == {ID}
    assert gazette.stubs() == {"rss": [ID], "json": [ID]}


WORDS = {
    "de": "Entfernt", "fr-CA": "Supprimé", "zh-CN": "已删除",
    "zh-Hant-HK": "已刪除", "zh-TW": "已刪除", "zh_HK": "已刪除",
    "ja": "削除されました", "es": "Eliminado", "en-GB": "Removed", "pt": "Removed", "": "Removed",
}  # fmt: skip


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize("language", ["de", "zh-TW"])
def test_a_stub_speaks_the_language_of_the_site(gazette: Gazette, language: str) -> None:
    gazette.planet.config["site"]["language"] = language
    gazette.act("remove", ID)
    gazette.run()
    [stub] = (one for one in gazette.items() if one["id"] == ID)
    assert (stub["title"], stub["content_text"]) == (removed_text(language),) * 2
    assert removed_text(language) == WORDS[language]


@pytest.mark.parametrize("language", WORDS)
def test_the_word_in_each_language(language: str) -> None:
    assert removed_text(language) == WORDS[language]


# how many, and where


@pytest.mark.torture
def test_a_source_that_opts_out_leaves_a_hundred_tombstones(planet: Planet, upstream: Upstream) -> None:
    many = [entry(10 + n % 20).replace("blog.example/", f"blog.example/{n}/") for n in range(150)]
    planet.config["sources"] = [{"url": upstream.serve("/blog", atom(*many)), "id": "blog"}]
    planet.config["feeds"] = {"archive": 20, "limit": 60, "per_source": True}
    planet.run(NOON)
    assert "source/blog" in planet.index()
    gazette = Gazette(planet, upstream)
    gazette.show(*many, head=BLOCK)
    gazette.run()
    assert gazette.planet.ids() == []
    for feed in ("all", "news"):
        assert len(gazette.stones(feed)) == 100
        assert [len(some) for some in gazette.stubs(feed).values()] == [5, 5]
        assert max(gazette.stubs(feed)["rss"]) in gazette.stones(feed)
    assert not (planet.root / "feeds/source/blog/atom.xml").exists()
    with planet.app() as app, app.store.read() as tx:
        assert {len(some) for some in tx.withdrawals.of_feeds(tx.withdrawals.feeds()).values()} == {100}
    gazette.show(*many)
    gazette.run(LATER + HOUR)
    assert gazette.stones() == {}
    assert gazette.stubs() == NONE


@pytest.mark.torture
def test_a_category_that_lost_all_its_entries_tells_it(planet: Planet, upstream: Upstream) -> None:
    planet.config["sources"] = [{"url": upstream.serve("/blog", atom(entry(15), entry(16))), "id": "blog"}]
    planet.run(NOON)
    gazette = Gazette(planet, upstream)
    gazette.act("remove", 15, 16)
    gazette.run()
    assert "news" not in planet.index()
    both = [f"https://blog.example/{n}" for n in (16, 15)]
    assert list(gazette.stones("news")) == both
    assert gazette.stubs("news") == {"rss": both, "json": both}
    gazette.run(LATER + 30 * DAY)
    assert gazette.stones("news") == {}
    assert gazette.stubs("news") == NONE


@pytest.mark.torture
def test_a_renamed_category_goes_on_telling(planet: Planet, upstream: Upstream) -> None:
    planet.config["sources"] = [{"url": upstream.serve("/blog", atom(*map(entry, range(15, 20)))), "id": "blog"}]
    planet.run(NOON)
    gazette = Gazette(planet, upstream)
    gazette.act("remove", ID)
    gazette.run()
    planet.config["categories"] = {"aliases": {"Reports": ["News"]}}
    gazette.run(LATER + HOUR)
    assert "news" not in planet.index()
    assert gazette.stones("reports") == gazette.stones("news") == gazette.stones()
    assert gazette.stubs("reports") == NONE  # its readers never had the entry
    gazette.act("restore", ID)
    gazette.run(LATER + 2 * HOUR)
    assert gazette.stones("reports") == gazette.stones("news") == {}
    assert ID in planet.ids("reports")


@pytest.mark.torture
def test_only_changed_entries_are_rendered_while_a_stub_stands(
    gazette: Gazette, monkeypatch: pytest.MonkeyPatch
) -> None:
    gazette.act("remove", ID)
    gazette.run()
    rendered: list[str] = []
    render = RssFormat.build

    def noted(self: RssFormat, one: Entry) -> Any:
        rendered.append(one.id)
        return render(self, one)

    monkeypatch.setattr(RssFormat, "build", noted)
    gazette.show(*map(entry, range(21, 9, -1)))
    gazette.run(LATER + HOUR)
    assert sorted(set(rendered)) == [ID, "https://blog.example/21"]
    tree = gazette.planet.tree()
    gazette.planet.regenerate(LATER + HOUR)
    assert gazette.planet.tree() == tree


# what others make of it


@pytest.fixture
def reader(gazette: Gazette, tmp_path: Path) -> Planet:
    """Another planet, which takes the feed of the first one."""
    config = deepcopy(gazette.planet.config) | {"posts": []}
    config["site"] = {"title": "Other", "url": "https://other.example/", "since": "2026-11-23"}
    return replace(gazette.planet, root=tmp_path / "reader", config=config)


def follow(gazette: Gazette, reader: Planet, file: str, now: datetime) -> None:
    url = gazette.upstream.serve("/all", gazette.read(file))
    reader.config["sources"] = [{"url": url, "id": "first"}]
    reader.root.mkdir(exist_ok=True)
    reader.run(now, force=True)


@pytest.mark.torture
def test_another_planet_takes_the_entry_away(gazette: Gazette, reader: Planet) -> None:
    follow(gazette, reader, "atom.xml", NOON)
    assert ID in reader.ids()
    (gazette.planet.root / "posts/a.md").unlink()
    gazette.act("remove", ID)
    gazette.run()
    follow(gazette, reader, "atom.xml", LATER)
    other = Gazette(reader, gazette.upstream)
    assert other.stones().keys() == {ID, "https://planet.example/post"}
    assert other.stubs()["json"] == [ID, "https://planet.example/post"]
    assert not other.stones().keys() & set(reader.ids())
    gazette.act("restore", ID, now=LATER + HOUR)
    gazette.run(LATER + HOUR)
    follow(gazette, reader, "atom.xml", LATER + HOUR)
    assert ID in reader.ids()
    assert other.stones().keys() == {"https://planet.example/post"}


@pytest.mark.torture
@pytest.mark.parametrize("file", ["rss.xml", "feed.json"])
def test_a_stub_overwrites_the_entry(gazette: Gazette, reader: Planet, file: str) -> None:
    follow(gazette, reader, file, NOON)
    before = reader.ids()
    gazette.act("remove", 15, 16)
    gazette.run()
    follow(gazette, reader, file, LATER)
    assert reader.ids() == before
    assert reader.titles().count("Removed") == 2
    assert f"{SECRET}, number 15" not in (reader.root / "feeds/all/atom.xml").read_text()


@pytest.mark.torture
def test_stubs_are_never_one_entry(reader: Planet, upstream: Upstream) -> None:
    """Whoever sees one for the first time knows nothing but its id and date."""
    for day, shown in enumerate([(1, 2), (3,), (), (4, 5), (1, 4)]):
        stubs = [
            {
                "title": "Removed",
                "description": "Removed",
                "guid": f"urn:example:{n}",
                "pubDate": f"{n:02d} Nov 2026 08:00 GMT",
            }
            for n in shown
        ]
        reader.config["sources"] = [{"url": upstream.serve("/all", rss(*stubs)), "id": "first"}]
        reader.root.mkdir(exist_ok=True)
        reader.run(NOON + day * DAY, force=True)
    with reader.app() as app, app.store.read() as tx:
        assert set(tx.sightings.counts(tx.entries.ids(0, 100)).values()) == {1}
    assert sorted(reader.ids()) == [f"urn:example:{n}" for n in range(1, 6)]


@pytest.mark.torture
@pytest.mark.parametrize("formats", [["atom", "rss", "json"], ["rss"], ["json"], ["atom"]], ids=str)
def test_a_lost_state_is_learned_again_with_what_was_told(
    planet: Planet, upstream: Upstream, formats: list[str]
) -> None:
    planet.config["feeds"] = {"formats": formats}
    build(planet, upstream)
    gazette = Gazette(planet, upstream)
    (planet.root / "posts/a.md").unlink()
    gazette.show(*(entry(n) for n in range(20, 9, -1) if n != 16), stone(16))
    gazette.act("remove", 15)
    gazette.run()
    tree = planet.tree()
    files = {file: gazette.read(file) for file in ("atom.xml", "rss.xml", "feed.json") if file[-8:-4] in str(formats)}
    shutil.rmtree(planet.root / ".aggregator")
    recovery = learn(planet, LATER + HOUR)
    assert (recovery.entries, recovery.problems) == (10, ())
    gazette.run(LATER + HOUR)
    assert {file: gazette.read(file) for file in files} == files
    assert planet.tree() == tree
    assert "Removed" not in planet.titles() if "atom" in formats else True
    gazette.run(LATER + 30 * DAY)
    with planet.app() as app, app.store.read() as tx:
        assert tx.withdrawals.feeds() == []
        assert not [row for row in tx.sightings.of_entries(tx.entries.ids(0, 100)) if row.title == "removed"]


@pytest.mark.torture
@pytest.mark.parametrize(
    "when", ["2026-11-23T13:00:00", "2026-02-30T13:00:00Z", "0001-01-01T00:00:00Z", "yesterday", ""]
)
def test_a_tombstone_that_was_edited_is_not_learned(gazette: Gazette, when: str) -> None:
    gazette.planet.config["takedown"] = {"stubs": False}
    gazette.act("remove", ID)
    gazette.run()
    file = gazette.planet.root / "feeds/all/atom.xml"
    file.write_text(file.read_text().replace('when="2026-11-23T13:00:00Z"', f'when="{when}"'))
    shutil.rmtree(gazette.planet.root / ".aggregator")
    learn(gazette.planet, LATER + HOUR)
    gazette.run(LATER + HOUR)
    assert gazette.stones() == {}
    assert gazette.stones("news") == {ID: "2026-11-23T13:00:00Z"}
    assert ID not in gazette.planet.ids()


@pytest.mark.torture
def test_what_is_learned_again_is_taken_back_all_the_same(gazette: Gazette) -> None:
    before = gazette.planet.ids()
    gazette.show(*(entry(n) for n in range(20, 9, -1) if n != 16), stone(16))
    gazette.run()
    shutil.rmtree(gazette.planet.root / ".aggregator")
    learn(gazette.planet, LATER + HOUR)
    shown_again(gazette)
    gazette.run(LATER + 2 * HOUR)
    assert gazette.stones() == {}
    assert gazette.stubs() == NONE
    assert gazette.planet.ids() == before


# when and where it is told


@pytest.mark.torture
def test_the_daemon_ends_what_was_told(gazette: Gazette) -> None:
    gazette.act("remove", ID)
    gazette.run()
    gazette.planet.config["sources"] = []

    async def read(at: datetime) -> None:
        with gazette.planet.app(at) as app:
            async with Batches(app, gazette.planet.pool) as batches:
                batches._is_behind, batches._is_adopted = False, True
                await batches.read_local(lambda _: None)

    gazette.planet.runner.run(read(LATER + WEEK))
    assert gazette.stones().keys() == {ID}
    assert gazette.stubs() == NONE
    gazette.planet.runner.run(read(LATER + 30 * DAY))
    assert gazette.stones() == {}


def test_a_run_that_is_cut_off_loses_nothing(gazette: Gazette, monkeypatch: pytest.MonkeyPatch) -> None:
    gazette.act("remove", ID)
    for step in ("_retire", "_publish_plans", "_record_published"):
        with monkeypatch.context() as patch:
            patch.setattr(FeedPublisher, step, stop)
            with pytest.raises(CutOffError):
                gazette.run(LATER + HOUR)
    gazette.run(LATER + 2 * HOUR)
    assert gazette.stones() == {ID: "2026-11-23T13:00:00Z"}
    assert gazette.stubs() == {"rss": [ID], "json": [ID]}
    for step in ("_retire", "_publish_plans", "_record_published"):
        with monkeypatch.context() as patch:
            patch.setattr(FeedPublisher, step, stop)
            with pytest.raises(CutOffError):
                gazette.run(LATER + WEEK)
    gazette.run(LATER + WEEK)
    assert gazette.stubs() == NONE


class CutOffError(Exception):
    """In the place of a kill."""


def stop(*_: object) -> None:
    raise CutOffError


@pytest.mark.torture
def test_the_page_of_a_withdrawn_post_is_gone(planet: Planet) -> None:
    file, _ = (planet.post(f"{n}.md", f"---\ntitle: {n} page\ndate: 2026-11-12\n---\nwords\n") for n in "ab")
    planet.run()
    with planet.app() as app:
        reading = StateReader(Store(app.store.at), app.output)
        with served(application_of(app, reading)) as port, Client(port) as client:
            assert client.ask("/entries/a-page.html").status == 200
    file.unlink()
    planet.run(LATER)
    with planet.app() as app:
        reading = StateReader(Store(app.store.at), app.output)
        with served(application_of(app, reading)) as port, Client(port) as client:
            assert client.ask("/entries/a-page.html").status == 410
            assert client.ask("/entries/b-page.html").status == 200
            assert client.ask("/entries/c-page.html").status == 404


@pytest.mark.torture
def test_explain_says_how_long_it_is_told(gazette: Gazette) -> None:
    gazette.act("remove", ID)
    gazette.run()
    with gazette.planet.app(LATER) as app:
        told = {one.id: one.told for one in explain(app, ID).feeds}
    assert told == dict.fromkeys(("all", "news"), "a tombstone until 2026-12-23, a stub until 2026-11-30")
    gazette.run(LATER + WEEK)
    with gazette.planet.app(LATER) as app:
        assert explain(app, ID).feeds[0].told == "a tombstone until 2026-12-23"
