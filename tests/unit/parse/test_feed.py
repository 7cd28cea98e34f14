"""RSS, Atom and RDF in Atom's words."""

import itertools
from datetime import UTC, datetime

import pytest

from aggregator.errors import ParseError
from aggregator.model.document import CategoryTerm, FeedDocument, Link, Person, RawEntry, Text, TextType
from aggregator.parse import parse

URL = "https://feeds.example/blog/feed.xml"
SPACES = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:atom="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/" '
    'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" '
    'xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"'
)


def rss(items: str, channel: str = "<title>T</title><link>https://a.example/</link>") -> FeedDocument:
    return parse(f'<rss version="2.0" {SPACES}><channel>{channel}{items}</channel></rss>'.encode(), url=URL)


def item(inner: str) -> RawEntry:
    (draft,) = rss(f"<item>{inner}</item>").drafts
    return draft


def atom(inner: str, attributes: str = "") -> FeedDocument:
    return parse(f'<feed xmlns="http://www.w3.org/2005/Atom" {attributes}>{inner}</feed>'.encode(), url=URL)


def entry(inner: str, attributes: str = "") -> RawEntry:
    (draft,) = atom(f"<entry {attributes}>{inner}</entry>").drafts
    return draft


@pytest.mark.parametrize(
    ("written", "read"), [("\x93你好\x94", "“你好”"), ("\x93é\x94", "“é”"), ("你好", "你好"), ("é", "é")]
)
def test_characters_of_windows_1252_are_those_that_were_meant(written: str, read: str) -> None:
    for draft in (item(f"<title>{written}</title>"), entry(f"<title>{written}</title>")):
        assert draft.title
        assert draft.title.value == read
        assert type(draft.title.value) is str


def test_a_feed_without_entries_is_a_document() -> None:
    for document in (rss(""), atom("<title>T</title>")):
        assert document.drafts == ()
        assert document.complete
        assert document.about.title == "T"


@pytest.mark.parametrize(
    "guid", ["12345", "/posts/1", "tag:a.example,2020:1", "https://a.example/a/../b#", "urn:uuid:1"]
)
def test_an_id_is_kept_as_it_came(guid: str) -> None:
    assert item(f"<guid>{guid}</guid>").id == guid
    assert entry(f"<id>{guid}</id>").id == guid


@pytest.mark.parametrize(
    ("guid", "permalink", "href"),
    [
        ("<guid>https://a.example/1</guid>", True, "https://a.example/1"),
        ('<guid isPermaLink="true">https://a.example/1</guid>', True, "https://a.example/1"),
        ('<guid isPermaLink="false">https://a.example/1</guid>', False, ""),
        ("<guid>12345</guid>", False, ""),
        ("<guid>/posts/1</guid>", False, "https://a.example/posts/1"),
        ("<link>https://a.example/2</link><guid>https://a.example/1</guid>", True, "https://a.example/2"),
        ("<guid>https://a.example/1</guid><link>https://a.example/2</link>", True, "https://a.example/2"),
    ],
)
def test_a_guid_is_a_link_where_there_is_no_other(guid: str, permalink: bool, href: str) -> None:
    draft = item(guid)
    assert draft.id_is_permalink is permalink
    assert [link.href for link in draft.links] == ([href] if href else [])


def test_an_atom_id_is_never_a_link() -> None:
    draft = entry("<id>https://a.example/1</id>")
    assert (draft.id, draft.id_is_permalink, draft.links) == ("https://a.example/1", False, ())
    assert atom("<id>https://a.example/</id>").about.link == ""


def test_content_and_description_keep_their_places() -> None:
    draft = item("<description>short &lt;b&gt;</description><content:encoded>&lt;p&gt;long</content:encoded>")
    assert draft.summary == Text("short <b>", "html")
    assert draft.content == Text("<p>long", "html")
    assert item("<description>alone</description>").content is None
    assert item("<content:encoded>alone</content:encoded>").summary is None


