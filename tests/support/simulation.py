"""Simulations: sources that change as publishers change them, and a reader who remembers everything shown."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from html import escape
from typing import Any

from aggregator.report import Report
from tests.support.planet import NOON, Planet, Upstream, rss

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

Item = dict[str, str]


def prose(topic: str, words: int = 60) -> str:
    """Text that is unique to the topic and deterministic: a longer one begins like a shorter one."""
    choice = random.Random(topic)
    return " ".join(
        "".join(choice.choices("bdfgklmnprstvz", k=1) + choice.choices(SYLLABLES, k=2)) for _ in range(words)
    )


SYLLABLES = [vowel + consonant for vowel in "aeiou" for consonant in ("", "l", "n", "r", "sk", "th", "v")]


def hanzi(topic: str, characters: int = 120) -> str:
    """The same in a script without spaces."""
    choice = random.Random(topic)
    return "".join(chr(choice.randrange(0x4E00, 0x9FA5)) for _ in range(characters))


def dated(at: datetime) -> str:
    return format_datetime(at, usegmt=True)


def story(topic: str, age: float = 1, *, words: int = 60, host: str = "https://blog.example", **more: str) -> Item:
    """An entry as most publishers write it: its permalink is its guid. `age`: days before the first run."""
    link = f"{host}/{topic}"
    item = {"title": f"About {topic}", "link": link, "guid": link, "pubDate": dated(NOON - age * DAY)}
    return item | {"description": f"<p>{prose(topic, words)}</p>"} | more


def without(item: Mapping[str, str], *names: str) -> Item:
    return {name: value for name, value in item.items() if name not in names}


@dataclass
class Simulation:
    """`run` advances the time by an hour, runs, and returns the titles that a reader of `all` sees as new, newest
    first.

    Each run also checks what must always hold: an id is in the feed once, no date of a known entry changes, and known
    entries keep their order.
    """

    planet: Planet
    upstream: Upstream
    now: datetime = NOON - HOUR
    known: dict[str, str] = field(default_factory=dict)  # id → published
    order: list[str] = field(default_factory=list)
    report: Report = field(default_factory=Report)

    def __post_init__(self) -> None:
        self.planet.config["feeds"] = {"limit": 2000, "formats": ["atom"]}  # the only format that these tests read

    def shows(self, name: str, *items: Mapping[str, str], home: str = "https://blog.example/", **config: Any) -> None:
        """Serves a document with these entries; adds the source to the config the first time."""
        self.serves(name, rss(*items, title=name.title(), link=home), **config)

    def serves(self, name: str, document: str | bytes, **config: Any) -> None:
        url = self.upstream.serve(f"/{name}", document)
        sources = self.planet.config.setdefault("sources", [])
        if all(source["url"] != url for source in sources):
            sources.append({"url": url, "id": name} | config)

    def run(self, after: timedelta = HOUR) -> list[str]:
        self.now += after
        self.report = self.planet.run(self.now, force=True)
        entries = self.planet.heads()
        ids = [entry.id for entry in entries]
        assert len(ids) == len(set(ids)), "one id twice in a feed"
        for entry in entries:
            assert self.known.get(entry.id, entry.published) == entry.published, f"the date of {entry.id} moved"
        assert [id_ for id_ in ids if id_ in self.order] == [id_ for id_ in self.order if id_ in ids], "order changed"
        new = [entry.title for entry in entries if entry.id not in self.known]
        self.known |= {entry.id: entry.published for entry in entries}
        self.order = ids
        return new

    @property
    def entries(self) -> list[Any]:
        """The entries of `all`, in order."""
        return list(self.planet.atom().entries)

    @property
    def titles(self) -> list[str]:
        return self.planet.titles()

    def entry(self, title: str) -> Any:
        """The one entry of `all` with that title."""
        [found] = [entry for entry in self.entries if entry.get("title", "") == title]
        return found


def atom(*entries: Mapping[str, str], deleted: Mapping[str, datetime] | None = None, title: str = "Upstream") -> str:
    """An Atom document. Keys of an entry are its elements, `link` its address; `deleted`: id → when (RFC 6721)."""
    graves = "".join(
        f'<at:deleted-entry ref="{escape(id_)}" when="{at.isoformat()}"/>' for id_, at in (deleted or {}).items()
    )
    items = "".join(
        f"<entry>{''.join(_element(name, value) for name, value in one.items())}</entry>" for one in entries
    )
    names = 'xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0"'
    head = f"<id>urn:feed:{escape(title)}</id><title>{escape(title)}</title><updated>2026-11-22T00:00:00Z</updated>"
    return f'<?xml version="1.0" encoding="utf-8"?><feed {names}>{head}{items}{graves}</feed>'


def _element(name: str, value: str) -> str:
    if name == "link":
        return f'<link href="{escape(value)}"/>'
    kind = ' type="html"' if name in {"content", "summary"} else ""
    return f"<{name}{kind}>{escape(value)}</{name}>"
