"""A fault in one entry of a document costs that entry's element, and no other entry anything."""

from collections.abc import Callable
from dataclasses import fields
from typing import NamedTuple
from xml.parsers import expat

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.model.document import FeedDocument, RawEntry
from aggregator.parse import parse
from aggregator.parse.repair_xml import escape_bare, repair
from aggregator.parse.well_formed import well_formed

URL = "https://feeds.example/blog/feed.xml"
SPACES = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" '
    'xmlns:podcast="https://podcastindex.org/namespace/1.0"'
)
EXTRAS = (
    "<dc:creator>Ann {0}</dc:creator><dc:publisher>P{0}</dc:publisher><itunes:duration>10:0{0}</itunes:duration>"
    '<itunes:episode>{0}</itunes:episode><itunes:image href="https://a.example/{0}.jpg"/>'
    '<podcast:transcript url="https://a.example/{0}.vtt" type="text/vtt"/>'
    '<podcast:person role="host">Bo &amp; {0}</podcast:person>'
    '<media:group><media:content url="https://a.example/{0}.mp4" type="video/mp4"/><media:rating>g</media:rating>'
    "</media:group>"
)


class Kind(NamedTuple):
    """A format: the document around its entries, and one entry."""

    head: str
    entry: str
    tail: str


RSS = Kind(
    f'<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0" {SPACES}><channel><title>T</title>\n',
    '<item><title>Title {0}</title><link>https://a.example/{0}</link><guid isPermaLink="false">id-{0}</guid>'
    "<description>Text &lt;b&gt;{0}&lt;/b&gt;</description><pubDate>Mon, 05 Jan 2026 10:0{0}:00 GMT</pubDate>"
    "<category>c{0}</category><content:encoded><![CDATA[<p>long {0}</p>]]></content:encoded>"
    f'<enclosure url="https://a.example/{{0}}.mp3" length="5" type="audio/mpeg"/>{EXTRAS}</item>\n',
    "</channel></rss>",
)
RDF = Kind(
    f'<rdf:RDF xmlns="http://purl.org/rss/1.0/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" {SPACES}>'
    '<channel rdf:about="https://a.example/"><title>T</title></channel>\n',
    '<item rdf:about="id-{0}"><title>Title {0}</title><link>https://a.example/{0}</link>'
    "<description>Text &lt;b&gt;{0}&lt;/b&gt;</description><dc:date>2026-01-05T10:0{0}:00Z</dc:date>"
    f"<content:encoded><![CDATA[<p>long {{0}}</p>]]></content:encoded>{EXTRAS}</item>\n",
    "</rdf:RDF>",
)
ATOM = Kind(
    f'<feed xmlns="http://www.w3.org/2005/Atom" {SPACES}><title>T</title><id>urn:feed</id>\n',
    '<entry><title type="html">Title {0}</title><link href="https://a.example/{0}"/><id>id-{0}</id>'
    '<summary type="html">Text &lt;b&gt;{0}&lt;/b&gt;</summary><updated>2026-01-05T10:0{0}:00Z</updated>'
    '<category term="c{0}"/><author><name>Ann</name></author><content type="xhtml">'
    '<div xmlns="http://www.w3.org/1999/xhtml"><p>long <b>{0}</b></p></div></content>'
    f"{EXTRAS}</entry>\n",
    "</feed>",
)
KINDS = {"rss": RSS, "rdf": RDF, "atom": ATOM}
ENTRIES = 3