@pytest.mark.parametrize(
    "other",
    [
        "<itunes:summary>other</itunes:summary>",
        "<media:description>other</media:description>",
        "<media:content url='https://a.example/p.jpg'><media:description>other</media:description></media:content>",
        "<dc:description>other</dc:description>",
        "<itunes:subtitle>other</itunes:subtitle>",
    ],
)
def test_what_stands_beside_a_description_is_not_the_content(other: str) -> None:
    for inner in (f"<description>own</description>{other}", f"{other}<description>own</description>"):
        draft = item(inner)
        assert draft.summary == Text("own", "html")
        assert draft.content is None
    alone = item(other).summary
    assert alone is not None
    assert alone.value == "other"


def test_a_title_of_rss_is_markup_only_where_it_must_be() -> None:
    assert item("<title>1 &lt; 2 &amp; AT&amp;T</title>").title == Text("1 < 2 & AT&T")
    assert item("<title>a &lt;em&gt;b&lt;/em&gt;</title>").title == Text("a <em>b</em>", "html")
    assert item("<title>Caf&amp;eacute;</title>").title == Text("Caf&eacute;", "html")
    assert item("<media:title>other</media:title><title>own</title>").title == Text("own")
    assert item("<title>own</title><media:title>other</media:title>").title == Text("own")
    assert item("<title> </title>").title is None


def test_text_constructs_of_atom_keep_type_base_and_language() -> None:
    draft = entry(
        '<title type="html">a &lt;b&gt;</title><summary>1 &lt; 2</summary>'
        '<content type="xhtml" xml:lang="de" xml:base="/x/">'
        '<div xmlns="http://www.w3.org/1999/xhtml"><p>a &amp; b</p></div></content>',
        'xml:base="https://b.example/"',
    )
    assert draft.base == "https://b.example/"
    assert draft.title == Text("a <b>", "html", "https://b.example/")
    assert draft.summary == Text("1 < 2", "text", "https://b.example/")
    assert draft.content == Text("<p>a &amp; b</p>", "xhtml", "https://b.example/x/", "de")


def test_a_base_ends_with_its_element() -> None:
    document = atom('<entry xml:base="https://b.example/"><id>1</id></entry><entry><link href="x"/></entry>')
    assert [draft.base for draft in document.drafts] == ["https://b.example/", ""]
    assert document.drafts[1].links[0].href == "https://feeds.example/blog/x"


@pytest.mark.parametrize("empty", ["<item/>", "<item> </item>", "<item xml:lang='de'><!-- x --></item>"])
def test_an_entry_with_nothing_in_it_is_left_out(empty: str) -> None:
    document = rss(f"<item><title>a</title></item>{empty}<item><unknown/></item>{empty * 9}")
    assert [draft.title for draft in document.drafts] == [Text("a"), None]
    assert [problem.message for problem in document.problems] == [
        "entry 2, 4, 5, 6, 7 and 5 more: nothing is in it, so that it is left out"
    ]
    assert not document.complete


def test_nothing_resolves_against_a_file() -> None:
    body = b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><link href="x"/></entry></feed>'
    for url in ("/home/me/feed.xml", "feed.xml", ""):
        assert parse(body, url=url).drafts[0].links[0].href == "x"


def test_markup_is_taken_before_text_and_media_are_no_content() -> None:
    draft = entry('<content type="image/png">aGk=</content><content>t</content><content type="html">h</content>')
    assert draft.content == Text("h", "html")
    assert entry('<content type="image/png">aGk=</content>').content is None
    remote = entry('<content type="text/html" src="https://a.example/1"/>')
    assert remote.links == (Link("https://a.example/1", "alternate", "text/html"),)


def test_links_keep_what_was_claimed_and_nothing_else() -> None:
    draft = entry(
        '<link href="https://a.example/1"/><link rel="related" href="https://b.example/" hreflang="de" title="B"/>'
        '<link rel="enclosure" href="https://a.example/1.mp3" type="audio/mpeg" length="12"/>'
        '<link rel="http://www.iana.org/assignments/relation/via" href="https://c.example/" type="text/html"/>'
    )
    assert draft.links == (
        Link("https://a.example/1"),
        Link("https://b.example/", "related", hreflang="de", title="B"),
        Link("https://a.example/1.mp3", "enclosure", "audio/mpeg", length=12),
        Link("https://c.example/", "via", "text/html"),
    )


