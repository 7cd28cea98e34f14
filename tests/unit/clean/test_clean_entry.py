"""A draft is cleaned: safe to show, and comparable."""

import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.clean.clean_entry import ContentSettings, clean
from aggregator.model.document import CategoryTerm, FeedInfo, Link, Person, RawEntry, Text, TextType
from aggregator.model.entry import CleanEntry
from aggregator.parse import parse
from tests.support import paths

BASE = "https://blog.example/feed/"
SETTINGS = ContentSettings()
VECTORS = json.loads(paths.VECTORS.read_text())
ATTACKS: list[str] = [*VECTORS["addresses"], *VECTORS["markup"]]
CORS = "https://cors.zfour.workers.dev/?"


def made(draft: RawEntry, base: str = BASE) -> CleanEntry:
    return clean(draft, base=base, settings=SETTINGS)


def strings(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Every string in a tree of dataclasses and tuples, with its place."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, tuple):
        for item in value:
            yield from strings(item, path)
    elif is_dataclass(value):
        for field in fields(value):
            yield from strings(getattr(value, field.name), f"{path}.{field.name}")


# ── titles ──


@pytest.mark.parametrize(
    ("value", "kind", "title", "markup"),
    [
        ("Plain <b> & &amp;", "text", "Plain <b> & &amp;", ""),
        ("A &amp; B", "html", "A & B", ""),
        ("It&amp;#8217;s R&amp;amp;D", "html", "It’s R&D", ""),
        ("On &amp;lt;b&amp;gt;", "html", "On &lt;b&gt;", ""),
        ("<b>Bold</b> move", "html", "Bold move", "<b>Bold</b> move"),
        ("x<sup>2</sup>", "xhtml", "x2", "x<sup>2</sup>"),
        ("<p>One</p><p>Two</p>", "html", "One Two", ""),
        ("<a href='x'>Link</a><img src=x onerror=y><script>s</script>", "html", "Link", ""),
        ("Vec<String>", "html", "Vec<String>", ""),
        ("a\n\n  b\t&nbsp; c", "html", "a b c", ""),
        ("\u202egpj.exe", "html", "gpj.exe", ""),
        ("&#x202E;gpj.exe", "html", "gpj.exe", ""),
        ("a\x00b", "text", "ab", ""),
        ("\u200b", "text", "", ""),
        ("<b></b> <i>&#x200B;</i>", "html", "", ""),
        ("", "html", "", ""),
    ],
)
def test_titles_are_one_line_of_plain_text(value: str, kind: TextType, title: str, markup: str) -> None:
    cleaned = made(RawEntry(title=Text(value, kind)))
    assert (cleaned.title, cleaned.title_html) == (title, markup)


def test_long_titles_are_cut_between_words() -> None:
    cleaned = made(RawEntry(title=Text("<b>word</b> " * 1000, "html")))
    assert cleaned.title.endswith("word…")
    assert len(cleaned.title) <= 1000
    assert cleaned.title_html == ""
    assert len(made(RawEntry(title=Text("x" * 10_000_000))).title) == 1000


# ── bodies ──


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a < b & c", "a &lt; b &amp; c"),
        ("one\ntwo\n\n\n three\n", "<p>one<br>two</p><p>three</p>"),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("\r\na\r\nb\r\n", "a<br>b"),
        (" \n ", ""),
    ],
)
def test_plain_text_keeps_its_lines(value: str, expected: str) -> None:
    assert made(RawEntry(content=Text(value, "text"))).content == expected


def test_lines_of_a_post_without_markup_are_kept() -> None:
    body = "<div>   \none\ntwo &#123;x&#125;\n\nthree\n</div>            "
    assert made(RawEntry(content=Text(body, "html"), path="a.md")).content == "<p>one<br>two {x}</p><p>three</p>"
    assert made(RawEntry(content=Text("one\ntwo", "html"))).content == "one\ntwo"
    assert made(RawEntry(content=Text("<p>one\ntwo</p>", "html"), path="a.md")).content == "<p>one\ntwo</p>"


