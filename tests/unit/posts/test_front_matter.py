"""Front matter: where it ends, what the strict readers accept and refuse."""

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.errors import PostError
from aggregator.model.document import Person, Text
from aggregator.posts import Post, PostSettings, read_post
from aggregator.posts.delimiters import LIMIT, split
from aggregator.posts.front_matter import read_front_matter
from aggregator.posts.strict_readers import read_json


def values(text: str) -> dict[str, object]:
    return {key: field.value for key, field in read_front_matter(text.encode()).fields.items()}


def read(text: str, path: str = "a.md") -> Post:
    return read_post(text.encode(), path, PostSettings())


def title(text: str) -> str | None:
    found = read(text).draft.title
    return found.value if found else None


# ── where it begins and ends ──


@pytest.mark.parametrize(
    "data",
    [
        b"---\ntitle: x\n---\nbody\n",
        b"\n \n\n---\ntitle: x\n---\nbody",
        b"\xef\xbb\xbf---\ntitle: x\n---\nbody",
        b"\xef\xbb\xbf\r\n---  \r\ntitle: x\r\n---\t\r\nbody\r\n",
        b"---\rtitle: x\r---\rbody",
        b"-----\ntitle: x\n-----\nbody",
        b"---\ntitle: x\n...\nbody",
        b'---\ntitle: "x"\ntags: \n---\nbody',
        b'+++\ntitle = "x"\n+++\nbody',
        b';;;\n{"title": "x"}\n;;;\nbody',
        b'"title": "x",\n;;;\nbody',
        b'{"title": "x"}\nbody',
        b"title: x\ndate: 2021-01-01\n---\nbody",
    ],
)
def test_one_post_in_every_format(data: bytes) -> None:
    post = read_post(data, "a.md", PostSettings())
    assert post.draft.title
    assert post.draft.title.value == "x"
    assert post.draft.content
    assert post.draft.content.value == "<p>body</p>"
    assert not post.repaired


PELICAN = """Title: Writing: a "post"
Date: 2026-11-02 10:20
Modified: 2026-11-03
Category: Python
Tags: web, [feeds,
Authors: Ann; Bob
Summary: Two
    lines
My_key: x

# Head

Text: with colons
"""


def test_pelican_has_lines_without_delimiters() -> None:
    post = read(PELICAN)
    draft = post.draft
    assert draft.title == Text('Writing: a "post"')
    assert draft.summary == Text("Two lines")
    assert (draft.published, draft.updated) == (
        datetime(2026, 11, 2, 10, 20, tzinfo=UTC),
        datetime(2026, 11, 3, tzinfo=UTC),
    )
    assert [term.term for term in draft.terms] == ["Python"]
    assert [term.term for term in post.tags] == ["web", "[feeds"]
    assert draft.authors == (Person("Ann"), Person("Bob"))
    assert draft.content
    assert "Text: with colons" in draft.content.value
    assert "Title:" not in draft.content.value
    assert (post.hidden, post.repaired, post.problems) == (False, (), ())


@pytest.mark.parametrize(
    ("status", "is_hidden"), [("draft", True), ("hidden", True), ("published", False), ("Published", False)]
)
def test_a_draft_of_pelican_is_hidden(status: str, is_hidden: bool) -> None:
    assert read(f"Title: x\nStatus: {status}\nDate: 2026-11-02\n\nwords").hidden == is_hidden


@pytest.mark.parametrize("text", ["Title: x\nDate: 2026-11-02", "\n\nTitle: x\nDate: 2026-11-02\n  \nwords\n\n---\n"])
def test_lines_of_pelican_end_at_a_blank_one(text: str) -> None:
    assert values(text) == {"title": "x", "date": "2026-11-02"}


def test_a_date_of_pelican_names_its_line() -> None:
    assert [one.where for one in read("Title: x\nDate: someday\n\nwords").problems] == ["a.md:2"]


@pytest.mark.parametrize(
    "text",
    [
        "Title: a line of text\n\nwords",
        "Author: Ann\nDate: 2026-11-02\n\nwords",
        "Title: x\nDate: 2026-11-02\nwords",
        "Title: x\nNote: y\n\nwords",
        "Words\nTitle: x\nDate: 2026-11-02\n\nwords",
    ],
)
def test_text_with_colons_is_not_for_pelican(text: str) -> None:
    assert values(text) == {}


