"""Pictures and enclosures in forms that no specification has, but publishers write."""

import pytest

from aggregator.model.document import FeedDocument
from aggregator.parse import parse
from tests.support.republishing import URL, cleaned, republished

SPACES = (
    'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:media="http://search.yahoo.com/mrss/"'
    ' xmlns:atom="http://www.w3.org/2005/Atom"'
)
CHANNEL = "<title>T</title><link>https://a.example/</link><image><title>Logo</title><url>https://a.example/logo.png</url></image>"


def document(items: str) -> bytes:
    return f'<rss version="2.0" {SPACES}><channel>{CHANNEL}{items}</channel></rss>'.encode()


def parsed(items: str) -> FeedDocument:
    return parse(document(items), url=URL)


A = "https://a.example/"


@pytest.mark.parametrize(
    ("inner", "image"),
    [
        (f"<image>{A}p.gif</image>", "p.gif"),
        (f"<image>\n {A}p.gif\n</image>", "p.gif"),
        (f"<image><url>{A}p.gif</url></image>", "p.gif"),
        (f"<image><title>\nA caption\n</title><url>\n{A}p.gif\n</url></image>", "p.gif"),
        (f"<image><url>{A}p.gif</url><title>T</title><link>{A}x</link><width>9</width></image>", "p.gif"),
        (f'<image href="{A}p.gif"/>', "p.gif"),
        (f'<image url="{A}p.gif"/>', "p.gif"),
        (f'<image src="{A}p.gif">A caption</image>', "p.gif"),
        (f'<image url="{A}p.gif"><url>{A}q.gif</url></image>', "p.gif"),
        ("<image><url>/p.gif</url></image>", "p.gif"),
        (f"<itunes:image>{A}p.gif</itunes:image>", "p.gif"),
        (f"<itunes:image><url>{A}p.gif</url></itunes:image>", "p.gif"),
        (f'<itunes:image href="{A}p.gif"/>', "p.gif"),
        (f'<itunes:image url="{A}p.gif"/>', "p.gif"),
        (f'<media:thumbnail url="{A}t.gif"/><image>{A}p.gif</image>', "t.gif"),
        (f"<image>{A}p.gif</image><image>{A}q.gif</image>", "p.gif"),
        ("<image>A caption</image>", ""),
        ("<image>none</image>", ""),
        ("<image/>", ""),
        (f"<atom:author><atom:name>N</atom:name><atom:uri>{A}n.gif</atom:uri></atom:author>", ""),
    ],
)
def test_the_picture_of_an_item(inner: str, image: str) -> None:
    (entry,) = cleaned(document(f"<item><guid>{A}1</guid>{inner}<title>One</title></item>"))
    assert entry.image == (A + image if image else "")
    assert (entry.title, entry.id, entry.link) == ("One", f"{A}1", f"{A}1")
    for form in ("atom", "rss", "json"):
        (again,) = cleaned(republished(document(f"<item>{inner}<guid>{A}1</guid></item>"), form))
        assert again.image == entry.image


def test_the_picture_of_the_channel_stays_its_own() -> None:
    found = parsed(f"<item><image><url>{A}p.gif</url></image></item>")
    assert (found.about.logo, found.about.title) == (f"{A}logo.png", "T")


def test_a_picture_ends_with_its_item_in_a_loosely_read_document() -> None:
    items = f"<item><image><url>{A}p.gif</url><title>1 & <b>2</item><item><guid>{A}2</guid><url>{A}u</url></item>"
    assert [draft.image for draft in parsed(items).drafts] == [f"{A}p.gif", ""]


@pytest.mark.parametrize(
    ("inner", "found"),
    [
        (f"<enclosure>{A}a%20b.mp3</enclosure>", [("a%20b.mp3", "", None)]),
        (f"<enclosure>\n{A}a.mp3\n</enclosure>", [("a.mp3", "", None)]),
        (f'<enclosure type="audio/mpeg" length="9">{A}a.mp3</enclosure>', [("a.mp3", "audio/mpeg", 9)]),
        (f'<enclosure url="">{A}a.mp3</enclosure>', [("a.mp3", "", None)]),
        (f"<enclosure>{A}a.mp3</enclosure><enclosure>{A}b.mp3</enclosure>", [("a.mp3", "", None), ("b.mp3", "", None)]),
        (f'<enclosure url="{A}a.mp3">{A}b.mp3</enclosure>', [("a.mp3", "", None)]),
        ("<enclosure>a.mp3</enclosure>", [("a.mp3", "", None)]),
        ("<enclosure>No recording</enclosure>", []),
        ("<enclosure>none</enclosure>", []),
        ("<enclosure/>", []),
    ],
)
def test_an_enclosure_may_be_text(inner: str, found: list[tuple[str, str, int | None]]) -> None:
    (entry,) = cleaned(document(f"<item><guid isPermaLink='false'>1</guid>{inner}<title>One</title></item>"))
    assert [(one.href.removeprefix(A), one.type, one.length) for one in entry.enclosures] == found
    assert entry.title == "One"
