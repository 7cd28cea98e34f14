"""8,000 entries in 500 categories of 50 entries each; an entry is the same in every run."""

import random
from datetime import datetime, timedelta
from functools import cache

from aggregator.model.document import CategoryTerm, Link, Person, RawEntry, Text
from tests.bench.large_state import SOURCES, WORDS
from tests.support.planet import NOON

IN_EACH = 50
PER_FEED = 16  # entries that there are for each feed


@cache
def categories(feeds: int) -> dict[int, list[str]]:
    """The categories of each entry: all entries are dealt out in rounds, each round in an order of its own."""
    choice, dealt = random.Random(1), list[int]()
    count = feeds * PER_FEED
    while len(dealt) < feeds * IN_EACH:
        dealt += choice.sample(range(count), count)
    found: dict[int, set[str]] = {n: set() for n in range(count)}
    for i, n in enumerate(dealt[: feeds * IN_EACH]):
        found[n].add(f"Topic {i // IN_EACH}")
    return {n: sorted(names) for n, names in found.items()}


def address(n: int) -> str:
    return f"https://s{n % SOURCES}.example/{n}"


def body(n: int, changed: str = "") -> str:
    """Some 1,800 bytes of HTML, as posts have it."""
    choice = random.Random(n)
    links = "".join(
        f'<p>{" ".join(choice.choices(WORDS, k=40))} <a href="{address(n)}/{k}">more</a>'
        f" &amp; <em>{' '.join(choice.choices(WORDS, k=4))}</em> 新闻</p>"
        for k in range(4)
    )
    picture = f'<p><img src="{address(n)}.jpg" alt="Picture {n}"></p>'
    return f"<h2>About {n}{changed}</h2>{picture}{links}<ul><li>one</li><li>two</li></ul>"


def at(n: int) -> datetime:
    return NOON - timedelta(hours=n + 30)


def draft(n: int, feeds: int, changed: str = "") -> RawEntry:
    return RawEntry(
        id=address(n),
        title=Text(f"Entry {n}{changed}"),
        content=Text(body(n, changed), "html"),
        links=(Link(address(n)),),
        authors=(Person(f"Author {n % 300}"),),
        terms=tuple(map(CategoryTerm, categories(feeds)[n])),
        published=at(n),
    )
