"""Extension elements in each format, without duplicates."""

import json
import warnings
from dataclasses import replace

import feedparser
import pytest
from lxml import etree

from aggregator.model.document import CategoryTerm, Extension, FeedInfo, Link, Person
from aggregator.model.entry import Entry
from aggregator.render import Renderer
from tests.support.samples import BARE, FULL, SITE, entry, feed

ATOM = "{http://www.w3.org/2005/Atom}"
MEDIA = "{http://search.yahoo.com/mrss/}"
STATISTICS = "{urn:uuid:c103863f-7e2f-477e-8e93-769d7d9f504f}statistics"
COMMUNITY = Extension("media:community", children=(Extension("media:statistics", (("views", "5"),)),))
CREDIT = Extension("media:credit", (("role", "author"),), 'A & "B" <c>')
MEDIA_TWICE = tuple(Extension("media:content", (("url", f"https://x.example/1.{kind}"),)) for kind in ("mp3", "ogg"))
GROUP = Extension("media:group", children=(*MEDIA_TWICE, CREDIT))


def only(item: Entry, form: str) -> etree._Element:
    root = etree.fromstring(Renderer(SITE).feed(feed(item), form).data)
    found = root.find("channel/item") if form == "rss" else root.find(f"{ATOM}entry")
    assert found is not None
    return found


def attributes(element: etree._Element) -> dict[str, str]:
    return {str(name): str(value) for name, value in element.attrib.items()}


@pytest.mark.parametrize("form", ["atom", "rss"])
def test_xml_keeps_their_order_and_nesting(form: str) -> None:
    found = only(entry(extras=(Extension("slash:comments", (), "5"), GROUP)), form)
    assert [etree.QName(one).localname for one in found][-2:] == ["comments", "group"]
    group = found.find(f"{MEDIA}group")
    assert group is not None
    assert [(one.tag, attributes(one), one.text) for one in group] == [
        (f"{MEDIA}content", {"url": "https://x.example/1.mp3"}, None),
        (f"{MEDIA}content", {"url": "https://x.example/1.ogg"}, None),
        (f"{MEDIA}credit", {"role": "author"}, 'A & "B" <c>'),
    ]


@pytest.mark.parametrize("form", ["atom", "rss"])
@pytest.mark.parametrize(
    ("extra", "parent"),
    [
        (COMMUNITY, ""),
        (Extension("media:content", MEDIA_TWICE[0].attributes, children=(COMMUNITY,)), "content"),
        (Extension("media:group", children=(*MEDIA_TWICE, COMMUNITY)), "group"),
        (Extension("media:group", children=(COMMUNITY,)), ""),
    ],
)
def test_a_community_stands_at_its_place_inside_an_element_that_validators_do_not_know(
    extra: Extension, parent: str, form: str
) -> None:
    """The W3C validator calls it undefined inside any element that it knows."""
    root = only(entry(extras=(extra,)), form)
    (community,) = root.iter(f"{MEDIA}community")
    holder = community.getparent()
    assert holder is not None
    assert (holder.tag, attributes(holder), len(holder)) == (STATISTICS, {}, 1)
    assert holder.getparent() is (root.find(f"{MEDIA}{parent}") if parent else root)
    assert [(one.tag, attributes(one)) for one in community] == [(f"{MEDIA}statistics", {"views": "5"})]
    assert [one for one in root.iter() if one.tag == f"{MEDIA}group"] == root.findall(f"{MEDIA}group[{MEDIA}content]")


def test_readers_find_a_community_by_its_name() -> None:
    data = Renderer(SITE).feed(feed(entry(extras=(COMMUNITY,)), FULL), "rss").data
    assert data.count(b"xmlns:aggregator=") == 1
    assert b'<aggregator:statistics xmlns:aggregator="urn:uuid:' in data
    read, _ = feedparser.parse(data).entries
    assert read.media_statistics == {"views": "5"}


def test_json_keeps_a_community_as_it_is() -> None:
    (item,) = json.loads(Renderer(SITE).feed(feed(entry(extras=(COMMUNITY,))), "json").data)["items"]
    (community,) = item["_extensions"]["media"]
    assert community["name"] == "media:community"


def test_json_groups_them_by_prefix() -> None:
    data = Renderer(SITE).feed(feed(entry(extras=(GROUP, Extension("slash:comments", (), "5")))), "json").data
    (item,) = json.loads(data)["items"]
    assert item["_extensions"] == {
        "media": [
            {
                "name": "media:group",
                "children": [
                    {"name": "media:content", "attributes": {"url": "https://x.example/1.mp3"}},
                    {"name": "media:content", "attributes": {"url": "https://x.example/1.ogg"}},
                    {"name": "media:credit", "attributes": {"role": "author"}, "text": 'A & "B" <c>'},
                ],
            }
        ],
        "slash": [{"name": "slash:comments", "text": "5"}],
    }


def test_upstream_media_and_thumbnails_are_not_written_twice() -> None:
    thumbnail = Extension("media:thumbnail", (("url", "https://x.example/1.png"), ("width", "9")))
    enclosure = Link("https://x.example/1.mp3", "enclosure", "audio/mpeg", duration=9)
    item = entry(extras=(GROUP, thumbnail), enclosures=(enclosure,), image="https://x.example/1.png")
    for form in ("atom", "rss"):
        found = only(item, form)
        assert [attributes(one) for one in found.iter(f"{MEDIA}thumbnail")] == [dict(thumbnail.attributes)]
        assert len(list(found.iter(f"{MEDIA}content"))) == len(MEDIA_TWICE)
    assert len(only(item, "rss").findall("enclosure")) == 1


