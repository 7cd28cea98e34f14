"""Blogs as people import them: few write much and many write little; some terms are everybody's, most are used once."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from html import escape

from tests.support.planet import NOON, rss
from tests.support.simulation import DAY, Item, dated, hanzi, prose

SHARED = (
    "AI Python Linux Security Web Books Travel Photography Music Science Politics Climate Rust JavaScript Databases"
    " Design Privacy History Games Cooking Cycling Writing Startups Education Space Health Maps Typography Film"
).split()
FOLDERS = ("Tech", "Friends", "News", "")
LANGUAGES = ("en", "en", "en", "en", "en", "de", "fr", "zh-CN", "ja", "es")


@dataclass(frozen=True)
class Blog:
    """`folder`: where its reader filed it, "" for nowhere. `entries`: newest first."""

    name: str
    folder: str
    language: str
    entries: tuple[Item, ...]

    @property
    def path(self) -> str:
        return f"/{self.name.lower().replace(' ', '-')}/feed.xml"

    def document(self) -> str:
        language = f"<language>{self.language}</language>"
        text = rss(*self.entries, title=self.name, link=f"https://{self.name.lower().replace(' ', '-')}.example/")
        return text.replace("<item>", f"{language}<item>", 1)


@cache
def blogs(count: int) -> tuple[Blog, ...]:
    """Always the same ones. How much each writes, how many terms an entry has, how often a term is used and how long a
    text is: all have long tails."""
    chance = random.Random(1)
    return tuple(_blog(n, chance) for n in range(count))


def opml(all_: Iterable[Blog], base: str) -> str:
    """The subscriptions, as a reader exports them; `base`: of their addresses."""
    outlines = "".join(_outline(one, base) for one in all_)
    return f'<opml version="2.0"><head><title>Mine</title></head><body>{outlines}</body></opml>'


def _outline(one: Blog, base: str) -> str:
    name = escape(one.name, quote=True)
    outline = f'<outline type="rss" text="{name}" title="{name}" xmlUrl="{base}{one.path}"/>'
    return f'<outline text="{one.folder}">{outline}</outline>' if one.folder else outline


def _blog(n: int, chance: random.Random) -> Blog:
    size = min(40, int(chance.paretovariate(1.2) * 3))
    tags_much = chance.random()
    language = chance.choice(LANGUAGES)
    own = [f"{word} {n}" for word in prose(f"terms {n}", 300).split()]
    entries = (_entry(n, k, language, list(_terms(own, tags_much, chance)), chance) for k in range(size))
    return Blog(f"Blog {n} of {prose(f'name {n}', 1)}", chance.choice(FOLDERS), language, tuple(entries))


def _terms(own: list[str], tags_much: float, chance: random.Random) -> Iterator[str]:
    """A third of the blogs has no terms at all."""
    if tags_much < 1 / 3:
        return
    for _ in range(min(15, int(chance.paretovariate(1.3) * 4 * tags_much))):
        words = SHARED if chance.random() < 0.3 else own
        yield words[min(len(words) - 1, int(chance.paretovariate(0.3)) - 1)]


def _entry(n: int, k: int, language: str, terms: list[str], chance: random.Random) -> Item:
    words = min(2000, int(chance.paretovariate(1.0) * 20))
    text = hanzi(f"{n} {k}", words) if language in {"zh-CN", "ja"} else prose(f"{n} {k}", words)
    link = f"https://blog-{n}.example/{k}"
    item = {"title": prose(f"title {n} {k}", 5), "link": link, "guid": link, "description": f"<p>{text}</p>"}
    item |= {"pubDate": dated(NOON - k * chance.uniform(1, 9) * DAY - timedelta(minutes=n))}
    return item | ({"category": "|".join(dict.fromkeys(terms))} if terms else {})
