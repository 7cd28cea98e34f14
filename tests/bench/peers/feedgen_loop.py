"""feedgen alone: every feed of FEEDS, a JSON file, as Atom and RSS into FOLDER. Reading FEEDS is not measured."""

import json
import sys
from pathlib import Path
from typing import Any

from feedgen.feed import FeedGenerator

from tests.bench.measure import print_spent


def main(feeds: str, folder: str) -> None:
    known = json.loads(Path(feeds).read_bytes())
    entries = known["entries"]

    def write_all() -> None:
        for id_, some in known["feeds"].items():
            write(Path(folder), id_, [entries[n] for n in some])

    print_spent(write_all)


def write(folder: Path, id_: str, entries: list[dict[str, Any]]) -> None:
    address = f"https://planet.example/{id_}/"
    generator = FeedGenerator()
    generator.id(address)
    generator.title(id_)
    generator.description(id_)
    generator.link(href=address)
    for entry in entries:
        one = generator.add_entry(order="append")
        one.id(entry["id"])
        one.title(entry["title"])
        one.link(href=entry["id"])
        one.published(entry["at"])
        one.updated(entry["at"])
        one.author(name=entry["author"])
        one.content(entry["html"], type="html")
        for term in entry["terms"]:
            one.category(term=term)
    (folder / id_).mkdir(parents=True, exist_ok=True)
    generator.atom_file(str(folder / id_ / "atom.xml"))
    generator.rss_file(str(folder / id_ / "rss.xml"))


if __name__ == "__main__":
    main(*sys.argv[1:])