def test_xhtml_loses_its_div() -> None:
    """Parsing removes one (RFC 4287 3.1.1.3); a second one is the publisher's, as is the first in Atom 0.3."""
    atom = "<feed xmlns='http://www.w3.org/2005/Atom'><entry><content type='xhtml'>{}</content></entry></feed>"
    old = "<feed version='0.3' xmlns='http://purl.org/atom/ns#'><entry><content mode='xml' type='{}'>".format
    around = "<div xmlns='http://www.w3.org/1999/xhtml'>{}</div>".format
    for document, expected in (
        (atom.format(around("<p>a<br/>b</p>")), "<p>a<br>b</p>"),
        (atom.format(around("<div><p>a<br/>b</p></div>")), "<div><p>a<br>b</p></div>"),
        (
            old("application/xhtml+xml") + around("<p>a<br/>b</p>") + "</content></entry></feed>",
            "<div><p>a<br>b</p></div>",
        ),
    ):
        (draft,) = parse(document.encode(), url="https://blog.example/").drafts
        assert made(draft).content == expected


def test_the_nearest_base_resolves() -> None:
    markup = Text("<a href=x>l</a>", "html", base="sub/")
    assert (
        made(RawEntry(content=markup, base="https://other.example/y/")).content
        == '<a href="https://other.example/y/sub/x">l</a>'
    )
    assert made(RawEntry(content=markup), base="").content == "<a>l</a>"
    assert (
        made(RawEntry(content=Text("<a href=x>l</a>", "html", base="javascript:1//"))).content
        == f'<a href="{BASE}x">l</a>'
    )


def test_a_summary_that_repeats_the_content_is_dropped() -> None:
    assert made(RawEntry(summary=Text("Same  TEXT"), content=Text("<p>same text</p>", "html"))).summary == ""
    assert made(RawEntry(summary=Text("Same"), content=Text("<p>same text</p>", "html"))).summary == "Same"
    assert made(RawEntry(summary=Text("<img src=x>", "html"), content=Text("<img src=y>", "html"))).summary != ""


# ── links ──


def link_of(*links: Link, **more: object) -> str:
    return made(RawEntry(links=links, **more)).link  # type: ignore[arg-type]


def test_the_link_is_the_first_page() -> None:
    assert link_of(Link("/a.json", type="application/json"), Link("/a")) == "https://blog.example/a"
    assert link_of(Link("/a.pdf", type="application/pdf")) == "https://blog.example/a.pdf"
    assert link_of(Link("javascript:alert(1)"), Link("/b", type="text/html")) == "https://blog.example/b"
    assert link_of(Link("/via", rel="via")) == ""


def test_a_guid_is_a_link_only_where_it_is_an_address_that_says_so() -> None:
    assert link_of(id="https://blog.example/1", id_is_permalink=True) == "https://blog.example/1"
    assert link_of(id="https://blog.example/1") == link_of(id="12345", id_is_permalink=True) == ""
    assert link_of(id="javascript:alert(1)", id_is_permalink=True) == ""
    assert link_of(Link("/a"), id="https://blog.example/1", id_is_permalink=True) == "https://blog.example/a"


def test_proxies_are_unwrapped_in_every_address() -> None:
    cleaned = made(
        RawEntry(
            links=(Link(f"{CORS}http://a.example/1?x&y"), Link(f"{CORS}http://a.example/1.mp3", rel="enclosure")),
            image=f"{CORS}http%3A%2F%2Fa.example%2F1.png",
        )
    )
    assert cleaned.link == "http://a.example/1?x&y"
    assert cleaned.enclosures == (Link("http://a.example/1.mp3", rel="enclosure"),)
    assert cleaned.image == "http://a.example/1.png"
    assert cleaned.canonical == "a.example/1?x&y"


HERE = "https://blog.example"


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        (Link("/de", hreflang="de_DE"), Link(f"{HERE}/de", hreflang="de-DE")),
        (Link("/via", rel="http://www.iana.org/assignments/relation/via"), Link(f"{HERE}/via", rel="via")),
        (Link("/via", rel="VIA"), Link(f"{HERE}/via", rel="via")),
        (Link("/x", rel="odd relation"), Link(f"{HERE}/x", rel="related")),
        (Link("/x", rel="https://r.example/y"), Link(f"{HERE}/x", rel="https://r.example/y")),
        (Link("/r", rel="replies", title=" a\nb "), Link(f"{HERE}/r", rel="replies", title="a b")),
        (Link("vbscript:x", rel="related"), None),
        (Link("/1", type="text/html"), None),  # the link itself
        (Link("/self", rel="self"), None),
        (Link("/hub", rel="hub"), None),
        (Link("/edit", rel="edit"), None),
    ],
)
def test_other_links(link: Link, expected: Link | None) -> None:
    found = made(RawEntry(links=(Link("/1"), link, link))).links
    assert found == ((expected,) if expected else ())


