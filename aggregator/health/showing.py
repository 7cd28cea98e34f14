"""What of a source may be seen: its name, its address without secrets, what was said of it without them."""

import re
from collections.abc import Mapping, Sequence
from functools import cached_property

from aggregator.addresses import showable
from aggregator.codec import unpack_or
from aggregator.house import House
from aggregator.models import About
from aggregator.normalize import legal, one_line, shorten
from aggregator.store import SourceRow

LONGEST_NAME = 200
LONGEST_MESSAGE = 300
_VARIABLE = re.compile(r"\$\{\w++\}")
_READ = 4000  # characters of a message; what is shown of it is at its beginning


class Shown:
    """A house's sources, for others' eyes."""

    def __init__(self, house: House) -> None:
        self._house = house

    def name(self, row: SourceRow) -> str:
        """On one line; publishers write it."""
        about = unpack_or(None if row.title else row.about, About, About())
        return shorten(legal(one_line(row.title or about.title)), LONGEST_NAME) or row.id

    def address(self, row: SourceRow) -> str:
        """As the config has it, with the names of variables in place of their values."""
        return showable(self._hidden.get(row.id) or row.url)

    def other(self, row: SourceRow, url: str) -> str:
        """Another address of the source, as where it moved to."""
        return showable(self._without_secrets(row, url))

    def message(self, row: SourceRow) -> str:
        return shorten(legal(one_line(self._without_secrets(row, row.error_message[:_READ]))), LONGEST_MESSAGE)

    def _without_secrets(self, row: SourceRow, text: str) -> str:
        for name, value in self._secrets(row).items():
            text = text.replace(value, name)
        return text

    def public_address(self, row: SourceRow) -> str:
        """For everybody: "" where anything in it may be secret, or of this machine alone."""
        is_remote = row.url.startswith(("http://", "https://"))
        if not (is_remote and self.address(row) == row.url and self.is_public(row)):
            return ""
        return row.moved_url if row.moved_url and self.other(row, row.moved_url) == row.moved_url else row.url

    def is_public(self, row: SourceRow) -> bool:
        """Whether the world may know that we read it."""
        return row.configured and row.published and row.id not in self._private

    @cached_property
    def _private(self) -> frozenset[str]:
        sources = self._house.sources
        return frozenset(one.id for one in sources if one.auth or one.headers or not one.is_published)

    @cached_property
    def _hidden(self) -> Mapping[str, str]:
        config = self._house.config
        written = ((one.id, config.hidden("sources", i, "url")) for i, one in enumerate(config.sources))
        return {id_: text for id_, text in written if text}

    def _secrets(self, row: SourceRow) -> dict[str, str]:
        """By the variable that holds it; the longest first, that none is cut by another."""
        written = self._hidden.get(row.id, "")
        values = _between(_VARIABLE.split(written), row.url)
        pairs = zip(_VARIABLE.findall(written), values, strict=False)
        return dict(sorted(pairs, key=lambda pair: -len(pair[1])))


def _between(fixed: Sequence[str], text: str) -> list[str]:
    """What stands between these pieces of `text`, each as short as can be and not empty; nothing where they are not its
    pieces."""
    first, *others = fixed
    if not others or not text.startswith(first):
        return []
    *inner, last = others
    at, found = len(first), list[str]()
    for piece in inner:
        end = text.find(piece, at + 1)
        if end < 0:
            return []
        found.append(text[at:end])
        at = end + len(piece)
    end = len(text) - len(last)
    return [*found, text[at:end]] if at < end and text.endswith(last) else []
