"""RSS: the 2.0 specification and the Advisory Board's profile."""

from dataclasses import replace

import feedparser
import pytest
from lxml import etree

from aggregator.model.document import Link, Person
from aggregator.model.entry import Entry
from aggregator.render import Renderer
from aggregator.render.rss import NAMESPACES
from tests.support.samples import BARE, FEED, FULL, SITE, SOURCE, entry, feed

NS = {
    "a": "http://www.w3.org/2005/Atom",
    "c": "http://purl.org/rss/1.0/modules/content/",
    "d": "http://purl.org/dc/elements/1.1/",
    "m": "http://search.yahoo.com/mrss/",
}


def only(item: Entry) -> etree._Element:
    found = etree.fromstring(Renderer(SITE).feed(feed(item), "rss").data).find("channel/item")
    assert found is not None
    return found


def texts(element: etree._Element, path: str) -> list[str]:
    return [found.text or "" for found in element.findall(path, NS)]


def test_the_channel() -> None:
    channel = etree.fromstring(Renderer(SITE).feed(FEED, "rss").data)[0]
    assert texts(channel, "link") == ["https://planet.example/jobs/"]
    assert texts(channel, "lastBuildDate") == ["Thu, 29 Feb 2024 12:00:05 GMT"]
    assert texts(channel, "managingEditor") == ["ann@planet.example (Ann Editor)"]
    assert texts(channel, "language") == ["en"]
    assert texts(channel, "image/link") == ["https://planet.example/jobs/"]
    assert [(link.get("rel"), link.get("type"), link.get("href")) for link in channel.findall("a:link", NS)] == [
        ("self", "application/rss+xml", "https://planet.example/jobs/rss.xml"),
        ("hub", None, "https://hub.example/"),
    ]


@pytest.mark.parametrize(
    ("person", "editor"),
    [(Person(email="a@b.example"), ["a@b.example"]), (Person("Ann"), []), (Person("A", email="no mail"), [])],
)
def test_the_editor_is_an_email_address(person: Person, editor: list[str]) -> None:
    data = Renderer(replace(SITE, author=person)).feed(FEED, "rss").data
    assert texts(etree.fromstring(data), "channel/managingEditor") == editor


def test_the_description_of_a_channel_is_never_empty() -> None:
    data = Renderer(SITE).feed(replace(FEED, description=""), "rss").data
    assert texts(etree.fromstring(data), "channel/description") == ["Jobs & more"]


def test_titles_escape_markup_as_the_profile_requires() -> None:
    data = Renderer(SITE).feed(FEED, "rss").data
    assert "<title>AT&#x26;T &#x3C;buys&gt; 趣头条</title>".encode() in data
    assert b"<title>Jobs &#x26; more</title>" in data


def test_an_untitled_item_has_a_description_instead() -> None:
    assert texts(only(BARE), "title") == []
    assert texts(only(BARE), "description") == [BARE.clean.content]
    assert texts(only(entry(content="")), "description") == [BARE.id]
    assert texts(only(replace(entry(content=""), link="https://x.example/")), "description") == ["https://x.example/"]
    assert texts(only(entry(title="T", content="")), "description") == []


def test_description_is_the_summary_and_encoded_is_the_content() -> None:
    assert texts(only(FULL), "description") == [FULL.clean.summary]
    assert texts(only(FULL), "c:encoded") == [FULL.clean.content]


def test_a_content_without_summary_stands_once() -> None:
    assert texts(only(BARE), "description") == [BARE.clean.content]
    assert texts(only(BARE), "c:encoded") == []
    assert feedparser.parse(Renderer(SITE).feed(FEED, "rss").data).entries[1].summary == BARE.clean.content


@pytest.mark.parametrize(
    ("id_", "link", "permalink"),
    [
        ("https://x.example/1", "https://x.example/1", "true"),
        ("https://x.example/1", "https://x.example/2", "false"),
        ("mailto:list@x.example", "mailto:list@x.example", "false"),
        ("tag:x.example,2024:1", "", "false"),
    ],
)
def test_a_guid_is_a_permalink_only_if_it_opens_the_item(id_: str, link: str, permalink: str) -> None:
    item = only(replace(BARE, id=id_, link=link))
    guid = item.find("guid")
    assert guid is not None
    assert (guid.text, guid.get("isPermaLink")) == (id_, permalink)
    assert texts(item, "link") == ([link] if link else [])


def test_authors_are_creators_and_never_rss_authors() -> None:
    assert texts(only(FULL), "d:creator") == ["Bo", "https://cy.example/"]
    assert texts(only(FULL), "author") == []
    anonymous = replace(FULL, clean=replace(FULL.clean, authors=()))
    assert texts(only(anonymous), "d:creator") == ["Olga"]


def test_categories_carry_label_and_domain() -> None:
    assert [(found.text, found.get("domain")) for found in only(FULL).findall("category")] == [
        ("Jobs", "https://planet.example/"),
        ("Remote work", "https://blog.example/terms"),
    ]


