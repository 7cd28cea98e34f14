"""Items of lists in config.yaml added, changed and removed: all other bytes stay."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.config.edit_aliases import EditError
from aggregator.config.edit_lists import Append, Edit, Put, Remove, edited
from aggregator.config.yaml_lines import read_yaml

NEW = Append("sources", [{"url": "https://n.example/feed?a=1&b=2", "id": "new", "categories": ["A/B", "C: d"]}])
LINES = '  - url: https://n.example/feed?a=1&b=2\n    id: new\n    categories: [A/B, "C: d"]\n'

WHOLE = """\
# My planet.
site: {title: "Planet"}   # mine

sources:   # all of them
  # the first
  # of two
  - url: https://a.example/f   # a
    id:   a
    # sometimes
    every: 1h
    # its end

  # - url: https://off.example/
  #   id: off
  - id: b   # b
    url: 'https://b.example/f'

# how it is shown
feeds: {extra: [{id: x, sources: [a, "b"]}]}
duplicates:
  prefer:
    - b   # first
    - a
"""
A = """\
  # the first
  # of two
  - url: https://a.example/f   # a
    id:   a
    # sometimes
    every: 1h
    # its end
"""
B = "  - id: b   # b\n    url: 'https://b.example/f'\n"


def replaced(old: str, new: str) -> str:
    assert WHOLE.count(old) == 1
    return WHOLE.replace(old, new)


NEW_AS_B = '  - id: new\n    url: https://n.example/feed?a=1&b=2\n    categories: [A/B, "C: d"]\n'


WANTED: dict[str, tuple[list[Edit], str | None]] = {
    "added": ([NEW], replaced(B, B + NEW_AS_B)),
    "the first out, with its comments": ([Remove("sources", 0)], replaced(A, "")),
    "the second out, but not what was one": ([Remove("sources", 1)], replaced(B, "")),
    "a key added": ([Put(("sources", 0, "paused"), "true")], replaced("every: 1h\n", "every: 1h\n    paused: true\n")),
    "a key behind the last": ([Put(("sources", 1, "paused"), "true")], replaced(B, B + "    paused: true\n")),
    "a key taken away": ([Put(("sources", 0, "every"), None)], replaced("    every: 1h\n", "")),
    "a value": ([Put(("sources", 0, "id"), "new-id")], replaced("id:   a\n", "id:   new-id\n")),
    "a value in quotes": ([Put(("sources", 1, "url"), "https://c.example/it's")],
                          replaced("'https://b.example/f'", "'https://c.example/it''s'")),
    "in brackets": ([Put(("feeds", "extra", 0, "sources", 1), "c")], replaced('"b"]', '"c"]')),
    "in a list": ([Put(("duplicates", "prefer", 0), "c")], replaced("- b   # first", "- c   # first")),
    "one out, another changed": ([Remove("sources", 0), Put(("sources", 1, "paused"), "true")],
                                 replaced(A, "").replace(B, B + "    paused: true\n")),
    "one out, one in": ([NEW, Remove("sources", 0)], None),
}  # fmt: skip


@pytest.mark.parametrize("case", WANTED)
def test_an_edit_changes_only_its_lines(case: str) -> None:
    edits, wanted = WANTED[case]
    made = edited(WHOLE, edits)
    assert wanted is None or made == wanted
    windows = edited("\ufeff" + WHOLE.replace("\n", "\r\n"), edits)
    assert windows == "\ufeff" + made.replace("\n", "\r\n")


SITE = "site: {title: x}\n"
INDENTED = LINES.replace("\n    ", "\n  ").replace("  - ", "- ")
IN_BRACES = '{url: https://n.example/feed?a=1&b=2, id: new, categories: [A/B, "C: d"]}'
SHAPES = {
    "no sources": (SITE, SITE + "\nsources:\n" + LINES),
    "no line end": (SITE.rstrip(), SITE + "\nsources:\n" + LINES),
    "nothing in it": ("sources:   # later\nsite: {}\n", "sources:   # later\n" + LINES + "site: {}\n"),
    "empty brackets": ("sources: []   # none yet\nsite: {}\n", "sources:   # none yet\n" + LINES + "site: {}\n"),
    "brackets": ("sources: [{url: a}]   # all\n", f"sources: [{{url: a}}, {IN_BRACES}]   # all\n"),
    "not indented": ("sources:\n- url: a\n  id: a\nsite: {}\n",
                     f"sources:\n- url: a\n  id: a\n{INDENTED}site: {{}}\n"),
    "deeply indented": ("sources:\n    -   url: a\n        id: a\n",
                        "sources:\n    -   url: a\n        id: a\n"
                        + LINES.replace("\n    ", "\n        ").replace("  - ", "    -   ")),
    "items in braces": ("sources:\n  - {url: a}   # a\n", f"sources:\n  - {{url: a}}   # a\n  - {IN_BRACES}\n"),
    "blank lines between": ("sources:\n  - url: a\n\n  - url: b\n", "sources:\n  - url: a\n\n  - url: b\n\n" + LINES),
    "no line end behind the last": ("sources:\n  - url: a", "sources:\n  - url: a\n" + LINES),
    "a last key with nothing": ("sources:\n  - url: a\n    title:   # none\n",
                                "sources:\n  - url: a\n    title:   # none\n" + LINES),
    "a text of several lines": ("sources:\n  - url: a\n    title: |\n      b\nsite: {}\n",
                                "sources:\n  - url: a\n    title: |\n      b\n" + LINES + "site: {}\n"),
    "a comment that is the last one's": ("sources:\n  - url: a\n    # every: 1h\n# end\n",
                                         "sources:\n  - url: a\n    # every: 1h\n" + LINES + "# end\n"),
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_a_new_item_stands_where_a_person_would_put_it(shape: str) -> None:
    before, after = SHAPES[shape]
    assert edited(before, [NEW]) == after


ODD: dict[str, tuple[str, Edit]] = {
    "an item that stands elsewhere": ("x: &x {url: a}\nsources: [*x]\n", Put(("sources", 0, "paused"), "true")),
    "an item that others take in": ("sources:\n  - &a\n    url: a\n  - <<: *a\n    id: b\n", Remove("sources", 0)),
    "a list in braces": ("{site: {title: x}, sources: [{url: a}]}\n", Append("sources", [{"url": "b"}])),
    "a file in braces": ("{site: {title: x}}\n", Append("sources", [{"url": "b"}])),
    "nothing, said": ("sources: ~\nsite: {title: x}\n", Append("sources", [{"url": "b"}])),
    "a document with an end": ("site: {title: x}\n...\n", Append("sources", [{"url": "b"}])),
    "a dash alone": ("sources:\n  -\n    url: a\n  - # c\n    url: b\n", Remove("sources", 1)),
}


@pytest.mark.parametrize("shape", ODD)
def test_odd_shapes_are_changed_correctly_or_not_at_all(shape: str) -> None:
    before, edit = ODD[shape]
    try:
        after = edited(before, [edit])
    except EditError:
        return
    data = read_yaml(after).data["sources"]
    assert (
        (data[0].get("paused") == "true")
        if isinstance(edit, Put)
        else len(data) != len(read_yaml(before).data.get("sources") or [])
    )


URL = st.integers(0, 99).map(lambda n: f"https://{n}.example/")
ITEM = st.fixed_dictionaries(
    {"url": URL}, optional={"id": st.sampled_from(["a", "b-1", "010", "no"]), "every": st.just("1h")}
)
COMMENT = st.sampled_from(["", "", "# c: - d\n", "  # c\n", "\n", "    # k\n"])


@given(st.lists(st.tuples(COMMENT, ITEM), min_size=1, max_size=4), COMMENT, st.data())
def test_any_edit_leaves_every_other_line(
    items: list[tuple[str, dict[str, str]]], tail: str, data: st.DataObject
) -> None:
    def block(item: dict[str, str]) -> str:
        return "  - " + "    ".join(f"{key}: {value}   # {key}\n" for key, value in item.items())

    text = "sources:\n" + "".join(comment + block(item) for comment, item in items) + tail + "site: {}\n"
    index = data.draw(st.integers(0, len(items) - 1))
    edits: list[Edit] = [NEW, Remove("sources", index), Put(("sources", index, "paused"), "true")]
    edit = data.draw(st.sampled_from(edits))
    before, after = text.splitlines(), edited(text, [edit]).splitlines()
    if isinstance(edit, Remove):
        lines = iter(before)
        assert all(line in lines for line in after)  # nothing new, in order
        own = block(items[index][1]).splitlines()
        gone = len(before) - len(after)
        assert gone >= len(own)
        assert all(line.strip().startswith("#") or line in own for line in set(before) - set(after))
    else:
        lines = iter(after)
        assert all(line in lines for line in before)
        assert len(after) - len(before) in ({3, 4} if edit is NEW else {1})  # and a blank line, where others have one
