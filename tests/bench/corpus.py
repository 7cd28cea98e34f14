"""Feeds and posts made of a seed: RSS, Atom and JSON in turn, every other one of each in Chinese.

An entry is the same in every run. Generation g of a feed shows its entries g … g + size - 1, newest first: the next
generation brings one entry and drops one.
"""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from pathlib import Path

FIRST = datetime(2026, 10, 1, tzinfo=UTC)
LATIN = [
    "".join(parts)
    for parts in zip(
        random.Random(1).choices("b br c d f g gl h j k l m n p qu r s st t v w z".split(), k=3000),
        random.Random(2).choices("a e i o u ai ea ou é ö".split(), k=3000),
        random.Random(3).choices("l n r s t nd ck lt mp st".split(), k=3000),
        random.Random(4).choices(["", "", "a", "en", "ing", "ion", "er"], k=3000),
        strict=True,
    )
]
CHINESE = [chr(random.Random(5 + n).randrange(0x4E00, 0x8FFF)) for n in range(1500)]
TOPICS = ["Python", "Rust", "Web", "Databases", "Security", "Linux", "Mathematics", "Networking", "Games", "Music"]
TOPICS_CHINESE = ["编程", "前端", "数据库", "安全", "系统", "数学", "网络", "游戏", "音乐", "新闻"]
FORMATS = ("rss", "atom", "json")
MEDIA_TYPES = {"rss": "application/rss+xml", "atom": "application/atom+xml", "json": "application/feed+json"}


@dataclass(frozen=True)
class Item:
    """An entry of feed `feed`; `number` counts from 0, oldest first."""

    address: str
    title: str
    author: str
    terms: tuple[str, ...]
    at: datetime
    html: str


def items(feed: int, generation: int, size: int) -> list[Item]:
    return [item(feed, number) for number in reversed(range(generation, generation + size))]


def item(feed: int, number: int) -> Item:
    choice = random.Random(f"{feed} {number}")
    chinese = is_chinese(feed)
    address = f"https://blog{feed}.example/{number}"
    return Item(
        address,
        words(choice, 7, chinese).capitalize(),
        words(random.Random(feed), 2, chinese).title(),
        tuple(choice.sample(TOPICS_CHINESE if chinese else TOPICS, choice.randint(1, 3))),
        FIRST + timedelta(hours=number, minutes=feed % 60),
        html(choice, address, chinese),
    )


def is_chinese(feed: int) -> bool:
    return feed // len(FORMATS) % 2 == 1


def words(choice: random.Random, count: int, chinese: bool) -> str:
    return "".join(choice.choices(CHINESE, k=2 * count)) if chinese else " ".join(choice.choices(LATIN, k=count))


def html(choice: random.Random, address: str, chinese: bool, paragraphs: int = 5) -> str:
    """Some 2,000 bytes, as blogs have it."""
    parts = [f'<p><img src="{address}/picture.jpg" alt="{words(choice, 3, chinese)}" width="640" height="480"></p>']
    for n in range(paragraphs):
        link = f'<a href="/{choice.randrange(999)}?utm_source=feed" target="_blank">{words(choice, 2, chinese)}</a>'
        text = f"{words(choice, 24, chinese)} {link} &amp; <em>{words(choice, 4, chinese)}</em>"
        parts.append(f"<p>{text}, {words(choice, 20, chinese)}.</p>" if n else f"<h2>{text}</h2>")
    parts.append(f"<ul><li>{words(choice, 5, chinese)}</li><li><code>{words(choice, 2, False)}()</code></li></ul>")
    return "\n".join(parts)


def document(feed: int, generation: int, size: int) -> bytes:
    """The document of a feed, in its format."""
    entries = items(feed, generation, size)
    made = {"rss": _rss, "atom": _atom, "json": _json}[FORMATS[feed % 3]](feed, entries)
    return made.encode()


def media_type(feed: int) -> str:
    return MEDIA_TYPES[FORMATS[feed % 3]]


def _rss(feed: int, entries: list[Item]) -> str:
    inner = "".join(
        f"<item><title>{escape(one.title)}</title><link>{one.address}</link><guid>{one.address}</guid>"
        f"<dc:creator>{escape(one.author)}</dc:creator><pubDate>{format_datetime(one.at)}</pubDate>"
        f"{''.join(f'<category>{escape(term)}</category>' for term in one.terms)}"
        f"<description>{escape(one.html)}</description></item>\n"
        for one in entries
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<channel><title>Blog {feed}</title><link>https://blog{feed}.example/</link>"
        f"<description>Blog {feed}</description>{inner}</channel></rss>"
    )


def _atom(feed: int, entries: list[Item]) -> str:
    inner = "".join(
        f'<entry><id>{one.address}</id><title>{escape(one.title)}</title><link href="{one.address}"/>'
        f"<author><name>{escape(one.author)}</name></author><published>{one.at.isoformat()}</published>"
        f"<updated>{one.at.isoformat()}</updated>{_terms(one)}"
        f'<content type="html">{escape(one.html)}</content></entry>\n'
        for one in entries
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">'
        f'<id>https://blog{feed}.example/</id><title>Blog {feed}</title><link href="https://blog{feed}.example/"/>'
        f"<updated>{entries[0].at.isoformat()}</updated>{inner}</feed>"
    )


def _terms(one: Item) -> str:
    return "".join(f'<category term="{escape(term)}"/>' for term in one.terms)


def _json(feed: int, entries: list[Item]) -> str:
    inner = [
        {
            "id": one.address,
            "url": one.address,
            "title": one.title,
            "authors": [{"name": one.author}],
            "date_published": one.at.isoformat(),
            "tags": list(one.terms),
            "content_html": one.html,
        }
        for one in entries
    ]
    head = {"version": "https://jsonfeed.org/version/1.1", "title": f"Blog {feed}"}
    return json.dumps(head | {"home_page_url": f"https://blog{feed}.example/", "items": inner}, ensure_ascii=False)


def posts(count: int) -> Iterator[tuple[str, str]]:
    """Path and text of front-matter posts of some 3,200 bytes, each in one of five categories."""
    for n in range(count):
        choice, chinese = random.Random(f"post {n}"), n % 4 == 3
        at = FIRST + timedelta(minutes=n)
        link = f"https://posts.example/{n}"
        head = f"title: {words(choice, 6, chinese)}\ndate: {at:%Y-%m-%d %H:%M:%S}\nlink: {link}\n"
        head += f"categories: [{TOPICS[n % 5]}]\n"
        yield f"{n % 40:02d}/{n:06d}.md", f"---\n{head}---\n{html(choice, link, chinese, 7 + n % 2)}\n"


def write_posts(folder: Path, count: int) -> int:
    """Returns their bytes."""
    written = 0
    for path, text in posts(count):
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        written += file.write_bytes(text.encode())
    return written
