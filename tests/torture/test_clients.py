"""Readers that people use subscribe to what is served: each shows the items of feed.json, after a change that one
alone, and whose each item is."""

import email.policy
import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.parser import BytesParser
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
from lxml import etree

from tests.commands.test_serve import port_of, serving
from tests.support.planet import NOON, Planet, Upstream, rss

pytestmark = pytest.mark.torture

HOUR = timedelta(hours=1)
BLOG = [
    {"title": "Plain words", "pubDate": "Sun, 22 Nov 2026 08:00:00 GMT"},
    {"title": "AT&amp;T &amp; Co, 1 &lt; 2", "pubDate": "Sun, 22 Nov 2026 07:00:00 +0200"},
    {"title": "A <b>bold</b> move &amp; <em>more</em>", "pubDate": "Sat, 21 Nov 2026 07:00:00 GMT"},
    {"title": "趣头条：“新媒体” – 🎉 it’s here", "pubDate": "Fri, 20 Nov 2026 23:59:59 -0800"},
    {"title": "Two\n lines,\ttabs", "pubDate": "Thu, 19 Nov 2026 08:00:00 GMT"},
    {"pubDate": "Wed, 18 Nov 2026 08:00:00 GMT"},
    {"title": "Without a date"},
]
MARKED = frozenset({"https://blog.example/2", "https://other.example/1?a=1&b=2", "https://other.example/2"})
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Other</title><id>tag:other.example,2020:x</id>
<updated>2026-11-21T10:00:00Z</updated>
<entry><id>tag:other.example,2020:1</id><title type="text">How to write &lt;b&gt; and &amp;amp;</title>
<link href="https://other.example/1?a=1&amp;b=2"/><published>2026-11-20T10:00:00Z</published>
<updated>2026-11-21T10:00:00Z</updated><content type="text">Words</content></entry>
<entry><id>tag:other.example,2020:2</id><title type="html">&lt;code&gt;x &amp;lt; y&lt;/code&gt;</title>
<published>2026-11-19T10:00:00.5+01:00</published><updated>2026-11-19T10:00:00.5+01:00</updated>
<link href="https://other.example/2"/><summary>Some</summary>
<link rel="enclosure" href="https://other.example/2.mp3" type="audio/mpeg" length="12"/></entry></feed>"""


def blog(**changed: str) -> str:
    """The last entry is another one by what is `changed`."""
    texts = ("link", "https://blog.example/{}"), ("guid", "https://blog.example/{}"), ("description", "<p>Words {}</p>")
    items = [{name: text.format(n) for name, text in texts} | item for n, item in enumerate(BLOG)]
    return rss(*items[:-1], items[-1] | changed)


@dataclass(frozen=True)
class Item:
    """`title` on one line; `published` to the second. `by`: whom the reader names as the author, or the sender."""

    link: str
    title: str
    published: datetime
    by: str = ""


Reader = Callable[[Path, str], list[Item]]  # its folder and a feed's address → what it shows as new


def ran(command: list[str], folder: Path, **environment: str) -> str:
    done = subprocess.run(
        command, cwd=folder, env=os.environ | {"HOME": str(folder), "TZ": "UTC"} | environment,
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def newsboat(folder: Path, url: str) -> list[Item]:
    (folder / "urls").write_text(f"{url}\n")
    (folder / "config").write_text("download-retries 1\n")
    files = ["-u", "urls", "-c", "cache.db", "-C", "config"]
    ran(["newsboat", *files, "-x", "reload"], folder)
    with closing(sqlite3.connect(folder / "cache.db")) as cache:
        rows = list(cache.execute("SELECT url, title, pubDate, author FROM rss_item WHERE unread"))
        cache.execute("UPDATE rss_item SET unread = 0")
        cache.commit()
    return [Item(url, title, datetime.fromtimestamp(at, UTC), by) for url, title, at, by in rows]


def sfeed(folder: Path, url: str) -> list[Item]:
    (folder / "sfeedrc").write_text(f'sfeedpath="{folder}/feeds"\nfeeds() {{\nfeed one "{url}"\n}}\n')
    there = listed(folder / "feeds" / "one")
    ran(["sfeed_update", str(folder / "sfeedrc")], folder)
    return [item for item in listed(folder / "feeds" / "one") if item not in there]


def listed(file: Path) -> list[Item]:
    """The columns of sfeed(5): time, title, link, content, its type, id, author and others."""
    rows = [line.split("\t") for line in file.read_text().splitlines()] if file.exists() else []
    return [Item(row[2], row[1], datetime.fromtimestamp(int(row[0]), UTC), row[6]) for row in rows]


def rss2email(folder: Path, url: str) -> list[Item]:
    command = ["r2e", "-c", "r2e.cfg", "-d", "r2e.json"]
    mails = folder / "mails"
    if not mails.exists():
        for name in ("new", "cur", "tmp"):
            (mails / "inbox" / name).mkdir(parents=True)
        ran([*command, "new", "me@example.org"], folder)
        config = (folder / "r2e.cfg").read_text()
        for key, value in (("email-protocol", "maildir"), ("maildir-path", str(mails)), ("maildir-mailbox", "inbox"),
                           ("date-header", "True"), ("date-header-order", "issued, created, modified")):  # fmt: skip
            config = "\n".join(line for line in config.splitlines() if line.partition(" =")[0] != key)
            config = config.replace("[DEFAULT]", f"[DEFAULT]\n{key} = {value}")
        (folder / "r2e.cfg").write_text(config + "\n")
        ran([*command, "add", "one", url], folder)
    ran([*command, "run"], folder)
    new = sorted((mails / "inbox" / "new").iterdir())
    items = [mailed(file) for file in new]
    for file in new:
        file.unlink()
    return items


def mailed(file: Path) -> Item:
    message = BytesParser(policy=email.policy.default).parsebytes(file.read_bytes())
    text = message.get_content()
    link = text.rpartition("URL: ")[2].partition("\n")[0].strip().strip("<>")
    sent = parsedate_to_datetime(str(message["Date"])).replace(tzinfo=UTC)
    return Item(link, str(message["Subject"]), sent, message["From"].addresses[0].display_name)


READERS: dict[str, tuple[str, Reader]] = {
    "newsboat": ("newsboat", newsboat),
    "sfeed": ("sfeed_update", sfeed),
    "rss2email": ("r2e", rss2email),
}


def published(planet: Planet) -> list[Item]:
    """As feed.json has it."""
    items = json.loads((planet.root / "feeds" / "all" / "feed.json").read_bytes())["items"]
    return [Item(item["url"], item.get("title", ""), moment(item["date_published"])) for item in items]


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(microsecond=0)


def as_sfeed_reads(planet: Planet, items: list[Item]) -> list[Item]:
    """It does not ask what type a title has: markup is shown as it is written."""
    root = etree.fromstring((planet.root / "feeds" / "all" / "atom.xml").read_bytes())
    entry, title = "{http://www.w3.org/2005/Atom}entry", "{http://www.w3.org/2005/Atom}title"
    titles = [found.findtext(title) or "" for found in root.iter(entry)]
    assert [one for one in titles if "<b>" in one]
    return [replace(item, title=one) for item, one in zip(items, titles, strict=True)]


def shown_items(items: list[Item], untitled: frozenset[str]) -> list[tuple[str, str, str]]:
    """To compare; of what has no title each reader makes its own."""
    return sorted(
        (item.link, "" if item.link in untitled else item.title, item.published.isoformat()) for item in items
    )


@pytest.fixture
def served(planet: Planet, upstream: Upstream) -> Iterator[str]:
    planet.config["sources"] = [
        {"url": upstream.serve("/blog", blog()), "id": "blog", "categories": ["Blog"]},
        {"url": upstream.serve("/other", ATOM), "id": "other", "categories": ["Other"]},
    ]
    planet.run()
    with serving(planet.root) as (_, line):
        yield f"http://127.0.0.1:{port_of(line)}/all"


@pytest.mark.parametrize("file", ["atom.xml", "rss.xml"])
@pytest.mark.parametrize("name", READERS)
def test_a_reader_shows_what_is_published(
    name: str, file: str, tmp_path: Path, planet: Planet, upstream: Upstream, served: str
) -> None:
    program, read = READERS[name]
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    folder, url = tmp_path / "reader", f"{served}/{file}"
    folder.mkdir()
    items = published(planet)
    skipped = frozenset(item.link for item in items if not item.title)
    assert len(items) == len(BLOG) + 2
    if (name, file) == ("sfeed", "atom.xml"):
        items = as_sfeed_reads(planet, items)
    if name == "rss2email":  # writes markup, and what it takes for some, as Markdown
        skipped |= MARKED
    assert shown_items(read(folder, url), skipped) == shown_items(items, skipped)
    planet.run(NOON + HOUR, force=True)
    assert read(folder, url) == []
    upstream.serve("/blog", blog(title="Another title"))
    assert planet.run(NOON + 2 * HOUR, force=True).entries.updated == 1
    assert {item.link for item in read(folder, url)} <= {f"https://blog.example/{len(BLOG) - 1}"}


@pytest.fixture
def releases(planet: Planet) -> Iterator[str]:
    """Two blogs that name no author, with one title for each of their releases."""
    for id_, name in (("one", "Blog one & Co"), ("two", "Das zweite Blog")):
        link = f"https://{id_}.example/1"
        item = {"title": "Release 1.2", "guid": link, "link": link, "description": f"<p>What is new at {id_}.</p>"}
        item |= {"pubDate": "Mon, 23 Nov 2026 08:00:00 GMT"}
        (planet.root / f"{id_}.xml").write_text(rss(item, title=name, link=f"https://{id_}.example/"))
    planet.config["sources"] = [{"url": f"{id_}.xml", "id": id_} for id_ in ("one", "two")]
    planet.run()
    with serving(planet.root) as (_, line):
        yield f"http://127.0.0.1:{port_of(line)}/all"


@pytest.mark.parametrize("file", ["atom.xml", "rss.xml"])
@pytest.mark.parametrize("name", READERS)
def test_a_reader_shows_whose_an_entry_is(name: str, file: str, tmp_path: Path, planet: Planet, releases: str) -> None:
    program, read = READERS[name]
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    (folder := tmp_path / "reader").mkdir()
    names = {"https://one.example/1": "Blog one & Co", "https://two.example/1": "Das zweite Blog"}
    shown = read(folder, f"{releases}/{file}")
    assert {item.title for item in shown} == {"Release 1.2"}
    assert {item.link: item.by.removeprefix("Planet: ") for item in shown} == names  # rss2email names the feed first
    planet.config["feeds"]["titles"] = "{source}: {title}"
    planet.regenerate(NOON + HOUR)
    (again := tmp_path / "again").mkdir()
    titled = {item.link: item.title for item in read(again, f"{releases}/{file}")}
    assert titled == {link: f"{name}: Release 1.2" for link, name in names.items()}
