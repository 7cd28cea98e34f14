"""What stands in the tree unchanged is not made again, and nothing else is taken for it."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from aggregator.gate import checker
from aggregator.models import Entry
from aggregator.render.atom import AtomFormat
from aggregator.render.jsonfeed import JsonFormat
from aggregator.render.rss import RssFormat
from tests.planet import NOON, Planet

HOUR = timedelta(hours=1)
FORMATS: dict[str, Any] = {"atom": AtomFormat, "rss": RssFormat, "json": JsonFormat}


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How many entries were rendered in each format, and looked at as XML."""
    count: Counter[str] = Counter()
    for name, kind in FORMATS.items():

        def counted(self: object, entry: Entry, name: str = name, render: Any = kind.entry) -> Any:
            count[name] += 1
            return render(self, entry)

        monkeypatch.setattr(kind, "entry", counted)
    look = checker._xml_verdict
    monkeypatch.setattr(checker, "_xml_verdict", lambda *args: (count.update(looked=1), look(*args))[1])
    return count


@pytest.fixture
def published(planet: Planet) -> Planet:
    for n in range(5):
        planet.post(f"{n}.md", f"---\ntitle: Post {n}\ndate: 2026-11-0{n + 1}\ncategories: [Tea]\n---\n<b>{n}</b>\n")
    planet.run()
    return planet


def anew(planet: Planet) -> dict[str, str]:
    planet.regenerate(NOON + 9 * HOUR)
    return planet.tree()


def test_only_what_changed_is_made(published: Planet, made: Counter[str]) -> None:
    published.post("2.md", "---\ntitle: Post 2 again\ndate: 2026-11-03\ncategories: [Tea]\n---\nOther words\n")
    published.post("5.md", "---\ntitle: Post 5\ndate: 2026-11-06\ncategories: [Tea]\n---\nNew\n")
    assert published.run(NOON + HOUR).feeds.written == 2
    assert made == {"atom": 2, "rss": 2, "json": 2, "looked": 4}
    assert published.titles("tea") == ["Post 5", "Post 4", "Post 3", "Post 2 again", "Post 1", "Post 0"]
    tree = published.tree()
    assert anew(published) == tree
    assert made["atom"] == 2 + 6


def test_a_file_that_somebody_changed_is_no_witness(published: Planet, made: Counter[str]) -> None:
    for name in ("atom.xml", "rss.xml", "feed.json"):
        file = published.root / "feeds" / "all" / name
        file.write_bytes(file.read_bytes().replace(b"Post 1", b"Mine 1"))
    (published.root / "feeds" / "tea" / "atom.xml").unlink()
    published.post("5.md", "---\ntitle: Post 5\ndate: 2026-11-06\ncategories: [Tea]\n---\nNew\n")
    published.run(NOON + HOUR)
    assert made == {"atom": 6, "rss": 1, "json": 1, "looked": 7}  # the other files of `tea` are as they were
    assert "Post 1" in published.titles()
    tree = published.tree()
    assert anew(published) == tree


def test_what_is_rendered_otherwise_is_made_again(published: Planet, made: Counter[str]) -> None:
    published.config["feeds"] = {"hub": "https://hub.example/"}
    published.run(NOON + HOUR)
    assert made == {"atom": 5, "rss": 5, "json": 5, "looked": 10}
