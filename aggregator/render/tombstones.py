"""Tombstones of withdrawn entries in Atom (RFC 6721), and stubs in place of them in RSS and JSON Feed."""

from dataclasses import replace

from lxml import etree

from aggregator.model.entry import Entry
from aggregator.model.feed import Feed
from aggregator.model.rendered import RenderedEntry
from aggregator.render.feedgen_extension import Element
from aggregator.text.date_formats import rfc3339

STUBBED = frozenset({"rss", "json"})  # formats that cannot say that an entry was withdrawn
TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"


def bury(head: Element, feed: Feed) -> None:
    """Adds an at:deleted-entry for each, without a comment: it may not say anything of the entry. Each declares its
    namespace, so that entries stay valid in the same root."""
    for one in feed.tombstones:
        values = {"ref": one.ref, "when": rfc3339(one.when)}
        etree.SubElement(head, f"{{{TOMBSTONES}}}deleted-entry", values, nsmap={"at": TOMBSTONES})


def with_stubs(feed: Feed) -> Feed:
    """The feed with its stubs among its entries, each in the old place of what it overwrites."""
    entries: list[Entry | RenderedEntry] = list(feed.entries)
    for place, stub in reversed(feed.stubs):
        entries.insert(place, stub)
    return replace(feed, entries=tuple(entries), stubs=())
