"""The health of sources: sentences, events and charts, from tables alone."""

import io
from datetime import datetime, timedelta
from typing import get_args
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from aggregator.cli.status import _print_table
from aggregator.cli.status import spark as spark_line
from aggregator.model.status import HealthEventKind, SourceStatus, Status
from aggregator.render.status_page import PAGE, chart, spark, turn_of
from aggregator.status.advice import OF_KIND, OF_STATUS, TROUBLED, UNKNOWN, UNSUITED, advice, sentence
from aggregator.status.diagnose import QUIET, SourceCondition, diagnose, needs_newest_dates, usual_silence
from aggregator.status.report import broken_by_day
from aggregator.store import HealthRow
from aggregator.web.status import prefers_json
from tests.support.planet import NOON

HOUR, DAY = timedelta(hours=1), timedelta(days=1)

# sentences


@pytest.mark.parametrize(
    "kind",
    "dns connect tls timeout redirect too-large truncated forbidden-address bot-wall not-a-feed parse folder".split(),
)
def test_each_class_of_fault_has_a_meaning_and_advice(kind: str) -> None:
    remedy = advice(kind)
    assert remedy is OF_KIND[kind]
    assert remedy.means.endswith(".")
    assert remedy.advice.endswith(".")


@pytest.mark.parametrize(
    ("message", "remedy"),
    [
        ("the server answered 401 Unauthorized: …", OF_STATUS[401]),
        ("the server answered 404 Not Found: no feed is there", OF_STATUS[404]),
        ("the server answered 429 Too Many Requests", OF_STATUS[429]),
        ("the server answered 503 Service Unavailable", TROUBLED),
        ("the server answered 204 No Content", UNSUITED),
        ("the server answered 402 Payment Required", UNSUITED),
        ("the server answered 418 I'm a Teapot", UNSUITED),
        ("x: what it answered is not HTTP", OF_KIND["status"]),
    ],
)
def test_a_status_is_recognized_by_its_number(message: str, remedy: object) -> None:
    assert advice("status", message) is remedy


def test_an_unknown_class_has_advice_too() -> None:
    assert advice("of tomorrow", "x") is UNKNOWN


def test_no_word_of_a_server_is_in_a_public_sentence() -> None:
    said = sentence("status", "the server answered 404 <script>: https://secret.example/?token=1")
    assert said == f"{OF_STATUS[404].means} (Its server answers 404 Not Found.)"
    assert sentence("dns", "secret.example has no address") == OF_KIND["dns"].means
    assert sentence("status", "the server answered 599 Odd").endswith("(Its server answers 599.)")


# events


def condition(state: str = "ok", **more: object) -> SourceCondition:
    return SourceCondition("a", "https://a.example/f", state, "A", "https://a.example/f", **more)  # type: ignore[arg-type]


def events(
    steps: list[SourceCondition], row: HealthRow | None = None, every: timedelta = HOUR
) -> list[tuple[int, str]]:
    """(step, kind) of all events."""
    found: list[tuple[int, str]] = []
    for step, one in enumerate(steps):
        changes, row = diagnose(one, row, NOON + step * every)
        found += [(step, change.kind) for change in changes]
    return found


def failing(count: int, since: datetime = NOON) -> SourceCondition:
    return condition("failing", failures=count, state_since=since, kind="timeout")


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([condition()] * 4, []),
        ([condition("new"), condition()], []),
        ([condition(), failing(1), failing(2), condition()], []),
        ([condition(), failing(1), failing(2), failing(3), failing(4), failing(5)], [(3, "broke")]),
        ([failing(1), failing(2), failing(3), condition(), condition()], [(2, "broke"), (3, "recovered")]),
        ([condition(), failing(2), condition(), failing(1), failing(3), condition()], [(4, "broke"), (5, "recovered")]),
        ([condition(), failing(1), condition("gone", failures=2), condition("gone", failures=2)], [(2, "gone")]),
        ([condition(), failing(3), condition("gone"), condition()], [(1, "broke"), (2, "gone"), (3, "recovered")]),
        (
            [condition(), failing(3), condition("paused"), condition("paused"), condition()],
            [(1, "broke"), (4, "recovered")],
        ),
        ([condition(), failing(3), condition("new"), failing(3), failing(4)], [(1, "broke")]),
        ([condition("gone")], [(0, "gone")]),
    ],
)
def test_each_change_is_one_event_and_a_passing_fault_is_none(
    steps: list[SourceCondition], expected: list[tuple[int, str]]
) -> None:
    assert events(steps) == expected


