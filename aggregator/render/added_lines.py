"""Other sources that published an entry: links for programs, and a line at the end of its text for people."""

from collections.abc import Iterable
from dataclasses import replace

from aggregator.model.document import Link
from aggregator.model.entry import Also, Entry
from aggregator.model.feed import Site
from aggregator.render.words import Words
from aggregator.text.added_lines import ALSO_BY, FROM, added_line, linked_name, with_mark


def also_links(entry: Entry, own: Iterable[Link]) -> list[Also]:
    """The other sources' links, each once, in order; without those that are among the entry's `own` related links.

    A link to the entry's own page stays, because it names another source; it is not a second alternate
    (RFC 4287 4.1.2).
    """
    if not entry.also:
        return []
    known = {"", *(link.href for link in own if link.rel == "related")}
    return list({(link.href, link.title): link for link in entry.also if link.href not in known}.values())


def footer(entry: Entry, site: Site, words: Words) -> str:
    """The line as HTML; "" where the entry has no text, or the site does not want the line."""
    if not (entry.also and site.footer and (entry.clean.content or entry.clean.summary)):
        return ""
    names = dict.fromkeys(linked_name(one.title, one.href) for one in entry.also)
    return added_line(words.phrase(ALSO_BY, names=words.listed(names)))


def page_footer(entry: Entry, around: str = "", *, site: Site, words: Words) -> str:
    """The line in the words of a page. `around`: the language of the entry, "" for that of the page."""
    line = footer(entry, site, words)
    return with_mark(line, words.mark(around)) if line else ""


def footed(entry: Entry, site: Site) -> Entry:
    """The entry with that line at the end of its content, else of its summary."""
    line, clean = footer(entry, site, Words.of(site.language)), entry.clean
    if not line:
        return entry
    if clean.content:
        return replace(entry, clean=replace(clean, content=clean.content + line))
    return replace(entry, clean=replace(clean, summary=clean.summary + line))


def bylined(entry: Entry, site: Site) -> Entry:
    """The entry with a line at the head of its content, else of its summary, that names its source, where the site
    wants that. Local posts have no source."""
    clean, source = entry.clean, entry.attribution
    if not (site.byline and source and (clean.content or clean.summary)):
        return entry
    line = added_line(Words.of(site.language).phrase(FROM, source=linked_name(source.title, source.link)))
    if clean.content:
        return replace(entry, clean=replace(clean, content=line + clean.content))
    return replace(entry, clean=replace(clean, summary=line + clean.summary))


def with_added_lines(entry: Entry, site: Site) -> Entry:
    return bylined(footed(entry, site), site)
