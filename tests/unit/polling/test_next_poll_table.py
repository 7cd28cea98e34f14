"""What each answer makes of a source: its state, its next turn, and what decides. The cases are lines of
`polling_table.txt`; it is Monday, 2026-11-23, 10:00 UTC, and `fetch.min_interval` is ten minutes.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aggregator.fetch.errors import from_status
from aggregator.model.poll_hints import PollHints
from aggregator.polling import NextPoll, PollState, Schedule, poll_after_answer, poll_after_failure
from aggregator.polling.jitter import MOST, MOST_AT_FIRST

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
TABLE = Path(__file__).with_name("polling_table.txt")
UNITS = {"d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1), "s": timedelta(seconds=1)}


@dataclass(frozen=True)
class Case:
    every: str
    before: str
    answer: str
    said: str
    state: str
    next: str
    why: str


def cases() -> Iterator[Case]:
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            cells = [cell.strip() for cell in line.split("|")]
            yield Case(*cells, *[""] * (7 - len(cells)))


def span(text: str) -> timedelta:
    return sum((int(number) * UNITS[unit] for number, unit in re.findall(r"(\d+)([dhms])", text)), timedelta(0))


def schedule(text: str) -> Schedule:
    if text.startswith("cron "):
        return Schedule(text.removeprefix("cron "))
    return Schedule(None if text == "adaptive" else span(text))


def known(case: Case) -> PollState:
    """`failed 3`: three failures with 500 in a row; `410 3h`: the first 410 was three hours ago; `410 3h 500`: then
    another status; `gone`: a person resumed it; `fresh 12h`: the freshness lifetime of the last answer."""
    before, _, fresh = case.before.partition(" fresh ")
    one = PollState("blog", schedule(case.every), fresh=span(fresh), hints=hints(case.said), status=200)
    match before.split():
        case ["new"]:
            return replace(one, status=0, is_new=True)
        case ["failed", count]:
            return replace(one, status=500, failures=int(count))
        case ["410", ago]:
            return replace(one, status=410, failures=1, gone_since=NOW - span(ago))
        case ["410", ago, "timeout"]:
            return replace(one, status=410, failures=2, gone_since=NOW - span(ago))
        case ["410", _, status]:
            return replace(one, status=int(status), failures=2)
        case ["gone"]:
            return replace(one, status=410, failures=2, gone_since=NOW - span("2d"))
    assert before == "ok"
    return one


def headers_in(said: str) -> dict[str, str]:
    return {name.strip(): value.strip() for name, _, value in (part.partition(":") for part in said.split(";"))}


def hints(said: str) -> PollHints:
    words = headers_in(said)
    return PollHints(
        ttl=timedelta(minutes=int(words.get("ttl", 0))),
        period=span(words.get("period", "")),
        skip_hours=tuple(map(int, words.get("skipHours", "").split())),
        skip_days=tuple(map(int, words.get("skipDays", "").split())),
    )


def next_poll(case: Case) -> NextPoll:
    headers = headers_in(case.said)
    if not case.answer.isdecimal():
        return poll_after_failure(known(case), NOW)
    status = int(case.answer)
    if status in {200, 203, 304}:
        return poll_after_answer(known(case), NOW, status=status, headers=headers, published=[])
    fault = from_status(status, headers, NOW)
    return poll_after_failure(known(case), NOW, status=fault.status, retry_after=fault.retry_after)


def test_the_table_has_its_cases() -> None:
    found = list(cases())
    assert len(found) >= 200
    assert len({(case.every, case.before, case.answer, case.said) for case in found}) == len(found)


@pytest.mark.parametrize(
    "case", list(cases()), ids=lambda case: f"{case.every},{case.before},{case.answer},{case.said}"
)
def test_what_decides(case: Case) -> None:
    found = next_poll(case)
    assert found.state == case.state
    assert (found.failures == 0) is (case.state == "ok")
    if case.state == "gone":
        return
    assert (found.turn.at - NOW, found.turn.why) == (span(case.next), case.why)
    most = MOST_AT_FIRST if case.before == "new" else MOST
    assert timedelta(0) <= found.next_poll_at - found.turn.at <= most
    if case.every.startswith("cron") and case.state == "ok":
        assert found.next_poll_at == found.turn.at
    if found.retry_at:
        assert NOW < found.retry_at <= found.turn.at
