"""Link headers, as RFC 8288 writes them and as servers do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.text.link_header import MOST, HeaderLink, read_links

HUB, SELF = HeaderLink("https://hub.example/", ("hub",)), HeaderLink("/feed", ("self",))


@pytest.mark.parametrize(
    ("value", "links"),
    [
        ("", []),
        ('<https://hub.example/>; rel="hub", </feed>; rel="self"', [HUB, SELF]),
        ("<https://hub.example/>;rel=hub,</feed>;rel=self", [HUB, SELF]),
        ("< https://hub.example/ > ; REL = HUB", [HUB]),
        ('<https://hub.example/>; rel="hub"; rel="self"', [HUB]),
        ('<a>; rel="alternate Hub"', [HeaderLink("a", ("alternate", "hub"))]),
        ('<x?a,b;c>; title="a, b; <c> \\"rel=self"; rel=hub', [HeaderLink("x?a,b;c", ("hub",))]),
        ('<a>; rel=hub; anchor="/other", </feed>; rel=self', [SELF]),
        ("<a>", [HeaderLink("a", ())]),
        ("no link, </feed>; rel=self", [SELF]),
        ('<a>; rel="hub, </feed>; rel=self', [HeaderLink("a", ('"hub,', "</feed>;", "rel=self"))]),
        ("<never closed; rel=hub", []),
    ],
)  # fmt: skip
def test_links_are_read(value: str, links: list[HeaderLink]) -> None:
    assert read_links(value) == links


def test_no_more_than_some_are_read() -> None:
    assert len(read_links("<a>; rel=hub," * 1000)) == MOST


@given(st.text('<>;,="\\ \trelhub', max_size=200))
def test_any_text_can_be_read(value: str) -> None:
    read_links(value)


@given(st.lists(st.tuples(st.text("ab/:?,;=", min_size=1), st.sampled_from(["hub", "self"]))))
def test_what_is_written_is_read_again(pairs: list[tuple[str, str]]) -> None:
    written = ", ".join(f'<{target}>; rel="{rel}"' for target, rel in pairs)
    assert [(link.target, *link.rels) for link in read_links(written)] == pairs
