"""lemon24/reader: `add FILE URLS` subscribes, `update FILE` pulls every feed, `open FILE` only looks at them."""

import sys
from pathlib import Path

from reader import make_reader


def main(what: str, file: str, urls: str = "") -> None:
    with make_reader(file) as reader:
        if what == "add":
            for url in Path(urls).read_text().split():
                reader.add_feed(url)
        elif what == "update":
            reader.update_feeds(scheduled=False, workers=int(urls or 1))
        print(sum(1 for _ in reader.get_feeds()))


if __name__ == "__main__":
    main(*sys.argv[1:])