def test_each_address_is_enclosed_once() -> None:
    links = (
        Link("/e.mp3", rel="enclosure", type="Audio/MPEG; x=y", length=-5, duration=3),
        Link("/e.mp3", rel="enclosure", length=7),
        Link("magnet:?xt=urn:btih:1", rel="enclosure"),
        Link("data:audio/mpeg,x", rel="enclosure"),
    )
    assert made(RawEntry(links=links)).enclosures == (
        Link(f"{HERE}/e.mp3", "enclosure", "audio/mpeg", duration=3),
        Link("magnet:?xt=urn:btih:1", "enclosure"),
    )


@pytest.mark.parametrize(
    "image",
    [
        "https://picsum.photos/400/300?random=1",
        "https://x.example/p/undefined",
        "",
        "data:image/png,x",
        "https://pixel.wp.com/x.gif",
        "x.png\x00://",
    ],
)
def test_placeholders_and_counters_are_no_pictures(image: str) -> None:
    assert made(RawEntry(image=image), base="").image == ""


# ── the rest ──


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ('<a href="https://a.example/">Ann</a> &amp; <b>Bob</b>', "Ann & Bob"),
        ("<script>alert(1)</script>Ann", "Ann"),
        ("Ann <ann.at.example>", "Ann <ann.at.example>"),
        ("AT&amp;T <3", "AT&T <3"),
    ],
)
def test_names_have_no_markup(written: str, name: str) -> None:
    (person,) = made(RawEntry(authors=(Person(written),))).authors
    assert person.name == name


def test_people() -> None:
    people = (
        Person(" Ann\nLee ", "/ann", "ann@blog.example"),
        Person("noreply", "javascript:alert(1)", "noreply@blogger.com"),
        Person("", "", "not an address"),
        Person("Jos&eacute; \u202ex"),
        Person("Jos&eacute; \u202ex"),
    )
    assert made(RawEntry(authors=people, contributors=people[:1])).authors == (
        Person("Ann Lee", "https://blog.example/ann", "ann@blog.example"),
        Person("noreply"),
        Person("José x"),
    )


def test_terms_are_one_line_and_not_folded() -> None:
    terms = (
        CategoryTerm(" R&amp;D \n x "),
        CategoryTerm("Ｗｅｂ", "Web\x00", "https://s.example/"),
        CategoryTerm(" "),
        CategoryTerm("", "Label"),
        CategoryTerm("R&D x"),
    )
    assert made(RawEntry(terms=terms)).terms == (
        CategoryTerm("R&D x"),
        CategoryTerm("Ｗｅｂ", "Web", "https://s.example/"),
        CategoryTerm("Label", "Label"),
    )


def test_claimed_dates_are_copied_unchecked() -> None:
    odd = datetime(9999, 1, 1, tzinfo=UTC)
    cleaned = made(
        RawEntry(id=" tag:x\x00\n", id_is_permalink=True, published=odd, path="a/b.md", language="en_us", rights="a\nb")
    )
    assert cleaned.id == "tag:x"
    assert (cleaned.published, cleaned.updated, cleaned.id_is_permalink) == (odd, None, True)
    assert (cleaned.path, cleaned.language, cleaned.rights) == ("a/b.md", "en-US", "a b")


def test_language_falls_back_to_the_texts() -> None:
    assert made(RawEntry(content=Text("x", language="zh_hant"), language="?")).language == "zh-Hant"


def test_the_source_is_cleaned_too() -> None:
    about = FeedInfo(
        id="urn:x\x00",
        title="A\nB",
        link="/",
        icon="javascript:x",
        hubs=("/hub", "/hub", "data:x"),
        self_link="self",
        language="??",
    )
    assert made(RawEntry(source=about)).source == FeedInfo(
        id="urn:x",
        title="A B",
        link="https://blog.example/",
        hubs=("https://blog.example/hub",),
        self_link=BASE + "self",
    )


# ── laws ──

ADDRESSES = ("link", "image", "comments", "href", "uri", "icon", "logo", "self_link", "hubs")


