"""The media type of a file in the tree, by its name."""

from dataclasses import dataclass
from pathlib import PurePosixPath

from aggregator.text.media_types import FEEDS, TYPES, UNKNOWN


@dataclass(frozen=True, slots=True)
class FileType:
    """`shrinks`: compression makes it smaller; `is_feed`: people subscribe to it; `opened`: the type for a person who
    opens it in a browser, "" for the same one. Browsers show feeds under their own types as text, or save them."""

    media_type: str
    shrinks: bool = True
    is_feed: bool = False
    opened: str = ""

    def of(self, *, opened: bool) -> str:
        return self.opened if opened and self.opened else self.media_type


XML = "application/xml; charset=utf-8"

NAMES = {
    **{name: FileType(kind, is_feed=True, opened=XML if name.endswith(".xml") else "") for name, kind in FEEDS.items()},
    "opml.xml": FileType("text/x-opml; charset=utf-8"),
}

SUFFIXES = {
    ".html": FileType("text/html; charset=utf-8"),
    ".css": FileType("text/css; charset=utf-8"),
    ".json": FileType("application/json"),
    ".xml": FileType(XML),
    ".opml": FileType("text/x-opml; charset=utf-8"),
    ".txt": FileType("text/plain; charset=utf-8"),
    ".svg": FileType(TYPES[".svg"]),
    ".ico": FileType(TYPES[".ico"]),
}


def file_type_of(path: str) -> FileType:
    """`path` is relative to the tree, in POSIX form."""
    file = PurePosixPath(path)
    suffix = file.suffix.lower()
    known = NAMES.get(file.name) or SUFFIXES.get(suffix)
    return known or FileType(TYPES.get(suffix, UNKNOWN), shrinks=False)
