"""One press: a feed in, its documents out, each let through by the gate."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from aggregator.model.entry import Entry, Feed, Site
from aggregator.model.rendered import RenderedDocument
from aggregator.render import FILES, Nearby, Renderer
from aggregator.validate import Gate, GateResult

MOST_KNOWN = 10_000  # entries of which something is kept, so that it need not be made again
Documents = dict[str, GateResult]  # by format


@dataclass(frozen=True, slots=True)
class Design:
    """What every document is made by. `formats` = those that are published."""

    site: Site
    templates: Path | None
    formats: Sequence[str]


class DocumentMaker:
    """Not for use by several threads. Raises TemplateUseError."""

    def __init__(self, design: Design) -> None:
        self.renderer = Renderer(design.site, templates=design.templates, formats=design.formats)
        self.gate = Gate(FILES, own_pages=design.templates is not None)

    def documents(self, feed: Feed, nearby: Nearby, formats: Iterable[str]) -> Documents:
        render = partial(self.renderer.feed, nearby=nearby)
        return {one: self.gate.feed(feed, one, render) for one in formats}

    def recall(self, document: RenderedDocument, format: str, entries: Mapping[int, Entry]) -> None:  # noqa: A002
        """The document has passed before; what stands in these places is what the entries would become."""
        self.gate.remember(document, format, entries)
        for place, entry in entries.items():
            self.renderer.recall(entry, format, document.entries[place])
