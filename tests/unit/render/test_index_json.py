"""The lists of feeds: index.json and OPML."""

import json
from dataclasses import replace

from lxml import etree

from aggregator.render import Renderer
from tests.support.samples import LISTINGS, SITE


def test_index_json_has_its_keys_in_order() -> None:
    data = Renderer(SITE).index_json(LISTINGS)
    index = json.loads(data)
    assert list(index) == ["site", "feeds", "moved"]
    assert [list(row) for row in index["feeds"]] == [
        ["id", "title", "category", "path", "entries", "total", "updated", "formats"]
    ] * len(LISTINGS)
    assert index["feeds"][0]["category"] is None
    assert index["feeds"][3]["category"] == ["新媒体", "趣头条"]
    assert index["feeds"][0]["formats"]["atom"] == {"href": "all/atom.xml", "sha256": "a" * 64, "entries": 2}
    assert "新媒体".encode() in data
    assert data.endswith(b"}\n")


def outlines(element: etree._Element) -> list[object]:
    return [(child.get("text"), child.get("xmlUrl"), outlines(child)) for child in element]


def test_opml_nests_feeds_in_folders_and_nothing_in_feeds() -> None:
    root = etree.fromstring(Renderer(SITE).opml(LISTINGS))
    body = root.find("body")
    assert body is not None
    base = "https://planet.example/"
    assert outlines(body) == [
        ("Everything", base + "all/atom.xml", []),
        (
            "Programming",
            None,
            [
                ("Programming", base + "programming/atom.xml", []),
                ("Python", base + "programming/python/atom.xml", []),
            ],
        ),
        ("新媒体", None, [("趣头条", base + "xin/qtt/atom.xml", [])]),
    ]
    assert root.findtext("head/dateModified") == "Thu, 29 Feb 2024 12:00:05 GMT"


def test_opml_links_to_the_best_published_format() -> None:
    rss_only = [replace(row, editions=tuple(row for row in row.editions if row[0] != "atom")) for row in LISTINGS]
    assert b"https://planet.example/all/rss.xml" in Renderer(SITE).opml(rss_only)


def test_opml_without_feeds_is_a_document() -> None:
    assert etree.fromstring(Renderer(SITE).opml(())).find("body") is not None


def test_two_feeds_of_one_category_are_both_listed() -> None:
    twins = [*LISTINGS, replace(LISTINGS[1], id="twin", title="Twin")]
    assert b'text="Twin"' in Renderer(SITE).opml(twins)
    assert b">Twin</a>" in Renderer(SITE).index_html(twins)


def test_an_illegal_character_is_left_out_of_the_lists() -> None:
    odd = [replace(LISTINGS[0], title="a\x00b\ud800", category=("c\x01",))]
    renderer = Renderer(SITE)
    assert b'text="ab"' in renderer.opml(odd)
    assert renderer.index_html(odd)
    assert json.loads(renderer.index_json(odd))
