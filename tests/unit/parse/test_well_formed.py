"""Each fault of a document is repaired where it stands, and named with its line."""

import pytest

from aggregator.parse.well_formed import has_open_section, well_formed

ITEM = "<rss><item>{}</item></rss>"

REPAIRS = [
    # text
    ("<title>1 < 2</title>", "<title>1 &lt; 2</title>", "a < begins no tag"),
    ("<title>a <b or</title>", "<title>a &lt;b or</title>", "a < begins no tag"),
    ("<title>List<String></title>", "<title>List&lt;String></title>", "<String> is no element"),
    ("<title>a ]]> b</title>", "<title>a ]]&gt; b</title>", "]]> stands in a text"),
    ("<title>a & b &nbsp;</title>", "<title>a & b &nbsp;</title>", ""),  # repair_xml's
    # attributes
    ('<a b="1" b="2"/>', '<a b="1"/>', "<a> has two attributes b"),
    ("<a b=1 c/>", '<a b="1" c=""/>', "the tag <a> is not well-formed"),
    ("<a b='\"' c=1/>", '<a b="&quot;" c="1"/>', "the tag <a> is not well-formed"),
    ('<a b="1"c="2"/>', '<a b="1" c="2"/>', "the tag <a> is not well-formed"),
    ('<a b="x < y"/>', '<a b="x &lt; y"/>', "the tag <a> is not well-formed"),
    ('<a b="1 c="2"/>', '<a b="1" c="2"/>', "the tag <a> is not well-formed"),
    ('<a b="1>x</a>', '<a b="1">x</a>', "the tag <a> is not well-formed"),
    ('<a b=1">x</a>', '<a b="1">x</a>', "the tag <a> is not well-formed"),
    ("<a b=https://x/1/>", '<a b="https://x/1"/>', "the tag <a> is not well-formed"),
    # namespaces
    ("<x:a/>", '<x:a xmlns:x="urn:undeclared:x"/>', "the prefix x is not declared"),
    ('<a x:b="1"/>', '<a x:b="1" xmlns:x="urn:undeclared:x"/>', "the prefix x is not declared"),
    ("<dc:a/>", '<dc:a xmlns:dc="http://purl.org/dc/elements/1.1/"/>', "the prefix dc is not declared"),
    ('<x:a/><x:b xmlns:x="u"/>', '<x:a xmlns:x="u"/><x:b xmlns:x="u"/>', "the prefix x is not declared"),
    ('<a xmlns:x="" xmlns:xml="u" xmlns:y="v"/>', '<a xmlns:y="v"/>', "<a> declares xmlns:x, which it cannot"),
    ('<x:a xmlns:x=" u\t"/>', '<x:a xmlns:x="u"/>', "the namespace of xmlns:x has a space"),
    ('<x:a xmlns:x="u&nbsp;v&amp;"/>', '<x:a xmlns:x="u%20v&amp;"/>', "the namespace of xmlns:x has a space"),
    ('<x:a xmlns:x="u v"/>', '<x:a xmlns:x="u%20v"/>', "the namespace of xmlns:x has a space"),
    (
        '<a xmlns:x="u" xmlns:y="u" x:b="1" y:b="2"/>',
        '<a xmlns:x="u" xmlns:y="u" x:b="1"/>',
        "<a> has two attributes y:b",
    ),
    # nesting
    ("<title>T<guid>g</guid>", "<title>T</title><guid>g</guid>", "<title> is not closed"),
    (
        "<description>a<p>b<br>c<guid>g</guid>",
        "<description>a<p>b<br></br>c</p></description><guid>g</guid>",
        "<description> is not closed",
    ),
    ("<title>a</i>b</title>", "<title>ab</title>", "</i> closes nothing"),
    ("<b><i>a</b>b</i>", "<b><i>a</i></b>b", "<i> is not closed"),
    ("<title>T</TITLE>", "<title>T</title>", "</TITLE> ends <title>"),
    ("<title>T</title <guid>g</guid>", "<title>T</title><guid>g</guid>", "the tag </title> is not well-formed"),
    ("<guid g</guid>", "<guid> g</guid>", "the tag <guid> is not well-formed"),
    (
        '<source url="u">S<guid>g</guid>',
        '<source url="u">S</source><guid>g</guid>',
        "<source> is not closed",
    ),
    ("<source><id>s</id>", "<source><id>s</id></source>", "<source> is not closed"),
    ("a</channel></rss>b", "ab", "</channel> closes nothing"),
    ("<guid>1</guid><item>2", "<guid>1</guid></item><item>2", "<item> is not closed"),
    # comments, sections, instructions, declarations
    ("a<!-- b -- c -->d", "ad", "a comment holds --"),
    ("a<!-- b", "a b", "a comment is not closed"),
    ("<title><![CDATA[T</title>", "<title><![CDATA[T]]></title>", "a CDATA section is not closed"),
    ("<title><![CDATA[T<guid/>", "<title><![CDATA[T<guid/>]]></title>", "a CDATA section is not closed"),
    ("<a><b/><![CDATA[<![CDATA[]]></a>", "<a><b/><![CDATA[<![CDATA[]]></a>", ""),
    ("<![CDATA[<title>T</title>", "<title>T</title>", "a CDATA section is not closed"),
    ("<a>b</a><![CDATA[<title>T</title>", "<a>b</a><title>T</title>", "a CDATA section is not closed"),
    ("a<?xml version='1.0'?><? b ?>c", "ac", "an instruction that cannot stand here"),
    ("a<!DOCTYPE html>b", "ab", "a declaration that cannot stand here"),
]


@pytest.mark.parametrize(("written", "repaired", "words"), REPAIRS)
def test_a_fault_is_repaired_where_it_stands(written: str, repaired: str, words: str) -> None:
    text, found = well_formed(ITEM.format(written))
    assert text == ITEM.format(repaired)
    assert f"{words} (line 1" in found if words else found == ""


SOUND = """<rss xmlns:a='u'  x = "a > b">
<item ><![CDATA[ <b> & ]]><!-- <item> --><?php echo 1 ?>
<a:b a:c='1' xml:lang="de"/><b/><c></c ></item>\t</rss >"""


def test_a_sound_document_stays_as_it_is() -> None:
    assert well_formed(SOUND) == (SOUND, "")


def test_faults_are_named_once_each_with_their_lines() -> None:
    _, words = well_formed("<rss>\n<a> < \n< <x:b/>\n" + "<\n" * 9 + "</rss>")
    assert words.split("; ") == [
        "<a> is not closed (line 2)",
        "a < begins no tag (line 2, 3, 4, 5, 6 and 6 more)",
        "the prefix x is not declared (line 3)",
    ]
    many = "".join(f"<x{number}:a/>\n" for number in range(9))
    assert well_formed(f"<rss>{many}</rss>")[1].endswith("(line 5); and 4 more kinds of faults")


@pytest.mark.parametrize("end", ["<tit", "</tit", "<a b='", "<!-- a", "<![CDATA[a", "<title>a"])
def test_a_document_that_is_cut_off_gets_no_end(end: str) -> None:
    text, _ = well_formed(f"<rss><item>1 < 2</item><item>{end}")
    assert text.startswith("<rss><item>1 &lt; 2</item><item>")
    assert "</rss>" not in text


@pytest.mark.parametrize(
    ("text", "is_open"), [("<![CDATA[a]]>", False), ("<![CDATA[a<![CDATA[b]]>", True), ("", False)]
)
def test_a_section_that_may_run_into_another(text: str, is_open: bool) -> None:
    assert has_open_section(text) is is_open
