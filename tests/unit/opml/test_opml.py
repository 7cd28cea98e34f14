"""OPML: XML is read as an XML parser would, broken files as they were meant."""

import gzip
import re
import time
from collections.abc import Callable
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.opml import DEEPEST, MOST, Outline, is_opml, outlines_xml, read_outlines, unzipped
from aggregator.text.encoding import decode
from aggregator.text.normalize import one_line
from tests.support import corpus

U = "https://a.example/f"


def body(markup: str) -> str:
    return f'<?xml version="1.0"?><opml version="2.0"><head><title>T</title></head><body>{markup}</body></opml>'


def read(markup: str) -> list[tuple[str, str, tuple[tuple[str, ...], ...]]]:
    return [(one.url, one.text, one.categories) for one in read_outlines(body(markup)) if not one.fault]


AFTER = f'<outline text="B" xmlUrl="{U}2"/>'
ZOO = {
    "plain": (f'<outline type="rss" text="A" title="A" xmlUrl="{U}"/>', [(U, "A", ())]),
    "xmlurl": (f'<outline text="A" xmlurl="{U}"/>', [(U, "A", ())]),
    "XMLURL, OUTLINE": (f'<OUTLINE TEXT="A" XMLURL="{U}"/>', [(U, "A", ())]),
    "a bare ampersand": ('<outline text="Q & A" xmlUrl="https://a.example/?a=1&b=2&copy=3"/>',
                         [("https://a.example/?a=1&b=2&copy=3", "Q & A", ())]),
    "references": ('<outline text="&lt;&#65;&#x42;&eacute;&quot;" xmlUrl="https://a.example/?a=1&amp;b=2"/>',
                   [("https://a.example/?a=1&b=2", '<ABé"', ())]),
    "quotes in quotes": (f'<outline text="The "best" of" xmlUrl="{U}"/>', [(U, 'The "best" of', ())]),
    "less than in a title": (f'<outline text="I <3 feeds" xmlUrl="{U}"/>', [(U, "I <3 feeds", ())]),
    "single quotes": (f"<outline text='it\"s' xmlUrl='{U}'/>", [(U, 'it"s', ())]),
    "no quotes": (f"<outline text=A xmlUrl={U}/>", [(U, "A", ())]),
    "no text": (f'<outline xmlUrl="{U}"/>', [(U, "", ())]),
    "line ends": (f'<outline\n  text="A\n B"\r\n  xmlUrl="\n{U}\n"\n/>', [(U, "A B", ())]),
    "blanks around =": (f'<outline text = "A" xmlUrl = "{U}" />', [(U, "A", ())]),
    "no blanks between": (f'<outline text="A"xmlUrl="{U}"/>', [(U, "A", ())]),
    "not self-closed": (f'<outline text="A" xmlUrl="{U}"></outline><outline text="B" xmlUrl="{U}2"/>',
                        [(U, "A", ()), (f"{U}2", "B", ())]),
    "folders": (f'<outline text="X"><outline title="Y"><outline text="A" xmlUrl="{U}"/></outline></outline>{AFTER}',
                [(U, "A", (("X", "Y"),)), (f"{U}2", "B", ())]),
    "a folder without a name": (f'<outline><outline text="A" xmlUrl="{U}"/></outline>', [(U, "A", ())]),
    "category": (f'<outline text="A" xmlUrl="{U}" category="/Boston/Weather,Tags, "/>',
                 [(U, "A", (("Boston", "Weather"), ("Tags",)))]),
    "category in a folder": (f'<outline text="X"><outline text="A" xmlUrl="{U}" category="X,/Y%2FZ"/></outline>',
                             [(U, "A", (("X",), ("Y/Z",)))]),
    "a prefix": (f'<o:outline text="A" o:xmlUrl="{U}"/>', [(U, "A", ())]),
    "twice the same attribute": (f'<outline text="A" text="B" xmlUrl="{U}"/>', [(U, "A", ())]),
    "in a comment": (f'<!-- <outline text="A" xmlUrl="{U}"/> -->', []),
    "in CDATA": (f'<![CDATA[<outline text="A" xmlUrl="{U}"/>]]>', []),
    "a processing instruction": (f'<?x <outline xmlUrl="{U}"/>?><outline xmlUrl="{U}"/>', [(U, "", ())]),
    "outlines of another name": (f'<outliner xmlUrl="{U}"/>', []),
    "a forgotten quote costs one": (f'<outline text="A" xmlUrl="{U}/><outline text="B" xmlUrl="{U}2"/>',
                                    [(U, "A", ()), (f"{U}2", "B", ())]),
    "a feed's address as url": (f'<outline type="RSS" text="A" url="{U}"/>', [(U, "A", ())]),
    "another list": (f'<outline type="include" text="A" url="{U}.opml"/><outline type="link" text="A" url="{U}"/>', []),
    "too many ends": (f'</outline></outline><outline text="A" xmlUrl="{U}"/>', [(U, "A", ())]),
    "controls": (f'<outline text="A\x00\x0b&#0;&#11;B" xmlUrl="{U}"/>', [(U, "AB", ())]),
}  # fmt: skip


