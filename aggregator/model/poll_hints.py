"""How often a document asks to be polled."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class PollHints:
    """RSS `ttl`, `skipHours` and `skipDays`, and the interval of `sy:updatePeriod` and `sy:updateFrequency`.

    The document is not to be polled in the skipped hours (0 to 23) and days (0 is Monday), both in GMT.
    """

    ttl: timedelta = timedelta(0)
    period: timedelta = timedelta(0)
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()


NO_HINT = PollHints()
