"""JSON Feed 1.0 and 1.1."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.errors import ParseError
from aggregator.model.document import CategoryTerm, FeedDocument, Link, Person, RawEntry, Text
from aggregator.parse import parse

URL = "https://feeds.example/feed.json"


def feed(**fields: Any) -> FeedDocument:
    fields = {"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": [], **fields}
    return parse(json.dumps(fields).encode(), url=URL, content_type="text/plain")


def item(**fields: Any) -> RawEntry:
    (draft,) = feed(items=[fields]).drafts
    return draft


def test_the_fields_of_a_feed() -> None:
    document = feed(
        home_page_url="https://a.example/", feed_url="https://a.example/f", description="D", icon="i", favicon="f",
        authors=[{"name": "A", "url": "u"}, {}], language="en",
        hubs=[{"type": "WebSub", "url": "h"}, {"type": "x", "url": "y"}],
    )  # fmt: skip
    about = document.about
    assert (about.title, about.subtitle, about.link, about.self_link) == (
        "T",
        "D",
        "https://a.example/",
        "https://a.example/f",
    )
    assert (about.authors, about.language, about.hubs) == ((Person("A", "u"),), "en", ("h",))
    assert (about.logo, about.icon) == ("i", "f")
    assert (document.format, document.complete, document.problems) == ("json11", True, ())
    assert feed(version="https://jsonfeed.org/version/1", author={"name": "A"}).about.authors == (Person("A"),)


def test_an_item() -> None:
    draft = item(
        id="1", url="https://a.example/1", external_url="https://b.example/", title="1 < 2", content_html="<p>x",
        content_text="x", summary="s", image="i", banner_image="b", date_published="2024-01-01T00:00:00Z",
        date_modified="2024-01-02T00:00:00+01:00", authors=[{"name": "A"}], tags=["a", "b", "a", 3], language="de",
        attachments=[{"url": "m",
                      "mime_type": "audio/mpeg", "title": "t", "size_in_bytes": 9, "duration_in_seconds": 7.5}],
    )  # fmt: skip
    assert draft == RawEntry(
        id="1", title=Text("1 < 2"), summary=Text("s"), content=Text("<p>x", "html"), image="i", language="de",
        links=(Link("https://a.example/1"), Link("https://b.example/", "related"),
               Link("m", "enclosure", "audio/mpeg", title="t", length=9, duration=7)),
        authors=(Person("A"),), terms=(CategoryTerm("a"), CategoryTerm("b")),
        published=datetime(2024, 1, 1, tzinfo=UTC), updated=datetime(2024, 1, 1, 23, tzinfo=UTC),
        base="https://a.example/1",
    )  # fmt: skip
    assert item(content_text="1 < 2").content == Text("1 < 2")
    assert item(external_url="https://b.example/").links == (Link("https://b.example/"),)


@pytest.mark.parametrize(
    ("value", "expected"), [(7, "7"), (7.0, "7"), (1.5, "1.5"), ("x", "x"), (None, ""), (True, ""), ([], "")]
)
def test_an_id_is_text(value: Any, expected: str) -> None:
    assert item(id=value).id == expected


# A field of an item that has not the shape of the specification, and what it is read as.
SHAPES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"authors": {"name": "A", "url": "u"}}, {"authors": (Person("A", "u"),)}),
    ({"authors": ["A", "B", "A"]}, {"authors": (Person("A"), Person("B"))}),
    ({"authors": "A"}, {"authors": (Person("A"),)}),
    ({"authors": ["A", {"name": "B"}, None, 3, {}]}, {"authors": (Person("A"), Person("B"))}),
    ({"author": "A"}, {"authors": (Person("A"),)}),
    ({"author": ["A", {"name": "B"}]}, {"authors": (Person("A"), Person("B"))}),
    ({"author": [{"name": "A"}]}, {"authors": (Person("A"),)}),
    ({"authors": [], "author": {"name": "A"}}, {"authors": (Person("A"),)}),
    ({"authors": [" "], "author": "A"}, {"authors": (Person("A"),)}),
    ({"authors": "A", "author": "B"}, {"authors": (Person("A"),)}),
    ({"authors": None, "author": None}, {"authors": ()}),
    ({"author": {"url": "mailto:a@b.example"}}, {"authors": (Person(email="a@b.example"),)}),
    ({"tags": "one"}, {"terms": (CategoryTerm("one"),)}),
    ({"tags": "two words, and more ,"}, {"terms": (CategoryTerm("two words"), CategoryTerm("and more"))}),
    ({"tags": "新闻，科技"}, {"terms": (CategoryTerm("新闻"), CategoryTerm("科技"))}),
    ({"tags": ["one, two"]}, {"terms": (CategoryTerm("one, two"),)}),
    ({"tags": ""}, {"terms": ()}),
    ({"tags": {"a": 1}}, {"terms": ()}),
    ({"attachments": {"url": "m", "mime_type": "audio/mpeg"}}, {"links": (Link("m", "enclosure", "audio/mpeg"),)}),
    ({"attachments": ["m", {"url": "n"}]}, {"links": (Link("n", "enclosure"),)}),
    ({"attachments": [None, {}, {"url": None}]}, {"links": ()}),
    ({"id": 12345678901234567890}, {"id": "12345678901234567890"}),
    ({"title": 1984}, {"title": Text("1984")}),
    ({"content_html": None, "content_text": "x"}, {"content": Text("x")}),
    ({"content_html": "", "content_text": "x"}, {"content": Text("x")}),
    ({"content_html": None, "content_text": None}, {"content": None}),
    ({"content_html": ["x"], "content_text": "y"}, {"content": Text("y")}),
    ({"date_published": None, "date_modified": []}, {"published": None, "updated": None}),
    ({"date_published": "Mon, 05 Jan 2026 10:00:00 GMT"}, {"published": datetime(2026, 1, 5, 10, tzinfo=UTC)}),
]


@pytest.mark.parametrize(("given", "read"), SHAPES)
def test_a_field_of_another_shape(given: dict[str, Any], read: dict[str, Any]) -> None:
    assert item(**given) == RawEntry(**read)


def test_the_authors_of_a_feed_may_have_these_shapes_too() -> None:
    for fields in ({"authors": {"name": "A"}}, {"authors": "A"}, {"author": "A"}, {"author": [{"name": "A"}]}):
        assert feed(**fields).about.authors == (Person("A"),)


def test_what_is_no_item_is_a_problem() -> None:
    document = feed(items=[{"id": "1"}, "x", None, {"id": "2"}])
    assert [draft.id for draft in document.drafts] == ["1", "2"]
    assert len(document.problems) == 2
    assert not document.complete


def test_items_beyond_the_limit_are_counted() -> None:
    body = json.dumps({"version": "https://jsonfeed.org/version/1", "items": [{"id": n} for n in range(9)]}).encode()
    document = parse(body, url=URL, limit=4)
    assert (len(document.drafts), document.complete) == (4, False)
    assert "9 items" in document.problems[0].message


def test_lone_surrogates_are_replaced() -> None:
    assert item(title="a\ud800b\u0000").title == Text("a\ufffdb")


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "[]",
        "[1, 2]",
        '{"version": "https://jsonfeed.org/version/1.1", "title": "T"}',
        '{"items": []}',
        '{"error": "x"}',
        "{not json",
        '{"version": 1, "items": []}',
    ],
)
def test_other_json_is_no_feed(text: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse(text.encode(), url=URL, content_type="application/feed+json")
    assert caught.value.kind == "not-a-feed"


def test_a_very_long_number_loses_no_other_item() -> None:
    long = "9" * 5000
    head = '{"version": "https://jsonfeed.org/version/1.1", "items": '
    document = parse((head + f'[{long}, {{"id": {long}, "title": "a"}}, {{"id": 7}}]}}').encode(), url=URL)
    assert [draft.id[:5] for draft in document.drafts] == ["99999", "7"]
    assert [problem.message for problem in document.problems] == ["item 1 is no object"]


@pytest.mark.parametrize("items", ["NaN", "-Infinity", "9" * 5000, "[" * 100_000, "{", "[{]", "null"])
def test_a_json_feed_that_cannot_be_read(items: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse(f'{{"version": "https://jsonfeed.org/version/1.1", "items": {items}}}'.encode(), url=URL)
    assert caught.value.kind == "parse"


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["url", "name", "type", "id"]), inner),
    max_leaves=5,
)
FIELDS = ["id", "url", "external_url", "title", "content_html", "content_text", "summary", "image", "date_published",
          "authors", "author", "tags", "attachments", "language", "hubs", "home_page_url", "icon"]  # fmt: skip


@given(
    st.dictionaries(st.sampled_from(FIELDS), ANYTHING),
    st.lists(st.dictionaries(st.sampled_from(FIELDS), ANYTHING), max_size=2),
)
@settings(max_examples=30, deadline=None)
def test_fields_of_any_type_do_not_raise(fields: dict[str, Any], items: list[dict[str, Any]]) -> None:
    assert len(feed(**fields, items=items).drafts) == len(items)