def test_enclosures_and_media() -> None:
    draft = item(
        '<enclosure url="https://a.example/1.mp3" type="audio/mpeg" length="x"/>'
        "<itunes:duration>1:02:03</itunes:duration>"
        '<media:content url="https://a.example/1.mp3"/>'
        '<media:content url="https://a.example/2.mp4" type="video/mp4" fileSize="9" duration="7.5"/>'
        '<media:thumbnail url="https://a.example/t.jpg"/><itunes:image href="https://a.example/i.jpg"/>'
    )
    assert draft.links == (
        Link("https://a.example/1.mp3", "enclosure", "audio/mpeg", duration=3723),
        Link("https://a.example/2.mp4", "enclosure", "video/mp4", length=9, duration=7),
    )
    assert draft.image == "https://a.example/t.jpg"
    assert item('<itunes:image href="https://a.example/i.jpg"/>').image == "https://a.example/i.jpg"


def test_feedburner_gives_the_entry_its_own_link_back() -> None:
    draft = item("<link>https://p.example/~r/1</link><feedburner:origLink>https://a.example/1</feedburner:origLink>")
    assert draft.links == (Link("https://a.example/1"),)


@pytest.mark.parametrize(
    "other",
    [
        "<og><title>og</title><description>teaser</description><image>https://a.example/i.png</image></og>",
        "<og><x><guid>g</guid><link>https://b.example/</link></x>text<category>og</category></og>",
        "<og xmlns='urn:og'><pubDate>Mon, 02 Nov 2020 10:00:00 GMT</pubDate><author>Bob</author></og>",
        "<textInput><title>search</title><description>what</description><name>q</name></textInput>",
        "<image><title>picture</title><link>https://b.example/</link><description>of it</description></image>",
        "<verb:object xmlns:verb='urn:verb'><title>object</title><atom:id>urn:1</atom:id></verb:object>",
    ],
)
def test_elements_inside_an_unknown_element_do_not_describe_the_entry(other: str) -> None:
    own = "<title>own</title><description>text</description><guid>1</guid><pubDate>2026-11-02</pubDate>"
    for inner in (own + other, other + own):
        assert item(inner) == item(own)


def test_a_nested_entry_is_an_entry() -> None:
    conflict = "<sx:sync xmlns:sx='urn:sx'><sx:conflicts><item><title>theirs</title></item></sx:conflicts></sx:sync>"
    drafts = rss(f"<item><title>ours</title>{conflict}</item><item><title>next</title></item>").drafts
    assert [draft.title for draft in drafts] == [Text("ours"), Text("theirs"), Text("next")]


def test_lists_of_the_entrys_own_elements_are_read() -> None:
    draft = item("<categories><category>a</category><category>b</category></categories>")
    assert draft.terms == (CategoryTerm("a"), CategoryTerm("b"))


@pytest.mark.parametrize("own", ["", "<title/>", "<title>own</title>"])
def test_a_podcast_title_replaces_a_missing_one(own: str) -> None:
    for inner in (f"{own}<itunes:title>podcast's</itunes:title>", f"<itunes:title>podcast's</itunes:title>{own}"):
        assert item(f"{inner}<guid>1</guid>").title == Text("own" if "own" in own else "podcast's")


def test_the_title_of_a_person_is_not_the_title_of_the_entry() -> None:
    person = "<atom:author><atom:name>Ann</atom:name><title/><link>https://ann.example/</link><id>7</id></atom:author>"
    draft = item(f"<title>own</title><image/>{person}<description>text</description>")
    assert draft.title == Text("own")
    assert (draft.id, draft.links, draft.authors) == ("", (), (Person("Ann"),))


