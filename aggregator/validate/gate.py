"""The gate: only valid documents are published.

An invalid entry is left out of the document and reported. Where the feed itself is invalid, its document is withheld
and the one published before stays.
"""

import hashlib
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from aggregator.model.entry import Entry
from aggregator.model.feed import Feed
from aggregator.model.problems import Problem
from aggregator.model.published import Omission
from aggregator.model.rendered import RenderedDocument
from aggregator.validate.checker import Checker
from aggregator.validate.finding import Finding, Findings


class Rendering(Protocol):
    """`entries`: how many the document contains."""

    @property
    def document(self) -> RenderedDocument: ...

    @property
    def entries(self) -> int: ...

    @property
    def problems(self) -> tuple[Problem, ...]: ...

    @property
    def omissions(self) -> tuple[Omission, ...]: ...


Render = Callable[[Feed, str], Rendering]  # renders a feed in a format

# What renderers raise for a value that no document can carry, such as a control character in a configured name.
DOCUMENT_ERRORS = (ValueError, OverflowError, TypeError)


@dataclass(frozen=True, slots=True)
class GateResult:
    """`data` is None where the document is withheld; `problems`: what has not been reported of another feed yet;
    `sha256` is the digest of `data` in hexadecimal; `part_lengths`: see `RenderedDocument.laid`; `omissions`: all that
    the document lacks."""

    data: bytes | None
    entries: int = 0
    problems: tuple[Problem, ...] = ()
    sha256: str = ""
    part_lengths: tuple[int, ...] = ()
    omissions: tuple[Omission, ...] = ()


class Gate:
    """Equal feeds have equal results; caches only save time.

    `file_names`: a feed's file by format. `own_pages`: the user's own templates make the pages, which may then embed
    anything.
    """

    def __init__(self, file_names: Mapping[str, str], *, own_pages: bool = False) -> None:
        self._file_names = file_names
        self._own_pages = own_pages
        self._checker = Checker()
        self._reported: set[tuple[str, str, str]] = set()  # entry, format, rule

    def feed(self, feed: Feed, format: str, render: Render) -> GateResult:  # noqa: A002 - the word of the field
        """Renders and checks at most twice: the whole feed, then without the entries at fault."""
        try:
            return self._check(feed, format, render)
        except DOCUMENT_ERRORS as error:
            return _withheld(feed, format, [error])

    def remember(self, document: RenderedDocument, format: str, entries: Mapping[int, Entry]) -> None:  # noqa: A002
        """Caches that these entries, by place, are valid. The document passed before."""
        self._checker.remember(document, format, {place: entry.id for place, entry in entries.items()})
        for entry in entries.values() if format == "html" else ():
            self.trust(entry)

    def is_harmless(self, entry: Entry) -> bool:
        """Whether its markup is valid in every format."""
        return not any(map(self._checker.markup, _markups(entry)))

    def trust(self, entry: Entry) -> None:
        """Caches that the entry is harmless; another process checked it."""
        for markup in _markups(entry):
            self._checker.trust(markup)

    def _check(self, feed: Feed, format: str, render: Render) -> GateResult:  # noqa: A002
        rendered = render(feed, format)
        problems, omissions = list(rendered.problems), list(rendered.omissions)
        faults = self._faults(feed, rendered, format)
        if faults and all(fault.place is not None for fault in faults):
            bad = _places_at_fault(feed, rendered, faults)
            left_out = [Omission(feed.id, format, feed.entries[at].id, str(fault)) for at, fault in bad.items()]
            problems += self._unreported(left_out, bad.values())
            omissions += left_out
            feed = _without(feed, bad)
            rendered = render(feed, format)
            faults = self._faults(feed, rendered, format)
        if faults:
            return _withheld(feed, format, faults, problems)
        data, lengths = rendered.document.data, rendered.document.part_lengths
        sha256 = hashlib.sha256(data).hexdigest()
        return GateResult(data, rendered.entries, tuple(problems), sha256, lengths, tuple(omissions))

    def _faults(self, feed: Feed, rendered: Rendering, format: str) -> list[Finding]:  # noqa: A002
        address = feed.home + self._file_names[format]
        if format == "html":
            found = list(self._page_entry_faults(feed))
            found += [] if self._own_pages or found else self._checker.check_parts(rendered.document, format, address)
        else:
            found = self._checker.check_parts(rendered.document, format, address)
        return [fault for fault in found if fault.severity == "error"]

    def _page_entry_faults(self, feed: Feed) -> Findings:
        """Checks entries' markup before it is put into the page: a page does not mark where an entry ends."""
        for place, entry in enumerate(feed.entries):
            for markup in _markups(entry):
                for fault in self._checker.markup(markup):
                    yield replace(fault, entry=entry.id, place=place)

    def _unreported(self, omissions: Iterable[Omission], faults: Iterable[Finding]) -> Iterator[Problem]:
        """Reports each entry once a format and rule, however many feeds contain it."""
        for one, fault in zip(omissions, faults, strict=True):
            if (one.entry, one.format, fault.rule) not in self._reported:
                self._reported.add((one.entry, one.format, fault.rule))
                yield Problem(one.feed, "render", one.message)


def _markups(entry: Entry) -> tuple[str, ...]:
    return tuple(filter(None, (entry.clean.content, entry.clean.summary)))


def _places_at_fault(feed: Feed, rendered: Rendering, faults: Iterable[Finding]) -> dict[int, Finding]:
    """Places in the feed, each with its first finding. Places are found by id where the renderer left entries out."""
    if rendered.entries == len(feed.entries):
        by_place = {fault.place: fault for fault in reversed(list(faults))}
        return {place: by_place[place] for place in range(len(feed.entries)) if place in by_place}
    by_id = {fault.entry: fault for fault in reversed(list(faults))}
    return {place: by_id[entry.id] for place, entry in enumerate(feed.entries) if entry.id in by_id}


def _without(feed: Feed, bad: Container[int]) -> Feed:
    return replace(feed, entries=tuple(entry for place, entry in enumerate(feed.entries) if place not in bad))


def _withheld(
    feed: Feed,
    format: str,  # noqa: A002
    faults: Iterable[object],
    problems: Iterable[Problem] = (),
) -> GateResult:
    """`problems`: those known before."""
    omissions = tuple(Omission(feed.id, format, "", text) for text in dict.fromkeys(map(str, faults)))
    more = (Problem(feed.id, "render", one.message) for one in omissions)
    return GateResult(None, problems=(*problems, *more), omissions=omissions)