@pytest.mark.parametrize("case", ZOO)
def test_broken_files(case: str) -> None:
    markup, wanted = ZOO[case]
    assert [(u, t.replace("\ufffd", ""), c) for u, t, c in read(markup)] == wanted


def test_a_list_of_freshrss_is_no_feed_and_its_folder_goes_on() -> None:
    inner = f'<outline text="A" type="rss" xmlUrl="{U}" frss:ttl="900" xmlns:frss="x"/>'
    markup = (
        f'<outline text="X" frss:opmlUrl="{U}.opml">{inner}</outline><outline text="Y" frss:opmlUrl="{U}2"></outline>'
    )
    listed, feed, other = read_outlines(body(markup))
    assert (listed.url, listed.list_url, listed.categories) == ("", f"{U}.opml", (("X",),))
    assert listed.fault == other.fault == "it is another list or a page, which is not followed"
    assert (feed.url, feed.categories, feed.settings) == (U, (("X",),), (("frss:ttl", "900"),))


def test_what_another_program_makes_of_a_page_is_no_feed() -> None:
    [outline] = read_outlines(body(f'<outline text="A" type="HTML+XPath" xmlUrl="{U}" frss:xPathItem="//a"/>'))
    assert (outline.url, outline.text) == ("", "A")
    assert outline.fault == "its type HTML+XPath is a page that another program reads by rules, not a feed"


def test_a_missing_title_defaults_to_the_text() -> None:
    said = [
        f'<outline text="A" xmlUrl="{U}"/>',
        f'<outline text="A" title="B" xmlUrl="{U}"/>',
        f'<outline text="A" title="" xmlUrl="{U}"/>',
    ]
    assert [one.title for one in read_outlines(body("".join(said)))] == ["A", "B", ""]


def test_an_outline_that_is_no_feed_has_a_line_and_a_fault() -> None:
    found = read_outlines(body('\n<outline text="Note"/>\n<outline text="Empty">\n</outline>\n<outline text="Broken '))
    assert [(one.line, one.text) for one in found] == [(2, "Note"), (3, "Empty"), (5, "")]
    assert "no xmlUrl" in found[0].fault
    assert "no xmlUrl" in found[1].fault
    assert "broken" in found[2].fault


def test_declared_entities_are_not_replaced_and_nothing_external_is_read() -> None:
    bomb = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))
    outside = '<!ENTITY f SYSTEM "file:///etc/passwd">'
    inside = f"<!ENTITY o \"<outline xmlUrl='{U}evil'/>\">"
    declared = f'<!DOCTYPE opml [<!ENTITY l0 "ha">{bomb}{outside}{inside} ]>'
    [one] = read_outlines(f'{declared}<opml><body><outline text="&l9;&f;" xmlUrl="{U}"/>&o;</body></opml>')
    assert (one.url, one.text) == (U, "&l9;&f;")


