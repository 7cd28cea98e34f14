"""The rule index decides as trying each rule in the written order would."""

import fnmatch
import time
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from aggregator.categories import Name, Rule, Rules, fold_term, key_of, place_terms
from aggregator.categories.names import readable
from aggregator.categories.patterns import expression_of
from aggregator.model.document import CategoryTerm
from aggregator.text import regex as expressions
from aggregator.text.normalize import fold
from aggregator.text.regex import RegexSet, matches

WORDS = [
    "a",
    "A",
    "b",
    "ab",
    "aab",
    "a b",
    "#a",
    "— b",
    "c++",
    "[a]",
    "新",
    "新a",
    "x1",
    "x2",
    ".",
    "",
    "—",
    "a-b",
    "é",
    "É",
]
PATTERNS = [
    "a", "B", "ab", "a*", "*b", "*a*", "?", "??", "[ab]", "[!a]*", "*", "a?b", "新", "新*", "x[1-9]", "c++", "*+",
    "[a]", "#a", "re:^a", "re:b$", "re:^#", "re:^.*a.*$", r"re:\d", r"re:\w{2}", "re:a|^新", "re:.*", r"re:\.",
    "re:^x.*", "re:[^ab]",
]  # fmt: skip
TARGETS = ["A", "T", "T/U", "新/X", "a b"]

names = st.sampled_from(WORDS) | st.text("ab#新—x1 .", max_size=4)
terms = st.builds(CategoryTerm, names, st.just("") | names)
paths = st.lists(terms, min_size=1, max_size=5)
patterns = st.sampled_from(PATTERNS)
singles = st.builds(lambda one, to: Rule("alias", (one,), tuple(to.split("/"))), patterns, st.sampled_from(TARGETS))
prefixes = st.builds(
    lambda many, to: Rule("alias", tuple(many), tuple(to.split("/")), prefix=True),
    st.lists(patterns, min_size=1, max_size=3),
    st.sampled_from(TARGETS),
)
aliases = st.lists(singles | prefixes, max_size=8)
drops = st.lists(st.builds(lambda one: Rule("drop", (one,)), st.sampled_from(["b", "x*", r"re:\d", "新a"])), max_size=2)
generics = st.lists(st.builds(lambda one: Rule("generic", (one,)), st.sampled_from(["a", "*-b", "[a]"])), max_size=2)


def holds(pattern: str, name: Name) -> bool:
    return any(_holds(pattern, text) for text in (name.term, name.label) if text or text == name.term)


def _holds(pattern: str, text: str) -> bool:
    if pattern.startswith("re:"):
        return any(matches(pattern[3:], form, ignore_case=True) for form in (fold_term(text), fold(text)))
    folded = fold_term(pattern)
    return fold_term(text) == folded or (
        any(sign in pattern for sign in "*?[") and fnmatch.fnmatchcase(fold_term(text), folded)
    )


def left(rule: Rule, path: Sequence[Name]) -> Sequence[Name] | None:
    """What an alias leaves of a path; None where it does not take it."""
    if rule.prefix:
        wanted = [one for i, one in enumerate(rule.patterns) if i == 0 or one != rule.patterns[i - 1]]
        takes = len(path) >= len(wanted) and all(holds(one, name) for one, name in zip(wanted, path, strict=False))
        return path[len(wanted) :] if takes else None
    return next((path[i + 1 :] for i, name in enumerate(path) if holds(rule.patterns[0], name)), None)


def cut(path: Sequence[Name], rules: Rules) -> Sequence[Name]:
    dropped = (i for i, name in enumerate(path) if any(holds(rule.patterns[0], name) for rule in rules.drop))
    path = path[: next(dropped, len(path))]
    while path and any(holds(rule.patterns[0], path[-1]) for rule in rules.generic):
        path = path[:-1]
    return path


def collapsed(path: Sequence[Name]) -> list[Name]:
    return [name for i, name in enumerate(path) if i == 0 or key_of([name]) != key_of([path[i - 1]])]


def plainly(terms: Sequence[CategoryTerm], rules: Rules) -> tuple[tuple[str, ...], int | None]:
    """The path, and the rank of the alias that made it, rule by rule."""
    arrived = (Name(term.term or term.label, term.label if fold_term(term.label) else "") for term in terms)
    path = collapsed([name for name in arrived if fold_term(name.shown)])
    for rank, rule in enumerate((*rules.own, *rules.aliases)):
        rest = left(rule, path) if path else None
        if rest is not None:
            return key_of(collapsed([*map(Name, rule.target), *cut(rest, rules)])), rank
    return key_of(cut(path, rules)), None


