"""The gate: renders entries and documents, and lets through what is valid.

An entry is rendered and checked once for all documents. One that is invalid in a format is left out of it and reported.
Where a document itself is invalid, it is withheld, and the one published before stays.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from aggregator.model.entry import Entry
from aggregator.model.feed import Feed, Site
from aggregator.model.problems import Problem
from aggregator.model.published import Omission
from aggregator.model.rendered import RenderedEntry
from aggregator.publish.posts_export import POSTS, post_piece
from aggregator.render import FILES, NOTHING_NEARBY, Nearby

if TYPE_CHECKING:  # slow to load, and a run that publishes nothing needs none of it
    from aggregator.render import Rendered, Renderer
    from aggregator.validate import Checker

# What renderers raise for a value that no document can carry, such as a control character in a configured name.
DOCUMENT_ERRORS = (ValueError, OverflowError, TypeError)


@dataclass(frozen=True, slots=True)
class Design:
    """The settings that every document depends on. `formats`: those of documents that are published; `posts`: whether
    feeds are also written as folders of posts."""

    site: Site
    templates: Path | None
    formats: tuple[str, ...]
    posts: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """`data` is None where the document is withheld; `problems`: what has not been reported of another feed yet;
    `sha256` is the digest of `data` in hexadecimal; `omissions`: all that the document lacks."""

    data: bytes | None
    entries: int = 0
    problems: tuple[Problem, ...] = ()
    sha256: str = ""
    omissions: tuple[Omission, ...] = ()


Documents = dict[str, Document]  # by format


class DocumentMaker:
    """Equal feeds have equal documents. Not thread-safe. Raises TemplateUseError."""

    def __init__(self, design: Design) -> None:
        self.design = design
        self._reported: set[str] = set()  # messages, which name an entry

    @cached_property
    def renderer(self) -> "Renderer":
        from aggregator.render import Renderer

        design, check = self.design, self._checker.why_left_out
        return Renderer(design.site, templates=design.templates, formats=design.formats, check=check)

    @cached_property
    def _checker(self) -> "Checker":
        from aggregator.validate import Checker

        return Checker(own_pages=self.design.templates is not None)

    @property
    def formats(self) -> tuple[str, ...]:
        """Every format in which entries are published."""
        pages = ("html",) if self.design.site.has_pages else ()
        return (*self.design.formats, *pages, *((POSTS,) if self.design.posts else ()))

    def entry(self, entry: Entry, language: str, formats: Sequence[str]) -> RenderedEntry:
        """`language`: of pages, "" for the site's; `formats`: some of ours, in their order."""
        rendered = self.renderer.entry(entry, [one for one in formats if one != POSTS], language)
        if POSTS in formats:
            rendered.pieces[POSTS] = post_piece(entry)
        return rendered

    def documents(self, feed: Feed, nearby: Nearby, formats: Iterable[str]) -> Documents:
        return {one: self.document(feed, one, nearby) for one in formats}

    def document(self, feed: Feed, format: str, nearby: Nearby = NOTHING_NEARBY) -> Document:  # noqa: A002
        from aggregator.render import STUBBED, with_stubs

        stubs = feed.stubs if format in STUBBED else ()
        try:
            stubbed = with_stubs(feed) if stubs else feed
            rendered = self.renderer.feed(stubbed.edition(format), format, nearby)
            made = self.checked(feed, rendered, format)
        except DOCUMENT_ERRORS as error:
            return _withheld(feed, format, [error])
        return made if made.data is None else replace(made, entries=made.entries - len(stubs))  # which are no entries

    def checked(self, feed: Feed, rendered: "Rendered", format: str) -> Document:  # noqa: A002 - the word of the field
        problems = tuple(self._unreported(rendered.problems))
        address = feed.home + FILES[format]
        if faults := self._checker.document_faults(rendered.document, format, address, rendered.ids):
            return _withheld(feed, format, faults, problems)
        data = rendered.data
        return Document(data, rendered.entries, problems, hashlib.sha256(data).hexdigest(), rendered.omissions)

    def _unreported(self, problems: Iterable[Problem]) -> Iterator[Problem]:
        """Each is reported once, however many feeds contain its entry."""
        for one in problems:
            if one.message not in self._reported:
                self._reported.add(one.message)
                yield one


def _withheld(
    feed: Feed,
    format: str,  # noqa: A002
    faults: Iterable[object],
    problems: Iterable[Problem] = (),
) -> Document:
    """`problems`: those known before."""
    omissions = tuple(Omission(feed.id, format, "", text) for text in dict.fromkeys(map(str, faults)))
    more = (Problem(feed.id, "render", one.message) for one in omissions)
    return Document(None, problems=(*problems, *more), omissions=omissions)