@pytest.mark.parametrize("line", ["---", "...", "#tag", "@name", "-----"])
def test_a_delimiter_inside_a_quoted_title_is_text(line: str) -> None:
    post = read(f"---\ntitle: '@toot \"\n\n{line}\n\n\"'\ncategories: \n - a\n - b\n---\nbody")
    assert post.draft.title
    assert post.draft.title.value.split() == ["@toot", '"', line, '"']
    assert [term.term for term in post.draft.terms] == ["a", "b"]
    assert post.draft.content
    assert post.draft.content.value == "<p>body</p>"


def test_a_quote_that_is_never_closed_does_not_swallow_the_body() -> None:
    post = read("---\ntitle: 'abc\ncategories: x\n---\nThey don't say.\n\n---\n\nMore")
    assert post.draft.title
    assert post.draft.title.value == "'abc"
    assert post.draft.content
    assert "They don't say." in post.draft.content.value


def test_an_ellipsis_between_keys_is_no_end() -> None:
    post = read("---\ntitle: abc\n...\ncategories: \n - a\n---\nbody")
    assert [term.term for term in post.draft.terms] == ["a"]
    assert post.repaired


@pytest.mark.parametrize(
    "text", ["Just text.\n\n---\n\nMore", "Note: this\n---\n", "title: a\n\nA story\n\n---\n", "{% raw %}"]
)
def test_no_front_matter(text: str) -> None:
    assert not read_front_matter(text.encode()).present


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("\n---\ntitle: x\nbody", 2),
        ("---\ntitle: x\nd: " + "a" * LIMIT + "\n---\n", 1),
        ("---\ntitle: " + "中" * (LIMIT // 3) + "\n---\n", 1),
        ("+++\ntitle = 'x'\n", 1),
        ("", 0),
        ("\ufeff \n\n", 0),
        ("---\n- a\n- b\n---\n", 2),
        ("---\n\nplain\n---\n", 3),
        ("+++\na = 1\nb = \n+++\n", 3),
        ('\n{"a": x}\n', 2),
        (';;;\n"a": x\n;;;\n', 2),
        ("---\ntitle: x\na: &a [x]\nb: *a\n---\n", 4),
        ("---\na: !!python/object/apply:os.system [x]\n---\n", 2),
        ("---\n???: ]\n---\n", 2),
    ],
)
def test_an_error_names_its_line(text: str, line: int) -> None:
    with pytest.raises(PostError) as caught:
        read(text)
    assert (caught.value.kind, caught.value.line) == ("front-matter", line)


GREETING = "---\ntitle: 你好，世界\ntags: [测试]\n---\n正文，没有声明编码。\n"
CAFE = "---\ntitle: “Café” – à la carte\n---\nnaïve\n"


@pytest.mark.parametrize(
    ("text", "codec", "repaired"),
    [
        (GREETING, "utf-8", ()),
        (GREETING, "utf-8-sig", ()),
        (GREETING, "utf-16", ("not UTF-8, read as utf-16-le",)),
        (GREETING, "utf-16-be", ("not UTF-8, read as utf-16-be",)),
        (GREETING, "gbk", ("not UTF-8, read as gb18030",)),
        (CAFE, "cp1252", ("not UTF-8, read as cp1252",)),
        (CAFE, "utf-32", ("not UTF-8, read as utf-32-le",)),
        ("---\ntitle: 'Café' – x\n---\nnaïve", "cp1252", ("not UTF-8, read as cp1252", "title: read as written")),
        ("Just naïve words", "cp1252", ("not UTF-8, read as cp1252",)),
    ],
)
def test_a_post_is_read_by_its_bytes(text: str, codec: str, repaired: tuple[str, ...]) -> None:
    expected, found = read(text), read_post(text.encode(codec), "a.md", PostSettings())
    assert found.draft == expected.draft
    assert found.tags == expected.tags
    assert found.repaired == repaired


@pytest.mark.parametrize(
    ("data", "repaired"),
    [
        (
            "---\r\ntitle: ééé\r\n---\r\nab\r\n".encode() + b"\xff\r\n",
            "not UTF-8; U+FFFD stands for what is no text, first in line 5",
        ),
        (b"caf\xe9\r\x81", "not UTF-8, read as cp1252; U+FFFD stands for what is no text, first in line 2"),
    ],
)
def test_bytes_that_are_no_text_name_their_line(data: bytes, repaired: str) -> None:
    assert read_post(data, "a.md", PostSettings()).repaired == (repaired,)


@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"---\ntitle: x\n\xff\xd8\xff\xe0\0\x10JFIF"])
def test_a_file_that_is_no_text_is_refused(data: bytes) -> None:
    with pytest.raises(PostError, match="not text") as caught:
        read_post(data, "a.md", PostSettings())
    assert caught.value.line == 3


