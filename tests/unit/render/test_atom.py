"""Atom: RFC 4287, section by section."""

from dataclasses import replace

import pytest
from lxml import etree

from aggregator.model.document import FeedInfo, Link, Person
from aggregator.model.entry import Entry
from aggregator.render import Renderer
from aggregator.render.atom import NAMESPACES
from aggregator.render.media_types import language_tag
from tests.support.samples import BARE, FEED, FULL, NOON, SITE, SOURCE, entry, feed

NS = {"a": "http://www.w3.org/2005/Atom", "m": "http://search.yahoo.com/mrss/"}
LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def document(*entries: Entry) -> etree._Element:
    return etree.fromstring(Renderer(SITE).feed(feed(*entries), "atom").data)


def texts(element: etree._Element, path: str) -> list[str]:
    return [found.text or "" for found in element.findall(path, NS)]


def links(element: etree._Element, rel: str) -> list[dict[str, str]]:
    found = element.findall(f"a:link[@rel='{rel}']", NS)
    return [{str(name): str(value) for name, value in link.attrib.items()} for link in found]


def only(item: Entry) -> etree._Element:
    found = document(item).find("a:entry", NS)
    assert found is not None
    return found


def test_the_head_of_a_feed() -> None:
    head = document()
    assert texts(head, "a:id") == [FEED.atom_id]
    assert texts(head, "a:updated") == ["2024-02-29T12:00:05Z"]
    assert texts(head, "a:author/a:name") == ["Ann Editor"]
    assert texts(head, "a:subtitle") == ["Work, wherever"]
    assert links(head, "self") == [
        {"rel": "self", "type": "application/atom+xml", "href": "https://planet.example/jobs/atom.xml"}
    ]
    assert links(head, "alternate") == [{"rel": "alternate", "type": "text/html", "href": FEED.home}]
    assert links(head, "hub") == [{"rel": "hub", "href": "https://hub.example/"}]
    assert head.get(LANG) == "en"


def test_without_an_author_the_site_is_the_author() -> None:
    site = replace(SITE, author=Person())
    assert b"<name>Planet &amp; Co</name>" in Renderer(site).feed(FEED, "atom").data


def test_every_link_of_an_entry_keeps_its_attributes() -> None:
    found = only(FULL)
    also = {"rel": "related", "href": "https://other.example/1", "title": "Also at Other"}
    assert links(found, "related")[0] == also
    assert links(found, "replies") == [{"rel": "replies", "href": "https://blog.example/1#comments"}]
    assert links(found, "enclosure") == [
        {
            "rel": "enclosure",
            "type": "audio/mpeg",
            "href": "https://blog.example/1.mp3",
            "title": "Episode",
            "length": "1234",
        },
        {"rel": "enclosure", "type": "application/octet-stream", "href": "https://blog.example/1"},
    ]


def test_an_entry_has_one_page_and_no_two_alternates_of_one_kind() -> None:
    json = "application/json"
    more = tuple(Link(f"https://blog.example/{name}", type=json) for name in "ab")
    found = only(replace(FULL, clean=replace(FULL.clean, links=FULL.clean.links + more)))
    assert [link["href"] for link in links(found, "alternate")] == [FULL.link, "https://blog.example/a"]
    assert [(link["href"], link.get("hreflang")) for link in links(found, "related")] == [
        ("https://other.example/1", None),
        ("https://blog.example/1.zh", "zh"),
        ("https://blog.example/1.again", "zh"),
        ("https://blog.example/b", None),
    ]


def test_a_person_without_a_name_has_an_address_as_name() -> None:
    found = only(FULL)
    assert texts(found, "a:author/a:name") == ["Bo", "https://cy.example/"]
    assert texts(found, "a:author/a:email") == ["bo@blog.example"]
    assert texts(found, "a:contributor/a:name") == ["Di"]


def test_categories_have_term_scheme_and_label() -> None:
    assert [dict(found.attrib) for found in only(FULL).findall("a:category", NS)] == [
        {"term": "Jobs", "scheme": SITE.url, "label": "Jobs"},
        {"term": "remote", "scheme": "https://blog.example/terms", "label": "Remote work"},
    ]


@pytest.mark.parametrize(
    ("clean", "type_", "text"),
    [
        ({"title": "a < b & c"}, None, "a < b & c"),
        ({"title": "a < b", "title_html": "a &lt; <i>b</i>"}, "html", "a &lt; <i>b</i>"),
        ({"title": ""}, None, None),
    ],
)
def test_titles(clean: dict[str, str], type_: str | None, text: str | None) -> None:
    title = only(entry(**clean)).find("a:title", NS)
    assert title is not None
    assert (title.get("type"), title.text) == (type_, text)


