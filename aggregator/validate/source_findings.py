"""What was found in an atom:source. The entries of a source share it, so each is checked once."""

from collections.abc import Callable

from lxml import etree

from aggregator.validate.element_rules import Element, text_of
from aggregator.validate.finding import Finding, Findings
from aggregator.validate.values import is_rfc3339

MOST_SOURCES = 1000  # whose findings are kept
Said = tuple[bytes, bool]


class SourceFindings:
    """A check of sources that remembers what it found. `check`: a source; `dates`: the name of the elements that hold
    its date."""

    def __init__(self, check: Callable[[Element], Findings], dates: str) -> None:
        self._check = check
        self._dates = dates
        self._known: dict[Said, tuple[Finding, ...]] = {}

    def __call__(self, source: Element) -> Findings:
        said = self._said(source)
        if said not in self._known:
            if len(self._known) > MOST_SOURCES:
                self._known.clear()
            self._known[said] = tuple(self._check(source))
        return self._known[said]

    def _said(self, source: Element) -> Said:
        """What the source says, without a date that is right, which may be that of each entry; whether it has one."""
        date = source.find(self._dates)
        if date is None or len(date) or not is_rfc3339(right := text_of(date)):
            return etree.tostring(source, with_tail=False), False
        date.text = None
        try:
            return etree.tostring(source, with_tail=False), True
        finally:
            date.text = right