def test_a_source_that_is_pulled_once_a_day_is_broken_after_a_day() -> None:
    since = NOON + DAY
    assert events([condition(), failing(1, since), failing(2, since)], every=DAY) == [(2, "broke")]


def test_a_new_address_is_one_event() -> None:
    other = SourceCondition("a", "https://b.example/f", "ok", "A", "https://b.example/f")
    assert events([condition(), other, other, condition()]) == [(1, "moved"), (3, "moved")]
    changes, _ = diagnose(other, HealthRow("a", "https://a.example/f", "ok", NOON), NOON)
    assert [change.message for change in changes] == ["Its address is https://b.example/f now."]
    hidden = SourceCondition("a", "https://b.example/?token=1", "ok", "A")
    changes, _ = diagnose(hidden, HealthRow("a", "https://a.example/f", "ok", NOON), NOON)
    assert [change.message for change in changes] == ["Its address is another one now."]
    folder = SourceCondition("a", "posts-2", "ok", "A", is_folder=True)
    assert diagnose(folder, HealthRow("a", "posts", "ok", NOON), NOON)[0] == []


def test_silence_is_one_event_until_something_new_comes() -> None:
    assert events([condition()] * 65, every=DAY) == [(30, "silent")]
    _, row = diagnose(condition(), None, NOON)
    assert not needs_newest_dates(row, NOON + 29 * DAY)
    assert needs_newest_dates(row, NOON + 30 * DAY)
    _, row = diagnose(condition(newest_at=NOON + 20 * DAY), row, NOON + 30 * DAY)
    assert (row.silent, row.quiet_at) == (False, NOON + 50 * DAY)
    _, row = diagnose(condition(newest_at=NOON + 20 * DAY), row, NOON + 50 * DAY)
    assert row.silent
    assert needs_newest_dates(row, NOON)
    changes, row = diagnose(condition(newest_at=NOON + 60 * DAY), row, NOON + 60 * DAY)
    assert (changes, row.silent) == ([], False)
    changes, _ = diagnose(condition(newest_at=NOON + 60 * DAY), row, NOON + 91 * DAY)
    assert changes[0].message == "Nothing new came since 2027-01-22, 31 days: longer than usual."


def test_a_source_with_long_gaps_is_silent_later() -> None:
    _, row = diagnose(condition(), None, NOON)
    changes, row = diagnose(condition(newest_at=NOON, published=[NOON, NOON - 20 * DAY]), row, NOON + 30 * DAY)
    assert (changes, row.quiet_at) == ([], NOON + 100 * DAY)
    assert diagnose(SourceCondition("a", "posts", "ok", "A", is_folder=True), None, NOON)[1].quiet_at is None


def test_a_failing_source_is_not_silent() -> None:
    _, row = diagnose(condition(), None, NOON)
    changes, _ = diagnose(failing(9), row, NOON + 50 * DAY)
    assert [change.kind for change in changes] == ["broke"]


@pytest.mark.parametrize(
    ("gaps", "expected"), [([], QUIET), ([1, 1, 1], QUIET), ([30, 10, 30], 150 * DAY), ([7, 7], 35 * DAY)]
)
def test_usual_silence_follows_the_median_gap(gaps: list[int], expected: timedelta) -> None:
    dates = [NOON]
    for gap in gaps:
        dates.append(dates[-1] - gap * DAY)
    assert usual_silence(dates) == expected


def test_newly_held_entries_are_one_event() -> None:
    first, second = condition(held=1, held_at=NOON), condition(held=7, held_at=NOON + HOUR)
    assert events([first, first, second, second, condition()]) == [(0, "held"), (2, "held")]
    changes, _ = diagnose(first, None, NOON)
    assert changes[0].message.startswith("1 entry is held until ")


def test_another_site_is_one_event_until_it_is_another_again() -> None:
    first = condition(site_changed_at=NOON, evidence="the feed has quite another title")
    again = condition(site_changed_at=NOON + HOUR, evidence="the feed has quite another title")
    assert events([first, first, condition(), again, again]) == [(0, "site"), (3, "site")]
    changes, _ = diagnose(first, None, NOON)
    assert changes[0].message == (
        "Its new entries are held until somebody trusts it: the feed has quite another title."
    )