@pytest.mark.parametrize(
    ("inner", "person"),
    [
        ("<author>jo@a.example (Jo Doe)</author>", Person("Jo Doe", "", "jo@a.example")),
        ("<author>jo@a.photography (Jo)</author>", Person("Jo", "", "jo@a.photography")),
        ("<author>Jo Doe &lt;jo@a.example&gt;</author>", Person("Jo Doe", "", "jo@a.example")),
        ("<author>jo@a.example</author>", Person("", "", "jo@a.example")),
        ("<dc:creator>Jo @ Home</dc:creator>", Person("Jo @ Home")),
        ("<dc:creator>Jo</dc:creator><itunes:author>Jo</itunes:author>", Person("Jo")),
    ],
)
def test_persons_in_one_line(inner: str, person: Person) -> None:
    assert item(inner).authors == (person,)


def test_all_persons_are_kept() -> None:
    draft = entry(
        "<author><name>A</name><uri>https://a.example/</uri></author><author><name>B</name><email>b@b.example</email>"
        "</author><contributor><name>C</name></contributor><author/>"
    )
    assert draft.authors == (Person("A", "https://a.example/"), Person("B", "", "b@b.example"))
    assert draft.contributors == (Person("C"),)
    assert [person.name for person in item("<dc:creator>A</dc:creator><dc:creator>B</dc:creator>").authors] == [
        "A",
        "B",
    ]


def test_terms() -> None:
    assert entry('<category term="a" label="A" scheme="https://s.example/"/><category label="B"/>').terms == (
        CategoryTerm("a", "A", "https://s.example/"),
        CategoryTerm("B", "B"),
    )
    assert item('<category domain="d">x/y</category><category>z, w</category><category>z, w</category>').terms == (
        CategoryTerm("x/y", "", "d"),
        CategoryTerm("z, w"),
    )
    for keywords in ("<itunes:keywords>a, b,,</itunes:keywords>", '<itunes:keywords text="a, b,,"/>'):
        assert [term.term for term in item(keywords).terms] == ["a", "b"]


@pytest.mark.parametrize(
    ("name", "end"),
    [*itertools.product(["summary", "content", "description", "rights", "body", "source"], ["", "&<"]),
     ("title", ""), ("link", "")],
)  # fmt: skip
def test_markup_in_a_text_belongs_to_the_text_whatever_its_name(name: str, end: str) -> None:
    inner = f"<p>a</p><details><{name}>b</{name}>c</details><p>d</p>"
    items = f"<item><description>{inner}</description><guid>g</guid><title>T</title></item>"
    (item,) = parse(f"<rss><channel>{items}</channel></rss>{end}".encode(), url=URL).drafts
    body = f"<id>g</id><content type='xhtml'><div>{inner}</div></content><title>T</title>"
    space = "xmlns='http://www.w3.org/2005/Atom'"
    (entry,) = parse(f"<feed {space}><entry>{body}</entry></feed>{end}".encode(), url=URL).drafts
    for draft, text in ((item, item.summary), (entry, entry.content)):
        assert text
        assert text.value == inner
        assert (draft.id, draft.title) == ("g", Text("T"))
        assert not draft.links


@pytest.mark.parametrize(
    "open_", ["<title>u", "<title>u</title><description>d <p>d", "<title>u</title><x>", "<source>", "<author>"]
)
def test_an_unclosed_element_of_the_feed_swallows_no_entry(open_: str) -> None:
    items = "".join(f"<item><guid>{n}</guid><title>{n}</title></item>" for n in "ab")
    drafts = parse(f"<rss><channel>{open_}{items}</channel></rss>".encode(), url=URL).drafts
    assert [draft.id for draft in drafts] == ["a", "b"]


def test_an_error_in_a_handler_loses_no_other_entry() -> None:
    items = "<item><textInput><description>q</description><br></item><item><guid>g</guid><title>T</title></item>"
    drafts = parse(f"<rss><channel>{items}</channel></rss>".encode(), url=URL).drafts
    assert (drafts[-1].id, drafts[-1].title) == ("g", Text("T"))


def test_an_unclosed_svg_takes_no_titles() -> None:
    items = "<item><description><svg><p>d</description></item><item><title>T</title></item>"
    drafts = parse(f"<rss><channel>{items}</channel></rss>".encode(), url=URL).drafts
    assert drafts[-1].title == Text("T")


