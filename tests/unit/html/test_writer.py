"""Well-nested markup of bounded depth and length: what the writer closes, opens, flattens and cuts."""

import pytest

from aggregator.html.sanitize import sanitize
from aggregator.html.tokenizer import End, Start, Tokens
from aggregator.html.writer import DEEPEST, LONGEST, MOST, Writer
from aggregator.text.urls import ContentSettings

CELL, END = "<tbody><tr><td>", "</td></tr></tbody>"
ROOM = LONGEST - 4096 - 1  # characters of text that fit before "…"


def show(markup: str) -> str:
    return sanitize(markup, base="https://blog.example/", settings=ContentSettings())


def written(*steps: str) -> str:
    """`<name` opens, `>name` closes, anything else is text."""
    writer = Writer()
    for step in steps:
        if step.startswith("<"):
            writer.start(step[1:])
        elif step.startswith(">"):
            writer.end(step[1:])
        else:
            writer.text(step)
    return writer.finish()


@pytest.mark.parametrize(
    ("steps", "markup"),
    [
        ("<ul <li a <li b", "<ul><li>a</li><li>b</li></ul>"),
        ("<ul <li <ul <li a >li >ul b <li c", "<ul><li><ul><li>a</li></ul>b</li><li>c</li></ul>"),
        ("<ul <li <blockquote <li a", "<ul><li><blockquote><li>a</li></blockquote></li></ul>"),
        ("<ul <li <b a <li b", "<ul><li><b>a</b></li><li>b</li></ul>"),
        ("<dl <dt a <dd b <dt c", "<dl><dt>a</dt><dd>b</dd><dt>c</dt></dl>"),
        ("<li " + "<i " * 31 + "<li", f"<li>{'<i>' * 31}<li></li>{'</i>' * 31}</li>"),
        ("<li " + "<i " * 30 + "<li", f"<li>{'<i>' * 30}{'</i>' * 30}</li><li></li>"),
        ("<table <tr <td a >tr b", "<table><tbody><tr><td>a</td></tr><tr><td>b</td></tr></tbody></table>"),
        ("<table a >table b", "<table><tbody><tr><td>a</td></tr></tbody></table>b"),
        ("<table <td <table <td a >table b", f"<table>{CELL}<table>{CELL}a{END}</table>b{END}</table>"),
        ("<table <td <b a >td b", "<table><tbody><tr><td><b>a</b></td><td>b</td></tr></tbody></table>"),
    ],
)  # fmt: skip
def test_what_html_implies_is_written(steps: str, markup: str) -> None:
    assert written(*steps.split()) == markup


def test_columns_stand_in_a_group() -> None:
    expected = '<table><colgroup><col span="2"></colgroup><tbody><tr><td>x</td></tr></tbody></table>'
    assert show('<table><colgroup><col span="2"></colgroup><tr><td>x</table>') == expected
    assert show('<table><col span="2"><tr><td>x</table>') == expected
    writer = Writer()
    writer.start("table")
    writer.void("col")
    writer.void("col")
    assert writer.finish() == "<table><colgroup><col><col></colgroup></table>"


def test_deep_elements_are_flattened_with_their_end_tags() -> None:
    writer = Writer()
    levels = [writer.start("div") for _ in range(DEEPEST)]
    assert levels == [True] * (DEEPEST - 3) + [False] * 3
    assert [writer.start("table"), writer.start("tr"), writer.start("td")] == [False, False, False]
    for _ in range(3):
        writer.end("div")
    writer.text("x")
    assert len(writer.open) == DEEPEST - 3
    assert writer.finish().count("<div>") == DEEPEST - 3


def test_elements_are_counted_also_where_they_are_flattened() -> None:
    writer = Writer()
    for _ in range(MOST - 1):
        writer.start("i")
    assert not writer.full
    writer.start("i")
    assert writer.full
    assert not writer.start("b")


@pytest.mark.parametrize(
    ("room", "text", "kept"),
    [
        (20, "x" * 22, "x" * 20),
        (20, "x" * 17 + "&amp;yy", "x" * 17),
        (20, "x" * 15 + "&amp;yy", "x" * 15 + "&amp;"),
        (3, "&amp;yy", ""),
        (11, "&eacute;&eacute;", "&eacute;"),
        (0, "xy", ""),
    ],
)
def test_a_text_is_cut_at_the_limit_and_no_reference_in_two(room: int, text: str, kept: str) -> None:
    writer = Writer()
    writer.text("-" * (ROOM - room))
    writer.text(text)
    assert writer.finish() == "-" * (ROOM - room) + kept + "…"
    writer.text("more")
    assert not writer.start("b")
    assert writer.finish().endswith("…")


def test_what_just_fits_is_whole() -> None:
    writer = Writer()
    writer.text("-" * (ROOM + 1))
    assert not writer.full
    writer.start("b")
    assert writer.full
    assert writer.finish() == "-" * (ROOM + 1)


def test_end_tags_are_read_however_they_are_written() -> None:
    found = [one for one in Tokens("<b>x</b class='y'>z</ >w</B>") if not isinstance(one, str)]
    assert [one.name for one in found] == ["b", "b", "b"]
    assert [isinstance(one, End) for one in found] == [False, True, True]


@pytest.mark.parametrize("name", ["p", "H1", "blockquote", "x1", "anamethatislongerthanany"])
def test_a_tag_without_attributes_is_read_like_any_other(name: str) -> None:
    (bare,), (spaced,) = Tokens(f"<{name}>"), Tokens(f"<{name} >")
    assert isinstance(bare, Start)
    assert isinstance(spaced, Start)
    assert bare == spaced._replace(raw=f"<{name}>")
    assert [*Tokens(f"</{name}>")] == [*Tokens(f"</{name} >")] == [End(name.lower())]


def test_an_element_that_is_never_closed_takes_no_text_unless_it_is_raw() -> None:
    assert show("a<object>b") == "ab"
    assert show("a<script>b") == "a"
    assert show("a<script>b</script>c") == "ac"


def test_the_address_of_a_picture_stays_in_its_element() -> None:
    both = '<picture><source srcset="https://x.example/a.jpg"></picture><picture><img alt="b"></picture>'
    assert show(both) == '<picture><source srcset="https://x.example/a.jpg"></picture><picture></picture>'


def test_a_large_picture_in_an_address_takes_no_room_from_the_text() -> None:
    picture = "data:image/png;base64," + "A" * 100_000
    text = "word " * ((LONGEST - 50_000) // 5)
    shown = show(f'<img src="{picture}"><p>{text}</p>')
    assert shown.count("word") == text.count("word")
    assert "…" not in shown
