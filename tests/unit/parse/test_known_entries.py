"""Entries whose markup was read before are not read again."""

from collections.abc import Sequence

import pytest

from aggregator.codec import record_digest
from aggregator.model.document import ADDED_FIELDS, NOTHING_READ, FeedDocument, ReadMarkup
from aggregator.parse import parse
from aggregator.text.dates import DateContext

URL = "https://a.example/feed"


def item(number: int, more: str = "") -> str:
    return (
        f"<item><title>Title {number}</title><guid>urn:x:{number}</guid>"
        f"<pubDate>Mon, 05 Jan 2026 10:0{number}:00 GMT</pubDate>{more}</item>"
    )


def rss(*items: str, head: str = "<link>https://a.example/</link>", prolog: str = "") -> str:
    root = '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/">'
    return f"{prolog}{root}<channel><title>T</title>{head}{''.join(items)}</channel></rss>"


def read(text: str, known: ReadMarkup = NOTHING_READ, *, url: str = URL, order: str = "") -> FeedDocument:
    return parse(text.encode(), url=url, known=known, context=DateContext(order=order))


def learned(document: FeedDocument) -> ReadMarkup:
    items = [record_digest(draft, ADDED_FIELDS) for draft in document.drafts]
    return ReadMarkup(document.context, dict(zip(document.markup, items, strict=True)))


def unchanged(before: str, after: str) -> Sequence[int]:
    """The places of entries that are not read again."""
    return sorted(read(after, learned(read(before))).unchanged)


def test_a_new_entry_alone_is_read() -> None:
    known = learned(read(rss(item(2), item(1))))
    after = read(rss(item(3), item(2), item(1)), known)
    assert [draft.id for draft in after.drafts] == ["urn:x:3"]
    assert after.unchanged == {1: known.items[after.markup[1]], 2: known.items[after.markup[2]]}


def test_an_edited_entry_is_read_again() -> None:
    assert unchanged(rss(item(2), item(1)), rss(item(2), item(1, "<category>new</category>"))) == [0]


def test_entries_that_stand_elsewhere_are_unchanged() -> None:
    assert unchanged(rss(item(2), item(1)), rss(item(1), "\n", item(2))) == [0, 1]


@pytest.mark.parametrize("name", ["lastBuildDate", "pubDate", "dc:date"])
def test_the_date_of_a_feed_changes_no_entry(name: str) -> None:
    before, after = (rss(item(1), head=f"<{name}>2026-01-{day}T00:00:00Z</{name}>") for day in (10, 11))
    assert unchanged(before, after) == [0]


def test_the_head_is_read_each_time() -> None:
    before, after = (rss(item(1), head=f"<pubDate>2026-01-{day}T00:00:00Z</pubDate>") for day in (10, 11))
    assert read(after, learned(read(before))).about == read(after).about


@pytest.mark.parametrize(
    "head",
    ["<link>https://moved.example/</link>", "<language>de</language>", '<x xml:base="https://b.example/"/>'],
)
def test_entries_are_read_again_after_another_change_around_them(head: str) -> None:
    assert unchanged(rss(item(1)), rss(item(1), head=head)) == []


def test_entries_are_read_again_at_another_address() -> None:
    document = rss(item(1))
    assert read(document, learned(read(document)), url="https://b.example/feed").unchanged == {}


ODD = {
    "nothing is in an entry": rss(item(1), "<item></item>"),
    "entries nest": rss(f"<item>{item(1)}</item>"),
    "something stands between entries": rss(item(1), "<ttl>9</ttl>", item(2)),
    "a comment stands between entries": rss(item(1), "<!-- -->", item(2)),
    "an entry ends in a text": rss(item(1, "<description><![CDATA[</item> <item>]]></description>")),
    "an entry ends in a comment": rss(item(1, "<!-- </item> <item> -->")),
    "an entry stands in the head": rss(item(1), head=f"<description><![CDATA[{item(2)}]]></description>"),
    "a prefix means two namespaces": rss(item(1, '<p:a xmlns:p="urn:1"/>'), item(2, '<p:a xmlns:p="urn:2"/>')),
    "a namespace has two prefixes": rss(item(1, '<p:a xmlns:p="urn:1"/>'), item(2, '<q:a xmlns:q="urn:1"/>')),
    "entities are declared": rss(item(1, "<author>&me;</author>"), prolog='<!DOCTYPE rss [<!ENTITY me "Ann">]>'),
    "it is not well-formed": rss(item(1), item(2, "<b>")),
    "which number is the day is not known": rss("<item><guid>1</guid><pubDate>05/01/2026</pubDate></item>"),
    "a date proves which number is the day": rss("<item><guid>1</guid><pubDate>25/01/2026</pubDate></item>"),
    "it is cut off": rss(item(1), item(2))[:-30],
    "its items have an order": (
        '<rdf:RDF xmlns="http://purl.org/rss/1.0/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f"<channel><title>T</title></channel>{item(1)}</rdf:RDF>"
    ),
}


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_a_document_that_cannot_be_cut_for_certain_is_read_whole(text: str) -> None:
    assert read(text).markup == ()


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_an_odd_document_is_read_whole_even_if_its_entries_are_known(text: str) -> None:
    known = learned(read(rss(item(1), item(2))))
    assert read(text, known) == read(text)


def test_entries_of_a_source_that_writes_the_day_first_are_read_each_time() -> None:
    assert read(rss(item(1)), order="day").markup == ()


def test_entries_beyond_the_limit_are_not_remembered() -> None:
    document = parse(rss(item(1), item(2)).encode(), url=URL, limit=1)
    assert (len(document.drafts), document.markup) == (1, ())