def test_every_kind_has_a_label() -> None:
    from aggregator.publish.event_words import LABELS

    assert set(LABELS) == set(get_args(HealthEventKind))


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        ([], [0, 0, 0]),
        ([("a", -9 * DAY, "broke")], [1, 1, 1]),
        ([("a", -DAY, "broke"), ("b", 0 * DAY, "gone")], [0, 1, 2]),
        ([("a", -DAY, "broke"), ("a", -DAY, "recovered")], [0, 0, 0]),
        ([("a", -2 * DAY, "broke"), ("a", -DAY, "gone"), ("a", 0 * DAY, "recovered")], [1, 1, 0]),
        ([("left", -2 * DAY, "broke")], [0, 0, 0]),
        ([("a", -DAY - 12 * HOUR, "broke")], [0, 1, 1]),  # at midnight: the day that begins
    ],
)
def test_broken_sources_are_counted_at_the_end_of_each_day(
    turns: list[tuple[str, timedelta, str]], expected: list[int]
) -> None:
    moments = [(source, NOON + after, kind) for source, after, kind in turns]
    assert list(broken_by_day(moments, {"a", "b"}, NOON, days=3)) == expected


# charts


@pytest.mark.parametrize("counts", [[], [0, 0]])
def test_nothing_is_drawn_of_zeros(counts: list[int]) -> None:
    assert spark(counts, "x") == chart(counts, "x") == ""


@pytest.mark.parametrize("counts", [[1], [3, 0, 10**6, 1], [-1, 5]])
def test_a_chart_is_well_formed_and_stays_in_its_frame(counts: list[int]) -> None:
    for drawn in (spark(counts, 'a "<b>" & c'), chart(counts, "x")):
        svg = ET.fromstring(drawn)
        _, _, width, height = map(float, svg.attrib["viewBox"].split())
        assert svg.attrib["role"] == "img"
        bars = [bar for bar in svg[0].attrib["d"].split("M") if bar]
        assert len(bars) == len(counts)
        for bar in bars:
            x, _, rest = bar.partition(" ")
            tall = float(rest.split("v-")[1].split("h")[0])
            assert 0 <= float(x) < width
            assert 0 < tall <= height
    assert 'style="' not in drawn
    assert ET.fromstring(spark(counts, 'a "<b>" & c')).attrib["aria-label"] == 'a "<b>" & c'


def test_the_highest_bar_is_as_high_as_the_chart() -> None:
    assert "v-16h" in spark([1, 2, 4], "x")
    assert "v-4h" in spark([1, 2, 4], "x")


@pytest.mark.parametrize(
    ("counts", "line"), [((), ""), ((0, 0), "  "), ((1, 0, 8), "▁ █"), ((5, 5), "██"), ((1, 100), "▁█")]
)
def test_a_line_of_bars_is_as_long_as_its_days(counts: tuple[int, ...], line: str) -> None:
    assert spark_line(counts) == line


@pytest.mark.parametrize(
    ("width", "encoding", "has_bars"), [(80, "utf-8", True), (30, "utf-8", False), (80, "ascii", False)]
)
def test_bars_are_shown_where_the_terminal_is_wide_and_has_the_characters(
    width: int, encoding: str, has_bars: bool
) -> None:
    out = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    console = Console(file=out, width=width)
    one = SourceStatus("a", "A", "", "ok", None, None, None, None, 3, 0, "", "", "", "", True, False, None, (1, 2))
    _print_table(Status(NOON, (one,)), console)
    out.seek(0)
    assert ("▄█" in out.read()) is has_bars


@pytest.mark.parametrize(
    ("count", "asked", "number", "last"),
    [(0, 1, 1, 1), (PAGE, 2, 1, 1), (PAGE + 1, 2, 2, 2), (10_000, 0, 1, 50), (10_000, 99, 50, 50)],
)
def test_a_missing_page_number_gives_the_nearest(count: int, asked: int, number: int, last: int) -> None:
    turn = turn_of(count, asked)
    assert (turn.number, turn.last) == (number, last)


@pytest.mark.parametrize(
    ("accept", "is_json"),
    [
        ("", False),
        ("*/*", False),
        ("text/html,application/xhtml+xml,*/*;q=0.8", False),
        ("application/json", True),
        ("application/json, text/plain, */*", True),
        ("application/json;q=0.5, text/html", False),
        ("text/html;q=0.5, application/json;q=0.9", True),
        ("application/*", True),
        ("application/json;q=0", False),
        ("application/json; charset=utf-8; q=1.0", True),
        ("ünsinn,,;q=x", False),
    ],
)
def test_json_is_sent_where_accept_prefers_it(accept: str, is_json: bool) -> None:
    assert prefers_json(accept) is is_json
