"""Pages for people: safe without script, readable in any script, replaceable by the user."""

import base64
import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from lxml import html

from aggregator.model.document import Link
from aggregator.model.entry import Entry
from aggregator.model.published import FeedListing
from aggregator.render import Renderer, TemplateUseError
from tests.support.samples import BARE, FEED, FULL, LISTINGS, NOON, SITE, SOURCE, entry, feed


def feed_page(*entries: Entry) -> html.HtmlElement:
    return html.document_fromstring(Renderer(SITE).feed(feed(*entries), "html").data.decode())


@pytest.mark.parametrize(("id_", "href"), [("jobs", "../static/pages.css"), ("a/b", "../../static/pages.css")])
def test_the_policy_allows_the_style_of_the_tree_only(id_: str, href: str) -> None:
    page: Any = html.document_fromstring(Renderer(SITE).feed(replace(FEED, id=id_), "html").data.decode())
    assert [link.get("href") for link in page.findall("head/link[@rel='stylesheet']")] == [href]
    (policy,) = page.xpath("head/meta[@http-equiv]/@content")
    assert "default-src 'none'" in policy
    assert "style-src 'self'" in policy
    assert list(page.iter("script", "style")) == []


def test_the_style_sheet_bears_our_mark_also_where_it_is_the_users(tmp_path: Path) -> None:
    assert b"aggregator" in Renderer(SITE).page_style()
    assert b"url(" not in Renderer(SITE).page_style()
    (tmp_path / "style.css").write_text("p { color: red }")
    style = Renderer(SITE, templates=tmp_path).page_style()
    assert style == b"/* aggregator: style.css of site.templates */\np { color: red }"


def test_a_base_of_the_user_may_have_the_style_in_the_page(tmp_path: Path) -> None:
    """As templates of earlier versions do."""
    (tmp_path / "base.html").write_text("{{ style_digest }}<style>{{ style }}</style>{% block body %}{% endblock %}")
    (tmp_path / "style.css").write_text("p { color: red }")
    page = Renderer(SITE, templates=tmp_path).feed(FEED, "html").data.decode()
    digest = base64.b64encode(hashlib.sha256(b"p { color: red }").digest()).decode()
    assert page.startswith(f"{digest}<style>p {{ color: red }}</style>")


def test_the_page_for_what_does_not_exist_links_from_the_root_of_the_host() -> None:
    renderer = Renderer(replace(SITE, url="https://planet.example/sub/"))
    page: Any = html.document_fromstring(renderer.not_found_page().decode())
    assert page.xpath("head/link[@rel='stylesheet']/@href") == ["/sub/static/pages.css"]
    assert {link.get("href") for link in page.findall("body//a")} == {"#main", "/sub/", "/sub/index.html#feeds"}


def test_a_page_announces_its_feeds() -> None:
    page = feed_page()
    alternates = page.findall("head/link[@rel='alternate']")
    assert [(link.get("type"), link.get("href")) for link in alternates] == [
        ("application/atom+xml", "atom.xml"),
        ("application/rss+xml", "rss.xml"),
        ("application/feed+json", "feed.json"),
    ]
    assert page.get("lang") == "en"


def test_pages_link_to_published_formats_only() -> None:
    page = Renderer(SITE, formats=("rss",)).feed(FEED, "html").data
    assert b"rss.xml" in page
    assert b"atom.xml" not in page
    assert b"feed.json" not in page


def test_an_article() -> None:
    article = feed_page(FULL).find("body/main/article")
    assert article is not None
    assert article.get("lang") == "zh-CN"
    title = article.find("header/h2/a")
    assert title is not None
    assert (title.text, title.get("href"), title.get("rel")) == (FULL.clean.title, FULL.link, "noopener")
    assert [time.get("datetime") for time in article.iter("time")] == ["2024-02-29T12:00:05Z", "2024-02-29T15:00:05Z"]
    assert [item.text for item in article.iter("li")] == ["Jobs", "Remote work"]
    assert [audio.get("src") for audio in article.iter("audio")] == ["https://blog.example/1.mp3"]
    assert "The <One> Blog" in article.text_content()


def enclosed(*links: Link, image: str = "", content: str = "") -> list[tuple[str, str, str]]:
    """(player or picture, name, facts) of each."""
    rows = feed_page(entry(enclosures=links, image=image, content=content)).findall(".//p[@class='enclosure']")
    return [(str(row[0].tag), row.findtext("a"), row.findtext("small")) for row in rows]


def test_an_enclosure_is_played_shown_or_linked_with_its_facts() -> None:
    links = (
        Link("https://x.example/1.mp3", type="audio/mpeg", length=12_300_000, duration=3723),
        Link("https://x.example/1.mp4?a=1", type="video/mp4", length=0),
        Link("https://x.example/1.png", title="A cat"),
        Link("https://x.example/1.pdf"),
        Link("javascript:alert(1)", type="audio/mpeg"),
    )
    assert enclosed(*links) == [
        ("audio", "1.mp3", "audio/mpeg · 12.3 MB · 1:02:03"),
        ("video", "1.mp4", "video/mp4"),
        ("img", "A cat", "image/png"),
        ("a", "1.pdf", "application/pdf"),
    ]


