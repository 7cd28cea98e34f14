"""Dates as each language writes them in full, after CLDR; the English is British."""

from dataclasses import dataclass
from datetime import date

NUMBERS = tuple(map(str, range(1, 13)))


@dataclass(frozen=True, slots=True)
class DateForm:
    """`months`: January first; `weekdays`: Monday first; `day` has the gaps {day}, {month} and {year}, `full_day` has
    {weekday} and {date}, `time` has {date}, {time} and {zone}."""

    months: tuple[str, ...]
    weekdays: tuple[str, ...]
    day: str
    full_day: str = "{weekday}, {date}"
    time: str = "{date}, {time} {zone}"

    def of_day(self, day: date) -> str:
        return self.day.format(day=day.day, month=self.months[day.month - 1], year=day.year)

    def of_full_day(self, day: date) -> str:
        """With the day of the week, as in a heading."""
        text = self.full_day.format(weekday=self.weekdays[day.weekday()], date=self.of_day(day))
        return text[0].upper() + text[1:]

    def of_time(self, day: date, time: str, zone: str) -> str:
        return self.time.format(date=self.of_day(day), time=time, zone=zone)


EN = DateForm(
    tuple("January February March April May June July August September October November December".split()),
    tuple("Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()),
    "{day} {month} {year}",
)
DE = DateForm(
    tuple("Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split()),
    tuple("Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag".split()),
    "{day}. {month} {year}",
)
ES = DateForm(
    tuple("enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split()),
    tuple("lunes martes miércoles jueves viernes sábado domingo".split()),
    "{day} de {month} de {year}",
)
FR = DateForm(
    tuple("janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()),
    tuple("lundi mardi mercredi jeudi vendredi samedi dimanche".split()),
    "{day} {month} {year}",
    "{weekday} {date}",
)
JA = DateForm(
    NUMBERS,
    tuple(f"{sign}曜日" for sign in "月火水木金土日"),
    "{year}年{month}月{day}日",
    "{date}{weekday}",
    "{date} {time} {zone}",
)
ZH_CN = DateForm(NUMBERS, tuple(f"星期{sign}" for sign in "一二三四五六日"), JA.day, JA.full_day, JA.time)
ZH_TW = DateForm(NUMBERS, ZH_CN.weekdays, JA.day, "{date} {weekday}", JA.time)

FORMS = {"en": EN, "de": DE, "es": ES, "fr": FR, "ja": JA, "zh_CN": ZH_CN, "zh_TW": ZH_TW}  # by catalog
