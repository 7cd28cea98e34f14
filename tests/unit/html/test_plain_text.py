"""The text of markup, whole or cut off: equal to the results of simple patterns, which take quadratic time."""

import re

from hypothesis import given
from hypothesis import strategies as st

from aggregator.html.plain_text import passages, pieces, untagged
from aggregator.render.page_html import _TAG, content_html
from aggregator.render.plain_text import plain
from aggregator.render.tags import INNER, each_tag, ends
from aggregator.text.regex import Linear

OBVIOUS_PIECE = re.compile(r"<(/?[a-z0-9]+)([^>]*)>|([^<]+)")
OBVIOUS_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)((?:[^\">]|\"[^\"]*\")*)>")
OBVIOUS_LINK = re.compile(r"<a(?: (?:[^\">]|\"[^\"]*\")*)?>")
LINK = re.compile(rf"<a(?=[ >]){INNER}(>)?")
OBVIOUS_GAP = re.compile(r"</?[a-zA-Z][a-zA-Z0-9-]*(?:[^\">]|\"[^\"]*\")*>|<!--.*?-->", re.DOTALL)

SIGNS = '< > " - <a <b </a> <!-- --> <br> <br <p class="x"> <a href="<b>"> = x & &lt; é'.split()
markups = st.lists(st.sampled_from([*SIGNS, " ", "\n"]), max_size=12).map("".join)


@given(markups)
def test_only_tags_are_removed(markup: str) -> None:
    assert untagged(markup) == re.sub(r"<[^>]*>", "", markup)
    assert untagged("".join(passages(markup))) == untagged(re.sub(r"</?(?:br|p)(?:\s[^>]*)?>", "", markup))


@given(markups)
def test_pieces_are_tags_and_texts(markup: str) -> None:
    assert [(name, attributes, text) for name, attributes, _, text in pieces(markup)] == OBVIOUS_PIECE.findall(markup)


@given(markups)
def test_every_closed_tag_is_found(markup: str) -> None:
    spans = [found.span() for found in OBVIOUS_TAG.finditer(markup)]
    assert [found.span() for found in each_tag(_TAG, markup, 4)] == spans
    links = OBVIOUS_LINK.findall(markup)
    assert [found[0] for found in ends(LINK, markup)] == [">"] * len(links)


@given(markups)
def test_plain_text_has_no_tag_and_no_comment(markup: str) -> None:
    bare = OBVIOUS_GAP.sub("", markup).replace("&lt;", "<")
    assert "".join(plain(markup).split()) == "".join(bare.split())


@given(markups)
def test_prose_keeps_all_text(markup: str) -> None:
    assert plain(content_html(markup, 1)) == plain(markup)


TEXTS = st.text(st.sampled_from(["a", ",", " ", "1", "w", "\u3000", "\ud800", "é", "[", "]"]), max_size=20)


@given(TEXTS)
def test_a_linear_expression_finds_what_re_finds(text: str) -> None:
    for pattern in (r"\s*([^\s,]\S*[^\s,])(?:\s+\d+w)*\s*(?:,|$)", r"\[([^\[\]]*)\]"):
        assert Linear(pattern).findall(text) == re.findall(pattern, text)
        assert Linear(pattern).sub(r"<\1>", text) == re.sub(pattern, r"<\1>", text)
