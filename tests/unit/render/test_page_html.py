"""Foreign HTML on our pages is accessible, and nothing is added to its text."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from aggregator.html.sanitize import sanitize
from aggregator.render.page_html import content_html
from aggregator.text.urls import ContentSettings

PIECES = st.sampled_from([
    "<h1>", "</h1>", "<h3>", "</h3>", "<a href='https://x.example/'>", "</a>", "<img src='https://x.example/1'>", "<p>",
    "<img alt='x' src='https://x.example/2'>", "<table><tr><td>", "</table>", "<pre>", "</pre>", "text", "&lt;h1&gt;",
    "<abbr title='<img src=x onerror=alert(1) y>'>", "<abbr title='<h1>\" <a b>'>", "</abbr>",
    "<ul>", "</ul>", "<ol><li>", "</li>", "<video src='https://x.example/3'>",
])  # fmt: skip


@pytest.mark.parametrize(
    ("markup", "levels"),
    [
        ("<h1>a</h1><h2>b</h2><h1>c</h1>", [3, 4, 3]),
        ("<h2>a</h2><h2>b</h2><h5>c</h5>", [3, 3, 4]),
        ("<h4>a</h4><h1>b</h1><h4>c</h4>", [3, 3, 4]),
        ("<h1>a</h1><h2>b</h2><h3>c</h3><h4>d</h4><h5>e</h5><h6>f</h6>", [3, 4, 5, 6, 6, 6]),
    ],
)
def test_headings_are_below_the_entrys_own_and_skip_no_level(markup: str, levels: list[int]) -> None:
    shown = content_html(markup, 2)
    assert [int(level) for level in re.findall(r"<h(\d)>", shown)] == levels
    assert [int(level) for level in re.findall(r"</h(\d)>", shown)] == levels


def test_an_entry_page_has_one_heading_level_more() -> None:
    assert content_html("<h1>a</h1>", 1) == "<h2>a</h2>"


@pytest.mark.parametrize(
    ("markup", "shown"),
    [
        ('<img src="x">', '<img loading=lazy alt src="x">'),
        ('<img src="x" alt="A cat" loading="lazy">', '<img src="x" alt="A cat" loading="lazy">'),
        ('<audio controls="" src="x"></audio>', '<audio preload=none controls="" src="x"></audio>'),
        ('<video src="x"></video>', '<video preload=none src="x"></video>'),
        ("<pre>x</pre>", "<pre tabindex=0>x</pre>"),
        ("<table><tr></tr></table>", "<div class=wide tabindex=0><table><tr></tr></table></div>"),
        ("no tag & none", "no tag & none"),
    ],
)
def test_media_load_lazily_images_have_an_alt_and_wide_elements_scroll(markup: str, shown: str) -> None:
    assert content_html(markup, 2) == shown


@pytest.mark.parametrize(
    ("markup", "label"),
    [
        ('<a href="x"><img src="y"></a>', "Picture"),
        ('<a href="x"> <span><img src="y" alt=" "></span></a>', "Picture"),
        ('<a href="x"><img src="y" alt="A cat"></a>', None),
        ('<a href="x"><img src="y"> a cat</a>', None),
        ('<a href="x">a cat</a>', None),
    ],
)
def test_a_link_without_text_is_labeled_as_a_picture(markup: str, label: str | None) -> None:
    link = html.fragment_fromstring(content_html(markup, 2))
    assert (link.get("aria-label"), link.get("href")) == (label, "x")


def test_an_empty_link_is_no_link() -> None:
    assert content_html('<a href="x"> </a>', 2) == "<a> </a>"


@pytest.mark.parametrize(
    ("markup", "shown"),
    [
        ("<ul><li>a</li><ul><li>b</li></ul></ul>", "<ul><li>a</li><li><ul><li>b</li></ul></li></ul>"),
        ("<ol><p>a</p><p>b</p><li>c</li></ol>", "<ol><li><p>a</p><p>b</p></li><li>c</li></ol>"),
        ("<ul>a<li>b</li> </ul>", "<ul><li>a</li><li>b</li> </ul>"),
        ("<ul>a <i>b</i></ul><p>c</p>", "<ul><li>a <i>b</i></li></ul><p>c</p>"),
        ("<ul><li>a<ul><li>b</li></ul>c</li></ul>", "<ul><li>a<ul><li>b</li></ul>c</li></ul>"),
        ("<ul></ul>", "<ul></ul>"),
    ],
)
def test_a_list_contains_only_items(markup: str, shown: str) -> None:
    assert content_html(markup, 2) == shown


@pytest.mark.parametrize("value", ["<img src=y onerror=z>", "<h1>", "<a b><table>", "></a><pre>"])
def test_a_value_is_never_taken_for_a_tag(value: str) -> None:
    markup = f'<abbr title="{value}">x</abbr>'
    assert content_html(markup, 2) == markup


@given(st.lists(PIECES, max_size=12).map("".join))
def test_sanitized_html_keeps_its_text_and_gains_only_our_elements(markup: str) -> None:
    clean = sanitize(markup, base="", settings=ContentSettings())
    before, after = (html.fragment_fromstring(one, create_parent="div") for one in (clean, content_html(clean, 2)))
    assert after.text_content() == before.text_content()
    known = {name for element in before.iter() for name in element.attrib}
    gained = {name for element in after.iter() for name in element.attrib} - known
    assert gained <= {"loading", "alt", "preload", "tabindex", "class", "aria-label"}


@pytest.mark.parametrize(
    ("markup", "is_alone"),
    [
        ('<p><img src="x"></p>', True),
        ('<p> <a href="y"> <img src="x"> </a> </p>', True),
        ('<figure><img src="x"><figcaption>Said</figcaption></figure>', True),
        ('<p>text <img src="x"></p>', False),
        ('<p><img src="x"> text</p>', False),
        ('<p><a href="y">text <img src="x"></a></p>', False),
        ('<p><b><img src="x"></b></p>', False),
        ('<img src="x">', False),
        ('<p><img src="x"><img src="y"></p>', False),
        ('<a href="y"><img src="x"></a>', False),
    ],
)
def test_a_picture_that_stands_alone_is_a_block(markup: str, is_alone: bool) -> None:
    assert ("class=alone" in content_html(markup, 1)) == is_alone
