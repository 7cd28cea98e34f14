"""What is nearly JSON, and what it is read as."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.errors import ParseError
from aggregator.parse import parse
from aggregator.parse.repair_json import DEEPEST, LoadedJson, load

URL = "https://feeds.example/feed.json"
CONTROLS = "control characters in strings"
ESCAPES = "unknown escapes"
COMMAS = "too many commas"
QUOTES = "quotes in strings"
WORDS = "text without quotes"
NO_VALUES = "NaN, Infinity and undefined, which count as null"
COMMENTS = "comments"
BEFORE = "text before the object"
BEHIND = "text behind the object"

# A text, its value, what was repaired.
NEARLY: list[tuple[str, Any, tuple[str, ...]]] = [
    ('{"a": "b"}', {"a": "b"}, ()),
    ('\ufeff\0 {"a": "b"}\0\n', {"a": "b"}, ()),
    # strings
    ('{"a": "line\nbreak\tand tab"}', {"a": "line\nbreak\tand tab"}, (CONTROLS,)),
    ('{"a": "x\x0b\x00y"}', {"a": "x\x0b\x00y"}, (CONTROLS,)),
    (r"""{"a": "it\'s"}""", {"a": "it's"}, (ESCAPES,)),
    (r"""{"a": "\x41\x4a \d \- \u12"}""", {"a": "AJ d - u12"}, (ESCAPES,)),
    ('{"a": "one \\\ntwo"}', {"a": "one two"}, (CONTROLS, ESCAPES)),
    (r"""{"a": "\" \\ \/ \b\f\n\r\t \u0041 \ud83d\ude00", "b": "\'"}""",
     {"a": '" \\ / \b\f\n\r\t A 😀', "b": "'"}, (ESCAPES,)),
    ('{"a": "he said "hi" to her"}', {"a": 'he said "hi" to her'}, (QUOTES,)),
    ('{"a": "<a href="https://x/">x</a>", "b": 1}', {"a": '<a href="https://x/">x</a>', "b": 1}, (QUOTES,)),
    ('{"a": ""}', {"a": ""}, ()),
    # commas
    ('{"a": [1, 2, ], }', {"a": [1, 2]}, (COMMAS,)),
    ('{"a": [1,,2],, "b": 3}', {"a": [1, 2], "b": 3}, (COMMAS,)),
    ('{, "a": [, 1]}', {"a": [1]}, (COMMAS,)),
    ('{"a": [,], "b": {,}}', {"a": [], "b": {}}, (COMMAS,)),
    ('{"a": "x,}", "b": [",]",]}', {"a": "x,}", "b": [",]"]}, (COMMAS,)),
    # values
    ('{"a": NaN, "b": [-Infinity, Infinity, undefined]}', {"a": None, "b": [None, None, None]}, (NO_VALUES,)),
    ('{"a": [true, false, null, -0.5e+3, 0],}', {"a": [True, False, None, -500.0, 0]}, (COMMAS,)),
    ('{"a": 007, "b": .5, "c": 2026-01-05}', {"a": "007", "b": ".5", "c": "2026-01-05"}, (WORDS,)),
    ('{a: 1, b_2: "x"}', {"a": 1, "b_2": "x"}, (WORDS,)),
    ('{"a": 1, "b": ' + "9" * 5000 + ",}", {"a": 1, "b": "9" * 5000}, (COMMAS,)),
    # comments
    ('{"a": 1, // one\n "b": 2 /* , "c": 3 */}', {"a": 1, "b": 2}, (COMMENTS,)),
    ('{"a": "http://x/ /* no comment */" /* one */}', {"a": "http://x/ /* no comment */"}, (COMMENTS,)),
    # around
    (')]}\',\n{"a": 1}', {"a": 1}, (BEFORE,)),
    ("while(1);{\"a\": 1}", {"a": 1}, (BEFORE,)),
    ('callback({"a": 1});', {"a": 1}, (BEFORE, BEHIND)),
    ("/**/ my.callback({a: 1,})", {"a": 1}, (BEFORE, WORDS, COMMAS, BEHIND)),
    ('<!-- cached -->\n{"a": 1}', {"a": 1}, (BEFORE,)),
    ('{"a": 1}\n<!-- cached -->', {"a": 1}, (BEHIND,)),
    ('{"a": 1}{"a": 2}', {"a": 1}, (BEHIND,)),
    ('Warning in {closure}() on line 1\n{"a": 1}', {"a": 1}, (BEFORE,)),
    ('{"a": 1,} trailing', {"a": 1}, (COMMAS, BEHIND)),
]  # fmt: skip


@pytest.mark.parametrize(("text", "value", "repairs"), NEARLY)
def test_what_is_nearly_json_is_read(text: str, value: Any, repairs: tuple[str, ...]) -> None:
    assert load(text) == LoadedJson(value, repairs)


@pytest.mark.parametrize(
    "text",
    ["", '{"a": 1]', "[{]}", "}", ":", '{"a": 1 2}', '{"a": 1 "b": 2}', '{"a": {"b": }}', "{1: 2}", '{"a": 1, : 2}',
     "[" * (DEEPEST + 1) + "1," + "]" * (DEEPEST + 1), "[" * 100_000, '{"a":' * 100_000],
)  # fmt: skip
def test_what_cannot_be_repaired(text: str) -> None:
    with pytest.raises(ValueError, match=r"line 1 column|recursion"):
        load(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{", {}),
        ("[1, 2", [1]),
        ('{"a": 1, "b', {"a": 1}),
        ('{"a": 1, "b": "c\\', {"a": 1}),
        ('{"a": {"b": 1, "c', {"a": {"b": 1}}),
        ('{"a": [[1, 2], [3', {"a": [[1, 2]]}),
        ('{"a": [1, /* ', {"a": [1]}),
    ],
)
def test_what_is_cut_off_loses_what_it_broke_off_in(text: str, value: Any) -> None:
    loaded = load(text)
    assert (loaded.value, loaded.cut_off) == (value, True)


ITEMS = [{"id": str(n), "title": f'{n} "é", \\ }}]', "tags": ["a", "b"], "authors": [{"name": "A"}]} for n in range(3)]
FEED = {"version": "https://jsonfeed.org/version/1.1", "title": "T", "hubs": [{"type": "x"}], "items": ITEMS}


@pytest.mark.parametrize("indent", [None, 2])
def test_a_feed_that_is_cut_off_gives_its_first_items_whole(indent: int | None) -> None:
    text = json.dumps(FEED, indent=indent)
    begin = text.index("[", text.index('"items"')) + 1
    ends = [json.JSONDecoder().raw_decode(text, text.rindex("{", 0, text.index(f'"id": "{n}"')))[1] for n in range(3)]
    for end in range(begin, len(text)):
        loaded = load(text[:end])
        assert loaded.cut_off
        assert loaded.value == {**FEED, "items": ITEMS[: sum(end >= item_end for item_end in ends)]}


def test_a_cut_off_document_is_told_once() -> None:
    document = parse(json.dumps(FEED).replace("[", "[,", 1)[:-30].encode(), url=URL)
    assert [draft.id for draft in document.drafts] == ["0", "1"]
    assert (document.complete, document.cut_off) == (False, True)
    (problem,) = document.problems
    assert problem.message == f"the document is cut off; not valid JSON, but repaired: {COMMAS}"


def test_repairs_are_one_problem() -> None:
    body = """)]}'\n{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": 1, "title": "it\\'s\t"},]}"""
    document = parse(body.encode(), url=URL)
    assert [(draft.id, draft.title and draft.title.value) for draft in document.drafts] == [("1", "it's")]
    (problem,) = document.problems
    assert (problem.where, problem.kind) == (URL, "parse")
    assert problem.message == f"not valid JSON, but repaired: {BEFORE}, {CONTROLS}, {ESCAPES}, {COMMAS}"


