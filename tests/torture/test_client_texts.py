"""Which text readers show of an item of RSS: the content, also where `description` alone has it."""

import email.policy
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from email.parser import BytesParser
from pathlib import Path

import feedparser
import pytest

from tests.commands.test_serve import port_of, serving
from tests.support.planet import Planet, Upstream
from tests.torture.test_clients import ran, rss2email

pytestmark = pytest.mark.torture

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Blog</title><id>tag:blog.example,2020:x</id>
<updated>2026-11-21T10:00:00Z</updated>
<entry><id>tag:blog.example,2020:1</id><title>Content</title><link href="https://blog.example/1"/>
<updated>2026-11-21T10:00:00Z</updated><content type="html">&lt;p&gt;Nothing but a content.&lt;/p&gt;</content></entry>
<entry><id>tag:blog.example,2020:2</id><title>Both</title><link href="https://blog.example/2"/>
<updated>2026-11-20T10:00:00Z</updated><summary>In short.</summary>
<content type="html">&lt;p&gt;At some length.&lt;/p&gt;</content></entry>
<entry><id>tag:blog.example,2020:3</id><title>Summary</title><link href="https://blog.example/3"/>
<updated>2026-11-19T10:00:00Z</updated><summary>Nothing but a summary.</summary></entry></feed>"""
SHOWN = ["Nothing but a content.", "At some length.", "Nothing but a summary."]


def by_newsboat(folder: Path, url: str) -> list[str]:
    (folder / "urls").write_text(f"{url}\n")
    (folder / "config").write_text("download-retries 1\n")
    ran(["newsboat", "-u", "urls", "-c", "cache.db", "-C", "config", "-x", "reload"], folder)
    with closing(sqlite3.connect(folder / "cache.db")) as cache:
        return [row[0] for row in cache.execute("SELECT content FROM rss_item ORDER BY url")]


def by_sfeed(folder: Path, url: str) -> list[str]:
    (folder / "sfeedrc").write_text(f'sfeedpath="{folder}/feeds"\nfeeds() {{\nfeed one "{url}"\n}}\n')
    ran(["sfeed_update", str(folder / "sfeedrc")], folder)
    rows = [line.split("\t") for line in (folder / "feeds" / "one").read_text().splitlines()]
    return [row[3] for row in sorted(rows, key=lambda row: row[2])]  # sfeed(5): the fourth column is the content


def by_rss2email(folder: Path, url: str) -> list[str]:
    mails = folder / "mails" / "inbox" / "new"
    kept: list[Path] = []
    remove = Path.unlink
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "unlink", lambda file, **_: kept.append(file))
        rss2email(folder, url)
    texts = [BytesParser(policy=email.policy.default).parsebytes(file.read_bytes()).get_content() for file in kept]
    for file in kept:
        remove(file)
    assert not list(mails.iterdir())
    return sorted(texts, key=lambda text: text.rpartition("URL: ")[2])


def by_feedparser(_: Path, url: str) -> list[str]:
    entries = sorted(feedparser.parse(url).entries, key=lambda entry: entry.link)
    return [entry.content[0].value if "content" in entry else entry.summary for entry in entries]


READERS: dict[str, tuple[str, Callable[[Path, str], list[str]]]] = {
    "newsboat": ("newsboat", by_newsboat),
    "sfeed": ("sfeed_update", by_sfeed),
    "rss2email": ("r2e", by_rss2email),
    "feedparser": ("true", by_feedparser),
}


@pytest.mark.parametrize("name", READERS)
def test_a_reader_shows_the_text(name: str, tmp_path: Path, planet: Planet, upstream: Upstream) -> None:
    program, texts = READERS[name]
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    planet.config["sources"] = [{"url": upstream.serve("/blog", ATOM), "id": "blog"}]
    planet.run()
    folder = tmp_path / "reader"
    folder.mkdir()
    with serving(planet.root) as (_, line):
        shown = texts(folder, f"http://127.0.0.1:{port_of(line)}/all/rss.xml")
    assert [wanted in text for wanted, text in zip(SHOWN, shown, strict=True)] == [True] * 3
    assert "In short." not in shown[1]