def test_an_unclosed_text_loses_no_id() -> None:
    items = "<item><description>d <b>d</b><title>T</title><guid>g</guid></item>"
    (draft,) = parse(f"<rss><channel>{items}</channel></rss>".encode(), url=URL).drafts
    assert draft.id == "g"


@pytest.mark.parametrize(
    ("claim", "kind"),
    [
        ("text/html; charset=utf-8", "html"), ("html; charset=utf-8", "html"), ("HTML", "html"), ("text/htm", "html"),
        ("escaped", "html"), ("xhtml+xml", "html"), ("text/x-markdown", "text"), ("text/plain; format=flowed", "text"),
    ],
)  # fmt: skip
def test_a_type_that_is_nearly_one_loses_no_content(claim: str, kind: TextType) -> None:
    assert entry(f'<content type="{claim}">&lt;b&gt;b&lt;/b&gt;!</content>').content == Text("<b>b</b>!", kind)


RDF = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><channel><items>'
    "<rdf:Seq>{}</rdf:Seq></items></channel>{}</rdf:RDF>"
)


@pytest.mark.parametrize(
    ("listed", "shown"), [("abc", "abc"), ("cba", "cba"), ("bcad", "bca"), ("ca", "bac"), ("", "bac")]
)
def test_items_are_in_the_order_that_their_channel_names(listed: str, shown: str) -> None:
    items = "".join(f'<item rdf:about="urn:{name}"><title>{name}</title></item>' for name in "bac")
    sequence = "".join(f'<rdf:li rdf:resource="urn:{name}"/>' for name in listed)
    drafts = parse(RDF.format(sequence, items).encode(), url=URL).drafts
    assert "".join(draft.id[-1] for draft in drafts) == shown


def test_dates_are_the_claims_that_were_made() -> None:
    draft = item("<pubDate>Mon, 01 Jan 2024 10:00:00 EDT</pubDate>")
    assert (draft.published, draft.updated) == (datetime(2024, 1, 1, 14, tzinfo=UTC), None)
    draft = item("<dc:date>0900-01-01T00:00:00Z</dc:date><pubDate>yesterday</pubDate>")
    assert (draft.published, draft.updated) == (None, datetime(900, 1, 1, tzinfo=UTC))
    draft = entry("<published>2024-01-01T00:00:00+05:30</published><updated>2024-01-02T00:00:00Z</updated>")
    assert draft.published == datetime(2023, 12, 31, 18, 30, tzinfo=UTC)
    assert draft.updated == datetime(2024, 1, 2, tzinfo=UTC)


def test_the_rest_of_an_entry() -> None:
    assert item("<comments>https://a.example/1#c</comments>").comments == "https://a.example/1#c"
    assert entry("<rights>© A</rights>", 'xml:lang="fr"').rights == "© A"
    assert entry("<rights>© A</rights>", 'xml:lang="fr"').language == "fr"
    assert item("<dc:language>pt-BR</dc:language>").language == "pt-BR"


def test_the_source_of_an_entry() -> None:
    draft = entry(
        "<title>own</title><source><id>s</id><title>S</title><updated>2024-01-01T00:00:00Z</updated>"
        '<link href="https://s.example/"/><link rel="self" href="https://s.example/f"/>'
        "<author><name>A</name></author><rights>R</rights></source>"
    )
    assert draft.source is not None
    assert draft.source.updated == datetime(2024, 1, 1, tzinfo=UTC)
    assert (draft.source.id, draft.source.title, draft.source.link) == ("s", "S", "https://s.example/")
    assert (draft.source.self_link, draft.source.authors) == ("https://s.example/f", (Person("A"),))
    assert draft.title == Text("own")
    assert draft.authors == ()
    of_rss = item('<source url="https://s.example/f">S</source>').source
    assert of_rss is not None
    assert (of_rss.title, of_rss.self_link) == ("S", "https://s.example/f")
    assert entry("<title>none</title>").source is None


