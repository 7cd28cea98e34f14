"""Which changes of an entry leave its content the same."""

from dataclasses import replace

from aggregator.clean.carry_over import is_same_content
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
