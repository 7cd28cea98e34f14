"""The fingerprint that sightings are compared by, and the digest that finds edits."""

import os
import subprocess
import sys
from dataclasses import replace

import pytest

from aggregator.clean.clean_entry import ContentSettings, clean
from aggregator.clean.fingerprint import digest, fingerprint
from aggregator.html.plain_text import plain_text
from aggregator.model.document import CategoryTerm, Link, Person, RawEntry, Text
from aggregator.model.entry import CleanEntry, Fingerprint

SETTINGS = ContentSettings()
WORDS = " ".join(f"word{n}" for n in range(40))


def html(markup: str, **more: object) -> CleanEntry:
    draft = replace(RawEntry(title=Text("Title"), content=Text(markup, "html")), **more)  # type: ignore[arg-type]
    return clean(draft, base="https://blog.example/", settings=SETTINGS)


def test_blocks_separate_words_and_emphasis_does_not() -> None:
    assert plain_text("<p>one</p><p>t<b>w</b>o<br>three &amp; four</p>").split() == ["one", "two", "three", "&", "four"]


def test_text_is_folded_and_images_have_no_scheme() -> None:
    found = html(
        '<h1>Ｈead</h1><p>Café  &amp;</p><img src="http://a.example/x.png?sig=1"><img src="//a.example/x.png">'
    )
    assert found.fingerprint.text == "head\ncafé &"
    assert found.fingerprint.images == ("a.example/x.png",)
    assert found.fingerprint.title == "title"


def test_text_is_cut_at_20_000_characters() -> None:
    assert len(fingerprint("", "<p>" + "ab " * 30_000 + "</p>").text) <= 20_000


def test_a_title_alone_is_no_evidence() -> None:
    assert fingerprint("A title", "") == Fingerprint(title="a title")
    assert html("<img src='https://picsum.photos/4/3?random=1'>").fingerprint.whole == ""


def test_the_entrys_own_picture_is_evidence_unless_it_is_a_placeholder() -> None:
    assert html("", image="https://a.example/x.png").fingerprint.images == ("a.example/x.png",)
    assert html("", image="https://picsum.photos/400/300?random=1").fingerprint == html("").fingerprint


@pytest.mark.parametrize(
    ("text", "enough"),
    [(WORDS, True), (WORDS.rpartition(" ")[0], False), ("中" * 80, True), ("中" * 79, False), ("のー" * 40, True)],
)
def test_a_body_stands_alone_from_40_words_or_80_characters(text: str, enough: bool) -> None:
    assert bool(fingerprint("t", f"<p>{text}</p>").body) is enough


def test_the_same_body_under_another_title() -> None:
    one, other = fingerprint("a", f"<p>{WORDS}</p>"), fingerprint("b", f"<div>{WORDS}</div>")
    assert one.body == other.body
    assert one.whole != other.whole


DRAFT = RawEntry(
    title=Text("Title"),
    content=Text(
        '<p>Text with a <a href="https://a.example/x">link</a></p><img src="https://a.example/p.png">', "html"
    ),
    links=(Link("https://blog.example/1"), Link("https://blog.example/1.mp3", rel="enclosure", length=10)),
    authors=(Person("Ann"),),
    terms=(CategoryTerm("Python"), CategoryTerm("Web")),
)


def digest_of(draft: RawEntry) -> str:
    return clean(draft, base="https://blog.example/", settings=SETTINGS).digest


PROXIED = "https://cors.zfour.workers.dev/?https://a.example/p.png"
LINK = '<p>Text with a <a href="https://a.example/x">link</a></p>'
PICTURE = '<img src="https://a.example/p.png">'
AS_NOISE = (
    f'<p>Text  with\na <a href="https://a.example/x?utm_source=feed">link</a></p>\n{PICTURE}',
    f'{LINK}<img src="//a.example/p.png?Signature=1" width="20">',
    f'{LINK}{PICTURE}<img src="https://picsum.photos/9/9?random=12"><img src="https://pixel.wp.com/x" width=1>',
    f'<p class=z>Text with a <a href="/../x" onclick=z>link</a></p><script>1</script>{PICTURE}',
    f"{LINK}{PICTURE}".replace("a.example", "soc.a.example"),
    f'{LINK}<img loading=lazy srcset="/p2.png 2x" src="{PROXIED}">',
)


