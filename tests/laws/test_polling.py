"""Properties of polling: never below the minimum, never earlier than asked, jitter only adds."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from aggregator.model.poll_hints import PollHints
from aggregator.polling import (
    NextPoll,
    PollState,
    Refusals,
    Schedule,
    after_refusal,
    poll_after_answer,
    poll_after_failure,
)
from aggregator.polling.jitter import MOST, MOST_AT_FIRST, jitter
from aggregator.polling.publisher_hints import skipped_by

DAY, WEEK = timedelta(days=1), timedelta(days=7)

times = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001
spans = st.integers(0, 8 * 86_400).map(lambda seconds: timedelta(seconds=seconds))
schedules = st.builds(
    Schedule,
    every=st.none() | spans | st.sampled_from(["* * * * *", "0 7 * * *", "*/20 * * * mon"]),
    floor=st.integers(0, 7200).map(lambda seconds: timedelta(seconds=seconds)),
)
paces = st.builds(
    PollHints,
    ttl=spans,
    period=spans,
    skip_hours=st.lists(st.integers(0, 23), max_size=24, unique=True).map(tuple),
    skip_days=st.lists(st.integers(0, 6), max_size=7, unique=True).map(tuple),
)
sources = st.builds(
    PollState,
    id=st.text(max_size=8),
    schedule=schedules,
    failures=st.integers(0, 10**6),
    status=st.sampled_from([0, 200, 304, 410, 500]),
    fresh=spans,
    hints=paces,
    is_new=st.booleans(),
)


def next_poll(known: PollState, now: datetime, *, is_answered: bool) -> NextPoll:
    if not is_answered:
        return poll_after_failure(known, now)
    return poll_after_answer(known, now, status=304, headers={}, published=[])


@given(sources, times, spans, st.lists(spans, max_size=12), st.sampled_from([200, 304]))
def test_after_an_answer_no_floor_is_undercut(
    known: PollState, now: datetime, max_age: timedelta, ages: list[timedelta], status: int
) -> None:
    headers = {"cache-control": f"max-age={int(max_age.total_seconds())}"}
    found = poll_after_answer(known, now, status=status, headers=headers, published=[now - age for age in ages])
    asked = (max_age, known.hints.ttl, known.hints.period)
    assert found.turn.at - now >= max(known.schedule.floor, *(min(span, DAY) for span in asked))
    if isinstance(known.schedule.every, timedelta):
        assert found.turn.at - now >= known.schedule.every


@given(sources, times, st.none() | spans, st.sampled_from([0, 404, 429, 503]))
def test_after_a_fault_no_floor_is_undercut(
    known: PollState, now: datetime, retry_after: timedelta | None, status: int
) -> None:
    found = poll_after_failure(known, now, status=status, retry_after=retry_after)
    asked = min(retry_after or timedelta(0), WEEK)
    assert found.turn.at - now >= max(
        known.schedule.floor, asked, min(known.hints.ttl, DAY), min(known.hints.period, DAY)
    )
    assert found.retry_at is None or now + asked == found.retry_at <= found.turn.at


@given(sources, times, st.booleans())
def test_hours_that_are_to_be_skipped_are_but_no_longer_than_a_day(
    known: PollState, now: datetime, is_answered: bool
) -> None:
    found = next_poll(known, now, is_answered=is_answered)
    if skipped_by(found.turn.at, known.hints):
        assert found.turn.at - now > DAY
        assert found.turn.why in {"skipHours", "skipDays"}
    elif found.next_poll_at != found.turn.at:
        later = found.next_poll_at
        assert not skipped_by(later, known.hints) or later - found.turn.at > DAY


@given(sources, times, st.booleans())
def test_jitter_only_ever_adds_little_and_never_by_chance(known: PollState, now: datetime, is_answered: bool) -> None:
    found = next_poll(known, now, is_answered=is_answered)
    assert found == next_poll(known, now, is_answered=is_answered)
    later = found.next_poll_at - found.turn.at
    assert later >= timedelta(0)
    if known.hints.skip_hours == known.hints.skip_days == ():
        assert later <= (MOST_AT_FIRST if known.is_new else MOST)
    if is_answered and isinstance(known.schedule.every, str):
        assert later == timedelta(0)


@given(times, spans, st.booleans())
def test_jitter_is_bounded_by_what_is_waited_anyway(now: datetime, wait: timedelta, is_first: bool) -> None:
    assert timedelta(0) <= jitter("blog", now, wait, is_first=is_first) <= wait / (2 if is_first else 10)


def test_what_was_due_together_at_first_spreads() -> None:
    """A thousand sources of a new planet, an hour each: in no minute of the next half hour are more than a tenth."""
    now = datetime(2026, 11, 23, 12, tzinfo=UTC)
    minutes = [
        int(jitter(f"source-{n}", now, timedelta(hours=1), is_first=True).total_seconds() // 60) for n in range(1000)
    ]
    assert set(minutes) == set(range(30))
    assert max(map(minutes.count, range(30))) < 100


@given(times, st.lists(st.tuples(st.sampled_from("ab"), spans, st.none() | spans), min_size=1, max_size=12))
def test_a_host_is_left_alone_for_as_long_as_it_asked_and_never_for_one_source(
    now: datetime, story: list[tuple[str, timedelta, timedelta | None]]
) -> None:
    refusals: Refusals | None = None
    refused = set()
    for source, later, retry_after in story:
        now += later
        refusals = after_refusal(refusals, source, now, retry_after)
        refused.add(source)
        if len(refused) == 1:
            assert refusals.until is None
        if refusals.until and retry_after:
            assert refusals.until >= now + min(retry_after, WEEK)
        if refusals.until:
            assert refusals.until <= now + WEEK
