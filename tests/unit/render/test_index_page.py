"""The index: many feeds, its sources and moved feeds. The links around a feed's page."""

from dataclasses import replace

import pytest
from lxml import html

from aggregator.model.feed import ArchiveLinks
from aggregator.model.published import FeedListing, MovedFeed, SourceListing
from aggregator.render import Nearby, Renderer
from aggregator.render.attachments import duration, size
from aggregator.render.category_tree import largest, letters, tree
from aggregator.render.words import Words
from tests.support.samples import FEED, LISTINGS, NOON, SITE, editions


def listing(path: str, *names: str, entries: int = 1) -> FeedListing:
    return FeedListing(path, names[-1], f"{path}/", NOON, entries, names, editions=editions(f"{path}/"))


def index(
    *listings: FeedListing, sources: tuple[SourceListing, ...] = (), moved: tuple[MovedFeed, ...] = ()
) -> html.HtmlElement:
    return html.document_fromstring(Renderer(SITE).index_html(listings, sources, moved).decode())


MANY = [listing(f"{letter}{n}", f"{letter.upper()}{n}", entries=n) for letter in "abc" for n in range(30)]


def test_few_top_level_categories_are_one_list() -> None:
    assert letters(tree(MANY[:60])) == []
    assert index(*MANY[:60]).find(".//details") is None


def test_many_top_level_categories_are_split_by_letter() -> None:
    page = index(
        *MANY, listing("xin-mei-ti", "新媒体"), listing("xin-mei-ti/qtt", "新媒体", "趣头条"), listing("1984", "1984")
    )
    drawers = page.findall("body/main/section/details")
    assert [" ".join(one.find("summary").text_content().split()) for one in drawers] == [
        "0–9 1 feed", "A 30 feeds", "B 30 feeds", "C 30 feeds", "X 2 feeds",
    ]  # fmt: skip
    assert [one.get("open") for one in drawers] == [None] * 5
    assert [link.get("href") for link in drawers[4].findall("ul/li/a")] == ["xin-mei-ti/index.html"]


def test_the_largest_come_before_the_letters() -> None:
    chips = index(*MANY).findall("body/main/section/ul[@class='chips']/li/a")
    assert [link.text for link in chips[:4]] == ["A29", "B29", "C29", "A28"]
    assert len(chips) == 24
    assert largest([listing("a/b", "A", "B"), listing("a", "A")])[0].id == "a"


def test_a_category_without_a_feed_is_listed_under_its_letter() -> None:
    found = letters(tree([*MANY, listing("deep/down", "Deep", "Down")]))
    assert [(one.name, one.feeds) for one in found][-1] == ("D", 1)


def test_more_than_a_dozen_below_one_are_folded() -> None:
    below = [listing(f"a/b{n:02}", "A", f"B{n:02}") for n in range(13)]
    folded = index(listing("a", "A"), *below).find("body/main/section/ul/li/details")
    assert folded is not None
    assert folded.findtext("summary") == "13 below"
    assert index(listing("a", "A"), *below[:12]).find(".//details") is None


def test_the_index_announces_everything_in_each_format_and_the_largest_in_one() -> None:
    alternates = index(LISTINGS[0], *MANY).findall("head/link[@rel='alternate']")
    assert [link.get("href") for link in alternates[:5]] == [
        "all/atom.xml", "all/rss.xml", "all/feed.json", "a29/atom.xml", "b29/atom.xml",
    ]  # fmt: skip
    assert len(alternates) == 3 + 8 + 1
    assert alternates[-1].get("href") == "health/atom.xml"


def test_sources_are_listed_with_their_state() -> None:
    sources = (
        SourceListing("s1", "A <b>log", "https://blog.example/"),
        SourceListing("s2", "", "javascript:alert(1)", "failing", NOON),
    )
    rows = index(*LISTINGS, sources=sources).findall("body/main/section[last()]/ul/li")
    assert [" ".join(row.text_content().split()) for row in rows] == [
        "A <b>log well",
        "s2 broken since 29 February 2024",
    ]
    assert [link.get("href") for row in rows for link in row.findall("a")] == ["https://blog.example/"]


