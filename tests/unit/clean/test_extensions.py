"""Extension elements are cleaned: text and addresses, no markup."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.clean.clean_entry import ContentSettings, clean
from aggregator.clean.extensions import LONGEST_TEXT, MOST, MOST_CHARACTERS
from aggregator.model.document import Extension, Link, RawEntry, Text
from aggregator.model.entry import CleanEntry
from tests.unit.clean.test_clean_entry import ATTACKS

BASE = "https://blog.example/feed/"


def made(*extras: Extension, draft: RawEntry | None = None) -> CleanEntry:
    said = draft or RawEntry(title=Text("Title"), content=Text("<p>The <b>text</b></p>", "html"))
    return clean(
        RawEntry(title=said.title, content=said.content, links=said.links, extras=extras),
        base=BASE,
        settings=ContentSettings(placeholders=("https://blog.example/none.png",)),
    )


@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        (Extension("podcast:transcript", (("url", "../1.vtt"),)), [("url", "https://blog.example/1.vtt")]),
        (Extension("podcast:person", (("img", "a.jpg"), ("role", " host\n")), "Ann"),
         [("img", "https://blog.example/feed/a.jpg"), ("role", "host")]),
        (Extension("thr:in-reply-to", (("ref", "tag:a.example,2020:0"),)), [("ref", "tag:a.example,2020:0")]),
        (Extension("media:description", (("type", "html"),), "<p>A</p>"), [("type", "plain")]),
        (Extension("media:content",
               (("url", "/1"), ("fileSize", "0"), ("duration", "17.4"), ("width", "2em"), ("type", "x"))),
         [("url", "https://blog.example/1"), ("duration", "17")]),
        (Extension("media:credit", (("role", "javascript:alert(1)"),), "A"), []),
        (Extension("media:credit", (("role", " java\x00script :x"),), "A"), []),
        (Extension("media:credit", (("on load", "1"), ("x" * 99, "1"), ("a:b", "1")), "A"), []),
    ],
)  # fmt: skip
def test_attributes_are_one_line_and_addresses_absolute(extra: Extension, expected: list[tuple[str, str]]) -> None:
    (found,) = made(extra).extras
    assert list(found.attributes) == expected


@pytest.mark.parametrize(
    "extra",
    [
        Extension("media:content", (("url", "javascript:alert(1)"), ("type", "video/mp4"))),
        Extension("media:content", (("url", "ftp://a.example/1"),)),
        Extension("media:player", (("url", "data:text/html,x"),)),
        Extension("podcast:person", (("href", "file:///etc/passwd"),), "Ann"),
        Extension("wfw:commentRss", (), "javascript:alert(1)"),
        Extension("media:thumbnail", (("url", "/none.png"),)),
        Extension("media:thumbnail", (("width", "9"),)),
        Extension("media:content", (("medium", "video"),), "words"),
        Extension("media:group"),
        Extension("media:group", (), "", (Extension("media:content", (("url", "x:y"),)),)),
        Extension("dc:creator", (), "Ann"),
        Extension("podcast:guid", (), "1"),
        Extension("other:thing", (), "1"),
        Extension("media:a b", (), "1"),
        Extension("", (), "1"),
        Extension("itunes:summary", (), "<script>alert(1)</script>"),
        Extension("itunes:summary", (), " The text "),
        Extension("media:title", (), "Title"),
    ],
)
def test_unsafe_empty_and_repeated_elements_are_left_out(extra: Extension) -> None:
    assert made(extra).extras == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<p>A <b>b</b></p><script>x</script>", "A b"),
        ("1 < 2 & 3", "1 < 2 & 3"),
        ("&lt;b&gt;", "&lt;b&gt;"),
        ("<i>x</i>&lt;img src=x onerror=y&gt;z", "xz"),
        ("a\x00\x0bb", "ab"),
    ],
)
def test_text_is_plain(text: str, expected: str) -> None:
    (found,) = made(Extension("media:description", (), text)).extras
    assert found.text == expected


@pytest.mark.variants(quick=60)
@pytest.mark.parametrize("attack", ATTACKS)
def test_no_attack_comes_through(attack: str) -> None:
    found = made(
        Extension("media:description", (), attack),
        Extension("media:content", (("url", attack), ("x", attack))),
        Extension("media:group", (), attack, (Extension("media:credit", (("href", attack),), attack),)),
    ).extras
    texts = [one.text for extra in found for one in (extra, *extra.children)]
    assert not any(re.search(r"<[A-Za-z/!?]", text) for text in texts)
    every = [one for extra in found for one in (extra, *extra.children)]
    addresses = [value for one in every for name, value in one.attributes if name in ("url", "href")]
    assert all(address.startswith(("http://", "https://")) for address in addresses)


@given(st.text(max_size=300))
def test_cleaning_text_twice_changes_nothing(text: str) -> None:
    once = made(Extension("media:credit", (("role", text),), text)).extras
    assert made(*once).extras == once


def test_they_are_bounded() -> None:
    assert len(made(*[Extension("media:credit", (), "x")] * (MOST + 9)).extras) == MOST
    assert len(made(Extension("media:credit", (), "x" * (LONGEST_TEXT + 9))).extras[0].text) == LONGEST_TEXT
    many = made(*[Extension("media:credit", (), "x" * LONGEST_TEXT)] * 50).extras
    assert sum(len(extra.text) for extra in many) <= MOST_CHARACTERS


def test_they_are_no_edit() -> None:
    page = Link("https://blog.example/1")
    plain, typed = (RawEntry(links=(link,)) for link in (page, Link(page.href, type="text/html", title="One")))
    assert made(Extension("slash:comments", (), "5")).digest == made(Extension("slash:comments", (), "6")).digest
    assert made(draft=plain).digest == made(draft=typed).digest
    assert made(draft=typed).page == Link(page.href, type="text/html", title="One")
    assert made(draft=plain).page is None


def test_media_content_with_a_player_but_no_address_becomes_a_group() -> None:
    player = Extension("media:player", (("url", "https://blog.example/play"),))
    (found,) = made(Extension("media:content", (("medium", "video"),), "", (player,))).extras
    assert found == Extension("media:group", children=(player,))
