"""A lost state beside a published tree: runs are refused, and `db recover` restores it, even without index.json."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.errors import OutputError, StateError
from aggregator.recover.feed_heads import index_of
from aggregator.recover.index_json import read_index
from aggregator.text.generator import is_marked, is_whole
from tests.commands.test_recover import entry, learn, shown
from tests.support.planet import NOON, Planet, Upstream, rss

HOUR = timedelta(hours=1)
LATER = NOON + HOUR
ALL = ["atom", "rss", "json"]

INDEXES: dict[str, Callable[[bytes], bytes | None]] = {
    "missing": lambda _: None,
    "empty": lambda _: b"",
    "garbage": lambda _: b"\x00\xff aggregator",
    "cut": lambda data: data[: len(data) // 2],
    "foreign": lambda _: b'{"generator": {"name": "aggregator"}, "feeds": []}',
}


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    server = Upstream()
    yield server
    server.close()


@pytest.fixture(autouse=True)
def _nothing_served(upstream: Upstream) -> None:
    upstream.pages.clear()


def publish(planet: Planet, upstream: Upstream, formats: list[str]) -> None:
    """Categories of two levels, an archive and a page of a post."""
    planet.post("a.md", "---\ntitle: 没有链接\ndate: 2026-11-01\ncategories: [新媒体, 趣头条]\n---\nWords of a\n")
    ones = [entry(n, category="Python" if n % 2 else "Web") for n in range(9, 1, -1)]
    planet.config |= {
        "posts": [{"path": "posts"}],
        "sources": [{"url": upstream.serve("/blog", rss(*ones, title="Blog")), "id": "blog"}],
        "feeds": {"formats": formats, "limit": 2, "archive": 2, "window": "0s"},
    }
    planet.run()


def lose(planet: Planet, change: Callable[[bytes], bytes | None]) -> None:
    shutil.rmtree(planet.root / ".aggregator")
    index = planet.root / "feeds/index.json"
    data = change(index.read_bytes())
    index.unlink()
    if data is not None:
        index.write_bytes(data)


def assert_nothing_stored(planet: Planet) -> None:
    with planet.app(LATER) as app, app.store.read() as tx:
        assert tx.facts.is_empty()
        assert tx.facts.newest() is None


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize(
    ("formats", "name"), [*((ALL, name) for name in INDEXES), (["rss"], "missing"), (["json"], "missing")]
)
def test_a_run_is_refused_before_anything_is_stored_and_recovery_restores_all(
    planet: Planet, upstream: Upstream, formats: list[str], name: str
) -> None:
    publish(planet, upstream, formats)
    before, tree = shown(planet), planet.tree()
    lose(planet, INDEXES[name])
    for work in (planet.run, planet.regenerate):
        with pytest.raises(StateError, match=r"is empty, but .* holds a published tree.*aggregator db recover"):
            work(LATER)
    assert_nothing_stored(planet)
    recovery = learn(planet)
    assert recovery.entries == 9
    assert [problem.where for problem in recovery.problems] == ["index.json"]
    upstream.pages.clear()
    if name == "foreign":
        with pytest.raises(OutputError, match=r"index\.json was not written by this program"):
            planet.run(LATER)
        (planet.root / "feeds/index.json").unlink()
    planet.run(LATER)
    assert shown(planet) == before
    assert planet.tree().keys() == tree.keys()


@pytest.mark.torture
@pytest.mark.parametrize("formats", [ALL, ["json"]], ids="+".join)
def test_archives_alone_count_as_a_published_tree(planet: Planet, upstream: Upstream, formats: list[str]) -> None:
    publish(planet, upstream, formats)
    before = known(planet)
    lose(planet, INDEXES["missing"])
    for file in [*(planet.root / "feeds").rglob("*")]:
        if file.is_file() and "archive" not in file.parts:
            file.unlink()
    with pytest.raises(StateError, match="holds a published tree"):
        planet.run(LATER)
    assert learn(planet).entries >= 4
    planet.run(LATER)
    assert known(planet) == before


def known(planet: Planet) -> tuple[dict[str, str], set[str]]:
    """The ids of feeds, and of all entries."""
    feeds = shown(planet)
    ids = {one[0] for _, ones in feeds.values() for one in ones}
    return {id_: atom_id for id_, (atom_id, _) in feeds.items()}, ids


@pytest.mark.torture
def test_feed_heads_give_the_same_index(planet: Planet, upstream: Upstream) -> None:
    publish(planet, upstream, ALL)
    planet.config["categories"] = {"aliases": {"Tools": ["Web"]}}
    planet.run(NOON + timedelta(days=2))
    root = planet.root / "feeds"
    said = read_index(root / "index.json")
    found = index_of(root, planet.tree(), "https://elsewhere.example/")
    assert found.site_url == said.site_url
    listings = {one.id: (one.category, one.updated) for one in found.listings if one.id != "health"}
    assert listings == {one.id: (one.category, one.updated) for one in said.listings}
    assert [(one.id, one.to) for one in found.moved] == [(one.id, one.to) for one in said.moved] == [("web", "tools")]
    assert [one.category for one in found.moved] == [("web",)]


@pytest.mark.torture
def test_a_moved_feed_stays_without_the_index(planet: Planet, upstream: Upstream) -> None:
    publish(planet, upstream, ["atom"])
    planet.config["categories"] = {"aliases": {"Tools": ["Web"]}}
    planet.run(NOON + timedelta(days=2))
    web = planet.ids("web")
    lose(planet, INDEXES["empty"])
    learn(planet, NOON + timedelta(days=2))
    planet.run(NOON + timedelta(days=2, hours=1))
    assert planet.ids("web") == planet.ids("tools") == web
    moved = json.loads((planet.root / "feeds/index.json").read_bytes())["moved"]
    assert [(row["id"], row["moved_to"]) for row in moved] == [("web", "tools")]


@pytest.mark.torture
def test_a_damaged_sealed_page_is_not_restored(planet: Planet, upstream: Upstream) -> None:
    publish(planet, upstream, ["atom", "json"])
    lose(planet, INDEXES["missing"])
    page = planet.root / "feeds/all/archive/1/1/atom.xml"
    page.write_bytes(page.read_bytes()[:-200])
    assert learn(planet).entries == 9
    planet.run(LATER)
    pages = [path for path in planet.tree() if path.startswith("all/archive/")]
    assert {path.split("/")[2] for path in pages} == {"2"}
    assert all(is_whole(path, (planet.root / "feeds" / path).read_bytes()) for path in pages)


PLANET = """<rss version="2.0"><channel><title>Another planet</title><generator>Planet aggregator/2.0</generator>
<item><title>An aggregator</title><source url="https://a.example/">A<generator>aggregator</generator></source></item>
</channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Another</title><generator>other</generator><entry>
<source><generator>aggregator</generator></source><title>aggregator</title></entry></feed>"""


def test_foreign_pages_with_our_name_are_no_published_tree(planet: Planet) -> None:
    feeds = planet.root / "feeds"
    for path, text in {
        "other/rss.xml": PLANET,
        "other/atom.xml": ATOM,
        "other/feed.json": '{"title": "aggregator", "items": [{"_aggregator": {"generator": "aggregator"}}]}',
        "deep/index.json": '["aggregator"]',
        "about.html": "<html><body><p>This aggregator … <meta name='generator' content='aggregator'></p></body></html>",
        ".git/atom.xml": ATOM.replace("other", "aggregator"),
    }.items():
        (feeds / path).parent.mkdir(parents=True, exist_ok=True)
        (feeds / path).write_text(text)
    planet.config["posts"] = [{"path": "posts"}]
    planet.post("a.md", "---\ntitle: A\ndate: 2026-11-01\n---\nWords\n")
    assert planet.run().entries.new == 1
    assert (feeds / "other/atom.xml").read_text() == ATOM


def test_an_index_of_another_program_ends_the_first_run_before_anything_is_stored(planet: Planet) -> None:
    index = planet.root / "feeds/index.json"
    index.parent.mkdir()
    index.write_text('{"name": "aggregator"}')
    planet.config["posts"] = [{"path": "posts"}]
    planet.post("a.md", "---\ntitle: A\ndate: 2026-11-01\n---\nWords\n")
    with pytest.raises(OutputError, match=r"index\.json was not written by this program"):
        planet.run()
    assert_nothing_stored(planet)
    index.write_text("")
    planet.run()
    assert "all" in planet.index()


MARKED = {
    "atom.xml": '<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title><generator>aggregator</generator>',
    "rss.xml": "<rss><channel><generator> aggregator\n</generator></channel></rss>",
    "feed.json": '{"_aggregator": {"generator": "aggregator"}}',
    "index.json": '{"site": {"generator": "aggregator"}}',
    "opml.xml": "<opml><!-- generator: aggregator --><head/></opml>",
    "sources.opml": "<!-- generator: aggregator --><opml><head/>",
    "index.html": '<html><head><meta content="aggregator" name=generator><title>',
    "posts/x.html": "---\ntitle: 'x'\ngenerator: 'aggregator'\n---\n<p>",
}
UNMARKED = {
    "atom.xml": '<!DOCTYPE feed><feed xmlns="http://www.w3.org/2005/Atom"><generator>aggregator</generator></feed>',
    "rss.xml": "<rss><channel><item><generator>aggregator</generator></item></channel></rss>",
    "feed.json": '{"generator": "aggregators", "items": ["aggregator"]}',
    "index.json": "[" * 100_000,
    "opml.xml": "<opml><body><!-- generator: aggregator --></body></opml>",
    "index.html": "<html><head><title>aggregator</title></head><body><meta name=generator content=aggregator>",
    "posts/x.html": "---\ntitle: 'x'\n---\n\ngenerator: 'aggregator'\n",
}


@pytest.mark.parametrize("path", MARKED)
def test_our_mark_is_found(path: str) -> None:
    assert is_marked(path, MARKED[path].encode())
    assert not is_marked(path, b"")


@pytest.mark.parametrize("path", UNMARKED)
def test_our_name_alone_is_no_mark(path: str) -> None:
    assert not is_marked(path, UNMARKED[path].encode())


def test_entity_expansion_is_cheap() -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 30))
    bomb = f'<!DOCTYPE feed [<!ENTITY e0 "ha">{entities}]><feed>&e29;</feed>'.encode()
    assert (is_marked("atom.xml", bomb), is_whole("atom.xml", bomb)) == (False, True)


@pytest.mark.torture
def test_every_file_of_a_tree_bears_the_mark(planet: Planet, upstream: Upstream) -> None:
    publish(planet, upstream, ["atom", "rss", "json", "posts"])
    root: Path = planet.root / "feeds"
    assert [path for path in planet.tree() if not is_marked(path, (root / path).read_bytes())] == []


def test_pipes_and_folders_in_the_tree_do_not_block(planet: Planet, upstream: Upstream) -> None:
    publish(planet, upstream, ["atom", "rss"])
    feeds = planet.root / "feeds"
    lose(planet, INDEXES["missing"])
    (feeds / "index.json").mkdir()
    (feeds / "all/rss.xml").unlink()
    os.mkfifo(feeds / "all/rss.xml")
    (feeds / "aaa").mkdir()
    os.mkfifo(feeds / "aaa/atom.xml")
    with pytest.raises(StateError, match="holds a published tree"):
        planet.run(LATER)
    assert learn(planet).entries == 9
    with pytest.raises(OutputError, match=r"(index\.json is a folder|all/rss\.xml was not written by this program)"):
        planet.run(LATER)


@pytest.mark.torture
def test_a_planet_without_any_source_runs_again(planet: Planet) -> None:
    """Its state holds no source, and yet it is not lost: it published the tree that stands there."""
    planet.config["posts"] = []
    planet.run()
    assert planet.run(LATER).feeds.written == 0
    (planet.root / ".aggregator" / "state.db").unlink()
    with pytest.raises(StateError, match="holds a published tree"):
        planet.run(LATER)


@pytest.mark.torture
def test_a_source_that_gives_another_address_for_itself_is_found_by_the_one_that_we_fetch(
    planet: Planet, upstream: Upstream
) -> None:
    """Even where another source has the same title, and only Atom is published."""
    for name in ("one", "two"):
        own = (
            f'<link rel="self" href="https://{name}.example/atom"/><id>https://{name}.example/</id><title>Same</title>'
        )
        item = f"<entry><id>https://{name}.example/1</id><title>{name}</title><updated>2026-11-20T00:00:00Z</updated></entry>"
        upstream.serve(f"/{name}", f'<feed xmlns="http://www.w3.org/2005/Atom">{own}{item}</feed>')
    planet.config |= {
        "sources": [{"url": upstream.url(f"/{name}"), "id": name} for name in ("one", "two")],
        "feeds": {"formats": ["atom"], "per_source": True},
    }
    planet.run()
    before = planet.tree()
    shutil.rmtree(planet.root / ".aggregator")
    (planet.root / "feeds/index.json").unlink()
    shutil.rmtree(planet.root / "feeds/source")
    learn(planet)
    planet.run(LATER)
    after = planet.tree()
    assert {name: after[name] for name in before if name.endswith(".xml") and name != "opml.xml"} == {
        name: digest for name, digest in before.items() if name.endswith(".xml") and name != "opml.xml"
    }
