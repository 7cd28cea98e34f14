"""Unchanged entries are reused from published files, and nothing else is."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from aggregator.model.entry import Entry
from aggregator.render.atom import AtomFormat
from aggregator.render.jsonfeed import JsonFormat
from aggregator.render.pages import PageFormat
from aggregator.render.rss import RssFormat
from aggregator.validate import checker
from tests.support.planet import NOON, Planet

HOUR = timedelta(hours=1)
FORMATS: dict[str, Any] = {"atom": AtomFormat, "rss": RssFormat, "json": JsonFormat, "html": PageFormat}


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How many entries were rendered in each format, and checked as XML or in a page."""
    count: Counter[str] = Counter()
    for name, kind in FORMATS.items():

        def counted(self: object, entry: Entry, *language: str, name: str = name, render: Any = kind.entry) -> Any:
            count[name] += 1
            return render(self, entry, *language)

        monkeypatch.setattr(kind, "entry", counted)
    for check in (checker._check_xml_entry, checker._check_article):
        counting = lambda *args, check=check: (count.update(checked=1), check(*args))[1]  # noqa: E731
        monkeypatch.setattr(checker, check.__name__, counting)
    return count


@pytest.fixture
def published(planet: Planet) -> Planet:
    for n in range(5):
        planet.post(f"{n}.md", f"---\ntitle: Post {n}\ndate: 2026-11-0{n + 1}\ncategories: [Tea]\n---\n<b>{n}</b>\n")
    planet.run()
    return planet


def regenerate(planet: Planet) -> dict[str, str]:
    planet.regenerate(NOON + 9 * HOUR)
    return planet.tree()


def test_only_changed_entries_are_rendered(published: Planet, rendered: Counter[str]) -> None:
    published.post("2.md", "---\ntitle: Post 2 again\ndate: 2026-11-03\ncategories: [Tea]\n---\nOther words\n")
    published.post("5.md", "---\ntitle: Post 5\ndate: 2026-11-06\ncategories: [Tea]\n---\nNew\n")
    assert published.run(NOON + HOUR).feeds.written == 2
    assert rendered == {"atom": 2, "rss": 2, "json": 2, "html": 2, "checked": 6}
    assert published.titles("tea") == ["Post 5", "Post 4", "Post 3", "Post 2 again", "Post 1", "Post 0"]
    tree = published.tree()
    assert regenerate(published) == tree
    assert rendered["atom"] == 2 + 6


def test_a_changed_file_is_not_reused(published: Planet, rendered: Counter[str]) -> None:
    for name in ("atom.xml", "rss.xml", "feed.json", "index.html"):
        file = published.root / "feeds" / "all" / name
        file.write_bytes(file.read_bytes().replace(b"Post 1", b"Mine 1"))
    (published.root / "feeds" / "tea" / "atom.xml").unlink()
    published.post("5.md", "---\ntitle: Post 5\ndate: 2026-11-06\ncategories: [Tea]\n---\nNew\n")
    published.run(NOON + HOUR)
    assert rendered == {"atom": 6, "rss": 1, "json": 1, "html": 1, "checked": 8}  # `tea` has three intact files
    assert "Post 1" in published.titles()
    tree = published.tree()
    assert regenerate(published) == tree


def test_a_config_change_renders_every_entry_again(published: Planet, rendered: Counter[str]) -> None:
    published.config["feeds"] = {"about": {"all": {"description": "All of it"}}}
    published.run(NOON + HOUR)
    assert rendered == {"atom": 5, "rss": 5, "json": 5, "html": 5, "checked": 15}


def test_a_page_with_its_entries_twice_is_rendered_in_full(published: Planet, rendered: Counter[str]) -> None:
    own = published.root / "mine"
    own.mkdir()
    (own / "feed.html").write_text("<!-- by aggregator --><title>Mine</title>{{ articles }}<hr>{{ articles }}")
    published.config["site"]["templates"] = "mine"
    published.run(NOON + HOUR)
    rendered.clear()
    published.post("5.md", "---\ntitle: Post 5\ndate: 2026-11-06\ncategories: [Tea]\n---\nNew\n")
    published.run(NOON + 2 * HOUR)
    assert (rendered["html"], rendered["atom"]) == (6, 1)
    tree = published.tree()
    assert (published.root / "feeds/tea/index.html").read_text().count("Post 5") == 2
    assert regenerate(published) == tree
