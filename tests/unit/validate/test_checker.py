"""The checker's rules, each with a valid and an invalid document."""

import json
import time
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as st

from aggregator.model.rendered import RenderedDocument
from aggregator.validate import Checker, Finding

ADDRESS = "https://planet.example/jobs/"
ATOM_HEAD = (
    "<id>tag:planet.example,2024:feed/jobs</id><title>Jobs</title><updated>2024-02-29T12:00:00Z</updated>"
    "<author><name>Ann</name></author>"
    '<link rel="self" href="https://planet.example/jobs/atom.xml"/><link href="https://planet.example/jobs/"/>'
)
UNSIGNED = ATOM_HEAD.replace("<author><name>Ann</name></author>", "")
ENTRY = (
    "<id>tag:planet.example,2024:1</id><title>One</title><updated>2024-02-29T12:00:00.5+01:00</updated>"
    '<content type="html">&lt;p&gt;Text&lt;/p&gt;</content>'
)
CHANNEL = (
    "<title>Jobs</title><link>https://planet.example/jobs/</link><description>Work</description>"
    '<atom:link rel="self" href="https://planet.example/jobs/rss.xml"/>'
)
ITEM = "<title>One</title><guid>https://blog.example/1</guid>"
JSON: dict[str, Any] = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "Jobs",
    "feed_url": "https://planet.example/jobs/feed.json",
    "_own": {"anything": None},
}
JSON_ITEM: dict[str, Any] = {"id": "1", "content_html": "<p>Text</p>"}


def atom(*entries: str, head: str = ATOM_HEAD, root: str = "feed") -> bytes:
    media = 'xmlns:media="http://search.yahoo.com/mrss/"'
    inside = "".join(f"<entry>{entry}</entry>\n" for entry in entries)
    return f'<{root} xmlns="http://www.w3.org/2005/Atom" {media} xml:lang="en">{head}\n{inside}</{root}>'.encode()


def rss(*items: str, channel: str = CHANNEL, version: str = "2.0") -> bytes:
    spaces = 'xmlns:atom="http://www.w3.org/2005/Atom" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    inside = "".join(f"<item>{item}</item>\n" for item in items)
    return f'<rss {spaces} version="{version}"><channel>{channel}\n{inside}</channel></rss>'.encode()


def feed(*items: Any, without: str = "", **head: Any) -> bytes:
    known = {key: value for key, value in (JSON | head | {"items": items}).items() if key != without}
    return json.dumps(known, indent=1).encode()


def faults(data: bytes, form: str) -> list[Finding]:
    file = {"atom": "atom.xml", "rss": "rss.xml", "json": "feed.json", "html": "index.html"}[form]
    return Checker().check(data, form, ADDRESS + file)


def rules(data: bytes, form: str, severity: str = "error") -> list[str]:
    return [fault.rule for fault in faults(data, form) if fault.severity == severity]


def instead(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new)


def of_entry(old: str, new: str) -> bytes:
    return atom(instead(ENTRY, old, new))


def remote(content: str) -> bytes:
    return of_entry(CONTENT, f"<content {content}<summary>A</summary>")


def more(xml: str) -> bytes:
    return atom(ENTRY + xml)


UPDATED = "2024-02-29T12:00:00.5+01:00"
CONTENT = '<content type="html">&lt;p&gt;Text&lt;/p&gt;</content>'
ALTERNATE = '<link href="https://blog.example/1"/>'
XHTML = '<div xmlns="http://www.w3.org/1999/xhtml">'

BURIED = (
    '<at:deleted-entry xmlns:at="http://purl.org/atompub/tombstones/1.0" ref="tag:x.example,2024:2"'
    ' when="2024-02-29T12:00:00Z"></at:deleted-entry>'
)


def buried(inside: str = "", old: str = "", new: str = "") -> bytes:
    """An entry and a tombstone with something inside, or with `new` in place of `old`."""
    stone = instead(BURIED, "></at:", f">{inside}</at:")
    return atom(ENTRY, head=ATOM_HEAD + (instead(stone, old, new) if old else stone))