def test_moved_feeds_are_listed() -> None:
    moved = (MovedFeed("old", ("Old", "One"), "programming", NOON), MovedFeed("gone", ("Gone",), None, NOON))
    rows = index(*LISTINGS, moved=moved).findall("body/main/section[last()]/details/ul/li")
    assert [" ".join(row.text_content().split()) for row in rows] == [
        "Old › One is Programming now",
        "Gone is no longer updated",
    ]
    assert rows[0].find(".//a").get("href") == "programming/index.html"


def test_the_index_has_the_date_of_the_last_change() -> None:
    earlier = replace(LISTINGS[0], updated=NOON.replace(year=2020))
    assert index(earlier, *LISTINGS[1:]).find("body/header/p/span/time").get("datetime") == "2024-02-29T12:00:05Z"


def test_a_feed_page_links_to_subcategories_and_to_older_entries() -> None:
    near = Nearby((("Remote", "jobs/remote"), ("Elsewhere", "work")))
    past = ArchiveLinks(FEED.home, f"{FEED.home}archive/1/4/")
    page = html.document_fromstring(Renderer(SITE).feed(replace(FEED, history=past), "html", near).data.decode())
    below = page.find("body/header/nav[2]")
    assert below is not None
    assert turns(page) == [("prev", "archive/1/4/index.html")]
    assert [(link.text, link.get("href")) for link in below.iter("a")] == [
        ("Remote", "remote/index.html"),
        ("Elsewhere", "../work/index.html"),
    ]


def turns(page: html.HtmlElement) -> list[tuple[str | None, str | None]]:
    turn = page.find("body/nav")
    return [] if turn is None else [(link.get("rel"), link.get("href")) for link in turn]


def test_a_sealed_page_links_both_ways_and_to_the_feed_itself() -> None:
    past = ArchiveLinks(FEED.home, f"{FEED.home}archive/1/2/", f"{FEED.home}archive/1/4/", page=3)
    sealed = replace(FEED, id="jobs/archive/1/3", home=f"{FEED.home}archive/1/3/", history=past)
    page = html.document_fromstring(Renderer(SITE).feed(sealed, "html").data.decode())
    assert turns(page) == [("next", "../4/index.html"), ("prev", "../2/index.html")]
    trail = page.findall("body/header/nav/ol/li/a")
    assert [(one.text, one.get("href")) for one in trail] == [
        (SITE.title, "../../../../index.html"),
        ("Jobs & more", "../../../index.html"),
    ]
    assert {one.get("href") for one in page.findall("head/link[@rel='alternate']")} == {
        "../../../atom.xml",
        "../../../rss.xml",
        "../../../feed.json",
    }
    newest = replace(sealed, history=replace(past, newer=""))
    page = html.document_fromstring(Renderer(SITE).feed(newest, "html").data.decode())
    assert turns(page)[0] == ("next", "../../../index.html")


def test_without_neighbors_no_links_are_shown() -> None:
    page = html.document_fromstring(Renderer(SITE).feed(FEED, "html").data.decode())
    assert len(list(page.iter("nav"))) == 1


@pytest.mark.parametrize("language", ["ar", "he-IL", "FA"])
def test_a_page_in_a_right_to_left_language_has_that_direction(language: str) -> None:
    page = html.document_fromstring(Renderer(SITE).feed(replace(FEED, language=language), "html").data.decode())
    assert (page.get("lang"), page.get("dir")) == (language, "rtl")
    assert html.document_fromstring(Renderer(SITE).index_html(LISTINGS).decode()).get("dir") == "ltr"


@pytest.mark.parametrize(
    ("count", "shown"),
    [(None, ""), (0, ""), (-1, ""), (12, "1 kB"), (999_499, "999 kB"), (1_234_567, "1.2 MB"), (25 * 10**8, "2,500 MB")],
)
def test_sizes_are_readable(count: int | None, shown: str) -> None:
    assert size(count, Words()) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"), [(None, ""), (0, ""), (-5, ""), (9, "0:09"), (245, "4:05"), (3723, "1:02:03")]
)
def test_durations_are_readable(seconds: int | None, shown: str) -> None:
    assert duration(seconds) == shown
