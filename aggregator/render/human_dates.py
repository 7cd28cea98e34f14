"""Dates as people read them on pages: English names, whatever the locale, in the time zone of the site."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from markupsafe import Markup

from aggregator.text.date_formats import rfc3339, utc

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class HumanDates:
    """The filters of templates for dates."""

    zone: ZoneInfo

    def local_date(self, moment: datetime) -> date:
        return utc(moment).astimezone(self.zone).date()

    def full_day(self, moment: datetime) -> str:
        """Such as `Thursday, 29 February 2024`."""
        return f"{WEEKDAYS[self.local_date(moment).weekday()]}, {self.human_day(moment)}"

    def human_day(self, moment: datetime) -> str:
        """Such as `29 February 2024`."""
        day = self.local_date(moment)
        return f"{day.day} {MONTHS[day.month - 1]} {day.year}"

    def clock(self, moment: datetime) -> str:
        """The time of day, such as `14:05`."""
        return f"{utc(moment).astimezone(self.zone):%H:%M}"

    def human_time(self, moment: datetime) -> str:
        """Such as `29 February 2024, 14:05 UTC`, with the offset of any other zone."""
        offset = utc(moment).astimezone(self.zone).isoformat(timespec="minutes")[16:]
        zone = "UTC" if offset == "+00:00" else f"UTC{offset}"
        return f"{self.human_day(moment)}, {self.clock(moment)} {zone}"

    def time_element(self, moment: datetime) -> Markup:
        return Markup('<time dir="ltr" datetime="{}">{}</time>').format(rfc3339(moment), self.human_time(moment))