GOOD_ATOM = {
    "an empty feed": atom(),
    "an entry": atom(ENTRY),
    "a title without text": of_entry("<title>One</title>", "<title/>"),
    "a link instead of content": of_entry(CONTENT, f"{ALTERNATE}<summary>So</summary>"),
    "two alternates in two languages": more(ALTERNATE + '<link href="https://blog.example/1.de" hreflang="de"/>'),
    "xhtml": of_entry(CONTENT, f'<content type="xhtml">{XHTML}<p>Text</p></div></content>'),
    "content elsewhere": of_entry(CONTENT, '<content type="image/png" src="https://x.example/a"/><summary>A</summary>'),
    "content that is XML": of_entry(CONTENT, '<content type="image/svg+xml"><svg xmlns="svg:"/></content>'),
    "a source with an author": atom(
        f"{ENTRY}<source><id>https://b.example/</id><title>B</title><updated>2024-01-01T00:00:00Z</updated>"
        "<author><name>Bo</name></author></source>",
        head=UNSIGNED,
    ),
    "an id beyond ASCII": of_entry("tag:planet.example,2024:1", "https://blog.example/趣’s"),
    "a leap second": of_entry(UPDATED, "2016-12-31T23:59:60Z"),
    "the first year": of_entry(UPDATED, "0001-01-01T00:00:00Z"),
    "the last year": of_entry(UPDATED, "9999-12-31T23:59:59Z"),
    "a tombstone": buried(),
    "two tombstones": buried().replace(b"<entry>", BURIED.replace("tag:x", "tag:y").encode() + b"<entry>"),
    "a tombstone that says by whom and why": buried("<at:by><name>Ann</name></at:by><at:comment>Spam</at:comment>"),
    "elements of others": more('<x xmlns="https://x.example/ns" anything="1"><y/></x>'),
}
BAD_ATOM = [
    ("RFC 4287 4.1.1: feed needs id", atom(head=ATOM_HEAD.replace("<id>tag:planet.example,2024:feed/jobs</id>", ""))),
    ("RFC 4287 4.1.1: feed has one title", atom(head=ATOM_HEAD + "<title>Again</title>")),
    ("RFC 4287 4.1.1: feed has no such element", atom(head=ATOM_HEAD + "<summary>No</summary>")),
    ("RFC 4287 4.1.1: a link rel=self", atom(head=ATOM_HEAD.replace("jobs/atom.xml", "all/atom.xml"))),
    ("RFC 4287 4.1.1: atom:feed needs an author", atom(ENTRY, head=UNSIGNED)),
    ("RFC 4287 4.1.1, 4.1.2: no two links rel=alternate", more(ALTERNATE * 2)),
    ("RFC 4287 4.1.1: an atom:id stands once", atom(ENTRY, ENTRY)),
    ("atom: the root", atom(root="rdf")),
    ("RFC 4287 4.1.2: entry needs id", of_entry("<id>tag:planet.example,2024:1</id>", "")),
    ("RFC 4287 4.1.2: entry needs title", of_entry("<title>One</title>", "")),
    ("RFC 4287 4.1.2: entry needs updated", of_entry(f"<updated>{UPDATED}</updated>", "")),
    ("RFC 4287 4.1.2: entry has one published", more(f"<published>{UPDATED}</published>" * 2)),
    ("RFC 4287 4.1.2: entry has one summary", more("<summary>a</summary>" * 2)),
    ("RFC 4287 4.1.2: entry has no such element", more("<pubDate>now</pubDate>")),
    ("RFC 4287 4.1.2: atom:entry needs atom:content or", of_entry(CONTENT, "<summary>So</summary>")),
    ("RFC 4287 4.1.2: atom:entry needs atom:summary", of_entry(' type="html">&lt;', ' type="image/png">&lt;')),
    ("RFC 4287 4.2.6: atom:id", of_entry("tag:planet.example,2024:1", "1")),
    ("RFC 4287 4.2.6: atom:id", of_entry("tag:planet.example,2024:1", "https://blog.example/a b")),
    ("RFC 4287 4.2.6: atom:id is", of_entry("tag:planet.example,2024:1", "tag:planet.example:1")),
    ("RFC 4287 3.3", of_entry(UPDATED, "2023-02-29T12:00:00Z")),
    ("RFC 4287 3.3", of_entry(UPDATED, "2024-02-29T12:00:00")),
    ("RFC 4287 3.3", of_entry(UPDATED, "Thu, 29 Feb 2024 12:00:00 GMT")),
    ("RFC 4287 4.2.7.1", more('<link href="/relative" rel="related"/>')),
    ("RFC 4287 4.2.7.1", more('<link href="javascript:alert(1)" rel="related"/>')),
    ("RFC 4287 4.2.7.2", more('<link href="https://b.example/" rel="two words"/>')),
    ("RFC 4287 4.2.7.3", more('<link href="https://b.example/" rel="related" type="nonsense"/>')),
    ("RFC 4287 4.2.7.4", more('<link href="https://b.example/" rel="related" hreflang="en_US"/>')),
    ("RFC 4287 4.2.7.6", more('<link href="https://b.example/" rel="enclosure" length="-1"/>')),
    ("RFC 4287 4.2.7: link has no such attribute", more('<link href="https://b.example/" rel="related" url="x"/>')),
    ("RFC 4287 4.2.2.1", more('<category label="x"/>')),
    ("RFC 4287 4.2.2.2", more('<category term="x" scheme="words"/>')),
    ("RFC 4287 3.2: author needs name", more("<author><uri>https://b.example/</uri></author>")),
    ("RFC 4287 4.2.4", atom(head=ATOM_HEAD + "<generator>x<b/></generator>")),
    ("RFC 4287 3.2.3", more("<author><name>Bo</name><email>bo at example</email></author>")),
    ("RFC 4287 3.2.2", more("<author><name>Bo</name><uri>bo.example</uri></author>")),
    ("RFC 4287 3.1.1: a text's type", of_entry("<title>", '<title type="text/html">')),
    ("RFC 4287 3.1.1: type=text holds no elements", of_entry("One", "<b>One</b>")),
    ("RFC 4287 3.1.1.3", of_entry(CONTENT, '<content type="xhtml"><p>Text</p></content>')),
    ("RFC 4287 4.1.3.1", of_entry(CONTENT, '<content type="words">Text</content>')),
    ("RFC 4287 4.1.3.2: a content's src", remote('src="a.png"/>')),
    ("RFC 4287 4.1.3.2: content with src", remote('src="https://x.example/">A</content>')),
    ("RFC 4287 4.1.3.2: a content's type", remote('src="https://x.example/" type="html"/>')),
    ("RFC 4287 4.1.3.3", of_entry(CONTENT, '<content type="text/plain"><b/></content><summary>A</summary>')),
    ("RFC 4287 4.2.11: source has no such element", more("<source><summary>A</summary></source>")),
    ("Media RSS: the url", more('<media:thumbnail url="a.png"/>')),
    ("Media RSS: fileSize", more('<media:content url="https://x.example/" fileSize="big"/>')),
    ("Media RSS: fileSize", more('<media:content url="https://x.example/" fileSize="0"/>')),
    ("Media RSS: a media type", more('<media:content url="https://x.example/" type="big"/>')),
    ("RFC 4287 2: xml:lang", of_entry("<title>", '<title xml:lang="english language">')),
    ("Aggregator: every address", of_entry("<title>", '<title xml:base="https://x.example/">')),
    ("RFC 6721 3: at:deleted-entry needs ref", buried(old='ref="tag:x.example,2024:2"', new="")),
    ("RFC 6721 3: at:deleted-entry needs ref", buried(old="tag:x.example,2024:2", new="2")),
    ("RFC 6721 3: at:deleted-entry needs when", buried(old=' when="2024-02-29T12:00:00Z"', new="")),
    ("RFC 6721 3: at:deleted-entry needs when", buried(old="02-29T", new="02-30T")),
    ("RFC 6721 3: deleted-entry has no such attribute", buried(old=" when", new=' id="x" when')),
    ("RFC 6721 3: deleted-entry has no such element", buried("<at:reason/>")),
    ("RFC 6721 3: deleted-entry has one by", buried("<at:by><name>Ann</name></at:by>" * 2)),
    ("RFC 6721 3: at:deleted-entry holds elements only", buried("because")),
    ("RFC 4287 3.2: by needs name", buried("<at:by/>")),
    ("RFC 6721 3: a document does not show", buried(old="tag:x.example,2024:2", new="tag:planet.example,2024:1")),
    ("RFC 6721 3: a document withdraws an entry once", atom(ENTRY, head=ATOM_HEAD + BURIED * 2)),
    ("XML 1.0: well-formed", of_entry("One", "One & two")),
    ("XML 1.0: well-formed", of_entry("One", "]]>")),
    ("XML 1.0: well-formed", of_entry("One", "\x0b")),
    ("XML 1.0", b"<!DOCTYPE feed [<!ENTITY a 'b'>]>" + atom(ENTRY)),
    ("XML 1.0", atom(ENTRY)[:-3]),
    ("XML 1.0", of_entry("<title>One</title>", "<unknown:title>One</unknown:title>")),
]  # fmt: skip


