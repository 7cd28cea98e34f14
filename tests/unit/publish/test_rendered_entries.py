"""Every entry is rendered once: what is kept of it is taken while it is shown as it was, and nothing else is."""

import sqlite3
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest

from aggregator.codec import unpack
from aggregator.model.entry import Entry
from aggregator.publish import feed_publisher, render_version
from aggregator.publish.documents import DocumentMaker
from aggregator.render.atom import AtomFormat
from aggregator.render.jsonfeed import JsonFormat
from aggregator.render.pages import PageFormat
from aggregator.render.rss import RssFormat
from aggregator.validate import Checker
from tests.support.planet import NOON, Planet, Upstream, rss

HOUR = timedelta(hours=1)
FORMATS: dict[str, Any] = {"atom": AtomFormat, "rss": RssFormat, "json": JsonFormat, "html": PageFormat}
ONCE = {"atom": 1, "rss": 1, "json": 1, "html": 1, "checked": 4}


def times(number: int) -> dict[str, int]:
    return {name: count * number for name, count in ONCE.items()}


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How many entries were rendered in each format, and checked."""
    count: Counter[str] = Counter()
    for name, kind in FORMATS.items():

        def counted(self: object, entry: Entry, *language: str, name: str = name, build: Any = kind.build) -> Any:
            count[name] += 1
            return build(self, entry, *language)

        monkeypatch.setattr(kind, "build", counted)
    check = Checker.why_left_out
    checked: Any = lambda *args: (count.update(checked=1), check(*args))[1]  # noqa: E731
    monkeypatch.setattr(Checker, "why_left_out", checked)
    return count


def post(n: int, words: str = "Words", title: str = "") -> str:
    return f"---\ntitle: {title or f'Post {n}'}\ndate: 2026-11-0{n + 1}\ncategories: [Tea]\n---\n<b>{words} {n}</b>\n"


@pytest.fixture
def published(planet: Planet, rendered: Counter[str]) -> Planet:
    """Five posts in the feeds `all` and `tea`."""
    for n in range(5):
        planet.post(f"{n}.md", post(n))
    planet.run()
    assert rendered == times(5)
    rendered.clear()
    return planet


def state(planet: Planet, statement: str) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(planet.root / ".aggregator/state.db")
    try:
        return connection.execute(statement).fetchall()
    finally:
        connection.commit()
        connection.close()


def assert_as_if_new(planet: Planet, now: Any = NOON + 9 * HOUR) -> None:
    """What was kept made the same bytes as rendering everything anew does."""
    tree = planet.tree()
    planet.regenerate(now)
    assert planet.tree() == tree


def test_an_entry_of_feeds_that_are_read_apart_is_rendered_once(
    planet: Planet, rendered: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of one feed are rendered while the next feed is read, which has the same entries."""
    monkeypatch.setattr(feed_publisher, "BATCH", 1)
    for n in range(5):
        planet.post(f"{n}.md", post(n))
    planet.run()
    assert rendered == times(5)
    assert_as_if_new(planet, NOON)


def test_only_changed_entries_are_rendered(published: Planet, rendered: Counter[str]) -> None:
    published.post("2.md", post(2, title="Post 2 again"))
    published.post("5.md", post(5))
    assert published.run(NOON + HOUR).feeds.written == 2
    assert rendered == times(2)
    assert published.titles("tea") == ["Post 5", "Post 4", "Post 3", "Post 2 again", "Post 1", "Post 0"]
    assert_as_if_new(published)
    assert rendered == times(2 + 6)