def test_the_duration_of_a_recording_is_in_atom_once() -> None:
    enclosure = Link("https://x.example/1.mp3", "enclosure", "audio/mpeg", duration=65)
    tag = "{http://www.itunes.com/dtds/podcast-1.0.dtd}duration"
    assert [one.text for one in only(entry(enclosures=(enclosure,)), "atom").iter(tag)] == ["65"]
    timed = entry(enclosures=(enclosure,), extras=(Extension("itunes:duration", (), "1:05"),))
    assert [one.text for one in only(timed, "atom").iter(tag)] == ["1:05"]


def test_plain_text_has_type_text_unless_it_contains_markup() -> None:
    plain = entry(content="1 &lt; 2", texts=("content",))
    marked = entry(content="1 &lt; 2<p>Also</p>", texts=("content",))
    for item, kind, text in ((plain, "text", "1 < 2"), (marked, "html", "1 &lt; 2<p>Also</p>")):
        content = only(item, "atom").find(f"{ATOM}content")
        assert content is not None
        assert (content.get("type"), content.text) == (kind, text)
        (written,) = json.loads(Renderer(SITE).feed(feed(item), "json").data)["items"]
        assert written["content_text" if kind == "text" else "content_html"] == text


def test_a_license_has_the_element_that_rss_readers_know() -> None:
    found = only(entry(links=(Link("https://x.example/cc", "license"),)), "rss")
    license_ = found.find("{http://backend.userland.com/creativeCommonsRssModule}license")
    assert license_ is not None
    assert license_.text == "https://x.example/cc"


def test_the_own_link_keeps_its_attributes_while_readers_follow_it() -> None:
    page = Link("https://x.example/1", type="text/html", hreflang="de", title="One")
    item = replace(entry(page=page), link=page.href)
    link = only(item, "atom").find(f"{ATOM}link")
    assert link is not None
    assert attributes(link) == {
        "rel": "alternate", "type": "text/html", "href": page.href, "hreflang": "de", "title": "One",
    }  # fmt: skip
    other = only(replace(item, link="https://x.example/2"), "atom").find(f"{ATOM}link")
    assert other is not None
    assert attributes(other) == {"rel": "alternate", "href": "https://x.example/2"}


def test_an_upstream_source_is_kept_whole() -> None:
    source = FeedInfo(
        id="tag:first.example,2020:feed",
        title="First",
        generator="G",
        generator_uri="https://g.example/",
        generator_version="2",
        contributors=(Person("Cy"),),
        terms=(CategoryTerm("a", "A", "https://first.example/terms"),),
        links=(Link("https://first.example/", type="text/html"), Link("https://first.example/v", "via", length=7)),
    )
    found = only(replace(FULL, clean=replace(FULL.clean, source=source)), "atom").find(f"{ATOM}source")
    assert found is not None
    assert [(one.tag.removeprefix(ATOM), attributes(one), one.text) for one in found if len(one) == 0] == [
        ("id", {}, source.id),
        ("title", {}, "First"),
        ("category", {"term": "a", "label": "A", "scheme": "https://first.example/terms"}, None),
        ("link", {"rel": "alternate", "type": "text/html", "href": "https://first.example/"}, None),
        ("link", {"rel": "via", "href": "https://first.example/v", "length": "7"}, None),
        ("generator", {"uri": "https://g.example/", "version": "2"}, "G"),
    ]
    assert [one.text for one in found.iter(f"{ATOM}name")] == ["Cy"]


def test_a_source_without_a_name_is_completed_by_ours() -> None:
    bare = replace(FULL, clean=replace(FULL.clean, source=FeedInfo(logo="https://first.example/l.png")))
    found = only(bare, "atom").find(f"{ATOM}source")
    assert found is not None
    assert found.findtext(f"{ATOM}title") == "The <One> Blog"
    assert found.findtext(f"{ATOM}logo") == "https://first.example/l.png"


@pytest.mark.parametrize("form", ["atom", "rss"])
def test_the_title_of_a_medium_is_not_the_entrys(form: str) -> None:
    item = replace(
        FULL, clean=replace(FULL.clean, title="Own", title_html="", extras=(Extension("media:title", (), "M"),))
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        read = feedparser.parse(Renderer(SITE).feed(feed(item), form).data)
    assert read.entries[0].title == "Own"


def test_rss_and_json_name_the_source_it_was_pulled_from() -> None:
    """Recovery of a lost state tells by it which of the two an atom:source is."""
    kept = FeedInfo(title="First", self_link="https://first.example/feed")
    item = replace(FULL, clean=replace(FULL.clean, source=kept))
    found = only(item, "rss").find("source")
    assert found is not None
    assert (found.get("url"), found.text) == ("https://blog.example/feed.xml", "The <One> Blog")
    (written,) = json.loads(Renderer(SITE).feed(feed(item), "json").data)["items"]
    assert written["_aggregator"]["source"]["title"] == "The <One> Blog"
    assert only(BARE, "rss").find("source") is None
