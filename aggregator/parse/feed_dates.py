"""The dates of a feed, from their texts: what feedparser makes of them is not used, because it guesses."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from aggregator.parse.untrusted_dict import Raw, string
from aggregator.text.dates import DateContext, DateReader, OrderChoice


@dataclass(frozen=True, slots=True)
class DateKeys:
    """Where dates stand in an entry and in the feed, the most telling first."""

    entry: tuple[str, ...]
    feed: tuple[str, ...]


FEEDPARSER = DateKeys(("published", "created", "updated"), ("updated", "published"))
JSON_FEED = DateKeys(("date_published", "date_modified"), ())


class FeedDates:
    """Fractions of seconds are dropped; dates without a zone are UTC.

    `order`: of day and month, to be remembered for the source; "" where nothing tells.
    """

    def __init__(self, about: Raw, entries: Sequence[Raw], context: DateContext, keys: DateKeys = FEEDPARSER) -> None:
        self._keys = keys
        self._of_feed = tuple(_texts(about, keys.feed))
        texts = [tuple(_texts(entry, keys.entry)) for entry in entries]
        self._reader = DateReader(texts, self._of_feed, context=context, language=string(about, "language"))
        self.order = self._reader.choice.remembered

    @property
    def are_plain(self) -> bool:
        """Whether each of them has one meaning, whatever the others are."""
        return self._reader.choice == OrderChoice("")

    def of(self, data: Raw, *keys: str) -> datetime | None:
        """The first of these dates that can be read."""
        moments = (self._reader.read(text) for text in _texts(data, keys))
        return next((moment.replace(microsecond=0) for moment in moments if moment), None)

    def faults(self, entry: Raw) -> tuple[str, ...]:
        return self._reader.faults(_texts(entry, self._keys.entry))

    def faults_of_feed(self) -> tuple[str, ...]:
        return self._reader.faults(self._of_feed)


def _texts(data: Raw, keys: Iterable[str]) -> Iterable[str]:
    return (text for key in keys if (text := _text(data, key)))


def _text(data: Raw, key: str) -> str:
    """A number of a JSON Feed counts as Unix time."""
    value = data.get(key)
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else string(data, key)