@pytest.mark.parametrize(
    ("before", "behind"),
    [
        ("callback(", ");"),
        ("/**/typeof callback === 'function' && callback(", ");"),
        ("<!-- cached -->", ""),
        ("<br />\n<b>Warning</b>: x in /a.php\n", ""),
        ("Notice: x\n", "\n<!-- 0.1 s -->"),
        ("for(;;);", ""),
    ],
)
def test_a_feed_in_other_text_is_found(before: str, behind: str) -> None:
    document = parse(f"{before}{json.dumps(FEED)}{behind}".encode(), url=URL)
    assert [draft.id for draft in document.drafts] == ["0", "1", "2"]


@pytest.mark.parametrize(
    "text",
    [
        f"<html><body><pre>{json.dumps(FEED)}</pre></body></html>",
        f"<script>{json.dumps(FEED)}</script>",
        'callback({"error": "x"})',
        "see https://jsonfeed.org/version/1.1",
        "{% https://jsonfeed.org %}",
    ],
)
def test_what_only_speaks_of_feeds_is_none(text: str) -> None:
    with pytest.raises(ParseError):
        parse(text.encode(), url=URL)


def test_xml_that_holds_a_json_feed_stays_xml() -> None:
    item = f"<item><title>{json.dumps(FEED)}</title></item>"
    body = f"Notice: x\n<rss version='2.0'><channel><title>T</title>{item}</channel></rss>"
    assert parse(body.encode(), url=URL).format == "rss20"


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.torture
@given(VALUES, st.sampled_from([None, 1]), st.booleans())
@settings(max_examples=150)
def test_the_repair_reads_valid_json_as_it_is(value: Any, indent: int | None, ascii_only: bool) -> None:
    """A comma that JSON does not allow makes the repair read the rest."""
    text = json.dumps({"a": value, "b": '", \\'}, indent=indent, ensure_ascii=ascii_only)
    assert load(f"{text[:-1]},}}") == LoadedJson(json.loads(text), (COMMAS,))
    assert load(text) == LoadedJson(json.loads(text))


@given(st.text(st.sampled_from("{}[]:,\"\\/*'\n\0 a1-u\ud800é"), max_size=60) | st.text(max_size=60))
@settings(max_examples=300)
def test_any_text_is_read_or_refused(text: str) -> None:
    for begin in ("", '{"a": ['):
        try:
            loaded = load(begin + text)
        except ValueError:
            continue
        assert json.loads(json.dumps(loaded.value)) == loaded.value