def of_item(old: str, new: str) -> bytes:
    return rss(instead(ITEM, old, new))


def item(xml: str) -> bytes:
    return rss(ITEM + xml)


GOOD_RSS = {
    "an empty channel": rss(),
    "an item": rss(ITEM),
    "text alone": rss("<description>Text</description>"),
    "a guid that is none": rss('<title>One</title><guid isPermaLink="false">tag:x.example,2024:1</guid>'),
    "an author": item("<author>me@example.org (My Name)</author>"),
    "dates": item("<pubDate>Thu, 29 Feb 2024 12:00:00 GMT</pubDate>"),
    "another zone, and no name of the day": item("<pubDate>1 Feb 2024 12:00 +0130</pubDate>"),
    "an enclosure": item('<enclosure url="https://x.example/a.mp3" length="0" type="audio/mpeg"/>'),
    "a source": item('<source url="https://x.example/feed">X</source>'),
    "an image": rss(
        channel=CHANNEL + "<image><url>https://x.example/i</url><title>J</title><link>https://x.example/</link></image>"
    ),
}
BAD_RSS = [
    ("RSS 2.0: rss says version 2.0", rss(version="0.91")),
    ("RSS 2.0: channel needs title", rss(channel=CHANNEL.replace("<title>Jobs</title>", ""))),
    ("RSS 2.0: channel has one link", rss(channel=CHANNEL + "<link>https://x.example/</link>")),
    ("RSS 2.0: a channel's link", rss(channel=CHANNEL.replace("https://planet.example/jobs/<", "/jobs/<"))),
    ("RSS 2.0: channel has no such element", rss(channel=CHANNEL + "<updated>now</updated>")),
    ("RSS Advisory Board profile: an atom:link", rss(channel=CHANNEL.replace('rel="self"', 'rel="via"'))),
    ("RSS 2.0: rss holds one channel", b'<rss version="2.0"/>'),
    ("rss: the root", b"<feed/>"),
    ("RSS 2.0: item needs title or description", rss("<guid>https://blog.example/1</guid>")),
    ("RSS 2.0: item has one enclosure", item('<enclosure url="https://x.example/a" length="0" type="a/b"/>' * 2)),
    ("RSS 2.0: item has no such element", item("<summary>x</summary>")),
    ("RSS 2.0: a guid is unique", rss(ITEM, ITEM)),
    ("RSS 2.0: guid isPermaLink", of_item("<guid>", '<guid isPermaLink="no">')),
    ("RSS Advisory Board profile: a guid", of_item("<guid>https:", "<guid>tag:")),
    ("RSS 2.0: guid is not empty", rss('<title>One</title><guid isPermaLink="false"> </guid>')),
    ("RSS 2.0: an absolute URL", item("<link>/1</link>")),
    ("RSS 2.0: an absolute URL", item("<comments>javascript:alert(1)</comments>")),
    ("RSS 2.0: an e-mail address", item("<author>My Name</author>")),
    ("RSS 2.0: a date of RFC 822", item("<pubDate>2024-02-29</pubDate>")),
    ("RSS 2.0: a date of RFC 822", item("<pubDate>Thu, 29 Feb 24 12:00:00 GMT</pubDate>")),
    ("RSS 2.0: a date of RFC 822, the", item("<pubDate>Fri, 29 Feb 2024 12:00:00 GMT</pubDate>")),
    ("RSS 2.0: a date of RFC 822, the year", item("<pubDate>Thu, 30 Feb 2024 12:00:00 GMT</pubDate>")),
    ("RSS 2.0: enclosure needs an absolute url", item('<enclosure url="a.mp3" length="0" type="a/b"/>')),
    ("RSS 2.0: enclosure is served", item('<enclosure url="http://nas/a.mp3" length="0" type="a/b"/>')),
    ("RSS 2.0: enclosure needs a length", item('<enclosure url="https://x.example/a" type="a/b"/>')),
    ("RSS 2.0: enclosure needs a media type", item('<enclosure url="https://x.example/a" length="1" type="mp3"/>')),
    ("RSS 2.0: source needs", item("<source>X</source>")),
    ("RSS 2.0: category has no such attribute", item('<category term="x">x</category>')),
    (
        "RSS 2.0: image needs url",
        rss(channel=CHANNEL + "<image><title>J</title><link>https://x.example/</link></image>"),
    ),
    ("RSS 2.0: a language tag", rss(channel=CHANNEL + "<language>en_US</language>")),
    ("RSS 2.0: a number", rss(channel=CHANNEL + "<ttl>often</ttl>")),
    ("RSS 2.0: HTML is escaped", item("<description><p>Text</p></description>")),
    ("RFC 4287 4.2.7.1", item('<atom:link rel="related" href="a"/>')),
    ("XML 1.0: well-formed", item("<p>")),
]