def everywhere(attack: str) -> RawEntry:
    text = Text(attack, "html", base=attack)
    return RawEntry(
        id=attack,
        id_is_permalink=True,
        title=text,
        summary=text,
        content=Text(attack, "xhtml"),
        rights=attack,
        language=attack,
        links=(Link(attack, title=attack, type=attack), Link(attack, rel="enclosure"), Link(attack, rel=attack)),
        base=attack,
        authors=(Person(attack, attack, attack),),
        terms=(CategoryTerm(attack, attack, attack),),
        image=attack,
        comments=attack,
        path=attack,
        source=FeedInfo(
            id=attack, title=attack, link=attack, icon=attack, logo=attack, hubs=(attack,), self_link=attack
        ),
    )


def unsafe_places(cleaned: CleanEntry) -> list[str]:
    """Places with characters that XML cannot carry, or with an address that no reader should follow."""
    found = []
    for path, text in strings(cleaned):
        if any(not (c in "\t\n" or " " <= c < "\ud800" or "\ue000" <= c < "\ufffe" or c > "\uffff") for c in text):
            found.append(path)
        if (
            path.endswith(ADDRESSES)
            and not path.endswith("canonical")
            and text
            and not text.startswith(("http://", "https://", *["magnet:"] * path.endswith("enclosures.href")))
        ):
            found.append(path)
    return found


@pytest.mark.torture
def test_no_attack_leaves_any_field() -> None:
    for attack in ATTACKS:
        cleaned = made(everywhere(attack))
        assert unsafe_places(cleaned) == [], attack
        for markup in (cleaned.title_html, cleaned.summary, cleaned.content):
            assert "<script" not in markup.lower(), attack
            assert "javascript:" not in " ".join(part.split('"')[0] for part in markup.split('="')[1:]), attack


@settings(max_examples=150, deadline=None)
@given(
    st.text(st.characters(codec=None), max_size=60) | st.sampled_from(ATTACKS),
    st.sampled_from(["text", "html", "xhtml"]),
)
def test_any_draft_becomes_legal(text: str, kind: TextType) -> None:
    draft = everywhere(text)
    cleaned = made(
        replace(draft, title=Text(text, kind), summary=Text(text, kind), content=Text(text, kind)), base=text
    )
    assert unsafe_places(cleaned) == []
    assert "\n" not in cleaned.title
    assert (
        made(RawEntry(content=Text(cleaned.content, "html"), title=Text(cleaned.title)), base="").content
        == cleaned.content
    )


@pytest.mark.parametrize("blank", ["\x1b\x85", "\x00 ", "<!-- -->\n", "<script>x</script> \u3000"])
def test_markup_that_leaves_only_white_space_is_empty(blank: str) -> None:
    cleaned = made(RawEntry(content=Text(blank, "html"), summary=Text(blank, "html")))
    assert (cleaned.content, cleaned.summary) == ("", "")


def test_cleaning_is_a_pure_function() -> None:
    draft = everywhere("<p>x</p>")
    assert made(draft) == made(draft)


@pytest.mark.parametrize(
    ("href", "link"),
    [
        ("https://me:pass@a.example/x", "https://a.example/x"),
        ("https://bücher.example/ü", "https://xn--bcher-kva.example/%C3%BC"),
        ("https://xn--bcher-kva.example/", "https://xn--bcher-kva.example/"),
        ("https://A.Example/X#part-2", "https://a.example/X#part-2"),
        ("https://a.example/#/route", "https://a.example/#/route"),
        ("N/A", ""),
        ("none", ""),
        ("#", ""),
        ("http://", ""),
        ("https:///", ""),
    ],
)
def test_the_link_of_an_entry(href: str, link: str) -> None:
    entry = clean(
        RawEntry(
            id=href,
            links=(Link(href), Link(href, "enclosure"), Link(href, "via")),
            image=href,
            comments=href,
            authors=(Person("A", href),),
            content=Text(f'<a href="{href}">a</a><img src="{href}">', "html"),
        ),
        base="",
        settings=ContentSettings(),
    )
    assert (entry.link, entry.image, entry.comments, entry.authors[0].uri) == (link, link, link, link)
    assert [one.href for one in (*entry.enclosures, *entry.links)] == ([link, link] if link else [])
    assert entry.content == (
        f'<a href="{link}">a</a><img src="{link}" referrerpolicy="no-referrer">' if link else "<a>a</a>"
    )


@pytest.mark.parametrize(("id_", "kept"), [("N/A", ""), ("null", ""), ("#", ""), ("0", "0"), ("none-1", "none-1")])
def test_an_id_that_says_that_there_is_none_is_none(id_: str, kept: str) -> None:
    assert clean(RawEntry(id=id_), base="", settings=ContentSettings()).id == kept
