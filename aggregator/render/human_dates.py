"""Dates as people read them on pages: in the language of the page, and the time zone of the site."""

from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

from aggregator.render.date_forms import FORMS, DateForm
from aggregator.render.words import Words
from aggregator.text.date_formats import rfc3339, utc


@dataclass(frozen=True, slots=True)
class HumanDates:
    """The filters of templates for dates."""

    zone: ZoneInfo
    words: Words = field(default_factory=Words)

    @property
    def _form(self) -> DateForm:
        return FORMS[self.words.catalog]

    def local_date(self, moment: datetime) -> date:
        return utc(moment).astimezone(self.zone).date()

    def full_day(self, moment: datetime) -> str:
        """Such as `Thursday, 29 February 2024`."""
        return self._form.of_full_day(self.local_date(moment))

    def human_day(self, moment: datetime) -> str:
        """Such as `29 February 2024`."""
        return self._form.of_day(self.local_date(moment))

    def clock(self, moment: datetime) -> str:
        """The time of day, such as `14:05`."""
        return f"{utc(moment).astimezone(self.zone):%H:%M}"

    def human_time(self, moment: datetime) -> str:
        """Such as `29 February 2024, 14:05 UTC`, with the offset of any other zone."""
        local = utc(moment).astimezone(self.zone)
        text = local.isoformat(timespec="minutes")
        clock, offset = text[11:16], text[16:]
        return self._form.of_time(local, clock, "UTC" if offset == "+00:00" else f"UTC{offset}")

    def time_element(self, moment: datetime, around: str = "") -> Markup:
        """`around`: the language of what it stands in, "" for that of the page."""
        language = self.words.language_mark(around)
        shown = escape(self.human_time(moment))
        return Markup(f'<time dir="ltr"{language} datetime="{rfc3339(moment)}">{shown}</time>')  # noqa: S704 - our text