def given(**keys: Any) -> bytes:
    return feed(JSON_ITEM | keys)


GOOD_JSON = {
    "an empty feed": feed(),
    "an item": feed(JSON_ITEM),
    "text": feed({"id": "1", "content_text": ""}),
    "everything": given(
        url="https://x.example/", title="x", summary="x", image="https://x.example/", tags=["a"], language="zh-Hant-TW",
        date_published="2024-02-29T12:00:00Z", authors=[{"name": "Bo"}], _own={"x": float(1)},
        attachments=[{"url": "https://x.example/", "mime_type": "a/b", "size_in_bytes": 1, "duration_in_seconds": 1.5}],
    ),
}  # fmt: skip
BAD_JSON = [
    ("RFC 8259", feed()[:-2]),
    ("RFC 8259", given(_own=float("nan"))),
    ("RFC 8259: JSON", feed().replace(b'"title"', b'"version"')),
    ("JSON Feed 1.1: version is", feed(version="https://jsonfeed.org/version/1")),
    ("JSON Feed 1.1:  needs title", feed(without="title")),
    ("JSON Feed 1.1:  needs items", json.dumps(JSON).encode()),
    ("JSON Feed 1.1: items is an array", json.dumps(JSON | {"items": {}}).encode()),
    ("JSON Feed 1.1: feed_url", feed(feed_url="https://planet.example/all/feed.json")),
    ("JSON Feed 1.1: hubs needs", feed(hubs=[{"url": "https://hub.example/"}])),
    ("JSON Feed 1.1: expired", feed(expired="no")),
    ("JSON Feed 1.1: a key of an extension", feed(generator="x")),
    ("JSON Feed 1.1: items needs id", feed({"content_html": "x"})),
    ("JSON Feed 1.1: items.id is a string", given(id=1)),
    ("JSON Feed 1.1: items.id is unique", feed(JSON_ITEM, JSON_ITEM)),
    ("JSON Feed 1.1: items needs one of content", feed({"id": "1"})),
    ("JSON Feed 1.1: items.url", given(url="/1")),
    ("JSON Feed 1.1: items.title is a string without", given(title="a\x00")),
    ("JSON Feed 1.1: items.tags is an array", given(tags="a")),
    ("JSON Feed 1.1: items.tags is a string", given(tags=[1])),
    ("JSON Feed 1.1: items.authors needs one of", given(authors=[{}])),
    ("JSON Feed 1.1: items.authors.url", given(authors=[{"url": "javascript:alert(1)"}])),
    ("JSON Feed 1.1: items.authors is an object", given(authors=["Bo"])),
    ("JSON Feed 1.1: items.date_published", given(date_published="2024-02-30T12:00:00Z")),
    ("JSON Feed 1.1: items.language", given(language="en_US")),
    ("JSON Feed 1.1: items.attachments needs mime_type", given(attachments=[{"url": "https://x.example/"}])),
    (
        "JSON Feed 1.1: items.attachments.size_in_bytes",
        given(attachments=[{"url": "https://x.example/", "mime_type": "a/b", "size_in_bytes": -1}]),
    ),
    ("JSON Feed 1.1: a key", given(source="x")),
]

