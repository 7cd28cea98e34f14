"""The same planet on SQLite and on PostgreSQL publishes the same bytes."""

import sqlite3
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Engine, event

from tests.support.planet import NOON, Planet, Upstream, rss
from tests.support.postgresql import Server

HOUR = timedelta(hours=1)
WORDS = "some words that stand in every text so that it is long enough to be compared with those of others "


def story(n: int, blog: str = "blog", **more: str) -> dict[str, str]:
    return {
        "title": f"Story {n} ž Ä z Z",
        "link": f"https://{blog}.example/{n}",
        "guid": f"{blog}-{n}",
        "pubDate": f"Mon, {n % 20 + 1:02d} Nov 2026 08:00:00 GMT",
        "description": f"<p>{n} {WORDS} {' '.join(str(n * m) for m in range(60))}</p>",
        "category": "|".join(("Zebra", "apple", "Äpfel", "Apple pie", "éclair", "新媒体")[n % 3 : n % 3 + 3]),
        **more,
    }


def live(planet: Planet, upstream: Upstream) -> list[dict[str, str]]:
    """Three runs: entries come, change, come again at another source, and go. The tree after each."""
    planet.config["feeds"] = {"archive": 5, "limit": 5, "per_source": True}
    planet.config["sources"] = [{"url": upstream.url(f"/{id_}"), "id": id_} for id_ in ("zeta", "Alpha".lower(), "m-1")]
    planet.post("one/a.md", "---\ntitle: A post\ndate: 2026-11-20\ntags: [Zebra, apple]\n---\nWords of a post.\n")
    planet.post("b.md", "---\ntitle: Another\ncategory: [x, y]\n---\nMore words.\n")
    upstream.serve("/zeta", rss(*map(story, range(12))))
    upstream.serve("/alpha", rss(*(story(n, "other") for n in range(30, 40))))
    upstream.serve("/m-1", "", status=500)
    trees = []
    for hour in range(3):
        planet.run(NOON + hour * HOUR, force=True)
        trees.append(planet.tree())
        if hour == 0:
            upstream.serve("/zeta", rss(*(story(n, description=f"edited {n} {WORDS}") for n in range(3, 15))))
            upstream.serve("/m-1", rss(*(story(n, "third", link=f"https://blog.example/{n}") for n in range(4, 9))))
            (planet.root / "posts" / "b.md").unlink()
        else:
            upstream.serve("/alpha", rss(*(story(n, "other") for n in (41, 39, 33))))
    return trees


def reverse(raw: sqlite3.Connection, _record: object) -> None:
    raw.execute("PRAGMA reverse_unordered_selects = ON")


def test_three_runs_publish_the_same_bytes(
    planet: Planet, upstream: Upstream, tmp_path: Path, postgresql: Server, database: str
) -> None:
    """Also where rows come in another order, that no query asks for."""
    postgresql.empty(database)
    address = postgresql.address(database)
    config = deepcopy(planet.config)
    trees = []
    for name, state in (("sqlite", "state.db"), ("reversed", "state.db"), ("postgresql", address)):
        root = tmp_path / name
        (root / "posts").mkdir(parents=True)
        one = replace(planet, root=root, config=deepcopy(config) | {"state": state})
        if name == "reversed":
            event.listen(Engine, "connect", reverse)
        try:
            trees.append(live(one, upstream))
        finally:
            if name == "reversed":
                event.remove(Engine, "connect", reverse)
    assert trees[0] == trees[1]
    assert trees[0] == trees[2]
    assert len(trees[0][2]) > 30
