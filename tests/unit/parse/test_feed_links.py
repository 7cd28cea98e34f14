"""Feeds by `Link` header fields (RFC 8288) and by plain links."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.parse.autodiscovery import MOST
from aggregator.parse.feed_links import feeds_in_header, feeds_linked

PAGE = "https://blog.example/posts/"

HEADERS = {
    '</feed>; rel="alternate"; type="application/rss+xml"': ["https://blog.example/feed"],
    "<feed>;rel=alternate;type=application/atom+xml": ["https://blog.example/posts/feed"],
    '<https://x.example/a,b;c>; type="application/feed+json"; rel="home alternate"': ["https://x.example/a,b;c"],
    '</a>; rel=next, </b>; rel=alternate; type="application/rss+xml"; title="a, \\"b\\"; c", </c>; rel=alternate': [
        "https://blog.example/b"
    ],
    '</a>; rel=alternate; type="text/html"': [],
    '</a>; rel=alternate; hreflang=de': [],
    "javascript:x": [],
    "<javascript:x>; rel=alternate; type=application/rss+xml": [],
    "<http://[>; rel=alternate; type=application/rss+xml": [],
    "": [],
    "<": [],
}  # fmt: skip


@pytest.mark.parametrize("field", HEADERS)
def test_alternates_of_a_header_field(field: str) -> None:
    assert [one.url for one in feeds_in_header(field, PAGE)] == HEADERS[field]


def test_title_and_kind_of_a_header_field() -> None:
    [one] = feeds_in_header('</b>; rel=alternate; type="application/rss+xml"; title="a, \\"b\\"; c"', PAGE)
    assert (one.title, one.kind) == ('a, "b"; c', "RSS")


LINKS = {
    "<a href=/feed>x</a>": ["https://blog.example/feed"],
    "<a href='/feed/'>x</a>": ["https://blog.example/feed/"],
    "<a href=/index.xml>x</a>": ["https://blog.example/index.xml"],
    "<a href=/news.rss>x</a><a href=/news.atom>x</a>": ["https://blog.example/news.rss", "https://blog.example/news.atom"],
    "<a href='/?feed=rss2'>x</a>": ["https://blog.example/?feed=rss2"],
    "<a href=/anything type='application/atom+xml'>x</a>": ["https://blog.example/anything"],
    "<a href='feed:https://x.example/y'>x</a>": ["https://x.example/y"],
    "<base href=/b/><a href=rss.xml>x</a>": ["https://blog.example/b/rss.xml"],
    "<a href=/feed>x</a><a href=https://blog.example/feed/>y</a>": ["https://blog.example/feed"],
    "<a href=/about-feeds.html>x</a><a href=/feedback>x</a><a href=/sitemap.xml>x</a>": [],
    "<a href=/x.rss.png>x</a><a href=/.rss>x</a><a>x</a><a href='http://['>x</a>": [],
    "<script><a href=/feed></script><!-- <a href=/feed> -->": [],
    "<a href=/?q=atom>x</a><a href=mailto:feed>x</a>": [],
}  # fmt: skip


@pytest.mark.parametrize("page", LINKS)
def test_plain_links_to_feeds(page: str) -> None:
    assert [one.url for one in feeds_linked(page, PAGE)] == LINKS[page]


def test_there_is_an_end_to_them() -> None:
    page = "".join(f"<a href=/{n}.rss>x</a>" for n in range(99))
    field = ", ".join(f"</{n}>; rel=alternate; type=application/rss+xml" for n in range(99))
    assert len(feeds_linked(page, PAGE)) == len(feeds_in_header(field, PAGE)) == MOST


@given(st.text(st.sampled_from('<>;,="\\ /ab') | st.characters(), max_size=80))
def test_any_text_is_read(text: str) -> None:
    for found in (feeds_in_header(text, PAGE), feeds_linked(f"<a href={text}>", PAGE)):
        assert all(one.url.startswith(("http://", "https://")) for one in found)
