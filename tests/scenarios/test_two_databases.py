"""The same planet on SQLite and on PostgreSQL publishes the same bytes."""

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, String, event

from aggregator.store.schema import metadata
from tests.support.planet import NOON, Planet, Upstream, rss

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


@pytest.mark.parametrize("other", ["postgresql", pytest.param("reversed", marks=pytest.mark.torture)])
def test_three_runs_publish_the_same_bytes(
    planet: Planet, upstream: Upstream, tmp_path: Path, request: pytest.FixtureRequest, other: str
) -> None:
    """Also where rows come in another order, that no query asks for."""
    address = "state.db"
    if other == "postgresql":
        server, database = request.getfixturevalue("postgresql"), request.getfixturevalue("database")
        server.empty(database)
        address = server.address(database)
    config = deepcopy(planet.config)
    trees = []
    for name, state in (("sqlite", "state.db"), (other, address)):
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
    assert len(trees[0][2]) > 30


NUL = "\0"
SPOTS = (f"{NUL}{{}}", f"{{}}{NUL}", f"a{NUL}{{}}", NUL)


def json_feed() -> str:
    """Each field of a feed and of its entries has the character that PostgreSQL cannot store, at several spots."""
    items: list[Mapping[str, object]] = []
    for n, spot in enumerate(SPOTS):
        fields = {"title": f"Title {n}", "content_html": f"<p>Text {n}</p>", "summary": f"Sum {n}", "language": "en"}
        fields |= {"id": f"i{n}", "url": f"https://a.example/{n}", "external_url": f"https://b.example/{n}"}
        for name, value in fields.items():
            own = {"id": f"{n} {name}", "url": f"https://a.example/{n}/{name}"}
            items.append(fields | own | {name: spot.format(value)})
        people = {"authors": [{"name": spot.format("Ann"), "url": spot.format("https://a.example/")}]}
        items.append(fields | {"id": f"{n} tags", "tags": [spot.format("News"), spot.format("News/Deep")], **people})
    head = {"version": "https://jsonfeed.org/version/1.1", "title": f"A{NUL}B", "description": NUL}
    return json.dumps(head | {"home_page_url": f"https://a.example/{NUL}", "items": items})


def columns_with_nul(file: Path) -> list[str]:
    texts = [one for table in metadata.sorted_tables for one in table.columns if isinstance(one.type, String)]
    question = 'SELECT count(*) FROM "{}" WHERE instr("{}", char(0))'
    with closing(sqlite3.connect(file)) as database:
        named = [(one.table.name, one.name) for one in texts]
        return [f"{names}" for names in named if database.execute(question.format(*names)).fetchone()[0]]


def test_no_text_of_a_state_has_the_character_that_postgresql_cannot_store(planet: Planet, upstream: Upstream) -> None:
    served = {"/feed": json_feed(), "/atom": rss(story(1)).replace("Story", f"Sto{NUL}ry"), "/page": f"<p>{NUL}</p>"}
    odd = {"Content-Type": f"text/x{NUL}y", "Last-Modified": f"{NUL}1", "ETag": f'"{NUL}"'}
    for path, body in served.items():
        upstream.serve(path, body, headers=odd if path == "/page" else {"Content-Type": "application/json"})
    upstream.serve("/gone", f"no{NUL}", status=410, headers={"Retry-After": f"{NUL}"})
    planet.config["sources"] = [{"url": upstream.url(path), "id": path[1:]} for path in (*served, "/gone")]
    head = 'title: "A\\0B"\ntags: ["x\\0y", "\\0"]\nlink: "https://a.example/\\0"\nid: "\\0i"'
    planet.post("a.md", f"---\n{head}\n---\nText{NUL}\n")
    planet.post("b.md", f"---\ntitle: A{NUL}B\n---\nText\n")
    planet.run()
    planet.run(NOON + HOUR, force=True)
    assert len(planet.ids()) > 10
    assert columns_with_nul(planet.root / ".aggregator/state.db") == []
