"""What may be shown of a source: name, address and messages, without secrets."""

from collections.abc import Mapping
from functools import cached_property

from aggregator.app import App
from aggregator.codec import unpack_or
from aggregator.config import SourceConfig
from aggregator.model.document import FeedInfo
from aggregator.store import SourceRow
from aggregator.text.masking import showable_text
from aggregator.text.normalize import legal, one_line, shorten
from aggregator.text.site_names import site_name

LONGEST_NAME = 200
LONGEST_MESSAGE = 300
_READ = 4000  # characters of a message that are read: what is shown is at its beginning


class Redactor:
    """The sources of the config, as they may be shown."""

    def __init__(self, app: App) -> None:
        self._app = app

    def name(self, row: SourceRow) -> str:
        """On one line: publishers choose it."""
        about = unpack_or(None if row.title else row.about, FeedInfo, FeedInfo())
        name = legal(one_line(row.title or about.title))
        return shorten(name or site_name(about.link, self.plain_address(row), row.id), LONGEST_NAME)

    def address(self, row: SourceRow) -> str:
        """As in the config, with the names of variables instead of their values."""
        source = self._sources.get(row.id)
        return source.shown_url if source and source.url == row.url else self.other(row, row.url)

    def plain_address(self, row: SourceRow) -> str:
        """The same, but "" where it holds a secret, or is no address of the web."""
        is_remote = row.url.startswith(("http://", "https://"))
        return row.url if is_remote and self.address(row) == row.url else ""

    def other(self, row: SourceRow, text: str) -> str:
        """Another text with an address of the source, for example its new address or its host."""
        source = self._sources.get(row.id)
        return source.hidden.masked(text) if source else showable_text(text)

    def message(self, row: SourceRow) -> str:
        return shorten(legal(one_line(self.other(row, row.error_message[:_READ]))), LONGEST_MESSAGE)

    def public_address(self, row: SourceRow) -> str:
        """For the public: "" where any part may be secret, or the source is a local file."""
        if not (self.plain_address(row) and self.is_public(row)):
            return ""
        return row.moved_url if row.moved_url and self.other(row, row.moved_url) == row.moved_url else row.url

    def is_public(self, row: SourceRow) -> bool:
        """Whether the public may know that this source is read."""
        return row.configured and row.published and row.id not in self._private

    @cached_property
    def _private(self) -> frozenset[str]:
        return frozenset(id_ for id_, one in self._sources.items() if one.has_secret_headers or one.publish is False)

    @cached_property
    def _sources(self) -> Mapping[str, SourceConfig]:
        return {one.id: one for one in self._app.sources}
