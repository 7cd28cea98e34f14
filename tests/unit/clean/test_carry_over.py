"""What says the same in other bytes: a pure rule."""

from dataclasses import replace

from aggregator.clean.carry_over import says_the_same
from aggregator.model.entry import Clean

CLEAN = Clean(title="T", summary="<p>In short</p>", content='<p>At length, <a href="https://a.example/1">there</a></p>')


def test_a_summary_beside_the_content_is_never_kept_back() -> None:
    assert says_the_same(CLEAN, CLEAN)
    assert not says_the_same(CLEAN, replace(CLEAN, summary="<p>Quite another summary</p>"))
    assert not says_the_same(CLEAN, replace(CLEAN, digest="another"))
    assert not says_the_same(CLEAN, replace(CLEAN, content=CLEAN.content.replace("/1", "/2")))
    alone = replace(CLEAN, content="")
    assert says_the_same(alone, replace(alone, summary="<p>In  short</p>"))
