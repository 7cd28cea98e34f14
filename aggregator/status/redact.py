"""What of a source may be seen: its name, its address without secrets, what was said of it without them."""

from collections.abc import Mapping
from functools import cached_property

from aggregator.app import App
from aggregator.codec import unpack_or
from aggregator.config import SourceConfig
from aggregator.model.document import FeedInfo
from aggregator.store import SourceRow
from aggregator.text.masking import showable_text
from aggregator.text.normalize import legal, one_line, shorten

LONGEST_NAME = 200
LONGEST_MESSAGE = 300
_READ = 4000  # characters of a message; what is shown of it is at its beginning


class Shown:
    """A house's sources, for others' eyes."""

    def __init__(self, app: App) -> None:
        self._app = app

    def name(self, row: SourceRow) -> str:
        """On one line; publishers write it."""
        about = unpack_or(None if row.title else row.about, FeedInfo, FeedInfo())
        return shorten(legal(one_line(row.title or about.title)), LONGEST_NAME) or row.id

    def address(self, row: SourceRow) -> str:
        """As the config has it, with the names of variables in place of their values."""
        source = self._sources.get(row.id)
        return source.shown_url if source and source.url == row.url else self.other(row, row.url)

    def other(self, row: SourceRow, text: str) -> str:
        """Another address of the source, as where it moved to, or its host."""
        source = self._sources.get(row.id)
        return source.hidden.masked(text) if source else showable_text(text)

    def message(self, row: SourceRow) -> str:
        return shorten(legal(one_line(self.other(row, row.error_message[:_READ]))), LONGEST_MESSAGE)

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
        return frozenset(id_ for id_, one in self._sources.items() if one.has_secret_headers or one.publish is False)

    @cached_property
    def _sources(self) -> Mapping[str, SourceConfig]:
        return {one.id: one for one in self._app.sources}