PICTURE = "data:image/png;base64," + b64encode(b"\x89PNG\r\n\x1a\n".ljust(300, b"\x07")).decode()
GOOD_HTML = [
    f'<img src="{PICTURE}" alt="inline">',
    "plain &lt;script&gt; and < and > and ]]&gt;",
    '<p lang="en"><a href="https://x.example/?a=1&amp;b=2#c" rel="me">x</a> <a href="mailto:me@x.example">me</a></p>',
    '<img src="https://x.example/a" srcset="https://x.example/a,b 1x, https://x.example/b 2x" alt="onload=1">',
    '<video controls src="https://x.example/v" poster="https://x.example/p"><track src="https://x.example/t"></video>',
    "<details open><summary>javascript:alert(1)</summary><table><tr><td>1</td></tr></table></details>",
]
BAD_HTML = [
    "<script>1</script>", "<SCRIPT SRC=//x.example>", "<svg/onload=1>", "<img src=x onerror=alert(1)>", "<p style='x'>",
    '<a href="javascript:alert(1)">', '<a href="java\tscript:alert(1)">', '<a href="&#106;avascript&colon;alert(1)">',
    '<a href="data:text/html,x">', '<img src="data:image/png;base64,AA==">', '<a href="/relative">', '<a href="">',
    '<img src="//x.example/a.png">', '<img srcset="https://x.example/a 1x, b 2x">', '<iframe srcdoc="<p>">',
    '<form action="https://x.example/">', "<input>", "<button formaction=x>", "<object data=x>", "<embed src=x>",
    "<base href=https://x.example/>", "<meta http-equiv=refresh content=0>", "<link rel=stylesheet href=x>",
    "<style>p{}</style>", "<math><mtext></mtext></math>", "<template><p></template>", "<noscript><p></noscript>",
    '<p title="</p>"><img src=x onerror=1>', "<!--><img src=x onerror=1>-->", "<svg><![CDATA[><img src=x onerror=1>]]>",
    f'<a href="{PICTURE}">', f'<img srcset="{PICTURE} 1x">', f'<video poster="{PICTURE}">',
    f'<img src="{PICTURE.replace("image/png", "image/svg+xml")}">', f'<img src="{PICTURE.replace("iVBOR", "PHN2Z")}">',
    '<a ping="https://x.example/">', "<x:y>", "<textarea><p></textarea>", "<body onload=1>", "<vb><blink onclick=1>",
]  # fmt: skip


