"""Elements of other vocabularies made safe: text and addresses, no markup."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.clean.clean_entry import ContentSettings, clean
from aggregator.clean.extensions import LONGEST_TEXT, MOST, MOST_CHARACTERS
from aggregator.model.entry import Clean, Draft, Extra, Link, Text
from tests.unit.clean.test_clean_entry import ATTACKS

BASE = "https://blog.example/feed/"


def made(*extras: Extra, draft: Draft | None = None) -> Clean:
    said = draft or Draft(title=Text("Title"), content=Text("<p>The <b>text</b></p>", "html"))
    return clean(
        Draft(title=said.title, content=said.content, links=said.links, extras=extras),
        base=BASE,
        settings=ContentSettings(placeholders=("https://blog.example/none.png",)),
    )


@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        (Extra("podcast:transcript", (("url", "../1.vtt"),)), [("url", "https://blog.example/1.vtt")]),
        (Extra("podcast:person", (("img", "a.jpg"), ("role", " host\n")), "Ann"),
         [("img", "https://blog.example/feed/a.jpg"), ("role", "host")]),
        (Extra("thr:in-reply-to", (("ref", "tag:a.example,2020:0"),)), [("ref", "tag:a.example,2020:0")]),
        (Extra("media:description", (("type", "html"),), "<p>A</p>"), [("type", "plain")]),
        (Extra("media:content",
               (("url", "/1"), ("fileSize", "0"), ("duration", "17.4"), ("width", "2em"), ("type", "x"))),
         [("url", "https://blog.example/1"), ("duration", "17")]),
        (Extra("media:credit", (("role", "javascript:alert(1)"),), "A"), []),
        (Extra("media:credit", (("role", " java\x00script :x"),), "A"), []),
        (Extra("media:credit", (("on load", "1"), ("x" * 99, "1"), ("a:b", "1")), "A"), []),
    ],
)  # fmt: skip
def test_attributes_are_one_line_and_addresses_absolute(extra: Extra, expected: list[tuple[str, str]]) -> None:
    (found,) = made(extra).extras
    assert list(found.attributes) == expected


@pytest.mark.parametrize(
    "extra",
    [
        Extra("media:content", (("url", "javascript:alert(1)"), ("type", "video/mp4"))),
        Extra("media:content", (("url", "ftp://a.example/1"),)),
        Extra("media:player", (("url", "data:text/html,x"),)),
        Extra("podcast:person", (("href", "file:///etc/passwd"),), "Ann"),
        Extra("wfw:commentRss", (), "javascript:alert(1)"),
        Extra("media:thumbnail", (("url", "/none.png"),)),
        Extra("media:thumbnail", (("width", "9"),)),
        Extra("media:content", (("medium", "video"),), "words"),
        Extra("media:group"),
        Extra("media:group", (), "", (Extra("media:content", (("url", "x:y"),)),)),
        Extra("dc:creator", (), "Ann"),
        Extra("podcast:guid", (), "1"),
        Extra("other:thing", (), "1"),
        Extra("media:a b", (), "1"),
        Extra("", (), "1"),
        Extra("itunes:summary", (), "<script>alert(1)</script>"),
        Extra("itunes:summary", (), " The text "),
        Extra("media:title", (), "Title"),
    ],
)
def test_what_is_unsafe_empty_or_said_already_is_left_out(extra: Extra) -> None:
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
    (found,) = made(Extra("media:description", (), text)).extras
    assert found.text == expected


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_attack_comes_through(attack: str) -> None:
    found = made(
        Extra("media:description", (), attack),
        Extra("media:content", (("url", attack), ("x", attack))),
        Extra("media:group", (), attack, (Extra("media:credit", (("href", attack),), attack),)),
    ).extras
    texts = [one.text for extra in found for one in (extra, *extra.children)]
    assert not any(re.search(r"<[A-Za-z/!?]", text) for text in texts)
    every = [one for extra in found for one in (extra, *extra.children)]
    addresses = [value for one in every for name, value in one.attributes if name in ("url", "href")]
    assert all(address.startswith(("http://", "https://")) for address in addresses)


@given(st.text(max_size=300))
def test_text_comes_to_rest(text: str) -> None:
    once = made(Extra("media:credit", (("role", text),), text)).extras
    assert made(*once).extras == once


def test_they_are_bounded() -> None:
    assert len(made(*[Extra("media:credit", (), "x")] * (MOST + 9)).extras) == MOST
    assert len(made(Extra("media:credit", (), "x" * (LONGEST_TEXT + 9))).extras[0].text) == LONGEST_TEXT
    many = made(*[Extra("media:credit", (), "x" * LONGEST_TEXT)] * 50).extras
    assert sum(len(extra.text) for extra in many) <= MOST_CHARACTERS


def test_they_are_no_edit() -> None:
    page = Link("https://blog.example/1")
    plain, typed = (Draft(links=(link,)) for link in (page, Link(page.href, type="text/html", title="One")))
    assert made(Extra("slash:comments", (), "5")).digest == made(Extra("slash:comments", (), "6")).digest
    assert made(draft=plain).digest == made(draft=typed).digest
    assert made(draft=typed).page == Link(page.href, type="text/html", title="One")
    assert made(draft=plain).page is None


def test_a_medium_that_has_a_player_in_place_of_an_address_is_a_group() -> None:
    player = Extra("media:player", (("url", "https://blog.example/play"),))
    (found,) = made(Extra("media:content", (("medium", "video"),), "", (player,))).extras
    assert found == Extra("media:group", children=(player,))
