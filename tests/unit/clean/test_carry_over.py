"""Which changes of an entry leave its content the same."""

from dataclasses import replace
from typing import Any

import pytest

from aggregator.clean.carry_over import is_same_content, is_same_draft
from aggregator.model.document import Link, RawEntry, Text
from aggregator.model.entry import CleanEntry

CLEAN = CleanEntry(
    title="T", summary="<p>In short</p>", content='<p>At length, <a href="https://a.example/1">there</a></p>'
)


def test_a_changed_summary_beside_the_content_is_other_content() -> None:
    assert is_same_content(CLEAN, CLEAN)
    assert not is_same_content(CLEAN, replace(CLEAN, summary="<p>Quite another summary</p>"))
    assert not is_same_content(CLEAN, replace(CLEAN, digest="another"))
    assert not is_same_content(CLEAN, replace(CLEAN, content=CLEAN.content.replace("/1", "/2")))
    alone = replace(CLEAN, content="")
    assert is_same_content(alone, replace(alone, summary="<p>In  short</p>"))


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({}, True),
        ({"base": "https://b.example/1"}, True),
        ({"content": Text("<img src=p>", "html", base="https://b.example/")}, True),
        ({"content": Text("<img src=q>", "html")}, False),
        ({"links": (Link("https://a.example/2"),)}, False),
        ({"title": Text("T", base="https://b.example/")}, False),
    ],
)
def test_a_draft_under_another_base_is_the_same(changes: dict[str, Any], same: bool) -> None:
    draft = RawEntry(id="1", content=Text("<img src=p>", "html"), links=(Link("https://a.example/1"),))
    assert is_same_draft(draft, replace(draft, **changes)) is same