def test_a_picture_of_several_sizes_is_shown_once() -> None:
    sizes = [Link(f"https://x.example/1.jpg?w={width}", type="image/jpeg") for width in (140, 460)]
    assert enclosed(*sizes) == [("img", "1.jpg", "image/jpeg")]
    assert feed_page(entry(enclosures=tuple(sizes))).find(".//img").get("src") == sizes[1].href
    assert enclosed(*sizes, image="https://x.example/1.jpg") == [("a", "1.jpg", "image/jpeg")]
    assert enclosed(*sizes, content='<img src="https://x.example/1.jpg?w=9">') == [("a", "1.jpg", "image/jpeg")]


def test_an_entry_without_a_language_has_that_of_its_source() -> None:
    article = feed_page(replace(BARE, attribution=SOURCE)).find("body/main/article")
    assert article is not None
    assert article.get("lang") == "de"


def test_an_untitled_entry_shows_its_first_words_unlinked() -> None:
    page = feed_page(BARE)
    assert [found.text_content() for found in page.iter("h2")] == ["新媒体行业观察，没有标题。"]
    assert page.find(".//h2/a") is None


@pytest.mark.parametrize(
    ("content", "headline"),
    [
        ("<p>One</p><p>two <b>thr</b>ee &amp; four</p>", "One two three & four"),
        ("<p>" + "word " * 40 + "</p>", "word " * 15 + "word…"),
        ("<p>" + "字" * 100 + "</p>", "字" * 80 + "…"),
        ('<img alt="a > b" src="x">', BARE.id),
        ("", BARE.id),
    ],
)
def test_first_words(content: str, headline: str) -> None:
    assert feed_page(entry(content=content)).find(".//h2").text_content() == headline


def test_a_title_is_never_markup() -> None:
    page = Renderer(SITE).feed(feed(entry(title="<script>alert(1)</script>")), "html").data
    assert b"&lt;script&gt;alert(1)&lt;/script&gt;" in page


@pytest.mark.parametrize("sign", ["\x00", "\x0b", "\x1f", "\ufffe", "\uffff", "\ud800"])
def test_an_illegal_character_is_left_out(sign: str) -> None:
    assert feed_page(entry(title=f"a{sign}b\x7f\ufffd趣")).findtext(".//h2") == "ab\x7f\ufffd趣"


def test_a_script_address_is_no_link() -> None:
    odd = replace(FULL, link="javascript:alert(1)", attribution=replace(SOURCE, link="javascript:alert(2)"))
    odd = replace(odd, clean=replace(odd.clean, comments="javascript:x", image="javascript:y"))
    assert b"javascript:" not in Renderer(SITE).feed(feed(odd), "html").data


def test_the_picture_is_shown_once() -> None:
    seen = '<p><img src="https://blog.example/1.png?a=1&amp;b=2"></p>'
    twice = entry(content=seen, image="https://blog.example/1.png?a=1&b=2")
    assert len(list(feed_page(twice).iter("img"))) == 1
    assert len(list(feed_page(FULL).iter("img"))) == 1


def test_times_are_shown_in_the_time_zone_of_the_site() -> None:
    page = Renderer(replace(SITE, timezone="Asia/Shanghai")).feed(FEED, "html").data
    assert b">29 February 2024, 20:00 UTC+08:00</time>" in page
    with pytest.raises(TemplateUseError, match="Mars/Base"):
        Renderer(replace(SITE, timezone="Mars/Base"))


def test_the_page_of_a_local_post() -> None:
    post = replace(BARE, link="https://planet.example/entries/bare.html", levels=FULL.levels)
    page = html.document_fromstring(Renderer(SITE).entry_page(post).decode())
    assert [link.get("href") for link in page.findall("head/link[@rel='canonical']")] == [post.link]
    assert [link.get("href") for link in page.findall("head/link[@rel='alternate']")] == ["../all/atom.xml"]
    assert [found.text for found in page.iter("h1")] == ["新媒体行业观察，没有标题。"]
    assert [(link.text, link.get("href")) for link in page.findall("body/header//a")] == [
        ("Planet & Co", "../index.html")
    ]


def index(*listings: FeedListing) -> html.HtmlElement:
    return html.document_fromstring(Renderer(SITE).index_html(listings).decode())


def test_the_index_is_a_tree_of_categories() -> None:
    page = index(*LISTINGS)
    inner = page.findall("body/main/section/ul/li/ul/li/a")
    assert [link.get("href") for link in inner] == ["programming/python/index.html", "xin/qtt/index.html"]
    assert "all/atom.xml" in [link.get("href") for link in page.findall("head/link[@rel='alternate']")]