@pytest.mark.portions(3)
@settings(deadline=None, max_examples=40)
@given(paths, aliases, aliases, drops, generics)
@example([CategoryTerm("#a")], [], [Rule("alias", ("re:^#",), ("T",))], [], [])
@example(
    [CategoryTerm("a"), CategoryTerm("b")], [], [Rule("alias", ("b",), ("T",)), Rule("alias", ("a",), ("U",))], [], []
)
def test_the_first_rule_that_holds_decides(
    path: list[CategoryTerm], own: list[Rule], of_all: list[Rule], drop: list[Rule], generic: list[Rule]
) -> None:
    base = Rules(tuple(of_all), tuple(drop), tuple(generic))
    for rules in (
        Rules(tuple(of_all), tuple(drop), tuple(generic), own=tuple(own)),
        base.of_source(tuple(own), (), ours=False, separator=""),
        base,
    ):
        rank, placement = rules.place(tuple(path))
        key, decided = plainly(path, rules)
        assert key_of(placement.path) == key
        assert (rank if placement.decider == "alias" else None) == decided
        assert rules.place(tuple(path)) == (rank, placement)


globs = st.text("ab*?[]!-^\\.|é", max_size=8)


@settings(deadline=None, max_examples=200)
@given(globs, st.text("ab-]![^\\.|é*", max_size=6))
@example("[]a]*", "]")
@example("[!]a]", "b")
@example("[b-a]", "a")
@example("[!b-a]", "a")
@example("[a-]", "-")
@example("[--a]", "^")
@example("*[", "a[")
@example("a**b", "ab")
def test_globs_are_what_fnmatch_has_them(glob: str, text: str) -> None:
    assert matches(expression_of(glob), text) is fnmatch.fnmatchcase(text, glob)


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=[])))
@example("&amp;lt;")
@example("[a](b:c) [x](/)")
@example("&#38;#38;#38;amp;")
def test_what_is_shown_is_one_line_that_a_feed_can_carry(text: str) -> None:
    shown = readable(text)
    assert shown == " ".join(shown.split())
    shown.encode()


@settings(deadline=None, max_examples=30)
@given(st.sampled_from(["&amp;", "[", "![", "](", "[a](a:", '[a](/ "', "&#38", "a ", "\u0301", "(", "\ufe0f", "#"]))
def test_hostile_names_cost_nothing(piece: str) -> None:
    began = time.process_time()
    rules = Rules((Rule("alias", ("*a*b*c*",), ("T",)), Rule("alias", ("re:(a+)+$",), ("T",))))
    for size in (199, 1999, 20_000):
        place_terms([CategoryTerm(piece * size), CategoryTerm((piece * size)[:size])], (), "flat", rules)
    assert time.process_time() - began < 2


def test_sources_share_what_they_have_in_common() -> None:
    """The index of the rules of all is made once, and only when a term arrives."""
    base = Rules(tuple(Rule("alias", (f"t{n}",), (f"T{n}",)) for n in range(5)))
    plain, other = (base.of_source((), (), ours=False, separator="") for _ in range(2))
    special = base.of_source((Rule("alias", ("t1",), ("Own",)),), (), ours=False, separator="")
    assert base == plain == other != special
    shared: Any = base._shared
    assert shared.cache_info().currsize == 0
    for rules, target in ((plain, "T1"), (special, "Own"), (other, "T1")):
        assert rules.place((CategoryTerm("t1"),))[1].path == (Name(target),)
    assert base._shared is plain._shared is special._shared
    assert shared.cache_info().misses == 1
    assert base._placed is plain._placed is other._placed is not special._placed


def test_ten_thousand_sources_cost_no_index_each() -> None:
    base = Rules(tuple(Rule("alias", (f"t{n}*",), (f"T{n}",)) for n in range(2000)))
    began = time.process_time()
    for n in range(10_000):
        base.of_source((), (Rule("added", (), (f"S{n}",)),), ours=False, separator="").place((CategoryTerm("t7"),))
    assert time.process_time() - began < 3


def test_rules_too_large_to_be_searched_together_are_searched_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expressions, "MOST_MEMORY", 2**18)
    monkeypatch.setattr(expressions, "LARGEST", 10_000)
    patterns = [rf"^topics? {n} \w+$" for n in range(60)] + [r"^\w{30}!"]
    several = RegexSet(patterns)
    assert 2 < len(several._sets) < len(patterns)
    assert [several.matching(f"topic {n} ç") for n in range(61)] == [[n] for n in range(60)] + [[]]
    assert several.matching("é" * 30 + "!") == [60]
    assert RegexSet([]).matching("a") == []
