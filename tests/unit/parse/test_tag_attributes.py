"""Attributes as publishers write them, and where their tag ends."""

import pytest

from aggregator.parse.tag_attributes import TagEnd, read_attributes

LONG = "x" * 20_000


@pytest.mark.parametrize(
    ("text", "attributes", "rest"),
    [
        (" a='1' b = \"2\">rest", {"a": "1", "b": "2"}, "rest"),
        (" a=1 b c=2>rest", {"a": "1", "b": "", "c": "2"}, "rest"),
        (' a="1"b="2">rest', {"a": "1", "b": "2"}, "rest"),
        (' a="x > y" b="1">rest', {"a": "x > y", "b": "1"}, "rest"),
        (' a="x <b>y</b>" b="1">rest', {"a": "x <b>y</b>", "b": "1"}, "rest"),
        (' a="1 b="2">rest', {"a": "1", "b": "2"}, "rest"),
        (' a="1>rest "quoted" text', {"a": "1"}, 'rest "quoted" text'),
        (' a="1></x><y b="2">', {"a": "1"}, '</x><y b="2">'),
        (' a="1></item><item b="2" c>', {"a": "1"}, '</item><item b="2" c>'),
        (f' a="1><x>{LONG}" >', {"a": "1"}, f'<x>{LONG}" >'),
        (" a=1' b>rest", {"a": "1", "b": ""}, "rest"),
        (" é=1 1=2 a:b:c=3 a:b=4 = ' \">rest", {"a:b": "4"}, "rest"),
        (" a=https://x/?b=1&c=2>rest", {"a": "https://x/?b=1&c=2"}, "rest"),
    ],
)
def test_attributes_end_where_their_writer_meant(text: str, attributes: dict[str, str], rest: str) -> None:
    found = read_attributes(text, 0)
    assert dict(found.attributes) == attributes
    assert text[found.end :] == rest
    assert (found.is_empty, found.has_end) == (False, True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/>", TagEnd([], 2, True, True)),
        (" a=1/>", TagEnd([("a", "1")], 6, True, True)),
        (" a=1 / b>", TagEnd([("a", "1"), ("b", "")], 9, False, True)),
        (" a=1 <b>", TagEnd([("a", "1")], 5, False, False)),
        (" a='1", TagEnd([("a", "1")], 5, False, False)),
        (" a=1 a=2>", TagEnd([("a", "1"), ("a", "2")], 9, False, True)),
    ],
)
def test_how_a_tag_ends(text: str, expected: TagEnd) -> None:
    assert read_attributes(text, 0) == expected
