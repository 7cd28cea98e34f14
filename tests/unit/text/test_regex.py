"""Regular expressions in Python's syntax, searched by RE2."""

import re
import time
from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from aggregator.text.regex import ExpressionError, RegexSet, check, literal, matches


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"\w+и", "новости"), (r"^\w+$", "新媒体"), (r"^\W$", "_"), (r"[\w-]+$", "a-é"), (r"^[^\W\d]+$", "é"),
        (r"\d", "٣"), (r"\D", "٣"), (r"[\D]", "٣"), (r"[\s]", "a\u3000b"), (r"[^\s]", "\u3000"),
        (r"[\S]", "\u2028"), (r"\S", "\x1f"), (r"[\W]", "_"), (r"[\W]", "-"), (r"[\W]", "\u203f"),
        (r"[^\S]", "\x85"), (r"[]a]", "]"), (r"[^]a]", "]"), (r"[x\]]", "]"), (r"^a{,2}b", "aab"),
        (r"^a{,2}b", "aaab"), (r"\u65b0", "新"), (r"\U00020000", "\U00020000"), (r"x\Z", "x"), (r"x\Z", "xy"),
        (r"\，", "，"), ("(?i)ABC", "abc"), (r"[\b]", "\b"), (r"\.", "x"), (r"(?P<n>a)b", "ab"), (r"\x41", "A"),
        (r"\-", "-"), (r"\(?=a", "=a"), (r"\\(a)", "\\a"), (r"[(?=]", "="), (r"[\\]", "\\"), ("a|b", "b"), ("", ""),
        ("^$", ""), (r"[^a\-z]", "-"), (r"\012", "\n"), ("a$", "a"), (r"\bfoo\b", "a foo."), (r"\Bo", "fo"),
        ("(?:a|b){2,3}?c", "abac"),
    ],
)  # fmt: skip
def test_a_pattern_matches_as_in_python(pattern: str, text: str) -> None:
    assert matches(pattern, text) is bool(re.search(pattern, text))
    check(pattern)


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("a(?=b)", "`(?=…)` looks around"),
        ("(?!b)a", "`(?!…)` looks around"),
        ("(?<=b)a", "`(?<=…)` looks around"),
        (r"\\(?<!b)a", "`(?<!…)` looks around"),
        (r"(a)\1", r"`\1` refers back"),
        ("(?P<x>a)(?P=x)", "`(?P=x)` refers back"),
        ("(a)?(?(1)b|c)", "`(?(1)` refers back"),
        ("(", "not a regular expression: missing )"),
        ("a++", "not a regular expression: bad repetition"),
        ("(?>a)", "not a regular expression"),
        (r"\h", r"not a regular expression: `\h` means nothing"),
        (r"\C", r"not a regular expression: `\C` means nothing"),
        (r"\Qa\E", r"not a regular expression: `\Q` means nothing"),
        ("a\\", "not a regular expression: trailing"),
        ("[a", "not a regular expression: missing ]"),
        ("[z-a]", "not a regular expression: invalid character class range"),
        ("a{2000}", "not a regular expression: invalid repetition size"),
        (r"\w{900}", "needs too much memory"),
        ("((a{90}){90}){90}", "invalid repetition size"),
        ("\ud800", "half a surrogate pair"),
        ("a" * 2001, "longer than 2000 characters"),
        (r"\bновости\b", r"`\b` knows only a-z, 0-9 and _"),
        (r"\b(?:新|AI)\b", r"`\b` knows only a-z, 0-9 and _"),
        (r"(AI|新)\b", r"`\b` knows only a-z, 0-9 and _"),
    ],
)
def test_unsupported_or_invalid_patterns_are_refused(pattern: str, message: str) -> None:
    with pytest.raises(ExpressionError, match=re.escape(message)):
        check(pattern)


anything = st.text(st.characters(exclude_categories=[]), max_size=20)


@settings(deadline=None)
@given(anything, anything)
@example("a.b", "axb")
@example("\x00", "\x00")
def test_literal_matches_only_the_text_itself(text: str, other: str) -> None:
    whole = text.encode(errors="replace").decode()
    assert matches(rf"\A{literal(whole)}\z", whole)
    assert matches(literal(whole), other) is (
        whole in other.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    )


pieces = st.sampled_from(
    [r"\w", r"\W", r"\d", r"\s", r"\S", "a", "é", "新", ".", "[a-c]", r"[^\w]", r"[\W_]", r"[\s-]", "(?:a|b)"]
)
times = st.sampled_from(["", "*", "+", "?", "{2}", "{,2}"])
expressions = st.lists(st.tuples(pieces, times).map("".join), min_size=1, max_size=4).map("".join)


@pytest.mark.torture
@settings(deadline=None, max_examples=120)
@given(st.lists(expressions, min_size=1, max_size=5), st.text("ab_é新 -٣\u3000\u203f", max_size=8))
def test_a_set_matches_like_each_pattern_alone(patterns: list[str], text: str) -> None:
    alone = [n for n, pattern in enumerate(patterns) if matches(pattern, text, ignore_case=True)]
    assert sorted(RegexSet(patterns).matching(text)) == alone
    assert alone == [n for n, pattern in enumerate(patterns) if re.search(pattern, text, re.IGNORECASE)]


@settings(deadline=None)
@given(anything, anything)
def test_any_pattern_and_any_text_are_accepted(pattern: str, text: str) -> None:
    with suppress(ExpressionError):
        check(pattern)
        assert bool(RegexSet([pattern]).matching(text)) is matches(pattern, text, ignore_case=True)


def test_a_hostile_text_takes_milliseconds() -> None:
    began = time.process_time()
    several = RegexSet(["(a+)+$", "(a|aa)+$", r"(\w+\s*)+$"])
    assert several.matching("a" * 2**20 + "!") == []
    assert not matches("(a+)+$", "a" * 2**20 + "!")
    assert time.process_time() - began < 1
