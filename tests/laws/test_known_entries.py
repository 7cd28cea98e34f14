"""A document whose entries are known in part is read as if nothing was known."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.clean.clean_entry import ContentSettings
from aggregator.errors import ParseError
from aggregator.pull.process import FeedBody, ProcessedFeed, process_feed
from tests.support.corpus import FEEDS

URL = "https://a.example/blog/feed.xml"
PLAIN = st.sampled_from([
    "<title>A &amp; B</title>", "<title>Another</title>", "<guid>urn:x:1</guid>", "<guid>urn:x:2</guid>",
    '<guid isPermaLink="false">3</guid>', "<link>/post</link>", "<link>https://a.example/2</link>",
    "<pubDate>Mon, 05 Jan 2026 10:00:00 GMT</pubDate>", "<pubDate>soon</pubDate>",
    "<description>&lt;p&gt;text &amp;nbsp;&lt;/p&gt;</description>", "&nbsp;", '<p:a xmlns:p="urn:1">one</p:a>',
    "<description><![CDATA[x ]]]]><![CDATA[> <!-- more --> y]]></description>", "<!-- a comment -->", "text",
    "<author>ann@a.example (Ann)</author>", "<category>c</category>", '<category xml:lang="de">d</category>',
    '<media:content xmlns:media="http://search.yahoo.com/mrss/" url="https://a.example/1.mp4"/>',
    '<source url="https://b.example/feed">B</source>', '<x xml:base="https://c.example/"/>',
])  # fmt: skip
ODD = st.sampled_from([
    "<pubDate>05/01/2026</pubDate>", "<pubDate>25/01/2026</pubDate>", "<item><title>inner</title></item>",
    "<description><![CDATA[<p>a</p> </item> <item> b]]></description>", "<!-- </item> <item> -->",
    '<q:a xmlns:q="urn:1">two</q:a>', '<p:a xmlns:p="urn:2">three</p:a>', "&", "<b>",
])  # fmt: skip
ITEMS = st.lists(PLAIN, min_size=1, max_size=5).map("".join).map("<item>{}</item>".format)
ODD_ITEMS = st.tuples(PLAIN, ODD).map("".join).map("<item>{}</item>".format) | st.just("<item></item>")
HEADS = st.sampled_from([
    "", "<lastBuildDate>Mon, 05 Jan 2026 10:00:00 GMT</lastBuildDate>",
    "<lastBuildDate>Tue, 06 Jan 2026 10:00:00 GMT</lastBuildDate>",
])  # fmt: skip
ODD_HEADS = st.sampled_from([
    "<link>https://home.example/</link>", "<language>de</language>", "<pubDate>25/01/2026</pubDate>",
    "<description><![CDATA[<item>]]></description>",
])  # fmt: skip
END = "</channel></rss>"
RARELY = st.sampled_from([*[False] * 15, True])


@st.composite
def documents(draw: st.DrawFn, items: list[str]) -> str:
    chosen = draw(st.lists(st.sampled_from(items), min_size=1, max_size=5))
    if draw(RARELY):
        chosen.append(draw(ODD_ITEMS))
    between = draw(st.sampled_from(["<ttl>5</ttl>", "<!-- x -->", "stray"])) if draw(RARELY) else "\n"
    head = draw(ODD_HEADS if draw(RARELY) else HEADS)
    end = draw(st.sampled_from(["", f"{END}<!-- cached -->"])) if draw(RARELY) else END
    return f'<rss version="2.0"><channel><title>T</title>{head}{between.join(chosen)}{end}'


@st.composite
def pairs(draw: st.DrawFn) -> tuple[str, str]:
    """Two documents of one feed."""
    items = draw(st.lists(ITEMS, min_size=1, max_size=4))
    return draw(documents(items)), draw(documents(items))


def processed(text: str | bytes, before: ProcessedFeed | None = None) -> ProcessedFeed:
    body = text if isinstance(text, bytes) else text.encode()
    known = frozenset(one.item for one in before.entries) if before else frozenset()
    return process_feed(FeedBody("s", URL, "", body, read=before.read if before else None), known, ContentSettings())


def without_knowledge(text: str | bytes, before: ProcessedFeed) -> ProcessedFeed:
    """As if it was not known how the document before was read."""
    return processed(text, replace(before, read=None))


@given(documents_of_a_feed=pairs())
def test_what_is_known_changes_nothing_of_what_is_read(documents_of_a_feed: tuple[str, str]) -> None:
    first, second = documents_of_a_feed
    try:
        before = processed(first)
        expected = without_knowledge(second, before)
    except ParseError:
        return
    assert processed(second, before) == expected


@pytest.mark.torture
@pytest.mark.skipif(not FEEDS.is_dir(), reason="the corpus of real feeds is not here")
def test_real_feeds_are_read_alike() -> None:
    cut = 0
    for file in sorted(one for one in FEEDS.rglob("*") if one.is_file()):
        try:
            before = processed(file.read_bytes())
        except ParseError:
            continue
        cut += before.read is not None
        assert processed(file.read_bytes(), before) == without_knowledge(file.read_bytes(), before), file
    assert cut > 100
