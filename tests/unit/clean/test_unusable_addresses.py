"""What is reported of addresses that cannot be used."""

import base64

import pytest

from aggregator.clean.clean_entry import clean
from aggregator.clean.unusable_addresses import SHORTEST_DRAWING, in_draft
from aggregator.model.document import Link, RawEntry, Text
from aggregator.text.urls import ContentSettings

BASE = "https://blog.example/1"
NO_ADDRESS = "because it is no address that a feed may show"
NO_RASTER = "because it is no PNG, JPEG, GIF or WebP"
NO_SITE = "because nothing says on which site it is; a link of the post, or posts.link, would"
SETTINGS = ContentSettings()


def told(draft: RawEntry) -> list[str]:
    """Without the address that each message ends with."""
    found = in_draft(draft, clean(draft, base=draft.base, settings=SETTINGS), SETTINGS)
    return [message.rpartition(": ")[0] if ": " in message else message for message in found]


def drawing(characters: int) -> str:
    svg = "<svg xmlns='http://www.w3.org/2000/svg'>".ljust(characters * 3 // 4)
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"


@pytest.mark.parametrize(
    ("link", "place"),
    [
        (Link("javascript:alert(1)", "enclosure"), "enclosure"),
        (Link("ftp://x.example/a.mp3", "enclosure"), "enclosure"),
        (Link("http://[bad", "alternate"), "link"),
        (Link("data:text/html,x", "alternate"), "link"),
        (Link("http://", "enclosure"), ""),  # says that there is none
        (Link("n/a", "alternate"), ""),
        (Link("", "alternate"), ""),
        (Link("magnet:?xt=urn:btih:" + "a" * 40, "enclosure"), ""),
        (Link("/a.mp3", "enclosure"), ""),
        (Link("https://blog.example/a", "alternate"), ""),
        (Link("javascript:x", "self"), ""),  # not of the entry
        (Link("gopher://x.example/", "related"), "other link"),
    ],
)
def test_a_link_that_no_feed_may_show_is_told(link: Link, place: str) -> None:
    expected = [f"its {place} is left out, {NO_ADDRESS}"] if place else []
    assert told(RawEntry(links=(link,), base=BASE)) == expected


@pytest.mark.parametrize(
    ("markup", "why"),
    [
        ('<img src="ftp://x.example/a.png">', NO_ADDRESS),
        ('<img src="http://[bad">', NO_ADDRESS),
        (f'<img src="{drawing(2 * SHORTEST_DRAWING)}">', NO_RASTER),
        (f'<img src="{drawing(100)}">', ""),  # stands in for a picture that a script loads
        (f'<img src="{drawing(2 * SHORTEST_DRAWING)}" data-src="/real.png">', ""),
        ('<img src="ftp://x.example/a.png" srcset="/a.png 2x">', ""),
        ('<img src="ftp://x.example/a.png" width="1">', ""),
        ('<img src="https://stats.wordpress.com/b.gif">', ""),  # a tracker
        ('<img src="https://picsum.photos/200">', ""),  # a placeholder
        ('<img src="/a.png">', ""),
        ("<img>", ""),
    ],
)
def test_a_picture_in_a_text_that_cannot_be_shown_is_told(markup: str, why: str) -> None:
    expected = [f"its <img> is left out, {why}"] if why else []
    assert told(RawEntry(content=Text(f"<p>words {markup}</p>", "html"), base=BASE)) == expected


@pytest.mark.parametrize(
    ("image", "path", "base", "why"),
    [
        ("ftp://x.example/a.png", "", BASE, NO_ADDRESS),
        ("a.png", "", BASE, ""),
        ("", "", BASE, ""),
        ("a.svg", "posts/a.md", "", NO_RASTER),
        ("a.png", "posts/a.md", "", ""),
        ("/img/a.png", "posts/a.md", "", NO_SITE),
        ("/img/a.png", "posts/a.md", BASE, ""),
    ],
)
def test_the_picture_of_an_entry_that_cannot_be_shown_is_told(image: str, path: str, base: str, why: str) -> None:
    expected = [f"its picture is left out, {why}"] if why else []
    assert told(RawEntry(image=image, path=path, base=base)) == expected


def test_one_address_in_both_texts_is_told_once() -> None:
    text = Text('<img src="ftp://x.example/a.png">', "html")
    assert len(told(RawEntry(content=text, summary=Text(text.value + " more", "html"), base=BASE))) == 1
