"""Slugs: ASCII words for names of any script."""

import re
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from aggregator.text.slugs import LONGEST, RESERVED, slugify, unique_slug

ANYTHING = st.text(st.characters(exclude_categories=[]), max_size=80)  # lone surrogates, too


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Programming", "programming"),
        ("Machine  Learning", "machine-learning"),
        ("C", "c"),
        ("C++", "c-plus-plus"),
        ("Ｃ＋＋", "c-plus-plus"),
        ("C#", "c-sharp"),
        ("F♯", "f-sharp"),
        (".NET", "dot-net"),
        ("ASP.NET", "asp-net"),
        ("Node.js", "node-js"),
        ("AI", "ai"),
        ("A.I.", "ai"),
        ("U.S.A. News", "usa-news"),
        ("R&D", "r-and-d"),
        ("Q＆A", "q-and-a"),
        ("+1", "plus-1"),
        ("#python", "python"),
        ("don’t panic", "dont-panic"),
        ("v1.2", "v1-2"),
        ("127.0.0.1", "127-0-0-1"),
        ("新媒体", "xin-mei-ti"),
        ("趣头条", "qu-tou-tiao"),
        ("IT 之家", "it-zhi-jia"),
        ("今日推荐 / 精选", "jin-ri-tui-jian-jing-xuan"),
        ("— Photos", "photos"),
        ("ニュース", "niyusu"),
        ("한국", "hangug"),
        ("Новости", "novosti"),
        ("Ελλάδα", "ellada"),
        ("École", "ecole"),
        ("E\u0301cole", "ecole"),
        ("Straße", "strasse"),
        ("🎉", "tada"),
        ("½", "1-2"),
        ("../../etc/passwd", "etc-passwd"),
        ("a\x00b\nc", "a-b-c"),
    ],
)
def test_slugs_of_names(name: str, expected: str) -> None:
    assert slugify(name) == expected


@pytest.mark.parametrize("name", ["", ".", "..", "/", "...", "$", "\u202e", "\ud800", "\u0301", "\x00"])
def test_a_name_without_words_has_a_slug_of_its_own(name: str) -> None:
    assert re.fullmatch("x[0-9a-f]{8}", slugify(name))
    assert slugify(name) != slugify(name + "$")


@settings(deadline=None)
@given(ANYTHING)
@example("新" * 80)
@example("a" * 61)
@example("a" * 60 + " b")
@example("\u0301" * 5000)
def test_a_slug_is_short_ascii_and_never_leaves_the_tree(name: str) -> None:
    slug = slugify(name)
    assert re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", slug)
    assert len(slug) <= LONGEST
    assert slug == slugify(name)


def test_long_names_end_with_a_whole_word() -> None:
    assert slugify("transliterated names " * 10) == "transliterated-names-transliterated-names-transliterated"
    assert slugify("x" * 200) == "x" * 60


@pytest.mark.parametrize("name", sorted(RESERVED))
def test_reserved_names_are_no_slugs(name: str) -> None:
    assert unique_slug(name, ()) == f"{name}-2"
    assert unique_slug(name.upper(), {f"{name}-2"}) == f"{name}-3"


def test_reserved_names() -> None:
    named = (
        "all entries source archive health held status metrics api healthz readyz websub index static con nul com1 lpt9"
    )
    assert set(named.split()) <= RESERVED


@settings(deadline=None)
@given(st.lists(ANYTHING, max_size=20))
@example(["a" * 70] * 12)
@example(["C", "c", "Ｃ", "C!"])
def test_siblings_have_different_slugs(names: list[str]) -> None:
    taken: set[str] = set()
    for name in names:
        slug = unique_slug(name, taken)
        assert slug not in taken | RESERVED
        assert re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", slug)
        assert len(slug) <= LONGEST
        taken.add(slug)


def test_a_number_is_added_only_on_a_clash() -> None:
    assert unique_slug("AI", ()) == "ai"
    assert unique_slug("A.I.", {"ai"}) == "ai-2"
    assert unique_slug("Ai", {"ai", "ai-2"}) == "ai-3"


# 5,000 names that somebody may send to do harm, or without knowing better

BEFORE = ["", "../", "/", "C:\\", "%2e%2e%2f", "\x00", "\u202e", "~", "-", "."]
HEARTS = [
    "..", ".", "CON", "nul", "com1", "all", "Entries", "ｓｔａｔｕｓ", "health", "index.html", "a/b", "a\\b", "%00",
    "%2e%2e", "C", "C++", "C#", ".NET", "NET", "AI", "A.I.", "Раypal", "Paypal", "paypal", "新媒体", "新媒體",
    "ニュース", "한국", "أخبار", "ไทย", "Ελλάδα", "🎉", "👩\u200d💻", "é", "e\u0301", "ß", "½", "\ud800",
    "\ufdd0", "\u0301" * 40, "x" * 300, "新" * 300, "null", "true", "2026", "1.10", "' OR 1=1", "<script>",
    "${HOME}", "`rm`", "$(x)", "{{7*7}}", "a\nb", "a\tb", "LPT9", " ",
]  # fmt: skip
BEHIND = ["", ".", "/..", "\u200b", ".xml", " ", "-2", "\ufe0f", "?x=1", "’s"]
NAUGHTY = sorted({before + heart + behind for before in BEFORE for heart in HEARTS for behind in BEHIND})


def given_out(names: list[str], root: Path) -> list[str]:
    """Slugs of siblings, each checked as a folder name."""
    taken: dict[str, str] = {}
    for name in names:
        slug = unique_slug(name, taken)
        assert re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", slug), ascii(name)
        assert len(slug.encode()) <= LONGEST
        assert slug not in RESERVED
        assert slug not in taken
        assert (root / slug).resolve().parent == root.resolve()
        taken[slug] = name
    return list(taken)


@pytest.mark.torture
def test_thousands_of_naughty_names_stay_apart_and_inside_the_tree(tmp_path: Path) -> None:
    assert len(NAUGHTY) >= 5000
    slugs = given_out(NAUGHTY, tmp_path)
    assert len(slugs) == len(NAUGHTY)
    assert slugs == given_out(NAUGHTY, tmp_path)


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(BEFORE), ANYTHING, st.sampled_from(BEHIND)).map("".join), max_size=30))
def test_any_names_stay_apart_and_inside_the_tree(names: list[str]) -> None:
    given_out(names, Path("/tree"))


def test_windows_devices_and_our_own_folders_are_no_slugs_in_any_script() -> None:
    for name in ("CON", "Ｃｏｎ", "con.", " con ", "𝐜𝐨𝐧", "cοn", "..con", "Com1", "all", "ÀLL", "archive"):
        assert unique_slug(name, ()) not in RESERVED