def test_one_enclosure_and_all_of_them_as_media() -> None:
    item = only(FULL)
    assert [dict(found.attrib) for found in item.findall("enclosure")] == [
        {"url": "https://blog.example/1.mp3", "length": "1234", "type": "audio/mpeg"}
    ]
    assert [dict(found.attrib) for found in item.findall("m:content", NS)] == [
        {"url": "https://blog.example/1.mp3", "fileSize": "1234", "type": "audio/mpeg", "duration": "60"},
        {"url": "https://blog.example/1", "type": "application/octet-stream"},
    ]


@pytest.mark.parametrize(
    ("link", "length", "type_"),
    [
        (Link("https://x.example/a.M4A?x=1", "enclosure"), "0", "audio/mp4"),
        (Link("https://x.example/a", "enclosure", "video/ogg", length=-5), "0", "video/ogg"),
        (Link("http://192.0.2.1:8080/a", "enclosure"), "0", "application/octet-stream"),
    ],
)
def test_an_enclosure_always_has_length_and_type(link: Link, length: str, type_: str) -> None:
    found = only(entry(enclosures=(link,))).find("enclosure")
    assert found is not None
    assert (found.get("length"), found.get("type")) == (length, type_)


@pytest.mark.parametrize("href", ["http://nas/1.mp3", "ftp://x.example/1.mp3"])
def test_media_that_rss_cannot_enclose_is_a_link_and_the_next_one_is_enclosed(href: str) -> None:
    """The W3C validator accepts only hosts with public domain names."""
    links = (Link(href, "enclosure", length=5), Link("https://x.example/2.mp3", "enclosure"))
    item = only(entry(enclosures=links))
    assert [found.get("url") for found in item.findall("enclosure")] == ["https://x.example/2.mp3"]
    atom_links = [(found.get("rel"), found.get("href"), found.get("length")) for found in item.findall("a:link", NS)]
    assert atom_links == [("enclosure", href, "5")]
    assert [found.get("url") for found in item.findall("m:content", NS)] == [link.href for link in links]


def test_dates_source_and_comments() -> None:
    item = only(FULL)
    assert texts(item, "pubDate") == ["Thu, 29 Feb 2024 12:00:05 GMT"]
    assert texts(item, "a:updated") == ["2024-02-29T15:00:05Z"]
    assert texts(only(BARE), "a:updated") == []
    assert texts(item, "comments") == ["https://blog.example/1#comments"]
    assert [(found.get("url"), found.text) for found in item.findall("source")] == [
        ("https://blog.example/feed.xml", "The <One> Blog")
    ]
    ours = replace(FULL, attribution=replace(SOURCE, url="feeds/local.xml"))
    assert texts(only(ours), "source") == []


def test_links_without_an_rss_element_are_atom_links() -> None:
    assert [(found.get("rel"), found.get("href")) for found in only(FULL).findall("a:link", NS)] == [
        ("related", "https://other.example/1"),
        ("related", "https://blog.example/1.zh"),
        ("related", "https://blog.example/1.again"),
    ]


def test_namespaces_are_declared_once() -> None:
    data = Renderer(SITE).feed(FEED, "rss").data
    assert data.count(b"xmlns") == data.split(b"<item", maxsplit=1)[0].count(b"xmlns") == len(NAMESPACES)


def test_one_author_is_an_atom_author_and_all_are_creators() -> None:
    people = (Person("Ann"), Person("Bo", email="bo@b.example"), Person("Cy", "https://cy.example/"))
    item = only(replace(FULL, clean=replace(FULL.clean, authors=people)))
    assert texts(item, "d:creator") == ["Ann", "Bo", "Cy"]
    assert texts(item, "a:author/a:name") == ["Bo"]


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("<b>", "&lt;b&gt;"),
        ("a<script>alert(1)</script>", "a&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("<!-- x", "&lt;!-- x"),
        ("</channel>", "&lt;/channel&gt;"),
        ("AT&amp;T & <i>", "AT&amp;amp;T &amp; &lt;i&gt;"),
        ("&lt;b&gt;", "&amp;lt;b&amp;gt;"),
        ("&copy 2026", "&amp;copy 2026"),
        ("R&D", "R&D"),
        ("C & C++", "C & C++"),
        ("a < b > c", "a < b > c"),
        ('"quoted"', '"quoted"'),
    ],
)
def test_a_reader_that_parses_a_channel_title_as_html_shows_the_text(name: str, written: str) -> None:
    """A category's name may come from an upstream feed."""
    channel = etree.fromstring(Renderer(SITE).feed(replace(FEED, title=name, description="", icon=ICON), "rss").data)[0]
    for path in ("title", "description", "image/title"):
        assert channel.findtext(path) == written
        assert etree.HTML(f"<p>{channel.findtext(path)}</p>").xpath("string()") == name
    atom = etree.fromstring(Renderer(SITE).feed(replace(FEED, title=name), "atom").data)
    assert atom.findtext("{http://www.w3.org/2005/Atom}title") == name


ICON = "https://planet.example/icon.png"