FAULTS: dict[str, Callable[[str], str]] = {
    "undeclared prefix of an element": lambda entry: entry.replace("<dc:p", "<snf:x>q</snf:x><dc:p"),
    "undeclared prefix of an attribute": lambda entry: entry.replace("<title", '<title foo:bar="1"'),
    "two undeclared prefixes": lambda entry: entry.replace("<title", '<a:b c:d="1" e:f="2"/><title'),
    "doubled attribute": lambda entry: entry.replace(' role="host"', ' role="host" role="guest"'),
    "doubled attribute of one namespace": lambda entry: entry.replace(
        "<media:rating", '<media:rating xmlns:m="http://search.yahoo.com/mrss/" m:a="1" media:a="2"'
    ),
    "stray <": lambda entry: entry.replace("Title", "1 < 2"),
    "stray < before a letter": lambda entry: entry.replace("Title", "a <b or"),
    "many stray <": lambda entry: entry.replace("Title", "<<<3 <- <="),
    "stray &": lambda entry: entry.replace("Title", "Q & A AT&T"),
    "reference of HTML": lambda entry: entry.replace("Title", "a&nbsp;b &eacute;"),
    "unknown reference": lambda entry: entry.replace("Title", "a &unknown; b"),
    "unclosed title": lambda entry: entry.replace("</title>", ""),
    "unclosed text": lambda entry: entry.replace("</description>", "").replace("</summary>", ""),
    "unclosed extension": lambda entry: entry.replace("</dc:publisher>", ""),
    "unclosed group": lambda entry: entry.replace("</media:group>", ""),
    "unclosed empty element": lambda entry: entry.replace('.jpg"/>', '.jpg">'),
    "unclosed unknown element": lambda entry: entry.replace("<dc:p", "<odd><dc:p"),
    "unclosed markup": lambda entry: entry.replace("Text", "a<p>b<br>c <b>d"),
    "unclosed entry": lambda entry: entry.replace("</item>", "").replace("</entry>", ""),
    "unclosed entry and group": lambda entry: entry[: entry.index("</media:group>")],
    "element of no kind": lambda entry: entry.replace("Title", "List<String> of"),
    "end tag without start": lambda entry: entry.replace("Text", "a</i></p></div></source>b"),
    "end tag before its start": lambda entry: entry.replace("<title", "</title><title"),
    "wrongly nested": lambda entry: entry.replace("Text", "a<b>b<i>c</b>d</i>"),
    "wrongly nested elements": lambda entry: entry.replace(
        "</dc:creator><dc:publisher>", "<dc:publisher></dc:creator>"
    ),
    "end tag in another case": lambda entry: entry.replace("</title>", "</TITLE>"),
    "end tag without >": lambda entry: entry.replace("</title>", "</title"),
    "start tag without >": lambda entry: entry.replace("<link>", "<link ").replace("<id>", "<id "),
    "attribute without quotes": lambda entry: entry.replace('role="host"', "role=host"),
    "address without quotes": lambda entry: entry.replace('"https://a', "https://a").replace('.jpg"', ".jpg"),
    "attribute without value": lambda entry: entry.replace('role="host"', "role"),
    "attribute without its first quote": lambda entry: entry.replace('role="host', "role=host"),
    "attribute without its last quote": lambda entry: entry.replace('role="host"', 'role="host'),
    "attribute without the space before it": lambda entry: entry.replace(' type="text/vtt"', 'type="text/vtt"'),
    "< in an attribute": lambda entry: entry.replace('role="host"', 'role="a < b <i>c</i>"'),
    "control characters": lambda entry: entry.replace("Title", "a\x00\x01\x08\x0b\x1f\ufffe\uffff"),
    "forbidden reference": lambda entry: entry.replace("Title", "a&#0;&#x1f;&#xD800;"),
    "]]> in a text": lambda entry: entry.replace("Title", "a ]]> b"),
    "-- in a comment": lambda entry: entry.replace("<dc:p", "<!-- a -- b --->\n<dc:p"),
    "comment in a comment": lambda entry: entry.replace("<dc:p", "<!-- a <!-- b --> --><dc:p"),
    "unclosed comment": lambda entry: entry.replace("<dc:p", "<!-- a <dc:p"),
    "unclosed CDATA section": lambda entry: entry.replace("Title", "<![CDATA[Title"),
    "instruction that is none": lambda entry: entry.replace("<dc:p", '<?xml version="1.0"?><? echo 1 ?><dc:p'),
    "unclosed instruction": lambda entry: entry.replace("<dc:p", "<?php echo <dc:p"),
    "declaration": lambda entry: entry.replace("<dc:p", '<!DOCTYPE html><!ENTITY a "b"><dc:p'),
    "prefix without a namespace": lambda entry: entry.replace("<dc:p", '<x:y xmlns:x=""/><dc:p'),
    "reserved prefix": lambda entry: entry.replace("<dc:p", '<y xmlns:xml="u" xmlns:xmlns="v"/><xmlns:z/><dc:p'),
    "namespace with a space": lambda entry: entry.replace("<dc:p", '<x:y xmlns:x="http://a b/"/><dc:p'),
    "name with two colons": lambda entry: entry.replace("<dc:p", "<a:b:c>d</a:b:c><dc:p"),
    "feed ends early": lambda entry: entry.replace("Title", "a</channel></rss></feed></rdf:RDF>"),
}


def document(kind: Kind, damage: Callable[[str], str] = str, which: int = -1) -> str:
    entries = [kind.entry.format(number) for number in range(ENTRIES)]
    if which >= 0:
        entries[which] = damage(entries[which])
    return kind.head + "".join(entries) + kind.tail


def read(text: str) -> FeedDocument:
    return parse(text.encode("utf-8", "surrogatepass"), url=URL)


def others(drafts: tuple[RawEntry, ...], which: int) -> list[RawEntry]:
    return [draft for number, draft in enumerate(drafts) if number != which]


