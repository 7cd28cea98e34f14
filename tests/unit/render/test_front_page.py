"""The river of the front page, from entries alone."""

from dataclasses import replace
from datetime import timedelta

import pytest
from lxml import html

from aggregator.model.document import Link
from aggregator.model.entry import Entry
from aggregator.model.published import FeedListing, River, SourceListing
from aggregator.render import Renderer
from aggregator.render.entry_picture import picture
from aggregator.render.front_page import EXCERPT
from tests.support.samples import BARE, FULL, LISTINGS, NOON, SITE, SOURCE, editions, entry


def front(
    *entries: Entry, zone: str = "UTC", older: str = "", sources: tuple[SourceListing, ...] = ()
) -> html.HtmlElement:
    renderer = Renderer(replace(SITE, timezone=zone))
    return html.document_fromstring(renderer.index_html(LISTINGS, sources, river=River(entries, older)).decode())


def at(hours: int, name: str = "x") -> Entry:
    return replace(entry(title=name), id=name, published=NOON + timedelta(hours=hours))


def headings(page: html.HtmlElement) -> list[tuple[str, list[str]]]:
    sections = page.findall(".//main/section")
    return [(one.findtext("h2/time"), [title.text_content() for title in one.iter("h3")]) for one in sections]


def test_entries_stand_under_their_days() -> None:
    assert headings(front(at(2, "a"), at(0, "b"), at(-13, "c"))) == [
        ("Thursday, 29 February 2024", ["a", "b"]),
        ("Wednesday, 28 February 2024", ["c"]),
    ]


def test_days_are_those_of_the_site() -> None:
    page = front(at(11, "late"), at(13, "later"), zone="Asia/Shanghai")
    assert headings(page) == [("Friday, 1 March 2024", ["late", "later"])]
    assert [time.text for time in page.findall(".//article//time")] == ["07:00", "09:00"]


def test_an_entry_says_who_and_what() -> None:
    article = front(FULL).find(".//article")
    assert article is not None
    assert article.find("h3/a").get("href") == FULL.link
    assert article.findtext(".//a[@class='source']") == "The <One> Blog"
    assert article.find(".//img[@class='icon']").get("src") == "https://blog.example/icon.png"
    assert article.find(".//img[@class='thumb']").get("src") == "https://blog.example/1.png"
    assert article.findtext("p[@class='excerpt']") == "A short & sweet account."


def test_the_source_leads_to_its_page_here_where_it_has_one() -> None:
    page = front(FULL, sources=(SourceListing("blog", "Blog", page="source/blog/index.html"),))
    assert page.find(".//article//a[@class='source']").get("href") == "source/blog/index.html"


def test_categories_with_a_page_are_links() -> None:
    page = front(replace(BARE, paths=(("Programming", "Python"), ("Programming", "Rust"), ("Nobody",))))
    assert [(one.text, one.get("href")) for one in page.findall(".//article/ul/li/a")] == [
        ("Programming", "programming/index.html"),
        ("Python", "programming/python/index.html"),
    ]


def test_an_excerpt_is_short_plain_text() -> None:
    long = entry(title="Long", content="<p>One &lt;two&gt; <b>three</b></p>" + "<p>word word</p>" * 100_000)
    excerpt = front(long).findtext(".//p[@class='excerpt']")
    assert excerpt.startswith("One <two> three word word")
    assert len(excerpt) <= EXCERPT + 1


def test_a_headline_made_of_the_text_is_not_said_twice() -> None:
    assert front(BARE).find(".//p[@class='excerpt']") is None


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        ('<img src="https://x.example/1.png">', "https://x.example/1.png"),
        ('<p><img alt="" src="https://x.example/1.png?a&amp;b" width="640"></p>', "https://x.example/1.png?a&b"),
        (
            '<img src="https://x.example/1.png" width="16" height="16"><img src="https://x.example/2.png">',
            "https://x.example/2.png",
        ),
        ('<img src="data:image/png;base64,AAAA">', ""),
        ('<img alt=" src=https://x.example/">', ""),
        ("<img", ""),
        ("", ""),
    ],
)
def test_the_picture_is_the_first_large_one_of_the_web(content: str, shown: str) -> None:
    assert picture(entry(content=content)) == shown


def test_the_entrys_own_picture_comes_first_and_an_enclosed_one_last() -> None:
    seen, enclosed = '<img src="https://x.example/seen.png">', (Link("https://x.example/enclosed.png"),)
    assert picture(entry(content=seen, image="https://x.example/own.png")) == "https://x.example/own.png"
    assert picture(entry(content=seen, enclosures=enclosed)) == "https://x.example/seen.png"
    assert picture(entry(enclosures=enclosed)) == "https://x.example/enclosed.png"


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "vbscript:x"])
def test_a_hostile_address_shows_nothing(address: str) -> None:
    about = replace(SOURCE, title="<script>alert(1)</script>", link=address, icon=address, logo=address)
    odd = replace(FULL, link=address, attribution=about, clean=replace(FULL.clean, image=address, content=""))
    article = front(odd).find(".//article")
    assert article.find(".//a") is None
    assert {one.get("src") for one in article.iter("img")} == set()
    assert "<script>alert(1)</script>" in article.text_content()


def test_totals_are_true_and_not_what_a_document_holds() -> None:
    many = FeedListing("jobs", "Jobs", "jobs/", NOON, 50, ("Jobs",), editions=editions("jobs/"), total=12_345)
    page = html.document_fromstring(Renderer(SITE).index_html([*LISTINGS, many], river=River(())).decode())
    assert "12,345 entries" in [one.text for one in page.findall(".//aside//span")]


def test_sources_lead_to_their_site_and_feed() -> None:
    sources = (
        SourceListing("a", "A", "https://a.example/", feed="https://a.example/feed", page="source/a/index.html"),
        SourceListing("b", "B", "https://b.example/", "new", feed="javascript:alert(1)"),
    )
    rows = front(BARE, sources=sources).findall(".//aside/section[last()]/ul/li")
    assert [[(link.text_content(), link.get("href")) for link in row.iter("a")] for row in rows] == [
        [("A", "source/a/index.html"), ("site", "https://a.example/"), ("feed", "https://a.example/feed")],
        [("B", "https://b.example/")],
    ]
    assert [row.find("span").text_content().split()[:3] for row in rows] == [
        ["well", "site", "feed"],
        ["not", "read", "yet"],
    ]


def test_older_entries_are_in_the_archive() -> None:
    assert front(BARE, older="all/archive/1/2/index.html").find(".//a[@rel='prev']").get("href") == (
        "all/archive/1/2/index.html"
    )
    assert front(BARE).find(".//a[@rel='prev']") is None


def test_one_page_has_one_canonical_address() -> None:
    everything = replace(FULL, id="x")
    assert front(everything).find("head/link[@rel='canonical']").get("href") == SITE.url


@pytest.mark.parametrize("sign", ["字", "&#x4e00;", "&amp;", "a "])
def test_an_excerpt_is_as_long_as_it_may_be_however_it_is_written(sign: str) -> None:
    excerpt = front(entry(title="Long", content=f"<p>{sign * 20}</p>" * 500)).findtext(".//p[@class='excerpt']")
    assert excerpt is not None
    assert EXCERPT * 0.4 < len(excerpt) <= EXCERPT + 1
