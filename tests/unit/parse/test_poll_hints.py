"""Poll hints of a document: every skipped hour and day counts, in well-formed and in broken documents."""

from datetime import timedelta

import pytest

from aggregator.model.poll_hints import NO_HINT, PollHints
from aggregator.parse import parse

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SY = "http://purl.org/rss/1.0/modules/syndication/"


def hints(head: str, item: str = "<title>One</title>", space: str = "sy") -> PollHints:
    channel = f"<channel><title>T</title>{head}<item>{item}</item></channel>"
    text = f'<rss version="2.0" xmlns:{space}="{SY}">{channel}</rss>'
    return parse(text.encode(), url="https://blog.example/feed").poll_hints


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("", NO_HINT),
        ("<ttl>90</ttl>", PollHints(ttl=90 * MINUTE)),
        ("<ttl> 90\n</ttl>", PollHints(ttl=90 * MINUTE)),
        ('<ttl unit="minutes">90</ttl>', PollHints(ttl=90 * MINUTE)),
        ("<ttl>90</ttl><ttl>1</ttl>", PollHints(ttl=90 * MINUTE)),
        ("<ttl>-5</ttl>", NO_HINT),
        ("<ttl>an hour</ttl>", NO_HINT),
        ("<ttl/>", NO_HINT),
        ("<ttl>999999999</ttl>", PollHints(ttl=365 * DAY)),
        (f"<ttl>{'9' * 5000}</ttl>", NO_HINT),
        ("<skipHours><hour>3</hour><hour>1</hour><hour>3</hour></skipHours>", PollHints(skip_hours=(1, 3))),
        ("<skipHours><hour>24</hour><hour>25</hour><hour>x</hour></skipHours>", PollHints(skip_hours=(0,))),
        ("<skipDays><day>Sunday</day><day>saturday</day><day>Someday</day></skipDays>", PollHints(skip_days=(5, 6))),
        ("<sy:updatePeriod>hourly</sy:updatePeriod>", PollHints(period=HOUR)),
        ("<sy:updatePeriod> Daily </sy:updatePeriod>", PollHints(period=DAY)),
        (
            "<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>",
            PollHints(period=6 * HOUR),
        ),
        (
            "<sy:updateFrequency>0</sy:updateFrequency><sy:updatePeriod>weekly</sy:updatePeriod>",
            PollHints(period=7 * DAY),
        ),
        ("<sy:updateFrequency>4</sy:updateFrequency>", NO_HINT),
        ("<sy:updatePeriod>sometimes</sy:updatePeriod>", NO_HINT),
    ],
)
def test_the_hints_of_a_document(head: str, expected: PollHints) -> None:
    assert hints(head) == expected
    assert hints(f"<description>a & b</description>{head}") == expected, "not well-formed"


def test_the_prefix_is_the_documents_own() -> None:
    assert hints("<s:updatePeriod>daily</s:updatePeriod>", space="s") == PollHints(period=DAY)


def test_hints_inside_an_entry_do_not_count() -> None:
    assert hints("", item="<title>One</title><ttl>90</ttl><hour>3</hour><day>Sunday</day>") == NO_HINT


def test_hints_in_atom() -> None:
    text = f'<feed xmlns="http://www.w3.org/2005/Atom" xmlns:sy="{SY}"><title>T</title>'
    text += "<sy:updatePeriod>daily</sy:updatePeriod></feed>"
    assert parse(text.encode(), url="https://blog.example/feed").poll_hints == PollHints(period=DAY)
