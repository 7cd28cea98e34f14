"""The style sheet of feeds in a browser."""

from dataclasses import replace
from pathlib import Path

import feedparser
import pytest
from lxml import etree

from aggregator.model.feed import Feed
from aggregator.render import FEED_STYLE, Renderer
from tests.support.samples import FEED, SITE


def place(id_: str, old_id: str = "") -> Feed:
    return replace(FEED, id=id_, old_id=old_id)


@pytest.mark.parametrize("form", ["atom", "rss"])
@pytest.mark.parametrize(
    ("feed", "href"),
    [
        (place("all"), "../static/feed.css"),
        (place("a/b/c"), "../../../static/feed.css"),
        (place("all", "a/b"), "../../static/feed.css"),
    ],
)
def test_a_feed_links_to_the_style_from_its_folder(form: str, feed: Feed, href: str) -> None:
    dressed = Renderer(SITE).feed(feed, form).data
    assert dressed.splitlines()[1] == f'<?xml-stylesheet type="text/css" href="{href}"?>'.encode()
    assert etree.fromstring(dressed).getroottree().docinfo.encoding == "UTF-8"
    assert feedparser.parse(dressed).entries[0].id == FEED.entries[0].id


def test_the_style_bears_our_mark_and_loads_nothing() -> None:
    style = Renderer(SITE).feed_style()
    assert b"aggregator" in style
    assert b"url(" not in style
    assert b"@import" not in style
    assert FEED_STYLE == "static/feed.css"


def test_a_style_of_the_user_replaces_ours(tmp_path: Path) -> None:
    (tmp_path / "feed.css").write_text("feed { color: red }")
    assert Renderer(SITE, templates=tmp_path).feed_style() == b"feed { color: red }"
