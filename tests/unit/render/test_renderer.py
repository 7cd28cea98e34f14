"""Properties of every format: one bad entry is left out, and earlier calls change nothing."""

import json
import locale
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from html import escape
from typing import Any

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree, html

from aggregator.model.entry import Entry
from aggregator.model.feed import Site
from aggregator.render import FILES, Renderer
from tests.support.samples import BARE, FEED, FULL, LISTINGS, NOON, SITE, entry, feed

RENDERER = Renderer(SITE)
EVERY_FORMAT = pytest.mark.parametrize("form", FILES)
ANY_TEXT = st.text(st.characters(), max_size=40) | st.text("<>&\"']\x00\x0b\ud800\ufffe 趣\u202e{%}", max_size=20)


def titles(data: bytes, form: str) -> list[str]:
    if form == "json":
        return [item.get("title", "") for item in json.loads(data)["items"]]
    if form == "html":
        return ["".join(map(str, found.itertext())) for found in html.fromstring(data).iter("h2")]
    tag = "{http://www.w3.org/2005/Atom}entry" if form == "atom" else "item"
    name = tag.replace("entry", "title") if form == "atom" else "title"
    return [item.findtext(name) or "" for item in etree.fromstring(data).iter(tag)]


@EVERY_FORMAT
@pytest.mark.parametrize(
    "bad",
    [
        replace(BARE, id="bad", published=datetime(2024, 1, 1)),  # noqa: DTZ001 - the fault
        replace(BARE, id="bad", published=datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=5)))),
    ],
    ids=["no time zone", "before the calendar"],
)
def test_a_bad_entry_is_left_out_and_reported(form: str, bad: Entry) -> None:
    rendered = RENDERER.feed(feed(FULL, bad, BARE), form)
    assert rendered.entries == len(titles(rendered.data, form)) == 2
    assert [(one.feed, one.entry, one.format) for one in rendered.omissions] == [("jobs", "bad", form)]
    assert rendered.omissions[0].message.startswith(f"bad: left out of {form}: ")


@pytest.mark.parametrize("form", ["atom", "rss"])
def test_an_illegal_character_leaves_one_entry_out_of_xml_formats(form: str) -> None:
    rendered = RENDERER.feed(feed(entry(title="\x00"), FULL), form)
    assert (rendered.entries, len(rendered.omissions)) == (1, 1)


@EVERY_FORMAT
@settings(max_examples=60, deadline=None)
@given(title=ANY_TEXT, body=ANY_TEXT, name=ANY_TEXT)
def test_any_text_gives_a_valid_document(form: str, title: str, body: str, name: str) -> None:
    odd = replace(entry(title=title, content=escape(body), summary=escape(name)), id="odd")
    named = replace(feed(FULL, odd), title=name, description=body, category=(title,))
    rendered = Renderer(replace(SITE, title=name or "x")).feed(named, form)
    assert len(titles(rendered.data, form)) == rendered.entries
    assert rendered.entries + len(rendered.omissions) == 2


@EVERY_FORMAT
def test_an_empty_feed_is_a_document(form: str) -> None:
    rendered = RENDERER.feed(feed(), form)
    assert (rendered.entries, rendered.problems) == (0, ())
    assert titles(rendered.data, form) == []


@EVERY_FORMAT
def test_every_document_bears_the_generator_mark(form: str) -> None:
    marks = {
        "atom": b"<generator>aggregator</generator>",
        "rss": b"<generator>aggregator</generator>",
        "json": b'"_aggregator": {\n  "generator": "aggregator"',
        "html": b'<meta name="generator" content="aggregator">',
    }
    assert marks[form] in RENDERER.feed(feed(), form).data
    assert b"generator: aggregator" in RENDERER.opml(LISTINGS)
    assert b'"generator": "aggregator"' in RENDERER.index_json(LISTINGS)


@EVERY_FORMAT
def test_the_password_of_a_source_is_never_published(form: str) -> None:
    assert b"secret" not in RENDERER.feed(FEED, form).data


@pytest.mark.parametrize("form", ["atom", "rss"])
def test_feedparser_reads_every_field(form: str) -> None:
    parsed: Any = feedparser.parse(RENDERER.feed(FEED, form).data)
    assert not parsed.bozo
    assert [found.id for found in parsed.entries] == [FULL.id, BARE.id]
    full = parsed.entries[0]
    assert full.link == FULL.link
    assert full.content[0].value == FULL.clean.content.replace("]]&gt;", "]]&gt;")
    assert full.summary == FULL.clean.summary
    assert [tag.label or tag.term for tag in full.tags] == ["Jobs", "Remote work"]
    assert full.source.title == "The <One> Blog" or full.source.title == "The &lt;One&gt; Blog"
    assert full.media_thumbnail == [{"url": "https://blog.example/1.png"}]
    assert tuple(full.published_parsed)[:6] == (2024, 2, 29, 12, 0, 5)
    assert tuple(full.updated_parsed)[:6] == (2024, 2, 29, 15, 0, 5)


def test_dates_are_english_in_every_locale() -> None:
    old = locale.setlocale(locale.LC_TIME)
    for name in ("de_DE.UTF-8", "zh_CN.UTF-8", "C.UTF-8", "C"):
        try:
            locale.setlocale(locale.LC_TIME, name)
        except locale.Error:
            continue
        try:
            data = Renderer(SITE).feed(FEED, "rss").data
        finally:
            locale.setlocale(locale.LC_TIME, old)
        assert b"<pubDate>Thu, 29 Feb 2024 12:00:05 GMT</pubDate>" in data


@EVERY_FORMAT
def test_a_year_has_four_digits(form: str) -> None:
    ancient = replace(BARE, published=datetime(33, 4, 3, tzinfo=UTC), updated=NOON)
    assert b"0033" in RENDERER.feed(feed(ancient), form).data


@EVERY_FORMAT
def test_a_site_needs_only_a_title_and_a_url(form: str) -> None:
    plain = Renderer(Site("P", "https://p.example/", language="")).feed(replace(FEED, description=""), form)
    assert plain.entries == 2
