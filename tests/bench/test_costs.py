"""Costs as ratios: `make bench`. Nothing here asserts times."""

import time
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import feedparser
import pytest

from tests.support.planet import NOON, Planet, Upstream, rss

pytestmark = pytest.mark.bench

WORDS = "many words of every kind stand here so that a body has the length that bodies have in the world "


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def show(what: str, seconds: float, count: int, unit: str) -> None:
    print(f"\n{what:<44} {seconds:7.2f} s  {1000 * seconds / count:8.3f} ms {unit}", end="")


def test_posts(planet: Planet) -> None:
    count = 2000
    for n in range(count):
        head = f"title: Post {n}\ndate: 2026-0{n % 9 + 1}-{n % 28 + 1:02d}\ncategories: [Top {n % 12}, Source {n % 80}]"
        planet.post(f"{n % 80}/{n}.md", f"---\n{head}\n---\n<div>\n<p>{n} {WORDS * 8}</p>\n</div>\n")
    cold = timed(planet.run)
    show("posts, cold", cold, count, "a post")
    unchanged = timed(lambda: planet.run(NOON + timedelta(hours=1)))
    show("posts, nothing changed", unchanged, count, "a post")
    planet.post("1/1.md", "---\ntitle: Post 1\n---\nChanged.\n")
    one = timed(lambda: planet.run(NOON + timedelta(hours=2)))
    show("posts, one changed", one, count, "a post")
    print(f"\ncold : one changed : unchanged = {cold / unchanged:.0f} : {one / unchanged:.1f} : 1")


def test_sources(planet: Planet, upstream: Upstream) -> None:
    sources, entries = 60, 30
    bodies = [
        rss(
            *(
                {
                    "title": f"Entry {n} of {source}",
                    "link": f"https://blog{source}.example/{n}",
                    "guid": f"https://blog{source}.example/{n}",
                    "pubDate": "Mon, 02 Nov 2026 08:00:00 GMT",
                    "category": f"Topic {n % 7}",
                    "description": f"<p>{n} {WORDS * 20}</p>",
                }
                for n in range(entries)
            ),
            link=f"https://blog{source}.example/",
        )
        for source in range(sources)
    ]
    urls = [upstream.serve(f"/{i}", body) for i, body in enumerate(bodies)]
    planet.config["fetch"]["per_host"] = 64
    planet.config["sources"] = [{"url": url, "id": f"source-{i}"} for i, url in enumerate(urls)]
    bare = timed(lambda: [feedparser.parse(BytesIO(body.encode())) for body in bodies])
    show("feedparser alone, as it comes, one process", bare, sources * entries, "an entry")
    cold = timed(planet.run)
    show("sources, cold, to published feeds", cold, sources * entries, "an entry")
    unchanged = timed(lambda: planet.run(NOON + timedelta(hours=1), force=True))
    show("sources, all answer 304", unchanged, sources, "a source")
    print(f"\ncold : feedparser alone = {cold / bare:.2f} : 1    cold : unchanged = {cold / unchanged:.0f} : 1")


def test_regenerate(planet: Planet) -> None:
    for n in range(500):
        planet.post(f"{n}.md", f"---\ntitle: Post {n}\ndate: 2026-10-01\ncategories: [Top {n % 9}]\n---\n{n} {WORDS}\n")
    cold = timed(planet.run)
    again = timed(lambda: planet.regenerate(NOON + timedelta(hours=1)))
    show("500 posts, cold", cold, 500, "a post")
    show("500 posts, regenerated", again, 500, "a post")
    print(f"\nregenerate : cold = {again / cold:.2f} : 1")
