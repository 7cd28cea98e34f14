"""Records of published feeds and of the site that publishes them."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from aggregator.model.document import Person
from aggregator.model.entry import Entry
from aggregator.model.rendered import RenderedEntry
from aggregator.model.withdrawal import Stub, Tombstone


@dataclass(frozen=True, slots=True)
class ArchiveLinks:
    """The neighbors of a document in a feed's archive (RFC 5005 4): addresses of their folders with a trailing slash,
    "" where there is none. `page`: sealed pages count from 1, the oldest; 0 is the subscription document, `current`.
    `formats`: those that the archive is written in, None for all.
    """

    current: str
    older: str = ""
    newer: str = ""
    page: int = 0
    formats: tuple[str, ...] | None = None

    def edition(self, format: str) -> "ArchiveLinks":  # noqa: A002 - the word of the field
        """The links of a document in this format, which names no archive that is not written in it."""
        if self.formats is None or format in self.formats:
            return self
        return replace(self, older="", newer="")


@dataclass(frozen=True, slots=True)
class Feed:
    """A published feed. `id`: the name of its folder; `atom_id`: minted once.

    `category`: the path of shown names, None for `all` and other feeds without one; `home`: the absolute address of its
    page, with a trailing slash; `page_entries`: those of its page, None where they are those of its documents;
    `tombstones`: of Atom, the newest first; `stubs`: of RSS and JSON Feed in feed order, each with the number of
    entries before it.
    """

    id: str
    atom_id: str
    title: str
    home: str
    updated: datetime
    category: tuple[str, ...] | None = None
    description: str = ""
    language: str = ""
    icon: str = ""
    entries: tuple[Entry | RenderedEntry, ...] = ()
    page_entries: tuple[Entry | RenderedEntry, ...] | None = None
    old_id: str = ""  # the feed id in the address of this document, where the feed moved from there
    history: ArchiveLinks | None = None
    tombstones: tuple[Tombstone, ...] = ()
    stubs: tuple[tuple[int, Stub], ...] = ()

    def edition(self, format: str) -> "Feed":  # noqa: A002 - the word of the field
        """The feed as this format shows it."""
        shown = self if self.history is None else replace(self, history=self.history.edition(format))
        if format != "html" or shown.page_entries is None:
            return shown
        return replace(shown, entries=shown.page_entries, page_entries=None)


@dataclass(frozen=True, slots=True)
class Site:
    """The publisher, as every feed names it. `url` ends with a slash.

    `footer`: the text of an entry ends with a line that names the other sources that published it; `byline`: it begins
    with one that names its own. `front`: what the front page shows, the river of the newest entries or a list of feeds.
    `has_pages`: each feed has a page for people.
    """

    title: str
    url: str
    language: str = "en"
    author: Person = field(default_factory=Person)
    logo: str = ""
    rights: str = ""
    timezone: str = "UTC"
    hub: str = ""
    footer: bool = True
    byline: bool = False
    front: Literal["river", "list"] = "river"
    has_pages: bool = True
