"""What one writes first: each feed of the file URLS is parsed by feedparser, and written by feedgen as Atom and RSS
into FOLDER, as is one feed for each category and one for all."""

import sys
import urllib.request
from collections import defaultdict
from pathlib import Path
from typing import Any

import feedparser
from feedgen.feed import FeedGenerator

NEWEST = 50


def main(urls: str, folder: str) -> None:
    feeds: defaultdict[str, list[Any]] = defaultdict(list)
    for url in Path(urls).read_text().split():
        for entry in feedparser.parse(urllib.request.urlopen(url)).entries:
            for name in ("all", *(tag.term for tag in entry.get("tags", ()))):
                feeds[name].append(entry)
    for name, entries in feeds.items():
        entries.sort(key=lambda entry: entry.get("published", ""), reverse=True)
        write(Path(folder) / name, name, entries[:NEWEST])


def write(folder: Path, name: str, entries: list[Any]) -> None:
    generator = FeedGenerator()
    generator.id(f"https://planet.example/{name}/")
    generator.title(name)
    generator.description(name)
    generator.link(href=f"https://planet.example/{name}/")
    for entry in entries:
        one = generator.add_entry(order="append")
        one.id(entry.get("id", entry.link))
        one.title(entry.title)
        one.link(href=entry.link)
        one.published(entry.published)
        one.updated(entry.published)
        one.author(name=entry.get("author", ""))
        one.content(entry.content[0].value if "content" in entry else entry.summary, type="html")
        for tag in entry.get("tags", ()):
            one.category(term=tag.term)
    folder.mkdir(parents=True, exist_ok=True)
    generator.atom_file(str(folder / "atom.xml"))
    generator.rss_file(str(folder / "rss.xml"))


if __name__ == "__main__":
    main(*sys.argv[1:])
