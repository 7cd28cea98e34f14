"""Whether a body is a document, and whether it came whole."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.fetch.document_shape import is_document, is_html_page, is_whole

RSS = b'<?xml version="1.0"?>\n<!-- by </rss> -->\n<rss><channel><description>a</description></channel></rss>'
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.text(alphabet='ab"\\{}[]ü', max_size=5)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(alphabet='a"}', max_size=3), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    "body",
    [
        RSS,
        RSS + b"\n<!-- cached -->\n<?done?>\n",
        RSS + b"<!-- generated in 0.",
        RSS + b"\n<!",
        b"<feed/>",
        b'<feed xmlns="http://www.w3.org/2005/Atom" />\n',
        b'<!DOCTYPE rss [<!ENTITY a "b">]>' + RSS,
        b"<rdf:RDF><item/></rdf:RDF >",
        b"\xef\xbb\xbf" + RSS,
        RSS.decode().encode("utf-16"),
        RSS.decode().encode("utf-16-be"),
        b"<!DOCTYPE html><HTML><p>a</p></html>",
        b"<rss><rss></rss></rss>",
        b'{"items": []}\n',
        b'[{"a": "}]\\"\\\\"}]',
    ],
)
def test_this_is_whole(body: bytes) -> None:
    assert is_whole(body)
    assert is_document(body)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"rss",
        b"<",
        b"<rss",
        b"<rss>",
        b"<!-- </rss>",
        b"<?xml version='1.0'",
        b"<!DOCTYPE rss [ <rss></rss>",
        b"<rss></rss",
        b"<rss></rssx>",
        b"<rss></rss a>",
        b"<rss></rss> text",
        b"<rss></rss><rss>",
        b"<feed",
        b"<feed/",
        b'{"a": "}',
        b'{"a": "\\"}',
        b'{"a": [}',
        b'"a"',
    ],
)
def test_this_is_not_whole(body: bytes) -> None:
    assert not is_whole(body)


def test_only_the_end_makes_a_document_of_xml_whole() -> None:
    assert [end for end in range(len(RSS)) if is_whole(RSS[:end])] == []


@settings(max_examples=30, deadline=None)
@given(st.one_of(st.lists(VALUES, max_size=3), st.dictionaries(st.text(max_size=3), VALUES, max_size=3)))
def test_only_the_end_makes_a_document_of_json_whole(value: Any) -> None:
    body = json.dumps(value, ensure_ascii=False).encode()
    assert [end for end in range(len(body) + 1) if is_whole(body[:end])] == [len(body)]


@pytest.mark.parametrize("body", [b"", b"x", b"<", b"< a", b"<3", b"\x1f\x8b", b"\0\0", b"GIF89a", b"%PDF"])
def test_this_is_no_document(body: bytes) -> None:
    assert not is_document(body)


@pytest.mark.parametrize(
    ("body", "is_page"),
    [
        (b"<!doctype HTML><p>a", True),
        (b"\n<!-- a --><html lang=en>", True),
        (b"<?xml version='1.0'?><html>", True),
        (RSS, False),
        (b"<rss><![CDATA[<!DOCTYPE html><html>]]></rss>", False),
        (b'<html><link rel="alternate" type="application/rss+xml" href="/feed">', False),
        (b"", False),
    ],
)
def test_a_page_is_html_that_names_no_feed(body: bytes, is_page: bool) -> None:
    assert is_html_page(body) == is_page