@pytest.mark.parametrize(
    "noise",
    [
        *({"content": Text(markup, "html", base="https://a.example/")} for markup in AS_NOISE),
        {"links": (Link("http://blog.example/1/?fbclid=2"), Link("https://blog.example/1.mp3?x=3", rel="enclosure"))},
        {"terms": (CategoryTerm("web"), CategoryTerm("PYTHON", label="Python"))},
        {"links": (Link("https://www.blog.example/1"), Link("https://cdn.example/1.mp3", rel="enclosure"))},
        {"title": Text(" Title\n")},
        {"id": "another", "comments": "https://blog.example/1#comments", "language": "en"},
    ],
)
def test_noise_is_no_edit(noise: dict[str, object]) -> None:
    assert digest_of(replace(DRAFT, **noise)) == digest_of(DRAFT)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "edit",
    [
        {"title": Text("title")},
        {"content": Text("<p>Text without</p>", "html")},
        {
            "content": replace(
                DRAFT.content or Text(""), value="<div>Text with a <a href='https://a.example/x'>link</a></div>"
            )
        },
        {"content": replace(DRAFT.content or Text(""), value=(DRAFT.content or Text("")).value.replace("/x", "/y"))},
        {
            "content": replace(
                DRAFT.content or Text(""), value=(DRAFT.content or Text("")).value.replace("p.png", "q.png")
            )
        },
        {"links": (Link("https://blog.example/2"), Link("https://blog.example/1.mp3", rel="enclosure"))},
        {"links": (Link("https://blog.example/1"),)},
        {"links": (Link("https://blog.example/1?page=2"), Link("https://blog.example/1.mp3", rel="enclosure"))},
        {"authors": (Person("Bob"),)},
        {"terms": (CategoryTerm("Python"),)},
    ],
)
def test_an_edit_is_seen(edit: dict[str, object]) -> None:
    assert digest_of(replace(DRAFT, **edit)) != digest_of(DRAFT)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "other", "are_alike"),
    [
        ("https://a.example/", "http://b.example", True),
        ("https://a.example/?p=1", "https://b.example/?p=1", True),
        ("https://a.example/?p=1", "https://a.example/?p=2", False),
        ("https://a.example/?to=http://x.example/1", "https://a.example/?to=http://x.example/2", False),
        ("mailto:ann@a.example", "mailto:bob@a.example", False),
        ("https://beside.invalid/p.png", "https://beside.invalid/q.png", False),
        ("data:image/png;base64,AAAA", "data:image/png;base64,AAAB", False),
    ],
)
def test_an_address_counts_without_its_host(one: str, other: str, are_alike: bool) -> None:
    first, second = (digest(CleanEntry(content=f'<p><a href="{address}">x</a></p>')) for address in (one, other))
    assert (first == second) is are_alike


@pytest.mark.torture
def test_the_digest_is_the_same_in_every_process() -> None:
    program = """
from aggregator.clean.fingerprint import digest
from aggregator.model.document import CategoryTerm
from aggregator.model.entry import CleanEntry
terms = (CategoryTerm('b'), CategoryTerm('a'), CategoryTerm('c'))
print(digest(CleanEntry(title='T', content='<p>é</p>', terms=terms)))
"""
    seen = {
        subprocess.run(
            [sys.executable, "-c", program], env={**os.environ, "PYTHONHASHSEED": seed}, check=True, capture_output=True
        ).stdout
        for seed in ("1", "2")
    }
    here = digest(
        CleanEntry(title="T", content="<p>é</p>", terms=(CategoryTerm("c"), CategoryTerm("b"), CategoryTerm("a")))
    )
    assert seen == {here.encode() + os.linesep.encode()}
    assert here == "d2f83d0ef8308a455061a32d57acb266121514a0b2a7b4d049fe6f24a449bb1b"
