"""Which number is the day: proof, memory, likelihood, language, assumption, in this order."""

from datetime import UTC, datetime

import pytest

from aggregator.text.dates.order import OrderChoice, choose_order, order_of_language
from aggregator.text.dates.reading import Order, Reading
from aggregator.text.dates.text_reader import read_text

NOW = datetime(2026, 6, 15, tzinfo=UTC)


def readings(*texts: str) -> list[Reading]:
    return [one for text in texts if (one := read_text(text))]


def chosen(*texts: str, remembered: Order = "", language: str = "", now: datetime | None = NOW) -> OrderChoice:
    found = readings(*texts)
    return choose_order(found, found, now=now, remembered=remembered, language=language)


@pytest.mark.parametrize(("proof", "order"), [("17/01/2026", "day"), ("01/17/2026", "month")])
@pytest.mark.parametrize("remembered", ["", "day", "month"])
def test_a_proof_counts_most_and_is_remembered(proof: str, order: Order, remembered: Order) -> None:
    choice = chosen("05/01/2026", proof, remembered=remembered, language="en-US")
    assert choice == OrderChoice(order, remembered=order)


def test_two_proofs_that_contradict_each_other_prove_nothing() -> None:
    assert chosen("05/01/2026", "17/01/2026", "01/17/2026", language="de").remembered == ""
    assert chosen("05/01/2026", "17/01/2026", "01/17/2026", remembered="month").order == "month"


def test_what_was_remembered_stays_without_a_proof() -> None:
    later = chosen("05/12/2026", remembered="day")  # with the month first it would not be in the future
    assert later == OrderChoice("day", remembered="day")
    assert chosen("2026-01-05", remembered="month") == OrderChoice("month", remembered="month")


@pytest.mark.parametrize(
    ("text", "order"), [("05/07/2026", "month"), ("07/05/2026", "day")], ids=["with-the-day", "with-the-month"]
)
def test_the_reading_without_a_date_in_the_future_is_taken_and_remembered(text: str, order: Order) -> None:
    assert chosen(text, language="fr") == OrderChoice(order, remembered=order)
    assert chosen(text, language="fr", now=None) == OrderChoice("day")


def test_a_zone_in_the_far_east_is_no_future() -> None:
    eve = datetime(2026, 7, 4, 10, tzinfo=UTC)
    assert chosen("05/07/2026", now=eve).is_assumed
    assert not chosen("05/07/2026", now=datetime(2026, 7, 4, 9, tzinfo=UTC)).is_assumed


@pytest.mark.parametrize(
    ("texts", "order"),
    [
        (("03/02/2026", "02/02/2026", "12/01/2026", "05/01/2026"), "day"),
        (("02/03/2026", "02/02/2026", "01/12/2026", "01/05/2026"), "month"),
        (("05/01/2026", "12/01/2026", "02/02/2026", "03/02/2026"), "day"),
        (("2026-03-01", "02/03/2026", "2026-01-20"), "month"),
    ],
)
def test_the_reading_that_keeps_the_order_of_the_entries_is_taken(texts: tuple[str, ...], order: Order) -> None:
    assert chosen(*texts) == OrderChoice(order, remembered=order)


def test_language_decides_if_nothing_else_does_and_is_not_remembered() -> None:
    assert chosen("05/01/2026", language="en-US") == OrderChoice("month")
    assert chosen("05/01/2026", language="en-GB") == OrderChoice("day")


def test_the_day_first_is_an_assumption() -> None:
    assert chosen("05/01/2026") == OrderChoice("day", is_assumed=True)
    assert not chosen("2026-01-05").is_assumed
    assert not chosen().is_assumed


@pytest.mark.parametrize(
    ("tag", "order"),
    [("en-US", "month"), ("en_us", "month"), ("en-Latn-US", "month"), ("en-PH", "month"), ("es-PR", "month"),
     ("fil", "month"), ("es-US", "day"), ("en-AU", "day"), ("de", "day"), ("pt-BR", "day"),
     ("en", ""), ("en-CA", ""), ("ja-JP", ""), ("zh-Hans-CN", ""), ("hu", ""), ("", "")],
)  # fmt: skip
def test_order_of_a_language(tag: str, order: Order) -> None:
    assert order_of_language(tag) == order
