"""The tolerant reader: forms that generators really wrote, with other words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.posts import Post, PostSettings, read_post
from aggregator.posts.tolerant_reader import peel, read_tolerant

REST = "categories: \n - 二次元\n - Works - list\nauthor: Works - list\ncomments: false\ndate: 2021-03-22 04:50:45"


def read(front: str) -> Post:
    return read_post(f"\n---\n{front}\n---\n\n<div>   \n<p>x</p>\n</div>".encode(), "a.md", PostSettings())


def title(post: Post) -> str:
    return post.draft.title.value if post.draft.title else ""


@pytest.mark.parametrize(
    ("written", "meant", "how"),
    [
        ('"""""""\'第10集\'"""""""', "第10集", "quotes peeled"),
        ('"""\'SP\'"""', "SP", "quotes peeled"),
        ('"I\'m "x""', 'I\'m "x"', "quotes peeled"),
        ('"it\'s a "quoted" word"', 'it\'s a "quoted" word', "quotes peeled"),
        ("'it's'", "it's", "quotes peeled"),
        ("'this' and 'that'", "'this' and 'that'", "read as written"),
        ('"never closed', '"never closed', "read as written"),
        ("part one: the rest", "part one: the rest", "read as written"),
        ("@name says", "@name says", "read as written"),
        ("*bold* move", "*bold* move", "read as written"),
        ("!important", "!important", "read as written"),
        ("[Draft] a title", "[Draft] a title", "read as written"),
        ("{{ title }}", "{{ title }}", "read as written"),
        (
            "First line\n\n      of many\n\nand one at the margin",
            "First line of many and one at the margin",
            "lines joined",
        ),
        ("First line\nRemark: not a key\n'odd", "First line Remark: not a key 'odd", "lines joined"),
    ],
)
def test_a_broken_title_loses_only_itself(written: str, meant: str, how: str) -> None:
    post = read(f"title: {written}\n{REST}")
    assert (title(post), post.repaired) == (meant, (f"title: {how}",))
    assert [term.term for term in post.draft.terms] == ["二次元", "Works - list"]
    assert [person.name for person in post.draft.authors] == ["Works - list"]
    assert post.draft.published
    assert post.draft.published.isoformat() == "2021-03-22T04:50:45+00:00"


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]) | st.sampled_from("'\" :#-"), max_size=40))
def test_whatever_a_title_holds_the_other_keys_are_read(written: str) -> None:
    quote = '"' if "'" in written else "'"
    post = read(f"title: {quote}{written}{quote}\n{REST}")
    assert [term.term for term in post.draft.terms] == ["二次元", "Works - list"]
    assert post.draft.published


def test_good_front_matter_is_never_repaired() -> None:
    assert read(f"title: '@a \"\n\n#b\n\n\"'\n{REST}").repaired == ()


@pytest.mark.parametrize(
    ("front_matter", "pairs"),
    [
        ("title: a: b\nmathjax: true", [("title", "a: b"), ("mathjax", "true")]),
        ("title: a: b\nmy_key: x", [("title", "a: b"), ("my_key", "x")]),
        ("title:no space\ndate:2021-01-01", [("title", "no space"), ("date", "2021-01-01")]),
        ("  title: x: y\ndate: z", [("title", "x: y"), ("date", "z")]),
        ("title:x\ndate:y", [("title", "x"), ("date", "y")]),
        ("title：全角\ndate: x: y", [("title", "全角"), ("date", "x: y")]),
        ("tags: [@a, C#, 'd']\ntitle: x", [("tags", ["@a", "C#", "d"]), ("title", "x")]),
        ("categories:\n- @a\n- 'b' c\ntitle: x", [("categories", ["@a", "'b' c"]), ("title", "x")]),
        ("author: {name: A}\ntitle: @x", [("author", {"name": "A"}), ("title", "@x")]),
        ("title: 'a\n---\ncategories: no key\n'\ndate: x", [("title", "a --- categories: no key"), ("date", "x")]),
    ],
)
def test_keys_are_read_one_by_one(front_matter: str, pairs: list[tuple[str, object]]) -> None:
    assert [(pair.key, pair.value) for pair in read_tolerant(front_matter)[0]] == pairs


def test_omissions_are_reported() -> None:
    pairs, repaired = read_tolerant("garbage\ntitle: x")
    assert [pair.key for pair in pairs] == ["title"]
    assert repaired == ("what stands before the first key is left out",)


@pytest.mark.parametrize(
    ("text", "peeled"),
    [
        ("", ""),
        ("'", "'"),
        ("''", ""),
        ('"""', '"'),
        ("'a'", "a"),
        ("'a''b'", "a'b"),
        ('"a \\"b\\" c"', 'a "b" c'),
        ('"a" and "b" c"', 'a" and "b" c'),
        ("\"'Hello,' she said\"", "'Hello,' she said"),
    ],
)
def test_peeling(text: str, peeled: str) -> None:
    assert peel(text) == peeled


TABS = "tabs at the start of lines read as spaces"


@pytest.mark.parametrize(
    ("front", "repaired"),
    [
        ("title: x\ndate: 2021-01-02\nauthor:\n\tname: Ann\n\temail: a@b.example\ntags: [a, b]", f"author: {TABS}"),
        ("title: x\ndate: 2021-01-02\nauthor:\n\t\tname: Ann\n\t\temail: a@b.example\ntags: [a, b]", f"author: {TABS}"),
        ("title: x\ndate: 2021-01-02\nauthor: Ann <a@b.example>\ntags:\n\t- a\n\t- b", f"tags: {TABS}"),
        ("title: x\ndate: 2021-01-02\nauthor: Ann <a@b.example>\ntags:\n    - a\n\t- b", f"tags: {TABS}"),
        ("title: x\ndate: 2021-01-02\nauthor: Ann <a@b.example>\ntags:\n  - a\n\t- b", f"tags: {TABS}"),
        ("\ttitle: x\n\tdate: 2021-01-02\n\tauthor: Ann <a@b.example>\n\ttags: [a, b]", "read key by key"),
        ("title: x\n\tdate: 2021-01-02\n\tauthor: Ann <a@b.example>\n\ttags: [a, b]", "read key by key"),
    ],
)
def test_front_matter_indented_by_tabs_loses_no_field(front: str, repaired: str) -> None:
    post = read(front)
    assert (title(post), str(post.draft.published)[:10]) == ("x", "2021-01-02")
    assert [(person.name, person.email) for person in post.draft.authors] == [("Ann", "a@b.example")]
    assert [tag.term for tag in post.tags] == ["a", "b"]
    assert post.repaired == (repaired,)


def test_keys_behind_tabs_below_a_key_without_value_are_its_own() -> None:
    post = read("title: x\nimage:\n\turl: https://a.example/1.png\n\ttitle: no")
    assert (title(post), post.draft.image) == ("x", "https://a.example/1.png")