def test_folder_depth_and_list_length_are_limited() -> None:
    deep = '<outline text="x">' * 5000 + f'<outline xmlUrl="{U}"/>' + "</outline>" * 5000
    [one] = [one for one in read_outlines(body(deep)) if not one.fault]
    assert one.categories == (("x",) * DEEPEST,)
    many = read_outlines(body("".join(f'<outline xmlUrl="{U}{n}"/>' for n in range(MOST + 50))))
    assert len(many) == MOST + 1
    assert "more than 20,000" in many[-1].fault


HOSTILE = ["<outline ", '<outline a="', "<outline a='\"", "<!--", "<!DOCTYPE [", "<?", '" ', "</outline>"]
HOSTILE += [f"<outline {'a' * 99}", f"<outline a={'a' * 99}"]


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_lists_take_linear_time(piece: str) -> None:
    started = time.process_time()
    read_outlines(f'<opml><outline text="{piece * (2_000_000 // len(piece))}')
    assert time.process_time() - started < 5


@given(st.text(alphabet="<>\"'/=&;! \noutlinexmlUrl?[]-", max_size=300))
def test_reading_never_raises(text: str) -> None:
    read_outlines(text)
    is_opml(text)


def test_opml_is_recognized() -> None:
    assert is_opml(body(""))
    assert not is_opml("<html><body>outline</body></html>")


# written

NAME = st.text(min_size=1, max_size=20).map(one_line).filter(bool)
PATH = st.lists(NAME.filter(lambda name: name.strip() != ""), min_size=1, max_size=3).map(tuple)
OUTLINES = st.lists(
    st.builds(
        Outline,
        line=st.just(0),
        url=st.integers(0, 9999).map(lambda n: f"https://a.example/{n}?a=1&b='\"<{n}>"),
        text=NAME,
        title=st.one_of(st.just(""), NAME),
        site=st.sampled_from(["", "https://a.example/?a&b"]),
        categories=st.lists(PATH, max_size=3, unique=True).map(tuple),
    ),
    max_size=8,
)


def bare(outlines: list[Outline]) -> set[Outline]:
    return {replace(one, line=0) for one in outlines}


@given(OUTLINES)
def test_reading_reverses_writing(outlines: list[Outline]) -> None:
    text = outlines_xml('A & "B" <C>', outlines)
    assert bare(read_outlines(text)) == bare(outlines)
    root = ET.fromstring(text.encode())
    assert root.findtext("head/title") == 'A & "B" <C>'
    assert sorted(one.get("xmlUrl", "") for one in root.iter("outline") if one.get("type")) == sorted(
        one.url for one in outlines
    )


def test_sources_of_one_category_share_its_folder() -> None:
    text = outlines_xml("T", [Outline(0, f"{U}{n}", "t", "t", categories=(("A", "B"),)) for n in range(2)])
    assert text.count('<outline text="A">') == text.count('<outline text="B">') == 1


# lists that are broken in every way at once


