"""The dates of one document as instants, all read in one order of day and month."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from aggregator.text.dates.order import OrderChoice, choose_order
from aggregator.text.dates.reading import Order, Reading
from aggregator.text.dates.text_reader import read_text

NO_DATE = "not a date: {text}"
ASSUMED = "which number is the day is not known: {text} is read as {date}"
_ORDERS: Mapping[str, Order] = {"day": "day", "month": "month"}
_DIGITS, _LETTERS = re.compile(r"\d++"), re.compile(r"[^\W\d_]++")


@dataclass(frozen=True, slots=True)
class DateContext:
    """What is known beside the document. `now`: no date is later, if anything else is possible; None if nobody knows.
    `order`: of day and month, as remembered for the source: `day` or `month` first, else ""."""

    now: datetime | None = None
    order: str = ""


NO_CONTEXT = DateContext()


class DateReader:
    """`entries`: for each entry the texts of its dates, the one to sort it by first. `others`: texts of other dates.
    `language`: the document's. `zone`: for dates without one; `utc_offset`: added to dates that claim to be UTC."""

    def __init__(
        self,
        entries: Sequence[Sequence[str]] = (),
        others: Sequence[str] = (),
        *,
        context: DateContext = NO_CONTEXT,
        language: str = "",
        zone: tzinfo = UTC,
        utc_offset: timedelta = timedelta(0),
    ) -> None:
        self._zone, self._utc_offset = zone, utc_offset
        self._readings: dict[str, Reading | None] = {}
        sequence = [self._first(texts) for texts in entries]
        for text in (*others, *(text for texts in entries for text in texts)):
            self._reading(text)
        self.choice: OrderChoice = choose_order(
            [one for one in self._readings.values() if one],
            [one for one in sequence if one],
            now=context.now,
            remembered=_ORDERS.get(context.order, ""),
            language=language,
        )

    def read(self, text: str) -> datetime | None:
        """Aware UTC; None if the text is not a date that exists.

        A repeated hour is the first of the two, an hour that a change of clocks skips is moved forward. A day alone is
        its first moment, a month its first day.
        """
        reading = self._reading(text)
        return reading.instant(self.choice.order, self._zone, self._utc_offset) if reading else None

    def faults(self, texts: Iterable[str]) -> tuple[str, ...]:
        """What a person should know of these dates: those that cannot be read, and those that may mean another day.

        The texts are quoted whole, so that a secret in them can still be found.
        """
        return tuple(fault for text in texts if text and (fault := self._fault(text)))

    def _fault(self, text: str) -> str:
        reading = self._reading(text)
        if self.read(text) is None:
            return NO_DATE.format(text=text)
        if self.choice.is_assumed and reading and reading.month_first:
            return ASSUMED.format(text=text, date=reading.local.date())
        return ""

    def _first(self, texts: Sequence[str]) -> Reading | None:
        return next(filter(None, map(self._reading, texts)), None)

    def _reading(self, text: str) -> Reading | None:
        if text not in self._readings:
            self._readings[text] = read_text(text)
        return self._readings[text]


def shape(text: str) -> str:
    """Equal for texts that differ only in their words and numbers."""
    return _LETTERS.sub("a", _DIGITS.sub("0", text))
