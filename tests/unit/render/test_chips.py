"""Links from entries to the pages of their categories, on pages of any depth."""

from dataclasses import replace
from typing import Any

import pytest
from lxml import html

from aggregator.model.entry import Level
from aggregator.model.feed import ArchiveLinks
from aggregator.render import Nearby, Renderer
from aggregator.render.chips import ROOT
from tests.support.samples import BARE, FEED, SITE

LEVELS = (Level("Jobs", "Jobs", SITE.url, "jobs"), Level("a", "A", SITE.url, "x/a"), Level("tag", "Tag", ""))
TAGGED = replace(BARE, levels=LEVELS)


def chips(page: bytes) -> list[tuple[str, str | None]]:
    document: Any = html.document_fromstring(page.decode())
    rows = document.xpath(".//ul[@class='chips']/li")
    return [(row.text_content(), next(iter(row.xpath("a/@href")), None)) for row in rows]


@pytest.mark.parametrize("id_", ["all", "x/y", "x/y/z"])
def test_a_chip_leads_to_its_category_from_any_depth(id_: str) -> None:
    up = "../" * len(id_.split("/"))
    page = Renderer(SITE).feed(replace(FEED, id=id_, entries=(TAGGED,)), "html").data
    assert chips(page) == [("Jobs", f"{up}jobs/index.html"), ("A", f"{up}x/a/index.html"), ("Tag", None)]


def test_the_page_of_an_entry_links_to_them_too() -> None:
    assert chips(Renderer(SITE).entry_page(TAGGED))[0] == ("Jobs", "../jobs/index.html")


def test_a_sealed_page_links_only_to_addresses_that_stay() -> None:
    id_ = "all/archive/1/3"
    sealed = replace(FEED, id=id_, history=ArchiveLinks(FEED.home, page=3), entries=(TAGGED,))
    page = Renderer(SITE).feed(sealed, "html", Nearby(linked=frozenset({"jobs"}))).data
    assert chips(page) == [("Jobs", "../../../../jobs/index.html"), ("A", None), ("Tag", None)]


def test_feeds_know_nothing_of_it() -> None:
    renderer = Renderer(SITE)
    plain = replace(TAGGED, levels=tuple(replace(level, feed="") for level in LEVELS))
    for form in ("atom", "rss", "json"):
        given, without = (renderer.feed(replace(FEED, entries=(one,)), form).data for one in (TAGGED, plain))
        assert given == without


def test_a_foreign_text_is_taken_for_no_mark() -> None:
    odd = replace(
        TAGGED, clean=replace(BARE.clean, title=f'{ROOT}\x01 <a class="chip" href="../x">', content="<p>x</p>")
    )
    page = Renderer(SITE).feed(replace(FEED, entries=(odd,)), "html").data
    assert html.document_fromstring(page.decode()).findtext(".//h2") == odd.clean.title.replace("\x01", "")
