"""Which category a term goes to, and by which rule."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from aggregator.categories import (
    DEEPEST,
    MOST_KNOWN,
    Name,
    Placement,
    Rule,
    Rules,
    Style,
    fold_term,
    key_of,
    place_terms,
)
from aggregator.model.document import CategoryTerm

DROP = (Rule("drop", ("uncategorized",), where="c:1"), Rule("drop", ("未分类",), where="c:2"))
GENERIC = tuple(Rule("generic", (name,), where=f"c:{line}") for line, name in enumerate(("首页", "分类", "资讯"), 3))
KEEP = Rule("keep", (), where="c:9")


def rules(*aliases: tuple[Any, str], **more: Any) -> Rules:
    """Each alias: a pattern (a list for the prefix of a path) and its target as in the config."""
    made = tuple(
        Rule("alias", tuple(pattern), tuple(target.split("/")), f"c:{line}", prefix=True)
        if isinstance(pattern, list)
        else Rule("alias", (pattern,), tuple(target.split("/")), f"c:{line}")
        for line, (pattern, target) in enumerate(aliases, 10)
    )
    return replace(Rules(made, DROP, GENERIC, KEEP), **more)


def place(names: str | list[str], by: Rules, style: Style = "flat") -> list[Placement]:
    terms = [CategoryTerm(name) for name in ([names] if isinstance(names, str) else names)]
    return list(place_terms(terms, (), style, by))


def paths(names: str | list[str], by: Rules, style: Style = "flat") -> list[str]:
    """Each placement as `a > b`, "" if it went nowhere."""
    return [" > ".join(name.shown for name in one.path) for one in place(names, by, style)]


# folding


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Python", "python"),
        ("  Machine   Learning ", "machine learning"),
        ("Ｐｙｔｈｏｎ", "python"),
        ("数折　推送", "数折 推送"),
        ("（本站）", "(本站)"),
        ("— Photos", "Photos"),
        ("| Route", "route"),
        ("—— 周刊", "周刊"),
        ('"quoted"', "quoted"),
        ("“quoted”", "quoted"),
        ("#Python", "python"),
        ("# Python", "python"),
        ("##Python", "python"),
        ("— #Python", "python"),
        ("STRASSE", "straße"),
        ("e\u0301cole", "école"),
        ("Py\u00adthon", "Python"),
        ("\ufeffPython\u200b", "Python"),
        ("❤\ufe0f", "❤"),
        ("ﬁlm", "film"),
    ],
)
def test_spellings_that_are_one_term(one: str, other: str) -> None:
    assert fold_term(one) == fold_term(other)


def test_similar_terms_stay_apart() -> None:
    names = [
        "C",
        "C++",
        "C#",
        "C--",
        ".NET",
        "NET",
        "R",
        "Go",
        "F#",
        "F",
        "分类",
        "分類",
        "a-b",
        "a b",
        "ab",
        "#",
        "1X",
        "1",
    ]
    assert len({fold_term(name) for name in names}) == len(names)


@pytest.mark.parametrize("name", ["", " ", "—", "| |", '""', "\u3000", "\u200b", "\ufe0f"])
def test_decoration_alone_is_no_name(name: str) -> None:
    assert fold_term(name) == ""
    (placement,) = place(name, rules())
    assert (placement.path, placement.decider) == ((), "empty")


@settings(deadline=None)
@given(st.text())
@example("\u0345ᾳ# ")
@example("#—#x")
@example('"\u0308')
def test_folding_is_idempotent(text: str) -> None:
    assert fold_term(fold_term(text)) == fold_term(text)


# aliases


@pytest.mark.parametrize(
    ("pattern", "term", "matches"),
    [
        ("python", "Python", True),
        ("python", "#python", True),
        ("python", "python3", False),
        ("PYTHON", "python", True),
        ("py-*", "py-lib", True),
        ("py-*", "PY-LIB", True),
        ("py-*", "python", False),
        ("py-*", "a py-lib", False),
        ("*Photos", "— Photos", True),
        ("*photos*", "My Photos of 2021", True),
        ("?", "C", True),
        ("?", "C#", False),
        ("[cd]", "D", True),
        ("C [en]", "C [en]", True),
        ("新闻？", "新闻?", True),
        ("新闻？", "新闻人", False),
        ("C++", "C++", True),
        ("c", "C++", False),
        (".NET", ".net", True),
        ("a.b", "axb", False),
        ("re:^python", "Python 3", True),
        ("re:^python", "#Python", True),
        ("re:^python", "— Python", True),
        ("re:^#", "#Python", True),
        ("re:^python$", "my python", False),
        ("re:python", "my python", True),
        (r"re:^c\+\+$", "C++", True),
        ("re:^Machine Learning$", "machine   learning", True),
        ("a/b", "a/b", True),
        ("a/b", "a", False),
    ],
)
def test_patterns(pattern: str, term: str, matches: bool) -> None:
    (placement,) = place(term, rules((pattern, "Target")))
    assert (placement.decider == "alias") is matches


def test_a_pattern_matches_the_term_or_its_label() -> None:
    by = rules(("python", "Programming/Python"))
    (placement,) = place_terms([CategoryTerm("42", label="Python", scheme="urn:x")], (), "flat", by)
    assert key_of(placement.path) == ("programming", "python")
    (kept,) = place_terms([CategoryTerm("42", label="Ruby", scheme="urn:x")], (), "flat", by)
    assert kept.path == (Name("42", "Ruby", "urn:x"),)


def test_an_alias_shows_its_own_spelling_under_our_vocabulary() -> None:
    (placement,) = place_terms(
        [CategoryTerm("PYTHON", scheme="urn:x")], (), "flat", rules(("python", "Programming/Python"))
    )
    assert placement == Placement(("PYTHON",), (Name("Programming"), Name("Python")), "alias", "c:10")


def test_the_first_alias_in_the_config_decides() -> None:
    assert paths("python", rules(("py*", "First"), ("python", "Second"))) == ["First"]
    assert paths("python", rules(("python", "Second"), ("py*", "First"))) == ["Second"]


def test_an_alias_comes_before_drop_and_generic() -> None:
    assert paths(["uncategorized", "首页"], rules(("uncategorized", "A"), ("首页", "B"))) == ["A", "B"]


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        (["图片", "1X", "*Photos"], ["图片", "1X", "— Photos"], "Pictures"),
        (["图片", "1X", "*Photos"], ["图片", "1X", "Photos", "2021"], "Pictures > 2021"),
        (["图片", "1X", "*Photos"], ["图片", "1X"], "图片 > 1X"),
        (["图片", "1X", "*Photos"], ["新媒体", "图片", "1X", "Photos"], "新媒体 > 图片 > 1X > Photos"),
        (["图片"], ["图片", "1X"], "Pictures > 1X"),
        (["图片", "1X"], ["图片", "1x", "首页"], "Pictures"),
        (["图片", "1X"], ["图片", "1X", "未分类", "x"], "Pictures"),
        (["GNN", "GNN", "x"], ["GNN", "GNN", "x"], "Pictures"),
        ("1X - Photos", ["图片", "1X - Photos"], "Pictures"),
        ("1X", ["图片", "1X", "Photos"], "Pictures > Photos"),
        ("图片", ["图片", "图片", "Photos"], "Pictures > Photos"),
        ("Photos", ["图片", "1X", "Photos"], "Pictures"),
        ("Pictures", ["Pictures", "pictures", "x"], "Pictures > x"),
        ("re:^1x$", ["图片", "1X", "分类", "首页"], "Pictures"),
    ],
)
def test_aliases_of_paths(pattern: Any, path: list[str], expected: str) -> None:
    """A string replaces one whole level and keeps those below it; a list replaces the beginning of a path."""
    assert paths(path, rules((pattern, "Pictures")), "path") == [expected]


# what no alias takes


@pytest.mark.parametrize(
    ("path", "expected", "decider"),
    [
        (["图片", "1X", "Photos"], "图片 > 1X > Photos", "keep"),
        (["游戏", "GNN.tw 游戏新闻", "GNN.tw 游戏新闻"], "游戏 > GNN.tw 游戏新闻", "keep"),
        (["A", "a", "Ａ", "b", "A"], "A > b > A", "keep"),
        (["博客", "X", "分类"], "博客 > X", "generic"),
        (["博客", "X", "— 分类"], "博客 > X", "generic"),
        (["博客", "资讯", "首页"], "博客", "generic"),
        (["博客", "资讯", "X"], "博客 > 资讯 > X", "keep"),
        (["首页"], "", "generic"),
        (["首页", "分类"], "", "generic"),
        (["未分类"], "", "drop"),
        (["A", "Uncategorized", "B"], "A", "drop"),
        (["A", "分类", "未分类", "B"], "A", "generic"),
        (["A", "", "—", "B"], "A > B", "keep"),
        (["广播剧 / 有声漫画", "标签，栏目，分类"], "广播剧 / 有声漫画 > 标签，栏目，分类", "keep"),
        (["首页 - 白金攻略 / 游戏开箱"], "首页 - 白金攻略 / 游戏开箱", "keep"),
    ],
)
def test_paths_without_an_alias(path: list[str], expected: str, decider: str) -> None:
    (placement,) = place(path, rules(), "path")
    assert " > ".join(name.shown for name in placement.path) == expected
    assert placement.decider == decider
    assert placement.came == tuple(path)


def test_flat_terms_are_placed_separately() -> None:
    assert paths(["A", "未分类", "首页", "B", "a"], rules()) == ["A", "", "", "B", "a"]


def test_tags_stand_alone_even_beside_a_path() -> None:
    found = place_terms([CategoryTerm("A"), CategoryTerm("B")], [CategoryTerm("x"), CategoryTerm("y")], "path", rules())
    assert [one.came for one in found] == [("A", "B"), ("x",), ("y",)]
    assert place_terms([], [CategoryTerm("x")], "path", rules())[0].came == ("x",)


def test_a_kept_name_keeps_its_scheme_and_a_post_has_none() -> None:
    term = CategoryTerm("Python", scheme="urn:x")
    assert place_terms([term], (), "flat", rules())[0].path == (Name("Python", "", "urn:x"),)
    assert place_terms([term], (), "flat", rules(ours=True))[0].path == (Name("Python", "", None),)


@pytest.mark.parametrize(
    ("unmapped", "expected"),
    [
        (Rule("keep", (), (), "c:9"), ["Python", "", "A"]),
        (Rule("unmapped", (), (), "c:9"), ["", "", ""]),
        (Rule("unmapped", (), ("Other",), "c:9"), ["Other", "", "Other"]),
        (Rule("unmapped", (), ("A", "Other"), "c:9"), ["A > Other", "", "A > Other"]),
    ],
)
def test_terms_without_a_rule(unmapped: Rule, expected: list[str]) -> None:
    by = rules(unmapped=unmapped)
    assert paths("Python", by) + paths("未分类", by) + paths(["A", "首页"], by, "path") == expected


def test_every_placement_names_its_rule() -> None:
    by = rules(
        ("python", "P"), unmapped=Rule("unmapped", (), ("Other",), "c:9"), added=(Rule("added", (), ("Z",), "s:1"),)
    )
    found = {one.came: (one.decider, one.where) for one in place(["python", "未分类", "首页", "x"], by)}
    assert found == {
        ("python",): ("alias", "c:10"),
        ("未分类",): ("drop", "c:2"),
        ("首页",): ("generic", "c:3"),
        ("x",): ("unmapped", "c:9"),
        (): ("added", "s:1"),
    }


def test_every_entry_gets_the_added_categories() -> None:
    by = rules(added=(Rule("added", (), ("A", "B")), Rule("added", (), ("C",))))
    assert paths([], by) == ["A > B", "C"]
    assert paths(["x"], by) == ["x", "A > B", "C"]


# how many


def test_the_number_of_categories_is_limited() -> None:
    found = place([f"t{n}" for n in range(30)], rules(most=20))
    assert [one.decider for one in found] == ["keep"] * 20 + ["most"] * 10


def test_two_terms_of_one_category_count_once() -> None:
    assert [one.decider for one in place(["A", "a", "B", "Ａ"], rules(most=2))] == ["keep"] * 4


def test_beyond_the_limit_added_categories_and_aliases_stay() -> None:
    """Added categories first, then aliases in the order of the config, then the rest."""
    by = rules(("late", "Late"), ("later", "Later"), most=3, added=(Rule("added", (), ("Added",)),))
    found = paths(["spam 1", "later", "spam 2", "late"], by)
    assert found == ["", "Later", "", "Late", "Added"]
    assert paths(["spam 1", "later", "spam 2"], by) == ["spam 1", "Later", "", "Added"]


def test_the_depth_of_a_path_is_limited() -> None:
    (placement,) = place([f"t{n}" for n in range(5000)], rules(), "path")
    assert len(placement.path) == DEEPEST
    assert len(place([f"t{n}" for n in range(50_000)], rules())) == 1000


def test_the_cache_is_bounded() -> None:
    by = rules()
    for n in range(MOST_KNOWN // 1000 + 2):
        place([f"{n} {m}" for m in range(1000)], by)
    placed: Any = by._placed
    assert 1000 < placed.cache_info().currsize <= MOST_KNOWN
    assert by == rules()


names = st.sampled_from(
    ["A", "a", "B", "C++", "首页", "分类", "未分类", "— Photos", "Photos", "", "—", "x/y", "#"]
) | st.text(max_size=8)
terms = st.lists(st.builds(CategoryTerm, names, names, st.sampled_from(["", "urn:x"])), max_size=12)
aliases = st.lists(st.tuples(st.sampled_from(["a", "p*", "re:^c", "*", ["A", "B"], ["*"]]), st.just("T/U")), max_size=3)


@settings(deadline=None)
@given(terms, terms, st.sampled_from(["path", "flat"]), aliases, st.integers(1, 4))
def test_laws_of_placing(
    tags: list[CategoryTerm], given_: list[CategoryTerm], style: Style, made: list[Any], most: int
) -> None:
    """One placement per term or path; few enough paths, without empty, generic or repeated names; repeatable."""
    found = place_terms(given_, tags, style, rules(*made, most=most))
    assert found == place_terms(given_, tags, style, rules(*made, most=most))
    assert len(found) == len(tags) + (bool(given_) if style == "path" else len(given_))
    assert len({key_of(one.path) for one in found if one.path}) <= most
    for one in found:
        key = key_of(one.path)
        assert all(key)
        assert all(first != second for first, second in pairwise(key))
        assert not key or key[-1] not in {"首页", "分类", "资讯"}
        assert "未分类" not in key


@pytest.mark.parametrize(
    "arrived", ["Q&amp;A", "[Naver](https://comic.naver.com)", "  A\u200b ", "x" * 10_000, "\x00", "—"]
)
def test_the_received_term_is_kept(arrived: str) -> None:
    assert place(arrived, rules())[0].came == (arrived,)
    assert place(["A", arrived], rules(), "path")[0].came == ("A", arrived)


def test_parts_of_a_split_term_are_separate_terms() -> None:
    """So that each part can be explained, counted, and given an alias."""
    by = rules(separator=",")
    assert [one.came for one in place(["a, b", "Q&amp;A"], by)] == [("a",), ("b",), ("Q&amp;A",)]
    assert place_terms([CategoryTerm("x")], [CategoryTerm("a,b")], "path", by)[1:] == tuple(place(["a", "b"], by))