FEEDS = [
    f"https://{name}.example/{path}"
    for name, path in zip("abcdef", ["f", "?a=1&b=2", "x y", "é", "f.xml", "#1"], strict=True)
]
WELL = body(
    "".join(f'<outline text="F{i}"><outline text="N{i}" xmlUrl="{url}"/></outline>' for i, url in enumerate(FEEDS))
)
BREAKAGES: dict[str, Callable[[str], str]] = {
    "bare ampersands": lambda text: text.replace('text="N', 'text="A & B &c; &nbsp N'),
    "unclosed outlines": lambda text: text.replace("</outline>", ""),
    "unclosed feeds": lambda text: text.replace('"/>', '">'),
    "no quotes": lambda text: re.sub('xmlUrl="([^" ]*)"', r"xmlUrl=\1 ", text),
    "single quotes": lambda text: text.replace('"', "'"),
    "xmlurl": lambda text: text.replace("xmlUrl", "xmlurl"),
    "XMLURL": lambda text: text.replace("xmlUrl", "XMLURL").replace("outline", "OUTLINE"),
    "attributes twice": lambda text: text.replace('xmlUrl="', 'text="again" type="rss" type="atom" xmlUrl="'),
    "words before the declaration": lambda text: f"Exported by X, at noon\n\n<br>\n{text}",
    "blank lines before the declaration": lambda text: f"\n\n  {text}",
    "no declaration and no head": lambda text: text.partition("<body>")[2],
    "cut off": lambda text: text[:-9],
    "controls": lambda text: text.replace('text="N', 'text="\x00\x08N'),
    "undeclared entities": lambda text: text.replace('text="N', 'text="&egregious;N'),
    "undeclared prefixes": lambda text: text.replace("<outline ", "<x:outline y:z='1' ").replace("</o", "</x:o"),
    "an element that is not ended": lambda text: text.replace("<body>", "<body><p><b>"),
    "ends of what never began": lambda text: text.replace("<body>", "</x></outline></body><body>"),
    "line ends in tags": lambda text: text.replace(" xmlUrl", "\n\txmlUrl").replace("/>", "\n/>"),
    "attributes without a value": lambda text: text.replace(" xmlUrl", " hidden xmlUrl").replace("<opml ", "<opml x "),
    "markup in names": lambda text: text.replace('text="N', 'text="<b>bold</b> > N'),
}  # fmt: skip
FOUND = [url.replace(" ", "%20") for url in FEEDS]


@pytest.mark.parametrize("case", BREAKAGES)
def test_every_address_is_found_in_a_broken_list(case: str) -> None:
    assert [one.url for one in read_outlines(BREAKAGES[case](WELL)) if one.url] == FOUND


@given(
    st.lists(
        st.sampled_from(sorted(set(BREAKAGES) - {"no quotes", "single quotes", "markup in names"})),
        max_size=4,
        unique=True,
    )
)
def test_every_address_is_found_in_a_list_broken_in_several_ways(cases: list[str]) -> None:
    text = WELL
    for case in cases:
        text = BREAKAGES[case](text)
    assert [one.url for one in read_outlines(text) if one.url] == FOUND


@pytest.mark.parametrize(
    ("said", "real"),
    [("utf-8", "cp1252"), ("iso-8859-1", "utf-8"), ("utf-16", "utf-8"), ("x", "utf-16-be"), ("gb2312", "utf-8-sig")],
)
def test_a_wrong_encoding_declaration(said: str, real: str) -> None:
    data = WELL.replace("?>", f' encoding="{said}"?>', 1).encode(real)
    assert [one.url for one in read_outlines(decode(data)) if one.url] == FOUND


def test_gzip_is_decompressed() -> None:
    packed = gzip.compress(WELL.encode())
    assert unzipped(packed, 10**6).decode() == WELL
    assert len(unzipped(gzip.compress(bytes(10**6)), 1000)) == 1001
    assert unzipped(packed[:2] + b"no gzip", 10**6) == packed[:2] + b"no gzip"
    assert unzipped(b"<opml>", 1) == b"<opml>"


CASES = corpus.CASES / "listparser" / "tests" / "files"


@pytest.mark.skipif(not CASES.is_dir(), reason="the cases of listparser are not here")
def test_no_address_of_another_readers_test_files_is_lost() -> None:
    """A plain pattern that ignores XML syntax finds the expected addresses."""
    files = [file for file in sorted(CASES.rglob("*.xml")) if "rdf" not in file.parts]
    assert len(files) > 40
    for file in files:
        text = decode(file.read_bytes())
        assert is_opml(text), file
        markup = re.sub("<!--.*?-->", "", text, flags=re.DOTALL)
        wanted = [
            " ".join(url.split()) for url in re.findall(r"""xmlurl\s*=\s*["']([^"']+)["']""", markup, re.IGNORECASE)
        ]
        assert [one.url for one in read_outlines(text) if one.url] == [url for url in wanted if url], file
