"""How often a document asks to be asked: RSS `ttl`, `skipHours`, `skipDays`; `sy:updatePeriod` and its like."""

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
_MOST = 100  # words of a kind that are looked at
_NUMBER = re.compile(r"[0-9]{1,9}")


class PollHintsReader(_FeedParserMixin):  # type: ignore[misc]
    """feedparser's handlers, and some for these elements, of which it keeps the last of each name alone. What stands
    in an entry is not said of the feed.
    """

    def __init__(self, base: str, language: str | None, encoding: str) -> None:
        super().__init__(base, language, encoding)
        self.paced: dict[str, list[str]] = {}


def _kept(name: str) -> None:
    def start(self: PollHintsReader, _: dict[str, str]) -> None:
        self.push(name, 1)

    def end(self: PollHintsReader) -> None:
        text = self.pop(name)
        words = self.paced.setdefault(name, [])
        if isinstance(text, str) and not self.inentry and len(words) < _MOST:
            words.append(text.strip())

    setattr(PollHintsReader, f"_start_{name}", start)
    setattr(PollHintsReader, f"_end_{name}", end)


for _name in ("ttl", "hour", "day", "sy_updateperiod", "sy_updatefrequency"):
    _kept(_name)


def pace_of(paced: dict[str, list[str]]) -> PollHints:
    """From texts by name, in document order. What cannot be read asks for nothing; hour 24 is 0 (RSS 0.91)."""
    hours = {number % 24 for text in paced.get("hour", ()) if (number := _number(text)) is not None and number <= 24}
    days = {_DAYS.index(text.lower()) for text in paced.get("day", ()) if text.lower() in _DAYS}
    return PollHints(
        ttl=min(timedelta(minutes=_number(_first(paced, "ttl")) or 0), _LONGEST),
        period=_period(_first(paced, "sy_updateperiod"), _first(paced, "sy_updatefrequency")),
        skip_hours=tuple(sorted(hours)),
        skip_days=tuple(sorted(days)),
    )


def _period(name: str, frequency: str) -> timedelta:
    """The time between two updates, of which there are so many in a period; once, where nothing is said of that."""
    return _PERIODS.get(name.lower(), timedelta(0)) / (_number(frequency) or 1)


def _first(paced: dict[str, list[str]], name: str) -> str:
    return next(iter(paced.get(name, ())), "")


def _number(text: str) -> int | None:
    return int(text) if _NUMBER.fullmatch(text) else None
