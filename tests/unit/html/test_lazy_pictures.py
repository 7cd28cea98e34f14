"""Pictures that a script loads later are shown without it, once."""

import base64
import re

import pytest

from aggregator.html.lazy_pictures import is_stand_in
from aggregator.html.sanitize import inline_bytes, sanitize, sanitize_xhtml
from aggregator.html.writer import LONGEST
from aggregator.text.data_pictures import LARGEST, MOST
from aggregator.text.urls import ContentSettings

BASE = "https://blog.example/a/"
GIF = "data:image/gif;base64,R0lGODlhAQABAAAAACw="


def data(length: int = 300) -> str:
    return "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n".ljust(length, b"\x07")).decode()


def show(markup: str) -> str:
    shown = sanitize(markup, base=BASE, settings=ContentSettings())
    assert sanitize(shown, base=BASE, settings=ContentSettings()) == shown
    return shown


def pictures(markup: str) -> list[str]:
    """The sources, relative to the base, each with its srcset."""
    found = re.findall(r'<img src="([^"]*)"(?: srcset="([^"]*)")?', show(markup))
    return [" | ".join(filter(None, one)).replace(BASE, "") for one in found]


@pytest.mark.parametrize(
    ("markup", "found"),
    [
        # a stand-in loses to the real address
        ('<img src="spinner.gif" data-original="real.jpg">', ["real.jpg"]),
        ('<img src="lazy_placeholder.gif" data-src="real.jpg">', ["real.jpg"]),
        ('<img src="/img/blank.gif" data-lazy-src="real.jpg">', ["real.jpg"]),
        ('<img src="pixel.png" data-actualsrc="real.jpg">', ["real.jpg"]),
        ('<img src="transparent-1x1.png?v=3" data-original-src="real.jpg">', ["real.jpg"]),
        ('<img src="ajax-loader.gif" data-orig-src="real.jpg">', ["real.jpg"]),
        ('<img src="https://via.placeholder.com/300x200" data-src="real.jpg">', ["real.jpg"]),
        (f'<img src="{GIF}" data-src="real.jpg">', ["real.jpg"]),
        (f'<img src="{data()}" data-src="real.jpg">', ["real.jpg"]),
        ('<img src="data:image/svg+xml,%3Csvg xmlns=\'x\'%3E%3C/svg%3E" data-src="real.jpg">', ["real.jpg"]),
        ('<img data-src="real.jpg">', ["real.jpg"]),
        ('<img src="" data-src="real.jpg">', ["real.jpg"]),
        ('<img src="spinner.gif" data-lazy="real.jpg">', ["real.jpg"]),
        ('<img src="spinner.gif" data-lazy="true">', ["spinner.gif"]),
        ('<img src="spinner.gif" data-src="javascript:alert(1)/">', ["spinner.gif"]),
        ('<img src="spinner.gif" data-src="spacer.gif">', ["spacer.gif"]),
        # … and to candidates
        ('<img src="spinner.gif" data-srcset="a.jpg 1x, b.jpg 2x">', ["a.jpg | a.jpg 1x, b.jpg 2x"]),
        ('<img src="spinner.gif" srcset="a.jpg 1x, b.jpg 2x">', ["a.jpg | a.jpg 1x, b.jpg 2x"]),
        ('<img src="spinner.gif" data-lazy-srcset="a.jpg 320w">', ["a.jpg | a.jpg 320w"]),
        ('<img src="spinner.gif" data-src="r.jpg" data-srcset="a.jpg 2x">', ["r.jpg | a.jpg 2x"]),
        (f'<img src="r.jpg" srcset="{GIF} 1x" data-srcset="a.jpg 2x">', ["r.jpg | a.jpg 2x"]),
        ('<img src="r.jpg" srcset="blank.gif 1x" data-srcset="a.jpg 2x">', ["r.jpg | a.jpg 2x"]),
        ('<img src="r.jpg" srcset="blank.gif 1x">', ["r.jpg"]),
        ('<img src="blank.gif" srcset="blank.gif 1x" data-src="r.jpg">', ["r.jpg"]),
        # what is real stays
        ('<img src="cat.jpg" data-src="cat-large.jpg">', ["cat.jpg"]),
        ('<img src="pixel/cat.jpg" data-src="x.jpg">', ["pixel/cat.jpg"]),
        ('<img src="spinner.gif">', ["spinner.gif"]),
        ('<img srcset="blank.gif 1x">', ["blank.gif | blank.gif 1x"]),
        # the copy in <noscript>
        ('<img src="spinner.gif"><noscript><img src="real.jpg"></noscript>', ["real.jpg"]),
        (f'<img src="{GIF}" data-src="real.jpg"><noscript><img src="real.jpg"></noscript>', ["real.jpg"]),
        ('<a href="/x"><img src="blank.gif"></a> <noscript><img src="real.jpg"></noscript>', ["real.jpg"]),
        ('<img src="real.jpg"><noscript><img src="real.jpg"></noscript>', ["real.jpg"]),
        ('<img src="small.jpg" data-src="real.jpg"><noscript><img src="real.jpg"></noscript>', ["real.jpg"]),
        ('<img src="real.jpg"><noscript><img src="other.jpg"></noscript>', ["real.jpg", "other.jpg"]),
        ('<img src="blank.gif" data-src="real.jpg"><noscript><p>No script</p></noscript>', ["real.jpg"]),
        ('<img src="blank.gif" data-src="r.jpg"><noscript><img width=1 height=1 src="t.gif"></noscript>', ["r.jpg"]),
        ('<img data-src="r.jpg"><noscript><img src="https://pixel.wp.com/g.gif"></noscript>', ["r.jpg"]),
        ('<img src="blank.gif" data-src="real.jpg"><noscript><img src="real.jpg">', ["real.jpg", "real.jpg"]),
        # in <picture>
        (
            '<picture><source data-srcset="a.webp 1x"><img src="blank.gif" data-src="real.jpg"></picture>',
            ["real.jpg"],
        ),
        ('<picture><source data-srcset="a.webp 1x"><img></picture>', ["a.webp"]),
        # pictures in the address itself
        (f'<img src="{data()}">', [data()]),
        (f'<img src="{GIF}">', []),
        ('<img src="data:image/svg+xml;base64,PHN2Zz4=">', []),
        (f'<img src="{data(LARGEST + 1)}">', []),
    ],
)
def test_which_picture_is_shown(markup: str, found: list[str]) -> None:
    assert pictures(markup) == found