def test_summary_and_content_are_both_written() -> None:
    found = only(FULL)
    assert texts(found, "a:summary[@type='html']") == [FULL.clean.summary]
    assert texts(found, "a:content[@type='html']") == [FULL.clean.content]


def test_an_entry_without_link_or_content_has_its_summary_as_content() -> None:
    found = only(replace(BARE, link="", clean=replace(BARE.clean, summary="<p>All there is</p>", content="")))
    assert texts(found, "a:content") == texts(found, "a:summary") == ["<p>All there is</p>"]


def test_an_entry_without_link_has_content_even_if_empty() -> None:
    assert texts(only(entry(content="")), "a:content") == [""]
    assert texts(only(replace(FULL, clean=replace(FULL.clean, content=""))), "a:content") == []


def test_a_local_post_has_no_source() -> None:
    assert only(BARE).find("a:source", NS) is None


def test_a_republished_entry_names_its_source() -> None:
    source = only(FULL).find("a:source", NS)
    assert source is not None
    assert texts(source, "a:id") == [SOURCE.id]
    assert texts(source, "a:title") == ["The <One> Blog"]
    assert texts(source, "a:updated") == ["2024-02-28T12:00:05Z"]
    assert texts(source, "a:author/a:name") == ["Olga"]
    assert texts(source, "a:rights") == ["© Olga"]
    assert links(source, "self") == [{"rel": "self", "href": "https://blog.example/feed.xml"}]
    assert links(source, "alternate") == [{"rel": "alternate", "href": "https://blog.example/"}]
    assert source.get(LANG) == "de"


def test_a_source_without_authors_is_its_own_author() -> None:
    found = only(replace(FULL, attribution=replace(SOURCE, authors=())))
    assert texts(found, "a:source/a:author/a:name") == ["The <One> Blog"]


def test_a_source_that_is_a_file_of_ours_has_no_self_link() -> None:
    found = only(replace(FULL, attribution=replace(SOURCE, url="feeds/local.xml")))
    assert texts(found, "a:source/a:id") == [SOURCE.id]
    assert found.find("a:source/a:link[@rel='self']", NS) is None


def test_a_planet_of_planets_keeps_the_first_source() -> None:
    first = FeedInfo(id="urn:first", title="First", updated=NOON, link="https://first.example/")
    found = only(replace(FULL, clean=replace(FULL.clean, source=first, authors=())))
    assert texts(found, "a:source/a:id") == ["urn:first"]
    assert texts(found, "a:source/a:author/a:name") == []
    assert texts(found, "a:author/a:name") == ["Olga"]
    nobody = only(
        replace(FULL, attribution=replace(SOURCE, authors=()), clean=replace(FULL.clean, source=first, authors=()))
    )
    assert texts(nobody, "a:author/a:name") == ["First"]


@pytest.mark.parametrize(("given", "written"), [("FA", "FA"), ("cn", "zh"), ("english", ""), ("x y", ""), ("", "")])
def test_invalid_languages_are_not_written(given: str, written: str) -> None:
    assert language_tag(given) == written


def test_language_image_and_rights_are_kept() -> None:
    found = only(FULL)
    assert found.get(LANG) == "zh-CN"
    assert texts(found, "a:rights") == ["CC0"]
    assert [image.get("url") for image in found.findall("m:thumbnail", NS)] == ["https://blog.example/1.png"]


@pytest.mark.parametrize(
    ("link", "attributes"),
    [
        (Link("https://x.example/", "via", type="html", hreflang="not a tag"), {}),
        (Link("https://x.example/", "via", type="text/html; charset=utf-8"), {"type": "text/html; charset=utf-8"}),
        (Link("https://x.example/", "via", length=-1), {}),
        (Link("https://x.example/", "via", length=0), {"length": "0"}),
    ],
)
def test_invalid_attributes_are_left_out(link: Link, attributes: dict[str, str]) -> None:
    assert links(only(entry(links=(link,))), "via") == [{"rel": "via", "href": link.href} | attributes]


def test_namespaces_are_declared_once() -> None:
    data = Renderer(SITE).feed(FEED, "atom").data
    assert data.count(b"xmlns") == data.split(b"<entry", maxsplit=1)[0].count(b"xmlns") == len(NAMESPACES) + 1


@pytest.mark.parametrize("bad", ["tag:https://blog.example,:/", "HTTP:0", "https:///x", "http://@/x", "blog/1"])
def test_an_invalid_source_id_is_not_written(bad: str) -> None:
    found = only(replace(FULL, attribution=replace(SOURCE, id=bad)))
    assert texts(found, "a:source/a:id") == ["https://blog.example/feed.xml"]