def escaped(markup: str) -> str:
    return markup.replace("&", "&amp;").replace("<", "&lt;")


@pytest.mark.parametrize(
    ("form", "data"),
    [
        pytest.param(form, data, id=f"{form} {name}")
        for form, good in (("atom", GOOD_ATOM), ("rss", GOOD_RSS), ("json", GOOD_JSON))
        for name, data in good.items()
    ],
)
def test_valid_documents_have_no_findings(form: str, data: bytes) -> None:
    assert faults(data, form) == []


def cases(bad: Iterable[tuple[str, bytes]], form: str) -> Iterable[Any]:
    return [pytest.param(form, rule, data, id=f"{form} {rule}") for rule, data in bad]


@pytest.mark.parametrize(
    ("form", "rule", "data"), [*cases(BAD_ATOM, "atom"), *cases(BAD_RSS, "rss"), *cases(BAD_JSON, "json")]
)
def test_a_broken_rule_is_named(form: str, rule: str, data: bytes) -> None:
    found = rules(data, form)
    assert any(one.startswith(rule) for one in found), found
    assert len(found) <= 3


@pytest.mark.parametrize("markup", GOOD_HTML)
def test_harmless_html_is_valid_in_every_format(markup: str) -> None:
    assert not faults(of_entry("Text", "Text") and of_entry("&lt;p&gt;Text&lt;/p&gt;", escaped(markup)), "atom")
    assert not faults(item(f"<description>{escaped(markup)}</description>"), "rss")
    assert not faults(given(content_html=markup), "json")
    assert not faults(f"<html><head><meta charset=utf-8></head><body>{markup}</body></html>".encode(), "html")