@pytest.mark.torture
def test_what_shows_the_same_is_not_put_together_again(
    published: Planet, rendered: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = published.tree()
    state(published, "UPDATE feed SET dirty = 1")
    with monkeypatch.context() as patch:
        patch.setattr(DocumentMaker, "documents", None)
        assert published.run(NOON + HOUR).feeds.written == 0
    assert state(published, "SELECT id FROM feed WHERE dirty") == [("health",)]
    assert (published.tree(), published.index()["tea"]["entries"]) == (before, 5)
    assert not rendered


def lose_files(planet: Planet) -> None:
    for feed in ("all", "tea"):
        for name in ("atom.xml", "rss.xml", "feed.json", "index.html"):
            (planet.root / "feeds" / feed / name).unlink()


@pytest.mark.torture
def test_a_state_without_them_makes_the_same_tree(published: Planet, rendered: Counter[str]) -> None:
    before = published.tree()
    state(published, "DELETE FROM rendered")
    lose_files(published)
    published.run(NOON + HOUR)
    assert (published.tree(), rendered) == (before, times(5))
    lose_files(published)
    published.run(NOON + 2 * HOUR)
    assert (published.tree(), rendered) == (before, times(5))


@pytest.mark.torture
def test_damaged_files_are_made_of_what_is_kept(published: Planet, rendered: Counter[str]) -> None:
    before = published.tree()
    for name in ("atom.xml", "rss.xml", "feed.json", "index.html"):
        file = published.root / "feeds" / "all" / name
        file.write_bytes(file.read_bytes().replace(b"Post 1", b"Mine 1"))
    (published.root / "feeds" / "tea" / "atom.xml").unlink()
    published.run(NOON + HOUR)
    assert published.tree() == before
    assert not rendered


def test_a_row_that_cannot_be_read_is_made_anew(published: Planet, rendered: Counter[str]) -> None:
    before = published.tree()
    state(published, "UPDATE rendered SET pieces = x'00' WHERE entry_id = 3")
    lose_files(published)
    report = published.run(NOON + HOUR)
    assert published.tree() == before
    assert rendered == ONCE
    assert [problem.message.startswith("table rendered, row 3") for problem in report.problems] == [True]


@pytest.mark.variants(quick=3)
@pytest.mark.parametrize(
    ("change", "count"),
    [
        ({"feeds": {"about": {"all": {"description": "All of it"}}}}, 0),
        ({"feeds": {"limit": 3}}, 0),
        ({"feeds": {"titles": "{source}: {title}"}}, 5),
        ({"feeds": {"about": {"Tea": {"language": "de"}}}}, 5),
        ({"feeds": {"about": {"Tea": {"language": "en"}}}}, 0),
        ({"feeds": {"byline": True}}, 5),
        ({"feeds": {"formats": ["atom", "rss"]}}, 5),
        ({"site": {"title": "Other", "url": "https://planet.example/", "since": "2026-11-23"}}, 5),
        ({"categories": {"aliases": {"Coffee": ["tea"]}}}, 5),
        ({"categories": {"aliases": {"TEA": ["tea"]}}}, 5),
    ],
)
def test_entries_are_rendered_again_where_the_config_shows_them_otherwise(
    published: Planet, rendered: Counter[str], change: dict[str, Any], count: int
) -> None:
    published.config |= change
    published.run(NOON + HOUR)
    assert rendered["html"] == count
    assert_as_if_new(published)


@pytest.mark.torture
def test_what_a_feed_says_of_itself_shows_in_its_entries(planet: Planet, upstream: Upstream) -> None:
    item = {"title": "One", "link": "https://blog.example/1", "guid": "1", "description": "Words"}
    planet.config["sources"] = [{"url": upstream.serve("/feed", rss(item, title="Before")), "id": "blog"}]
    planet.run()
    upstream.serve("/feed", rss(item, title="After"))
    planet.run(NOON + HOUR, force=True)
    assert planet.atom().entries[0].source.title == "After"
    assert_as_if_new(planet)


def test_a_new_version_renders_anew(published: Planet, rendered: Counter[str], monkeypatch: pytest.MonkeyPatch) -> None:
    before = published.tree()
    monkeypatch.setattr(render_version, "_version", lambda _: "another")
    assert published.run(NOON + HOUR).feeds.written == 0
    assert (published.tree(), rendered) == (before, times(5))


def test_the_version_is_computed_after_a_file_changed(planet: Planet, monkeypatch: pytest.MonkeyPatch) -> None:
    computed: list[int] = []
    compute = render_version._computed

    def counted(files: Iterable[str]) -> str:
        computed.append(1)
        return compute(files)

    monkeypatch.setattr(render_version, "_computed", counted)
    planet.run()
    planet.run(NOON + HOUR)
    assert computed == [1]
    monkeypatch.setattr(render_version, "LIBRARIES", ("lxml", "jinja2"))
    render_version.render_stamp.cache_clear()  # as another process
    planet.run(NOON + 2 * HOUR)
    render_version.render_stamp.cache_clear()
    assert computed == [1, 1]


@pytest.mark.torture
def test_an_entry_that_is_invalid_in_a_format_is_not_tried_again(
    planet: Planet, rendered: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Checker, "why_left_out", lambda _self, _entry, _built, form: "odd" if form == "rss" else "")
    planet.post("1.md", post(1))
    assert len(planet.run().problems) == 1
    rendered.clear()
    state(planet, "UPDATE feed SET dirty = 1")
    report = planet.run(NOON + HOUR)
    assert [problem.message.endswith("left out of rss: odd") for problem in report.problems] == [True]
    assert not rendered


@pytest.mark.torture
def test_entries_are_kept_while_they_stand_in_a_document(published: Planet) -> None:
    assert state(published, "SELECT count(*) FROM rendered") == [(5,)]
    published.config["feeds"] = {"limit": 2, "archive": 3, "window": "1s"}
    published.run(NOON + HOUR)
    assert len(published.titles()) == 2
    assert state(published, "SELECT entry_id FROM rendered ORDER BY 1") == [(4,), (5,)]
    assert_as_if_new(published)
    assert state(published, "SELECT entry_id FROM rendered ORDER BY 1") == [(4,), (5,)]


def test_entries_on_sealed_pages_alone_are_rendered_in_their_formats(planet: Planet, rendered: Counter[str]) -> None:
    for n in range(7):
        planet.post(f"{n}.md", post(n))
    planet.config["feeds"] = {"limit": 2, "archive": 3, "window": "1s"}
    planet.run()
    assert planet.titles() == ["Post 6", "Post 5"]
    assert state(planet, "SELECT count(*) FROM archive_entry WHERE feed_id = 'all' AND number") == [(6,)]
    assert rendered == {"atom": 7, "html": 7, "rss": 2, "json": 2, "checked": 18}
    kept = state(planet, "SELECT pieces FROM rendered ORDER BY entry_id")
    assert [list(unpack(row[0], dict[str, Any])) for row in kept] == [["atom", "rss", "json", "html"]] * 2
    assert_as_if_new(planet)


@pytest.mark.torture
def test_a_page_with_its_entries_twice(published: Planet, rendered: Counter[str]) -> None:
    own = published.root / "mine"
    own.mkdir()
    (own / "feed.html").write_text("<!-- by aggregator --><title>Mine</title>{{ articles }}<hr>{{ articles }}")
    published.config["site"]["templates"] = "mine"
    published.run(NOON + HOUR)
    rendered.clear()
    published.post("5.md", post(5))
    published.run(NOON + 2 * HOUR)
    assert rendered == ONCE
    assert (published.root / "feeds/tea/index.html").read_text().count("Post 5") == 2
    assert_as_if_new(published)
