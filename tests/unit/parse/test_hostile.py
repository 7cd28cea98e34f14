"""Any input gives a FeedDocument or a ParseError in linear time, and a bad entry loses only itself."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.errors import ParseError
from aggregator.model.document import FeedDocument
from aggregator.parse import parse
from aggregator.parse.repair_xml import escape_bare

URL = "https://feeds.example/feed.xml"
HEAD = '<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0"><channel><title>T</title>'
TAIL = "</channel></rss>"


def good(name: str) -> str:
    text = f"<title>{name} é</title><description>&lt;p&gt;x</description>"
    return f"<item><guid isPermaLink='false'>{name}</guid>{text}</item>"


def read(*items: str) -> FeedDocument:
    return parse((HEAD + "".join(items) + TAIL).encode("utf-8", "surrogatepass"), url=URL)


VERDICTS = ("document", "parse", "not-a-feed")


def verdict(body: bytes, content_type: str = "") -> str:
    try:
        parse(body, url=URL, content_type=content_type)
    except ParseError as error:
        return error.kind
    return "document"


POISON = [
    "&#xD800;", "&#55296;", "&#0;", "&#x110000;", "&#99999999999999999999;", "&#x1;", "&#" + "1" * 5000 + ";", "\x00",
    "\x08", "\x1b[0m", "\ufffe", "\udc80", "&nbsp;", "&undefined;", "&", "& &;", "<", "<b", "<!h<!h", "<![CDATA[",
    "]]>", "<!--", "<?", "</b>", "<b>", "<media:thumbnail>", "<width></width>", "</width>", "<links a='b'/>",
    "<links>x</links>", "<authors a='b'/>", "<tags a='b'>x</tags>",
    "<title_detail type='x'/>", "<content a='b'>x</content>",
    "<published_parsed>x</published_parsed><pubDate>x</pubDate>", "<image a='b'/>", "<media_content a='b'/>",
    "<source><source>", "<category/>", "<enclosure/>", "<link/>", "<guid/>", "<link href='http://[bad'/>",
    "<pubDate>0000-00-00</pubDate>", "<pubDate>Mon, 99 Foo 99999 99:99:99 +9999</pubDate>", "<height>x</height>",
    "<pubDate>0001-01-01T00:00:00+23:59</pubDate>", "<pubDate>" + "1" * 9000 + "</pubDate>",
    "<enclosure url='x' length='1e999'/>", "<enclosure url='x' length='" + "9" * 5000 + "'/>",
]  # fmt: skip
SWALLOWS = {"<![CDATA[", "<!--", "<?", "<", "<b", "<!h<!h", "<source><source>", "]]>"}


@pytest.mark.parametrize("poison", POISON, ids=[ascii(poison)[:30] for poison in POISON])
def test_a_bad_entry_loses_only_itself(poison: str) -> None:
    document = read(good("1"), good("2"), f"<item><guid>bad</guid><title>a{poison}b</title>{poison}</item>", good("3"))
    ids = [draft.id for draft in document.drafts]
    assert ids[:2] == ["1", "2"]
    assert [draft.title.value for draft in document.drafts[:2] if draft.title] == ["1 é", "2 é"]
    assert poison in SWALLOWS or "3" in ids


def test_references_to_halves_of_a_character_become_the_character() -> None:
    (draft,) = read("<item><title>&#55357;&#56832; &#xD83D;&#xDE00; &#xD83D;!</title></item>").drafts
    assert draft.title is not None
    assert draft.title.value == "😀 😀 \ufffd!"


def test_names_of_html_are_known_without_a_doctype() -> None:
    document = read("<item><title>a&nbsp;&eacute;&lt;</title><description><![CDATA[&nbsp;]]></description></item>")
    (draft,) = document.drafts
    assert draft.title is not None
    assert draft.summary is not None
    assert (draft.title.value, draft.summary.value) == ("a\xa0é<", "&nbsp;")
    assert document.complete


def with_doctype(subset: str, text: str) -> FeedDocument:
    return parse(
        f'<?xml version="1.0"?><!DOCTYPE rss {subset}><rss version="0.91"><channel><title>{text}</title>'
        f"{good('1')}</channel></rss>".encode(),
        url=URL,
    )


def test_a_harmless_doctype_does_no_harm() -> None:
    netscape = (
        'PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://my.netscape.com/publish/formats/rss-0.91.dtd"'
    )
    assert with_doctype(netscape, "a&eacute;").about.title == "aé"
    assert with_doctype('[ <!ENTITY own "mine"> <!ENTITY sp "&#160;"> ]', "&own;").about.title == "mine"


BOMBS = {
    "laughs": '[ <!ENTITY a "ha"> ' + "".join(
        f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(12)) + " ]",
    "quadratic": f'[ <!ENTITY m "{"x" * 100_000}"> ]',
    "file": '[ <!ENTITY m SYSTEM "file:///etc/hostname"> ]',
    "parameter": '[ <!ENTITY % p SYSTEM "http://127.0.0.1:1/x"> %p; ]',
    "recursive": '[ <!ENTITY m "&b;"><!ENTITY b "&m;"> ]',
}  # fmt: skip


@pytest.mark.variants(quick=2)
@pytest.mark.parametrize("name", BOMBS)
def test_no_entity_of_a_document_is_expanded_into_much(name: str) -> None:
    began = time.monotonic()
    document = with_doctype(BOMBS[name], "&m;" * 50_000)
    assert time.monotonic() - began < 5
    assert [draft.id for draft in document.drafts] == ["1"]
    assert len(document.about.title) < 1_000_000


def test_ten_thousand_small_definitions_stay_small() -> None:
    document = with_doctype(f'[ <!ENTITY m "{"x" * 900}"> ]', "&m;" * 50_000)
    assert len(document.about.title) < 10_000_000


@pytest.mark.parametrize(
    "before",
    [
        "\ufeff",
        "\n\n  ",
        "junk\n",
        "<br />\n<b>Warning</b>: x in /a.php\n",
        "<!-- x -->",
        "<?xml-stylesheet href='x'?>",
        "\0\0",
    ],
)
def test_text_before_the_root_does_no_harm(before: str) -> None:
    for document in (read_raw(before + HEAD + good("1") + TAIL), read_raw(before + HEAD[39:] + good("1") + TAIL)):
        assert [draft.id for draft in document.drafts] == ["1"]
        assert document.complete


def read_raw(text: str) -> FeedDocument:
    return parse(text.encode(), url=URL)


def test_text_after_the_root_keeps_the_entries() -> None:
    document = read_raw(HEAD + good("1") + TAIL + "<script>x()</script>")
    assert [draft.id for draft in document.drafts] == ["1"]
    assert not document.complete
    assert [problem.kind for problem in document.problems] == ["parse"]


def test_a_malformed_feed_is_read_and_reported() -> None:
    document = read_raw(HEAD + good("1") + "<item><guid>x</guid><title>a & b</item>" + good("2") + TAIL)
    assert [draft.id for draft in document.drafts] == ["1", "x", "2"]
    assert not document.complete
    assert "not well-formed" in document.problems[0].message


def test_a_cut_off_feed_gives_its_first_entries_whole() -> None:
    """`complete` is false, because absence means nothing; half an entry would look like an edit."""
    body = (HEAD + good("1") + good("2") + good("3") + TAIL).encode()
    whole = parse(body, url=URL).drafts
    for end in range(len(HEAD), len(body)):
        document = parse(body[:end], url=URL)
        assert document.drafts == whole[: body[:end].count(b"</item>")]
        assert not document.complete
        assert len(document.problems) == 1


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize(
    "body",
    [
        HEAD + "<item><a>" + "<b>" * 20_000 + TAIL,
        HEAD + "<!--" * 50_000,
        HEAD + "<![CDATA[" * 50_000 + "&x;",
        HEAD + "&#55296;" * 100_000 + TAIL,
        HEAD + "<item/>" * 100_000 + TAIL,
        HEAD + "<item " + " ".join(f"a{n}='1'" for n in range(50_000)) + "/>" + TAIL,
        HEAD + "".join(f"<x{n}:y xmlns:x{n}='u{n}'/>" for n in range(5_000)) + TAIL,
        "<!DOCTYPE " + "[" * 100_000,
        "<?x?>" * 50_000 + HEAD,
        "<" * 100_000,
        "<a" * 100_000,
        HEAD + "<author>" + "(" * 100_000 + "@</author>" + TAIL,
        HEAD + "<title>" + "<" * 100_000 + "</title>" + TAIL,
        HEAD + "<item>" + '<a b="' * 10_000 + TAIL,
        HEAD + "<item>" + "<a b=\"<a c='" * 5_000 + TAIL,
        HEAD + ('<a b="<' + "x" * 200) * 5_000 + TAIL,
        HEAD + "<item>" + "".join(f"<a{n}:b>" for n in range(10_000)) + TAIL,
        HEAD + "<item><x " + " ".join(f"a{n}:b='1'" for n in range(50_000)) + "/>" + TAIL,
        HEAD + "<item>" + "<b>" * 10_000 + "</a>" * 10_000 + "</item>" + TAIL,
        HEAD + "<item>" + "<title>" * 10_000 + "</item>" + TAIL,
        HEAD + "<item><x>" * 20_000 + TAIL,
        HEAD + "<x><![CDATA[</item>" * 50_000 + "]]>" + TAIL,
        HEAD + "<x><![CDATA[</y>" * 20_000 + TAIL,
        HEAD + "<!--</item>" * 50_000 + "-->" + TAIL,
        HEAD + "<?x</item>" * 20_000 + "?>" + TAIL,
        HEAD + "<item><title>" + "A<B> " * 10_000 + TAIL,
        '{"items":' + "[" * 200_000,
        '{"version": "https://jsonfeed.org/version/1.1", "items": [' + '{"a":' * 100_000,
        '{"version": "https://jsonfeed.org/version/1.1", "items": [' + "1,,2 /*" * 50_000,
    ],
)
def test_no_work_grows_with_the_square_of_the_input(body: str) -> None:
    began = time.process_time()
    assert verdict(body.encode()) in VERDICTS
    assert time.process_time() - began < 5


SAMPLE = (HEAD + good("1") + good("2") + TAIL).encode()
JSON_SAMPLE = json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": [{"id": "1"}]}).encode()


@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(lambda text: text.encode())), st.text(max_size=40))
@settings(max_examples=150, deadline=None)
def test_any_bytes_give_a_document_or_a_parse_error(body: bytes, content_type: str) -> None:
    for prefix in (b"", b"<rss><channel><item>", b"<feed>", b"{"):
        assert verdict(prefix + body, content_type) in VERDICTS


@given(st.sampled_from([SAMPLE, JSON_SAMPLE]), st.data())
@settings(max_examples=150, deadline=None)
def test_any_damage_gives_a_document_or_a_parse_error(body: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(body)))
    damaged = body[:at] + data.draw(st.binary(max_size=12)) + body[at + data.draw(st.integers(0, 20)) :]
    try:
        document = parse(damaged, url=URL)
    except ParseError:
        return
    assert document.complete or document.problems
    repr(document).encode()


BARE = "<title>Q&A at AT&T &foo; &lt;b&gt;</title><link>https://a.example/?a=1&copy=3&amp;d=4</link>"


@pytest.mark.parametrize(
    ("first", "last", "complete"),
    [("", "", True), ("", "<b>never closed", False), ("<b>never <i>closed</b>", "", False)],
    ids=["well-formed but for the ampersands", "broken after them", "broken before them"],
)
def test_an_ampersand_that_begins_no_reference_is_an_ampersand(first: str, last: str, complete: bool) -> None:
    cdata = "<description><![CDATA[<p>R&D &amp; &copy;</p>]]></description>"
    body = f'<rss version="2.0"><channel><title>A&B</title><item>{first}{BARE}{cdata}{last}</item></channel></rss>'
    document = parse(body.encode(), url="https://a.example/feed")
    (draft,) = document.drafts
    assert document.complete is complete
    assert document.about.title == "A&B"
    assert draft.title is not None
    assert draft.title.value.startswith("Q&A at AT&T &foo; ")
    assert [link.href for link in draft.links] == ["https://a.example/?a=1&copy=3&d=4"]
    assert draft.summary is not None
    assert draft.summary.value.startswith("<p>R&D &amp; &copy;</p>")


@given(st.text(alphabet="&;#xa1lt<>![CDATA[]- ", max_size=60))
def test_escaping_ampersands_once_is_enough_and_adds_nothing_else(text: str) -> None:
    once = escape_bare(text)
    assert escape_bare(once) == once
    assert once.replace("&amp;", "&") == text.replace("&amp;", "&")
