"""Poll hints of a document: RSS `ttl`, `skipHours`, `skipDays`; `sy:updatePeriod`, `sy:updateFrequency`."""

import re
from datetime import timedelta

from feedparser.mixin import _FeedParserMixin

from aggregator.model.poll_hints import PollHints

_PERIODS = {
    "hourly": timedelta(hours=1),
    "daily": timedelta(days=1),
    "weekly": timedelta(days=7),
    "monthly": timedelta(days=30),
    "yearly": timedelta(days=365),
}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_LONGEST = timedelta(days=365)
_MOST = 100  # elements of one name that are read
_NUMBER = re.compile(r"[0-9]{1,9}")


class PollHintsReader(_FeedParserMixin):  # type: ignore[misc]
    """Handlers for these elements, because feedparser keeps only the last of each name. Inside an entry they do not
    count.
    """

    def __init__(self, base: str, language: str | None, encoding: str) -> None:
        super().__init__(base, language, encoding)
        self.hint_texts: dict[str, list[str]] = {}


def _add_handlers(name: str) -> None:
    def start(self: PollHintsReader, _: dict[str, str]) -> None:
        self.push(name, 1)

    def end(self: PollHintsReader) -> None:
        text = self.pop(name)
        texts = self.hint_texts.setdefault(name, [])
        if isinstance(text, str) and not self.inentry and len(texts) < _MOST:
            texts.append(text.strip())

    setattr(PollHintsReader, f"_start_{name}", start)
    setattr(PollHintsReader, f"_end_{name}", end)


for _name in ("ttl", "hour", "day", "sy_updateperiod", "sy_updatefrequency"):
    _add_handlers(_name)


def poll_hints_of(texts: dict[str, list[str]]) -> PollHints:
    """From element name → texts in document order. Unreadable texts are ignored; hour 24 is 0 (RSS 0.91)."""
    hours = {number % 24 for text in texts.get("hour", ()) if (number := _number(text)) is not None and number <= 24}
    days = {_DAYS.index(text.lower()) for text in texts.get("day", ()) if text.lower() in _DAYS}
    return PollHints(
        ttl=min(timedelta(minutes=_number(_first(texts, "ttl")) or 0), _LONGEST),
        period=_period(_first(texts, "sy_updateperiod"), _first(texts, "sy_updatefrequency")),
        skip_hours=tuple(sorted(hours)),
        skip_days=tuple(sorted(days)),
    )


def _period(name: str, frequency: str) -> timedelta:
    """The time between two updates: the period divided by the frequency, which is 1 by default."""
    return _PERIODS.get(name.lower(), timedelta(0)) / (_number(frequency) or 1)


def _first(texts: dict[str, list[str]], name: str) -> str:
    return next(iter(texts.get(name, ())), "")


def _number(text: str) -> int | None:
    return int(text) if _NUMBER.fullmatch(text) else None