def test_the_index_begins_with_the_feed_of_everything() -> None:
    header = index(*LISTINGS).find("body/header")
    assert header is not None
    assert [code.text for code in header.iter("code")] == [
        "https://planet.example/all/atom.xml",
        "https://planet.example/all/rss.xml",
        "https://planet.example/all/feed.json",
    ]


def test_the_index_is_sorted_by_name_with_single_sources_in_a_list_of_their_own() -> None:
    blog = FeedListing("source/blog", "A blog", "source/blog/", NOON, 1)
    extra = FeedListing("both", "Both", "both/", NOON, 1)
    page = index(blog, *LISTINGS, extra)
    assert {
        section.findtext("h2"): [name.text_content() for name in section.findall("ul/li/*[@class='name']")]
        for section in page.findall("body/main/section")
    } == {"Categories": ["Programming", "新媒体"], "More feeds": ["Both"], "Sources": ["A blog"]}


def test_the_tree_shows_the_last_name_of_a_category() -> None:
    deep = FeedListing("a/b", "A › B", "a/b/", NOON, 1, ("A", "B"))
    named = FeedListing("a/c", "All about C", "a/c/", NOON, 1, ("A", "C"))
    names = [link.text_content() for link in index(deep, named).iter("a") if link.get("class") == "name"]
    assert names == ["B", "All about C"]


def test_an_empty_planet_has_an_index() -> None:
    assert index().findtext("body/header/h1") == "Planet & Co"


@pytest.mark.parametrize(
    ("id", "title", "category", "headline", "trail"),
    [
        ("all", "Planet & Co", None, "Planet & Co", [("Front page", "../index.html")]),
        ("jobs", "Jobs · Planet & Co", ("Jobs",), "Jobs", [("Planet & Co", "../index.html")]),
        (
            "a/b/c",
            "A › B › C · Planet & Co",
            ("A", "B", "C"),
            "C",
            [("Planet & Co", "../../../index.html"), ("A", "../../index.html"), ("B", "../index.html")],
        ),
        ("source/blog", "A blog · Planet & Co", None, "A blog", [("Planet & Co", "../../index.html")]),
        ("a/b", "Our words", ("A", "B"), "Our words", [("Planet & Co", "../../index.html"), ("A", "../index.html")]),
    ],
)  # fmt: skip
def test_a_feed_page_shows_its_path(
    id: str,  # noqa: A002
    title: str,
    category: tuple[str, ...] | None,
    headline: str,
    trail: list[tuple[str, str]],
) -> None:
    one = replace(FEED, id=id, title=title, category=category)
    page = html.document_fromstring(Renderer(SITE).feed(one, "html").data.decode())
    assert page.findtext("body/header/h1") == headline
    assert [(link.text, link.get("href")) for link in page.findall("body/header/nav//a")] == trail
    ending = "" if headline == SITE.title else f" · {SITE.title}"
    assert page.findtext("head/title") == headline + ending


@pytest.mark.parametrize(
    ("language", "title", "direction"),
    [
        ("", "A compiler", "ltr"),
        ("", "… 2026: مرحبا", "rtl"),
        ("", "2026", "ltr"),
        ("he-IL", "Python בעברית", "rtl"),
        ("zh-CN", "趣头条", "ltr"),
    ],
)
def test_an_article_has_the_direction_of_its_text(language: str, title: str, direction: str) -> None:
    article = feed_page(entry(language=language, title=title)).find("body/main/article")
    assert article is not None
    assert article.get("dir") == direction


def test_an_excerpt_links_to_the_whole_entry() -> None:
    excerpt = replace(FULL, clean=replace(FULL.clean, content=""))
    more = feed_page(excerpt).find(".//p[@class='more']/a")
    assert more is not None
    assert (more.get("href"), more.text_content()) == (FULL.link, "Continue reading at The <One> Blog")
    assert feed_page(FULL).find(".//p[@class='more']") is None


def test_a_template_of_the_user_replaces_ours(tmp_path: Path) -> None:
    (tmp_path / "article.html").write_text("<article><h2>{{ entry.id }}</h2></article>")
    page = Renderer(SITE, templates=tmp_path).feed(FEED, "html").data.decode()
    assert f"<article><h2>{BARE.id}</h2></article>" in page


def test_a_faulty_template_is_named(tmp_path: Path) -> None:
    (tmp_path / "feed.html").write_text("{{ nothing.here }}")
    (tmp_path / "article.html").write_text("{% if %}")
    renderer = Renderer(SITE, templates=tmp_path)
    with pytest.raises(TemplateUseError, match=r"feed\.html"):
        renderer.feed(feed(), "html")
    assert renderer.feed(FEED, "atom").entries == 2
