"""How often a document asks to be asked."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class PollHints:
    """RSS `ttl`, `skipHours` and `skipDays`, and the interval of `sy:updatePeriod` and `sy:updateFrequency`.

    Hours are 0 to 23 and days 0 (Monday) to 6, of GMT; in them nobody is to ask.
    """

    ttl: timedelta = timedelta(0)
    period: timedelta = timedelta(0)
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()


UNPACED = PollHints()
