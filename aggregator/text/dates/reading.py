"""What a text says about a date, before the order of its numbers and the zone are decided."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Literal

Order = Literal["", "day", "month"]  # which of two numbers comes first; "" where nothing tells


@dataclass(frozen=True, slots=True)
class Reading:
    """`local`: the naive time on the writer's clock; of a date such as 05/01/2025, with the day first. `month_first`:
    the other reading, if both are possible. `proves`: the order that the text proves. `zone`: None if it names none.
    `is_counted`: Unix time, which claims no zone."""

    local: datetime
    zone: tzinfo | None = None
    month_first: datetime | None = None
    proves: Order = ""
    is_counted: bool = False

    def instant(self, order: Order, zone: tzinfo, utc_offset: timedelta = timedelta(0)) -> datetime | None:
        """In UTC; None outside of the years 1 to 9999. `zone`: for a text without one. `utc_offset` is added where the
        text claims to be UTC."""
        local = self.month_first if self.month_first and order == "month" else self.local
        try:
            moment = local.replace(tzinfo=self.zone or zone).astimezone(UTC)
            return moment + utc_offset if utc_offset and self.zone is UTC and not self.is_counted else moment
        except OverflowError:
            return None