def test_the_fields_of_a_feed() -> None:
    document = rss(
        "",
        "<title>T &amp;amp; U</title><link>https://a.example/</link><description>D</description>"
        '<atom:link rel="self" href="https://a.example/f"/><atom:link rel="hub" href="https://h.example/"/>'
        "<itunes:subtitle>not this</itunes:subtitle><managingEditor>e@a.example (E)</managingEditor>"
        "<language>en-us</language><copyright>C</copyright><generator>G</generator>"
        "<image><url>https://a.example/i.png</url><title>not this</title><link>https://not.example/</link></image>"
        "<lastBuildDate>Mon, 01 Jan 2024 10:00:00 GMT</lastBuildDate>",
    )
    about = document.about
    assert (about.title, about.subtitle, about.link) == ("T & U", "D", "https://a.example/")
    assert (about.self_link, about.hubs) == ("https://a.example/f", ("https://h.example/",))
    assert about.authors == (Person("E", "", "e@a.example"),)
    assert (about.language, about.rights, about.generator) == ("en-us", "C", "G")
    assert about.logo == "https://a.example/i.png"
    assert about.updated == datetime(2024, 1, 1, 10, tzinfo=UTC)
    assert document.format == "rss20"


def test_entries_beyond_the_limit_are_counted_not_read() -> None:
    items = "".join(f"<item><guid>{number}</guid></item>" for number in range(7))
    body = f'<rss version="2.0"><channel>{items}</channel></rss>'.encode()
    document = parse(body, url=URL, limit=3)
    assert [draft.id for draft in document.drafts] == ["0", "1", "2"]
    assert not document.complete
    assert "7 entries" in document.problems[0].message
    broken = parse(body.replace(b"<channel>", b"<channel><p>"), url=URL, limit=3)
    assert len(broken.drafts) == 3


@pytest.mark.parametrize(
    "body",
    [
        "", " \n", "plain text", "<!DOCTYPE html><html><body><item>x</item></body></html>", "\x89PNG\r\n\x1a\n",
        '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head/></html>',
        "<opml version='2.0'><body><outline text='a'/></body></opml>", "<urlset><url/></urlset>", "<HTML><p>Log in",
        "<dictionary><entry>x</entry></dictionary>", "<!-- never closed", "<!DOCTYPE x [ <!ENTITY a 'b'>", "<?php",
    ],
)  # fmt: skip
def test_a_document_of_another_kind_is_not_a_feed(body: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse(body.encode("latin-1"), url=URL, content_type="application/rss+xml")
    assert caught.value.kind == "not-a-feed"
    assert not caught.value.transient


@pytest.mark.parametrize(
    "body",
    [
        "<!DOCTYPE html>\n<title>Blog</title><p>Hello", "<!doctype HTML><nav>x</nav>", "<title>Blog</title>",
        "<head><title>x</title></head>", "<div class=h-feed></div>", "<h1>Not Found</h1>",
        "<script>location = '/'</script>", "<br />\n<b>Fatal error</b>: Uncaught Error in /index.php", "<html><p>x",
    ],
)  # fmt: skip
def test_a_page_without_the_tags_that_html_may_omit_is_called_a_page(body: str) -> None:
    with pytest.raises(ParseError, match="not a feed but an HTML page"):
        parse(body.encode(), url=URL, content_type="text/html")


@pytest.mark.parametrize("body", ["\x89PNG\r\n\x1a\n", "\x1f\x8b\x08\0", "%PDF-1.4\0\xff"])
def test_binary_data_is_not_called_plain_text(body: str) -> None:
    with pytest.raises(ParseError, match="no text"):
        parse(body.encode("latin-1"), url=URL)


@pytest.mark.parametrize("body", ["<rss", "<feed <<<", "<rss version='2.0'><chan"])
def test_a_feed_of_which_nothing_can_be_read(body: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse(body.encode(), url=URL)
    assert caught.value.kind == "parse"


def test_the_address_of_a_person_is_not_the_address_of_its_source() -> None:
    source = "<source><title>S</title><author><name>A</name><uri>https://a.example/</uri></author></source>"
    feed = f'<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>urn:x:1</id><title>E</title>{source}</entry></feed>'
    [draft] = parse(feed.encode(), url="https://x.example/").drafts
    assert draft.source
    assert (draft.source.authors[0].uri, draft.source.self_link) == ("https://a.example/", "")