def differing(one: RawEntry, other: RawEntry) -> list[str]:
    return [field.name for field in fields(one) if getattr(one, field.name) != getattr(other, field.name)]


SOUND = {name: read(document(kind)) for name, kind in KINDS.items()}


@pytest.mark.variants(quick=12)
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", KINDS)
def test_a_fault_in_an_entry_costs_no_other_entry_anything(name: str, fault: str) -> None:
    sound, kind = SOUND[name], KINDS[name]
    text = document(kind, FAULTS[fault], 1)
    assert text != document(kind)
    found = read(text)
    assert [draft.id for draft in found.drafts] == [draft.id for draft in sound.drafts]
    assert others(found.drafts, 1) == others(sound.drafts, 1)
    assert found.about == sound.about
    assert not found.cut_off
    assert len(differing(found.drafts[1], sound.drafts[1])) <= 2


def test_a_section_that_runs_into_the_next_entrys_swallows_no_entry() -> None:
    text = document(RSS, lambda entry: entry.replace("]]>", ""), 1)
    expat.ParserCreate().Parse(text, True)  # well-formed as it is
    found = read(text)
    assert others(found.drafts, 1) == others(SOUND["rss"].drafts, 1)
    assert found.drafts[1] == SOUND["rss"].drafts[1]


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize("fault", ["undeclared prefix of an element", "unclosed markup", "unclosed entry", "stray <"])
@pytest.mark.parametrize("name", KINDS)
def test_of_a_document_with_a_fault_that_is_cut_off_the_whole_entries_stay(name: str, fault: str) -> None:
    sound, kind = SOUND[name], KINDS[name]
    text = document(kind, FAULTS[fault], 0)
    second, third = (text.index(kind.entry.format(number)) for number in (1, 2))
    for end in range(second, len(text), 97):
        found = read(text[:end])
        ended = 1 + (end >= third - 1) + (end >= len(text) - len(kind.tail) - 1)
        assert others(found.drafts, 0) == list(sound.drafts[1:ended])
        assert not found.complete


@pytest.mark.parametrize("bad", [b"\xff", b"\xc3", b"\xe2\x82", b"\x80\xfe"], ids=bytes.hex)
@pytest.mark.parametrize("name", KINDS)
def test_bytes_that_are_no_text_cost_no_other_entry_anything(name: str, bad: bytes) -> None:
    text = document(KINDS[name]).replace("Ann", "Ánné")
    sound = parse(text.encode(), url=URL)
    found = parse(text.encode().replace(b"Title 1", b"Tit" + bad + b"le 1"), url=URL)
    assert others(found.drafts, 1) == others(sound.drafts, 1)
    assert differing(found.drafts[1], sound.drafts[1]) == ["title"]


PIECES = [
    "<", ">", "&", '"', "'", "/", "=", "</", "<b>", "</b>", "<br>", "<p/>", "<a:b>", "</a:b>", "<a:b c:d='1'>", "]]>",
    "<![CDATA[", "<!--", "-->", "--", "<?", "?>", "<!D", "<x y=z>", '<x y="1" y="2">', "<x y='", '<x y="<', "<title>",
    "</title>", "<dc:date", "</guid>", "<media:group>", "</media:content>", "&nbsp;", "&#0;", "\0", " ", "\n", "x",
    "<source>", "<author>", "<image>", "<svg>", "</svg>", "<link>", "<x xmlns:dc=''>", "<x xmlns='u'>", "</x>",
]  # fmt: skip


@given(st.sampled_from(sorted(KINDS)), st.integers(0, ENTRIES - 1), st.data())
@settings(max_examples=60, deadline=None)
def test_whatever_stands_in_an_entry_costs_no_other_entry_anything(name: str, which: int, data: st.DataObject) -> None:
    sound, kind = SOUND[name], KINDS[name]

    def damage(entry: str) -> str:
        for _ in range(data.draw(st.integers(1, 3))):
            first, last = entry.index(">") + 1, entry.rindex("<")
            at = data.draw(st.integers(first, max(first, last)))
            entry = entry[:at] + "".join(data.draw(st.lists(st.sampled_from(PIECES), max_size=4))) + entry[at:]
        return entry

    found = read(document(kind, damage, which))
    assert others(found.drafts, which) == others(sound.drafts, which)


@given(st.lists(st.sampled_from([*PIECES, "<item>", "</item>", "</channel>", "<rss>", "</rss>"]), max_size=30))
@settings(max_examples=150, deadline=None)
def test_a_repaired_document_is_well_formed(pieces: list[str]) -> None:
    text, _ = well_formed(repair(f"<rss>{''.join(pieces)}</rss>").text)
    expat.ParserCreate(namespace_separator=" ").Parse(escape_bare(text), True)
    assert well_formed(text) == (text, "")