def test_a_source_keeps_the_candidates_of_a_script() -> None:
    shown = show('<picture><source data-srcset="a.webp?x=1&amp;y=2 1x"><img data-src="b.jpg"></picture>')
    assert f'srcset="{BASE}a.webp?x=1&amp;y=2 1x"' in shown


@pytest.mark.parametrize("name", ["href", "cite", "poster", "alt"])
def test_only_the_source_of_a_picture_may_hold_its_bytes(name: str) -> None:
    held = f'{name}="{data()}"'
    markup = f'<a {held}>a</a><q {held}>q</q><video {held}></video><img src="{data()}">'
    assert show(markup).count("data:") == 1


def test_a_text_that_begins_like_an_address_stays() -> None:
    assert ' alt="data: a talk"' in show(f'<img src="{data()}" alt="data: a talk">')


def test_pictures_in_a_text_have_little_room_together() -> None:
    each = LARGEST - 2
    shown = show("".join(f'<img src="{data(each)}">' for _ in range(6)) + f'<img src="{data(200)}">last')
    assert (shown.count("<img"), shown.endswith("last")) == (MOST // each, True)
    assert inline_bytes(shown) <= MOST
    assert show(f'<img src="{data(2 * LONGEST)}">last') == "last"
    rest = sanitize(shown, base=BASE, settings=ContentSettings(), room=each)
    assert rest.count("<img") == 1
    assert sanitize_xhtml(f"<div>{shown}</div>", base=BASE, settings=ContentSettings(), room=each) == rest


@pytest.mark.parametrize(
    ("address", "does"),
    [
        ("", True),
        (GIF, True),
        ("https://a.example/spinner.gif", True),
        ("https://a.example/x/lazy_placeholder.gif?x=1", True),
        ("https://a.example/1x1.trans.gif", True),
        ("https://a.example/Blank.PNG#x", True),
        ("https://placehold.co/600x400", True),
        ("https://a.example/cat.jpg", False),
        ("https://a.example/lazy/cat.jpg", False),
        ("https://a.example/pixelated.jpg", False),
        ("https://a.example/cat.jpg?spinner.gif", False),
        ("https://a.example/", False),
    ],
)
def test_a_stand_in_is_known_by_its_name(address: str, does: bool) -> None:
    assert is_stand_in(address) is does
