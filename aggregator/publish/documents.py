"""Makes the documents of one feed: renders each format and passes it through the gate."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from aggregator.model.entry import Entry
from aggregator.model.feed import Feed, Site
from aggregator.model.rendered import RenderedDocument
from aggregator.render import FILES, STUBBED, Nearby, Renderer, with_stubs
from aggregator.validate import Gate, GateResult

MOST_KNOWN = 10_000  # entries in a cache, so that they are not processed again
Documents = dict[str, GateResult]  # by format


@dataclass(frozen=True, slots=True)
class Design:
    """The settings that every document depends on. `formats`: those that are published."""

    site: Site
    templates: Path | None
    formats: Sequence[str]


class DocumentMaker:
    """Not thread-safe. Raises TemplateUseError."""

    def __init__(self, design: Design) -> None:
        self.design = design
        self.renderer = Renderer(design.site, templates=design.templates, formats=design.formats)
        self.gate = Gate(FILES, own_pages=design.templates is not None)

    def documents(self, feed: Feed, nearby: Nearby, formats: Iterable[str]) -> Documents:
        render = partial(self.renderer.feed, nearby=nearby)
        stubbed = with_stubs(feed) if feed.stubs else feed
        results = {
            one: self.gate.feed((stubbed if one in STUBBED else feed).edition(one), one, render) for one in formats
        }
        return {one: _without_stubs(result, feed) if one in STUBBED else result for one, result in results.items()}

    def remember(
        self,
        document: RenderedDocument,
        format: str,  # noqa: A002
        entries: Mapping[int, Entry],
        language: str,
    ) -> None:
        """Caches the `entries`, by their place in a document of this language that passed the gate before, as rendered
        there."""
        document = self.renderer.with_originals(document, format)
        self.gate.remember(document, format, entries)
        for place, entry in entries.items():
            self.renderer.remember(entry, format, document.checked[place], language)


def _without_stubs(result: GateResult, feed: Feed) -> GateResult:
    """Counts the entries of a document without its stubs, which are none."""
    return result if result.data is None else replace(result, entries=result.entries - len(feed.stubs))
