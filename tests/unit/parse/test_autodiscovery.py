"""Which feeds a page names: what authors write, what browsers make of it, what attackers try."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.parse.autodiscovery import MOST, common_places, feeds_named, same

PAGE = "https://blog.example/de/index.html"
RSS = 'type="application/rss+xml"'


def urls(markup: str, url: str = PAGE) -> list[str]:
    return [found.url for found in feeds_named(markup, url)]


TABLE = {
    "as the books have it": (
        f'<link rel="alternate" {RSS} title="News" href="https://blog.example/rss">',
        ["https://blog.example/rss"],
    ),
    "relative": (f'<link rel=alternate {RSS} href="feed.xml">', ["https://blog.example/de/feed.xml"]),
    "from the root": (f'<link rel=alternate {RSS} href="/feed.xml">', ["https://blog.example/feed.xml"]),
    "without a scheme": (f'<link rel=alternate {RSS} href="//cdn.example/f">', ["https://cdn.example/f"]),
    "base": (f'<base href="/x/"><link rel=alternate {RSS} href="f">', ["https://blog.example/x/f"]),
    "the first base counts": (
        f'<base href="/x/"><base href="/y/"><link rel=alternate {RSS} href="f">',
        ["https://blog.example/x/f"],
    ),
    "any case": ('<LINK REL="Alternate" TYPE="Application/RSS+XML" HREF="/F">', ["https://blog.example/F"]),
    "several words": (f'<link rel="home alternate" {RSS} href="/f"/>', ["https://blog.example/f"]),
    "rel feed": ('<link rel="feed" href="/f">', ["https://blog.example/f"]),
    "atom": ("<link rel=alternate type='application/atom+xml' href=/a>", ["https://blog.example/a"]),
    "JSON Feed": ("<link rel=alternate type='application/feed+json' href=/j>", ["https://blog.example/j"]),
    "the type of JSON Feed 1.0": (
        "<link rel=alternate type='application/json' href=/feed.json>",
        ["https://blog.example/feed.json"],
    ),
    "type with parameters": (
        "<link rel=alternate type='application/rss+xml; charset=utf-8' href=/f>",
        ["https://blog.example/f"],
    ),
    "references": (f'<link rel=alternate {RSS} href="/f?a=1&amp;b=2&copy=3">', ["https://blog.example/f?a=1&b=2&copy=3"]),
    "in the body, all the same": (f"<body><p>x<link rel=alternate {RSS} href=/f>", ["https://blog.example/f"]),
    "each once, http or https": (
        f'<link rel=alternate {RSS} href="/f"><link rel=alternate {RSS} href="http://blog.example/f/">',
        ["https://blog.example/f"],
    ),
    "feed: before an address": (f'<link rel=alternate {RSS} href="feed:https://x.example/f">', ["https://x.example/f"]),
    "a fragment is nothing to ask": (f'<link rel=alternate {RSS} href="/f#top">', ["https://blog.example/f"]),
    "a style": (f'<link rel="alternate stylesheet" {RSS} href="/f">', []),
    "another language": ('<link rel=alternate hreflang=en href="/en">', []),
    "an application's interface": (
        '<link rel="alternate" type="application/json" title="JSON" href="/wp-json/wp/v2/pages/1">',
        [],
    ),
    "oEmbed": ('<link rel=alternate type="application/json+oembed" href="/oembed?url=feed">', []),
    "in a comment": (f"<!-- <link rel=alternate {RSS} href=/f> -->", []),
    "in a script": (f"<script>'<link rel=alternate {RSS} href=/f>'</script>", []),
    "in a template": (f"<template><link rel=alternate {RSS} href=/f></template>", []),
    "in the title": (f"<title><link rel=alternate {RSS} href=/f></title>", []),
    "nowhere": (f"<link rel=alternate {RSS}><link rel=alternate {RSS} href=''>", []),
    "no address": ('<link rel=feed href="javascript:alert(1)"><link rel=feed href="file:///etc/passwd">', []),
    "a password": (f'<link rel=alternate {RSS} href="https://user:secret@x.example/f">', []),
    "not a tag": (f"<link rel=alternate {RSS} href=/f", []),
    "nothing": ("", []),
}  # fmt: skip


@pytest.mark.parametrize("case", TABLE)
def test_what_a_page_names(case: str) -> None:
    markup, wanted = TABLE[case]
    assert urls(markup) == wanted


def test_a_feed_has_the_title_and_the_kind_that_the_page_says() -> None:
    [one] = feeds_named(f'<link rel=alternate {RSS} title=" All\n &amp; more " href=/f>', PAGE)
    assert (one.title, one.kind) == ("All & more", "RSS")


def test_a_page_of_feeds_names_no_more_than_a_person_can_choose_from() -> None:
    assert len(urls("".join(f"<link rel=alternate {RSS} href=/f{n}>" for n in range(5000)))) == MOST


@pytest.mark.variants(quick=2)
@pytest.mark.parametrize(
    "hostile", ["<link ", "<script>", "<!--", "<link a='", "<base href=x>", "<title>", "<link rel=feed href='x "]
)
def test_hostile_markup_takes_linear_time(hostile: str) -> None:
    started = time.process_time()
    assert urls(hostile * (1_500_000 // len(hostile))) == []
    assert time.process_time() - started < 3


@given(st.text(alphabet="<>\"'/= abhrefl-!&;#:", max_size=200), st.text(alphabet="htps:/.?#[]@ab%", max_size=30))
def test_whatever_stands_there_only_web_addresses_come_out(markup: str, href: str) -> None:
    page = f'{markup}<link rel=alternate {RSS} href="{href}">'
    assert all(url.startswith(("http://", "https://")) for url in urls(page))


def test_common_places_are_beside_the_page_and_at_the_root() -> None:
    places = common_places("https://blog.example/de/index.html")
    assert places[0] == "https://blog.example/de/feed"
    assert "https://blog.example/feed.json" in places
    assert len(common_places("https://blog.example")) * 2 == len(places) == 14


def test_addresses_that_are_one() -> None:
    assert same("http://Blog.example:80/feed/") == same("https://blog.example/feed")
    assert same("https://blog.example/") == same("http://blog.example")
    assert same("https://blog.example/?feed=rss2") != same("https://blog.example/")
    assert same("https://www.blog.example/feed") != same("https://blog.example/feed")