@pytest.mark.parametrize("markup", BAD_HTML)
def test_html_that_runs_sends_restyles_or_has_relative_links_is_invalid_in_every_format(markup: str) -> None:
    assert faults(of_entry("&lt;p&gt;Text&lt;/p&gt;", escaped(markup)), "atom")
    assert faults(of_entry("<title>One", f'<title type="html">{escaped(markup)}'), "atom")
    assert faults(item(f"<description>{escaped(markup)}</description>"), "rss")
    assert faults(item(f"<content:encoded>{escaped(markup)}</content:encoded>"), "rss")
    assert faults(given(content_html=markup), "json")


def test_xhtml_is_checked_like_html() -> None:
    bad = f'<content type="xhtml">{XHTML}<p onclick="x()">Text</p></div></content>'
    assert rules(of_entry(CONTENT, bad), "atom") == ["Security: no attribute that runs, sends or restyles"]


@pytest.mark.parametrize(
    "markup",
    [
        "<script>1</script>",
        "<p onclick=x>",
        "<iframe>",
        "<a href=javascript:x>",
        "<a href=' java\nscript:x'>",
        "<meta>",
    ],
)
def test_a_page_runs_nothing(markup: str) -> None:
    page = "<html><head><meta charset=utf-8><style>p {{}}</style></head><body><article>{}</article>{}</body></html>"
    assert not faults(page.format('<a href="../">up</a>', "").encode(), "html")
    assert faults(page.format(markup, "").encode(), "html")
    assert faults(page.format("", markup).encode(), "html")
    assert faults(b"<html>\xff", "html")


def test_a_finding_names_its_entry() -> None:
    bad = ENTRY.replace("2024:1", "2024:2").replace(UPDATED, "yesterday")
    found = faults(atom(ENTRY, bad, head=ATOM_HEAD + "<title>Again</title>"), "atom")
    assert [(one.entry, one.found) for one in found] == [("", "2 of them"), ("tag:planet.example,2024:2", "yesterday")]
    assert str(found[1]) == "RFC 4287 3.3: a date of RFC 3339 (here: yesterday)"
    assert len(faults(more(f'<link rel="related" href="{"x" * 9999}"/>'), "atom")[0].found) < 100


def test_warnings_and_advice_are_no_errors() -> None:
    assert rules(of_entry(CONTENT, ALTERNATE), "atom", "advice") == [
        "RFC 4287 4.1.1.1: it is advisable that an entry has a text, in atom:summary or atom:content"
    ]
    assert (
        rules(more("<source><title>B</title></source>"), "atom", "advice")
        == ["RFC 4287 4.2.11: who adds an atom:source should say id, title and updated"] * 2
    )
    assert rules(of_entry("One", "\x85\x90"), "atom", "warning")
    assert rules(of_entry("tag:planet.example,2024:1", "urn:uuid:1225c695-cfb8-4ebb-zzzz"), "atom", "warning")
    assert not faults(of_entry("tag:planet.example,2024:1", "urn:uuid:1225c695-cfb8-4ebb-aaaa-80da344efa6a"), "atom")
    assert rules(of_entry(CONTENT, ALTERNATE), "atom") == []
    assert [fault.severity for fault in faults(atom(head=ATOM_HEAD + "<icon>a.png</icon>"), "atom")] == ["warning"]
    assert [fault.severity for fault in faults(more("<author><name> </name></author>"), "atom")] == ["warning"]
    assert [fault.severity for fault in faults(item("<category> </category>"), "rss")] == ["warning"]
    assert [fault.severity for fault in faults(feed(icon="a.png"), "json")] == ["warning"]


def parts(form: str) -> RenderedDocument:
    """As a renderer puts them together."""
    if form == "json":
        before, after = feed()[: -len(b"[]\n}")], b"\n]\n}\n"
        return RenderedDocument(before + b"[\n", [json.dumps(JSON_ITEM).encode()], b",\n", after)
    data = atom(ENTRY) if form == "atom" else rss(ITEM)
    start, end = (b"<entry>", b"</entry>") if form == "atom" else (b"<item>", b"</item>")
    before, _, rest = data.partition(start)
    inside, _, after = rest.partition(end)
    return RenderedDocument(before, [start + inside + end], b"\n", after)


