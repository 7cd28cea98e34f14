"""The gate: what is rendered goes out only where it is valid.

An entry that is not is left out of that format and named; where the feed itself is not, nothing goes out in its place.
"""

import hashlib
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from aggregator.model.entry import Entry, Feed, Problem
from aggregator.model.rendered import RenderedDocument
from aggregator.validate.checker import Checker
from aggregator.validate.finding import Faults, Finding


class Rendering(Protocol):
    """`entries` = how many the document holds."""

    @property
    def document(self) -> RenderedDocument: ...

    @property
    def entries(self) -> int: ...

    @property
    def problems(self) -> tuple[Problem, ...]: ...


Render = Callable[[Feed, str], Rendering]  # the document of a feed in a format

# What one value can raise that no document can carry, as a control character in a name of the config.
FAULTS = (ValueError, OverflowError, TypeError)


@dataclass(frozen=True, slots=True)
class GateResult:
    """`data` is None where nothing may go out; `sha256` is of it, hexadecimal; `laid`: how its entries lie in it, see
    Document."""

    data: bytes | None
    entries: int = 0
    problems: tuple[Problem, ...] = ()
    sha256: str = ""
    laid: tuple[int, ...] = ()


class Gate:
    """`names`: the file of a feed by format. Equal feeds pass equally; what it remembers only saves time.

    `own_pages`: templates of the user's make the pages, and what those embed is for him to say.
    """

    def __init__(self, names: Mapping[str, str], *, own_pages: bool = False) -> None:
        self._names = names
        self._own_pages = own_pages
        self._checker = Checker()
        self._named: set[tuple[str, str, str]] = set()  # entry, format, rule

    def feed(self, feed: Feed, format: str, render: Render) -> GateResult:  # noqa: A002 - the word of the field
        """At most two tries: as it is, and without the entries that are at fault."""
        try:
            return self._let_through(feed, format, render)
        except FAULTS as trouble:
            return GateResult(None, problems=tuple(_kept_back(feed, format, [trouble])))

    def recall(self, document: RenderedDocument, format: str, entries: Mapping[int, Entry]) -> None:  # noqa: A002
        """A document that was let through before; these entries, by place, need no second look."""
        self._checker.recall(document, format, {place: entry.id for place, entry in entries.items()})
        for entry in entries.values() if format == "html" else ():
            self.trust(entry)

    def is_harmless(self, entry: Entry) -> bool:
        """Whether nothing is wrong with its markup, wherever that is going to stand."""
        return not any(map(self._checker.markup, _markups(entry)))

    def trust(self, entry: Entry) -> None:
        """Another keeper found it harmless."""
        for markup in _markups(entry):
            self._checker.trust(markup)

    def _let_through(self, feed: Feed, format: str, render: Render) -> GateResult:  # noqa: A002
        rendered = render(feed, format)
        problems = list(rendered.problems)
        faults = self._faults(feed, rendered, format)
        if faults and all(fault.place is not None for fault in faults):
            bad = _at_fault(feed, rendered, faults)
            problems += self._left_out(feed, format, bad)
            feed = _without(feed, bad)
            rendered = render(feed, format)
            faults = self._faults(feed, rendered, format)
        if faults:
            return GateResult(None, problems=(*problems, *_kept_back(feed, format, faults)))
        data, laid = rendered.document.data, rendered.document.laid
        return GateResult(data, rendered.entries, tuple(problems), hashlib.sha256(data).hexdigest(), laid)

    def _faults(self, feed: Feed, rendered: Rendering, format: str) -> list[Finding]:  # noqa: A002
        address = feed.home + self._names[format]
        if format == "html":
            found = list(self._entries_of_page(feed))
            found += [] if self._own_pages or found else self._checker.check_parts(rendered.document, format, address)
        else:
            found = self._checker.check_parts(rendered.document, format, address)
        return [fault for fault in found if fault.severity == "error"]

    def _entries_of_page(self, feed: Feed) -> Faults:
        """A page does not say where an entry ends, so that its markup is looked at before it is laid in there."""
        for place, entry in enumerate(feed.entries):
            for markup in _markups(entry):
                for fault in self._checker.markup(markup):
                    yield replace(fault, entry=entry.id, place=place)

    def _left_out(self, feed: Feed, format: str, bad: Mapping[int, Finding]) -> Iterator[Problem]:  # noqa: A002
        """Named once, however many feeds the entry stands in."""
        for place, fault in bad.items():
            id_ = feed.entries[place].id
            if (id_, format, fault.rule) not in self._named:
                self._named.add((id_, format, fault.rule))
                yield Problem(feed.id, "render", f"{id_}: left out of {format}: {fault}")


def _markups(entry: Entry) -> tuple[str, ...]:
    return tuple(filter(None, (entry.clean.content, entry.clean.summary)))


def _at_fault(feed: Feed, rendered: Rendering, faults: Iterable[Finding]) -> dict[int, Finding]:
    """Places in the feed, each with the first of its faults. Where the renderer left some out, ids tell which."""
    if rendered.entries == len(feed.entries):
        by_place = {fault.place: fault for fault in reversed(list(faults))}
        return {place: by_place[place] for place in range(len(feed.entries)) if place in by_place}
    by_id = {fault.entry: fault for fault in reversed(list(faults))}
    return {place: by_id[entry.id] for place, entry in enumerate(feed.entries) if entry.id in by_id}


def _without(feed: Feed, bad: Container[int]) -> Feed:
    return replace(feed, entries=tuple(entry for place, entry in enumerate(feed.entries) if place not in bad))


def _kept_back(feed: Feed, format: str, faults: Iterable[object]) -> Iterator[Problem]:  # noqa: A002
    for text in dict.fromkeys(map(str, faults)):
        yield Problem(feed.id, "render", f"{format} is kept back, what was published before stays: {text}")