@pytest.mark.parametrize(
    "front_matter",
    [
        "z: " + "[" * 20_000,
        "z: " + "[" * 21 + "]" * 21,
        "z: " + "{" * 20_000,
        "z:\n" + "- " * 20_000,
        "\n".join(" " * depth + "a:" for depth in range(30)),
    ],
)
def test_deep_yaml_is_refused(front_matter: str) -> None:
    with pytest.raises(PostError, match="nested more than 20 deep"):
        read(f"---\n{front_matter}\n---\n")


@pytest.mark.parametrize(
    "text",
    [
        "+++\n" + ".".join(["a"] * 30_000) + " = 1\n+++\n",
        "+++\na = {" + ". ".join(['"b"'] * 9_000) + " = 1}\n+++\n",
        "+++\na = " + "[" * 30_000 + "\n+++\n",
        "+++\na = " + "[" * 100 + "]" * 100 + "\n+++\n",
        "+++\na = " + "9" * 60_000 + "\n+++\n",
        '{"a": ' + "[" * 60_000,
        '{"a": ' + "[" * 100 + "]" * 100 + "}",
    ],
)
def test_bombs_in_toml_and_json_are_refused(text: str) -> None:
    with pytest.raises(PostError):
        read(text)


@pytest.mark.parametrize(
    "front_matter", ["title: " + '"' * 60_000, "title: " + "\"'" * 30_000, "n: " + "9" * 60_000 + "\ntitle: x"]
)
def test_bombs_that_are_only_long_are_read(front_matter: str) -> None:
    assert read(f"---\n{front_matter}\n---\n")


# ── what a value is ──


@pytest.mark.parametrize("written", ["2.43", "1883", "2022-07-09", "no", "Yes", "0x10", "1e3", "404"])
def test_a_title_is_what_its_author_wrote(written: str) -> None:
    assert title(f"---\ntitle: {written}\n---\n") == written


@pytest.mark.parametrize("written", ["2.430", "1e400", "-0"])
def test_json_numbers_too(written: str) -> None:
    assert title(f'{{"title": {written}}}') == written


def test_toml_values_become_text() -> None:
    text = "+++\ntitle = 2.430\ndate = 2021-01-01T07:00:00Z\ndraft = true\n[author]\nname = 'A'\n+++\n"
    assert values(text) == {
        "title": "2.430",
        "date": "2021-01-01 07:00:00+00:00",
        "draft": "true",
        "author": {"name": "A"},
    }


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("---\ntitle: a\ndate: 2021-01-01\nTitle: b\n---\n", 2),
        (';;;\n{"x": 1,\n"title": "a", "title": "b"}\n;;;\n', 3),
    ],
)
def test_of_repeated_keys_the_last_counts_and_is_reported(text: str, line: int) -> None:
    post = read(text)
    assert post.draft.title
    assert post.draft.title.value == "b"
    assert [(problem.where, problem.kind) for problem in post.problems] == [(f"a.md:{line}", "front-matter")]


@given(
    st.text(st.sampled_from("---\n:'\"[]{}&*!#|>%@` \tabtitle=+;é中\x00\ufeff"), max_size=80),
    st.sampled_from(["---", "+++", ";;;", ""]),
)
def test_any_text_is_a_post_or_a_post_error(text: str, delimiter: str) -> None:
    with suppress(PostError):
        assert read(f"{delimiter}\n{text}\n{delimiter}\nbody").draft.path == "a.md"


@given(st.binary(max_size=60))
def test_any_bytes_too(data: bytes) -> None:
    with suppress(PostError):
        read_post(b"---\n" + data, "a.md", PostSettings())


@given(st.text(st.sampled_from("ab:'\"-\n #."), max_size=60))
def test_splitting_loses_nothing(text: str) -> None:
    whole = f"---\n{text}\n---\nthe body"
    parts = split(whole)
    assert whole.startswith(f"---\n{parts.front_matter}")
    assert whole.endswith(parts.body)
    assert parts.body.endswith("the body")


def test_lone_surrogates_in_json_are_replaced() -> None:
    pairs = read_json('{"title": "a \\ud800 b", "x\\udc00": {"y\\ud800": ["\\ud83d\\ude00", "\\ude00"]}}')
    assert [(pair.key, pair.value) for pair in pairs] == [
        ("title", "a \ufffd b"),
        ("x\ufffd", {"y\ufffd": ["\U0001f600", "\ufffd"]}),
    ]