def frame_faults(document: RenderedDocument, form: str) -> list[Finding]:
    file = {"atom": "atom.xml", "rss": "rss.xml", "json": "feed.json"}[form]
    return Checker().document_faults(document, form, ADDRESS + file, ["1"] * len(document.entries))


@pytest.mark.parametrize("form", ["atom", "rss", "json"])
def test_what_holds_its_entries_as_it_should_has_no_findings(form: str) -> None:
    assert frame_faults(parts(form), form) == []
    assert frame_faults(replace(parts(form), before=parts(form).before.replace(b"Jobs", b"J\xffbs")), form) != []


@pytest.mark.parametrize("form", ["atom", "rss"])
@pytest.mark.parametrize(
    ("before", "after"),
    [(b"<!--", b"-->"), (b"<title>", b"</title>"), (b"<author><name>A</name>", b"</author>"), (b"<x:y>", b"</x:y>")],
)
def test_entries_count_only_as_children_of_the_feed(form: str, before: bytes, after: bytes) -> None:
    """Entries that were checked before do not hide that the bytes around them comment them out or move them."""
    whole = parts(form)
    assert frame_faults(replace(whole, before=whole.before + before, after=after + whole.after), form)


@pytest.mark.parametrize("form", ["atom", "rss"])
def test_a_part_is_exactly_one_entry(form: str) -> None:
    whole = parts(form)
    name = whole.entries[0][1 : whole.entries[0].index(b">")]
    assert frame_faults(replace(whole, entries=[whole.entries[0] + b"<" + name + b"/>"]), form)
    assert frame_faults(replace(whole, entries=[whole.entries[0].replace(name, name + b' xmlns="x:"', 1)]), form)


def test_a_document_does_not_show_what_it_withdraws() -> None:
    whole = parts("atom")
    before = whole.before.replace(b"<author>", BURIED.encode() + b"<author>")
    ids = ["tag:x.example,2024:2"]
    [one] = Checker().document_faults(replace(whole, before=before), "atom", f"{ADDRESS}atom.xml", ids)
    assert one.rule == "RFC 6721 3: a document does not show an entry that it withdraws"


def test_items_count_only_as_members_of_the_feed() -> None:
    whole = parts("json")
    odd = replace(whole, before=whole.before.replace(b'"items": [', b'"items": [], "_other": ['))
    assert frame_faults(odd, "json")


def test_bytes_that_are_not_utf8_are_a_finding_about_the_feed() -> None:
    for form, data in (("atom", atom(ENTRY)), ("rss", rss(ITEM)), ("json", feed(JSON_ITEM))):
        assert faults(data.replace(b"Jobs", b"J\xffbs"), form)[0].entry == ""


@pytest.mark.parametrize(
    ("markup", "most"), [("<b>" * 30_000, 2.0), ("<a href='https://x.example/" + "a/" * 200_000, 2.0)]
)
def test_huge_markup_is_checked_in_linear_time(markup: str, most: float) -> None:
    start = time.perf_counter()
    faults(given(content_html=markup), "json")
    assert time.perf_counter() - start < most


DATES = ["2024-01-01T00:00:00Z", "2024-05-01T10:00:00+02:00", "when", "today", "", "<b/>", "2024-01-01T00:00:00Z<b/>"]
SOURCES = [
    f"<source><title>{title}</title>{dates}</source>"
    for title in ("B", "when")
    for dates in (
        *(f"<updated>{date}</updated>" for date in DATES),
        f"<updated>{DATES[0]}</updated><updated>{DATES[1]}</updated>",
        f"<updated>{DATES[0]}</updated><updated>{DATES[2]}</updated>",
        f"<updated>{DATES[2]}</updated><updated>{DATES[0]}</updated>",
        f'<updated x="1">{DATES[0]}</updated>',
        f"<rights>{DATES[0]}</rights>",
        "",
    )
]


@hypothesis.given(st.lists(st.sampled_from(SOURCES)))
def test_a_source_that_was_checked_under_another_date_has_the_same_findings(sources: list[str]) -> None:
    checker = Checker()
    for source in sources:
        assert checker.check(more(source), "atom", f"{ADDRESS}atom.xml") == faults(more(source), "atom")
