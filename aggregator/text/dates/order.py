"""Which number is the day in 05/01/2025: what a document proves, what was proved before, and what is likely.

In this order: a number over 12 or a weekday that fits one reading alone; the order that was remembered for the source;
the reading in which no date is later than now, and then the one that keeps the order of the entries; the language of
the document; else the day comes first, which is only assumed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from aggregator.text.dates.reading import Order, Reading

AHEAD = timedelta(hours=14)  # a clock without a zone may be the one farthest east
# As CLDR writes short dates. Of `en` alone, and of languages that write the year first, nothing is known.
_MONTH_FIRST = frozenset("en-us en-ph en-pr en-gu en-as en-mp en-vi en-um en-mh es-pr es-pa fil fil-ph".split())
_YEAR_FIRST = frozenset("ja zh ko hu lt mn".split())
_ENGLISH_UNKNOWN = frozenset("en en-ca en-za".split())


@dataclass(frozen=True, slots=True)
class OrderChoice:
    """`is_assumed`: nothing tells the order. `remembered`: what to remember for the source."""

    order: Order
    is_assumed: bool = False
    remembered: Order = ""


def choose_order(
    readings: Iterable[Reading],
    sequence: Sequence[Reading],
    *,
    now: datetime | None = None,
    remembered: Order = "",
    language: str = "",
) -> OrderChoice:
    """`readings`: of all dates of a document; `sequence`: of one date of each entry, in the document's order."""
    readings = list(readings)
    proofs = {one.proves for one in readings if one.proves}
    if len(proofs) == 1:
        proved = proofs.pop()
        return OrderChoice(proved, remembered=proved)
    doubtful = [one for one in readings if one.month_first]
    if remembered or not doubtful:
        return OrderChoice(remembered, remembered=remembered)
    if order := _likely(doubtful, sequence, now):
        return OrderChoice(order, remembered=order)
    order = order_of_language(language)
    return OrderChoice(order or "day", is_assumed=not order)


def _likely(doubtful: Sequence[Reading], sequence: Sequence[Reading], now: datetime | None) -> Order:
    """The order that alone is possible; "" if both are."""
    both: list[Order] = ["day", "month"]
    past = [one for one in both if now is None or max(_instants(doubtful, one)) <= now + AHEAD]
    kept = [one for one in past or both if _is_sorted(_instants(sequence, one))]
    return past[0] if len(past) == 1 else kept[0] if len(kept) == 1 else ""


def _instants(readings: Iterable[Reading], order: Order) -> list[datetime]:
    """At least one: the last resort is the first moment of all."""
    found = [moment for one in readings if (moment := one.instant(order, UTC))]
    return found or [datetime.min.replace(tzinfo=UTC)]


def _is_sorted(moments: Sequence[datetime]) -> bool:
    """Newest first or oldest first."""
    return all(a >= b for a, b in pairwise(moments)) or all(a <= b for a, b in pairwise(moments))


def order_of_language(tag: str) -> Order:
    """The order that people with this language tag (BCP 47) use, "" if the tag does not tell it."""
    parts = tag.lower().replace("_", "-").split("-")
    region = next((part for part in parts[1:] if len(part) == 2), "")
    name = f"{parts[0]}-{region}" if region else parts[0]
    if name in _MONTH_FIRST:
        return "month"
    return "" if not name or name in _ENGLISH_UNKNOWN or parts[0] in _YEAR_FIRST else "day"
