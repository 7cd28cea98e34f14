"""Whether the clock agrees with the times in the state."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from aggregator.app import CLOCK_SLACK
from aggregator.doctor.result import CheckResult, note, ok, problem

VARIABLE = "AGGREGATOR_NOW"


def check_clock(now: datetime, newest: datetime | None, environment: Mapping[str, str]) -> Iterator[CheckResult]:
    """`newest`: the time of the newest batch in the state."""
    if environment.get(VARIABLE):
        yield note("clock", f"{VARIABLE} is set: commands take {now:%Y-%m-%d %H:%M} UTC as now", f"`unset {VARIABLE}`")
    if newest and now < newest - CLOCK_SLACK:
        yield problem(
            "clock",
            f"it says {now:%Y-%m-%d %H:%M} UTC, and the state was written at {newest:%Y-%m-%d %H:%M}: runs are refused",
            "set it right; if it was wrong then and is right now, `aggregator db clock --accept-now`",
        )
    else:
        since = f", after the newest time in the state, {newest:%Y-%m-%d %H:%M}" if newest else ""
        yield ok("clock", f"{now:%Y-%m-%d %H:%M} UTC{since}")
