"""Elements of other vocabularies that an entry keeps, and the limits of hostile documents."""

import pytest

from aggregator.clean.extensions import DEEPEST, MOST, MOST_CHARACTERS
from aggregator.model.document import Extension, RawEntry
from aggregator.parse import parse
from tests.unit.parse.test_feed import URL, entry, item, rss

OURS = 'xmlns:a="urn:uuid:c103863f-7e2f-477e-8e93-769d7d9f504f"'
POD = 'xmlns:p="https://podcastindex.org/namespace/1.0"'


def names(draft: RawEntry) -> list[str]:
    return [extra.name for extra in draft.extras]


def test_repeated_elements_are_all_kept_in_their_order_and_spelling() -> None:
    draft = item(
        f'<p:transcript {POD} url="/1.vtt"/><p:transcript {POD} url="/1.srt"/>'
        f'<p:soundbite {POD} startTime="1">A &amp; <![CDATA[B]]></p:soundbite>'
    )
    assert draft.extras == (
        Extension("podcast:transcript", (("url", "/1.vtt"),)),
        Extension("podcast:transcript", (("url", "/1.srt"),)),
        Extension("podcast:soundbite", (("startTime", "1"),), "A & B"),
    )


def test_what_is_nested_stays_nested() -> None:
    (group,) = item('<media:group><media:content url="/1"><media:credit>C</media:credit></media:content>'
                    "</media:group>").extras  # fmt: skip
    assert group == Extension(
        "media:group",
        children=(Extension("media:content", (("url", "/1"),), children=(Extension("media:credit", text="C"),)),),
    )


@pytest.mark.parametrize(
    "namespace",
    ["http://search.yahoo.com/mrss/", "http://search.yahoo.com/mrss", "HTTP://SEARCH.YAHOO.COM/mrss/"],
)
def test_a_vocabulary_is_known_by_its_namespace_not_its_prefix(namespace: str) -> None:
    assert names(entry(f'<x:rating xmlns:x="{namespace}">adult</x:rating>')) == ["media:rating"]
    assert names(entry('<media:rating xmlns:media="https://other.example/">adult</media:rating>')) == []


@pytest.mark.parametrize(
    "inner",
    [
        "<dc:creator>A</dc:creator>", "<dc:date>2024-01-01</dc:date>", "<itunes:author>A</itunes:author>",
        "<itunes:owner><itunes:email>a@a.example</itunes:email></itunes:owner>", f"<p:guid {POD}>1</p:guid>",
        f"<p:locked {POD}>yes</p:locked>", f'<p:funding {POD} url="/f">F</p:funding>', "<title>T</title>",
        "<unknown>T</unknown>", '<x:y xmlns:x="https://other.example/">T</x:y>',
    ],
)  # fmt: skip
def test_elements_with_their_own_field_or_of_the_feed_are_not_extensions(inner: str) -> None:
    assert item(inner).extras == ()


def test_elements_of_the_feed_of_the_text_and_of_the_source_are_not_the_entrys() -> None:
    document = rss(
        "<item><title>A</title></item>", "<itunes:explicit>no</itunes:explicit><dc:publisher>P</dc:publisher>"
    )
    assert document.drafts[0].extras == ()
    media = 'xmlns:media="http://search.yahoo.com/mrss/"'
    xhtml = f'<div xmlns="http://www.w3.org/1999/xhtml" {media}><media:rating>x</media:rating></div>'
    assert entry(f'<content type="xhtml">{xhtml}</content>').extras == ()
    assert entry(f"<source {media}><media:rating>x</media:rating></source>").extras == ()


def test_elements_inside_an_unknown_element_are_dropped() -> None:
    inner = '<media:group><x:y xmlns:x="https://o.example/">1<media:credit>2</media:credit></x:y>3</media:group>'
    assert item(inner).extras == (Extension("media:group", text="3"),)


@pytest.mark.parametrize(
    "inside", ["{}", "<media:group>{}</media:group>", '<media:content url="/1">{}</media:content>']
)
def test_an_element_of_ours_around_a_community_is_taken_off(inside: str) -> None:
    community = '<media:community><media:statistics views="5"/></media:community>'
    held = f"\n<a:statistics {OURS}>{community}</a:statistics>\n<media:credit>C</media:credit>"
    bare = f"\n{community}\n<media:credit>C</media:credit>"
    assert item(inside.format(held)).extras == item(inside.format(bare)).extras != ()
    nested = f"<a:statistics {OURS}>" * 500 + community + "</a:statistics>" * 500
    assert item(inside.format(nested)).extras == item(inside.format(community)).extras
    assert item(inside.format(held.replace("a:statistics", "a:other"))).extras != item(inside.format(bare)).extras


def test_each_entry_has_its_own() -> None:
    rating = "<item><media:rating>{}</media:rating></item>"
    drafts = rss(f"{rating.format(1)}<item><title>2</title></item>{rating.format(3)}").drafts
    assert [[extra.text for extra in draft.extras] for draft in drafts] == [["1"], [], ["3"]]


def test_however_many_and_however_large_they_are_bounded() -> None:
    many = item("<media:credit>C</media:credit>" * (MOST + 50))
    assert len(many.extras) == MOST
    deep = item("<media:group>" * 500 + "</media:group>" * 500)
    depth, level = 0, deep.extras
    while level:
        depth, level = depth + 1, level[0].children
    assert depth == DEEPEST
    large = item(f"<media:credit>{'x' * 90_000}</media:credit>" * 20)
    assert sum(len(extra.text) for extra in large.extras) <= MOST_CHARACTERS
    assert item(f'<media:credit role="{"x" * 10_000}" scheme="s">C</media:credit>').extras[0].attributes == (
        ("scheme", "s"),
    )


def test_no_entity_of_a_document_reaches_them() -> None:
    bomb = '<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]>'
    text = '<rss version="2.0" xmlns:m="http://search.yahoo.com/mrss/"><channel><item><m:credit>{}</m:credit></item>'
    for reference in ("&b;", "&f;"):
        (draft,) = parse(f"{bomb}{text.format(reference)}</channel></rss>".encode(), url=URL).drafts
        assert [extra.text for extra in draft.extras] == [reference]


def test_json_of_this_program_gives_them_back_whatever_is_in_it() -> None:
    body = b"""{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1", "_extensions": {
        "media": [{"name": "media:group", "children": [{"name": "media:credit", "text": "C", "attributes": {"a": 1}}]}],
        "podcast": "none", "x": [1, {"name": ["x"]}]}}]}"""
    (draft,) = parse(body, url=URL).drafts
    assert draft.extras[0] == Extension("media:group", children=(Extension("media:credit", text="C"),))
    assert draft.extras[1:] == (Extension(""),)
