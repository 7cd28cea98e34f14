"""Dates of feed documents: their texts are read, never what feedparser makes of them."""

from datetime import UTC, datetime
from html import escape

import pytest
from feedparser.namespaces import _base

from aggregator.model.document import FeedDocument, RawEntry
from aggregator.parse import parse
from aggregator.text.dates import DateContext

URL = "https://a.example/feed"


def moment(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


def feed(*dates: str, head: str = "", order: str = "") -> FeedDocument:
    items = "".join(f"<item><guid>{n}</guid><pubDate>{escape(date)}</pubDate></item>" for n, date in enumerate(dates))
    body = f'<rss version="2.0"><channel>{head}{items}</channel></rss>'
    return parse(body.encode(), url=URL, context=DateContext(order=order))


def atom(inner: str, broken: str = "") -> RawEntry:
    names = 'xmlns="http://www.w3.org/2005/Atom" xmlns:dcterms="http://purl.org/dc/terms/"'
    return parse(f"<feed {names}><entry>{inner}</entry>{broken}</feed>".encode(), url=URL).drafts[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-03-01t10:20:30.999z", (2024, 3, 1, 10, 20, 30)),
        ("2024-03-01 10:20:30", (2024, 3, 1, 10, 20, 30)),
        ("Fri, 01 Mar 2024 10:20:30 CET", (2024, 3, 1, 9, 20, 30)),
        ("1 Mar 24 10:20 PST", (2024, 3, 1, 18, 20)),
        ("25-01-2026 16:07:09", (2026, 1, 25, 16, 7, 9)),
        ("January 5, 2026 4:07 PM", (2026, 1, 5, 16, 7)),
        ("2024-061", (2024, 3, 1)),
    ],
)
def test_a_date_is_utc_to_the_second(text: str, expected: tuple[int, ...]) -> None:
    document = feed(text)
    assert document.drafts[0].published == moment(*expected)
    assert document.date_faults == ((),)


@pytest.mark.parametrize("text", ["yesterday", "2024", "--03-01", "Tue, 32 Foo 2025", "16:07"])
def test_a_text_that_is_no_date_is_a_fault_of_its_entry(text: str) -> None:
    document = feed("2024-03-01", text)
    assert document.drafts[1].published is None
    assert document.date_faults == ((), (f"not a date: {text}",))


def test_an_entry_without_a_date_has_no_fault() -> None:
    document = feed("")
    assert (document.drafts[0].published, document.date_faults, document.problems) == (None, ((),), ())


@pytest.mark.parametrize("broken", ["", "<oops></wrong>"], ids=["strict", "loose"])
@pytest.mark.parametrize(
    ("element", "field"),
    [("published", "published"), ("updated", "updated"), ("issued", "published"), ("modified", "updated"),
     ("created", "published"), ("dcterms:issued", "published"), ("dcterms:modified", "updated")],
)  # fmt: skip
def test_feedparser_guesses_no_date(element: str, field: str, broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_base, "_parse_date", lambda text: pytest.fail(f"feedparser read {text}"))
    draft = atom(f"<id>1</id><{element}>5. Januar 2025</{element}>", broken)
    assert getattr(draft, field) == moment(2025, 1, 5)


def test_the_first_date_that_can_be_read_counts() -> None:
    draft = atom("<id>1</id><published>unknown</published><created>2025-01-05</created>")
    assert draft.published == moment(2025, 1, 5)


def test_dates_of_one_document_are_read_in_one_order() -> None:
    document = feed("01/05/2025", "01/17/2025")
    assert [draft.published for draft in document.drafts] == [moment(2025, 1, 5), moment(2025, 1, 17)]
    assert document.date_order == "month"


def test_a_date_of_the_feed_proves_the_order_too() -> None:
    assert feed("01/05/2025", head="<pubDate>01/17/2025</pubDate>").drafts[0].published == moment(2025, 1, 5)


@pytest.mark.parametrize(("order", "month"), [("day", 5), ("month", 1)])
def test_the_remembered_order_is_kept_and_remembered_again(order: str, month: int) -> None:
    document = feed("01/05/2025", order=order)
    assert document.drafts[0].published
    assert document.drafts[0].published.month == month
    assert document.date_order == order
    assert document.date_faults == ((),)


def test_a_date_of_the_feed_that_cannot_be_read_is_a_problem() -> None:
    document = feed(head="<lastBuildDate>Sun Sep 31</lastBuildDate>")
    assert [(one.kind, one.message) for one in document.problems] == [("date", "the feed: not a date: Sun Sep 31")]
    assert document.complete


def test_faults_follow_their_entries_where_rss_1_names_another_order() -> None:
    body = """<rdf:RDF xmlns="http://purl.org/rss/1.0/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
      xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="c"><items><rdf:Seq>
      <rdf:li rdf:resource="https://a.example/2"/><rdf:li rdf:resource="https://a.example/1"/></rdf:Seq></items></channel>
      <item rdf:about="https://a.example/1"><dc:date>soon</dc:date></item>
      <item rdf:about="https://a.example/2"><dc:date>2025-01-05</dc:date></item></rdf:RDF>"""
    document = parse(body.encode(), url=URL)
    assert [draft.id[-1] for draft in document.drafts] == ["2", "1"]
    assert document.date_faults == ((), ("not a date: soon",))


def test_dates_of_a_json_feed() -> None:
    body = """{"version": "https://jsonfeed.org/version/1.1", "title": "T", "language": "en-US", "items": [
      {"id": "1", "date_published": "01/05/2025", "date_modified": 1736070000}, {"id": "2", "date_published": "soon"},
      {"id": "3", "date_published": true}]}"""
    document = parse(body.encode(), url=URL)
    assert document.drafts[0].published == moment(2025, 1, 5)
    assert document.drafts[0].updated == moment(2025, 1, 5, 9, 40)
    assert document.date_faults == ((), ("not a date: soon",), ())
    assert document.complete
