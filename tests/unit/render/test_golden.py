"""Published bytes, compared with golden files.

After an intended change: run `UPDATE_GOLDEN=1 python -m pytest tests/unit/render` and review the difference.
"""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from aggregator.model.published import River
from aggregator.posts import write_post
from aggregator.publish.documents import Design, DocumentMaker
from aggregator.render import FILES, Nearby, Renderer, post_body, post_matter
from tests.support.samples import BARE, FEED, FULL, LISTINGS, SITE, WITHDRAWN

GOLDEN = Path(__file__).parent / "golden"
TOLD_BY = ("atom", "rss", "json")  # a page tells nothing


def documents() -> dict[str, bytes]:
    renderer = Renderer(SITE)
    return {file: renderer.feed(FEED, form).data for form, file in FILES.items()} | {
        "listing.html": renderer.index_html(LISTINGS),
        "front.html": renderer.index_html(LISTINGS, river=River((FULL, BARE), "all/archive/1/2/index.html")),
        "index.json": renderer.index_json(LISTINGS),
        "opml.xml": renderer.opml(LISTINGS),
        "entry.html": renderer.entry_page(BARE),
        "post.html": write_post(post_matter(FULL), post_body(FULL)),
    }


def withdrawn() -> dict[str, bytes]:
    """Documents that tell a withdrawal. Their entries are those of `documents`."""
    made = DocumentMaker(Design(SITE, None, ("atom", "rss", "json"))).documents(WITHDRAWN, Nearby(), TOLD_BY)
    return {f"withdrawn-{FILES[form]}": result.data or b"withheld" for form, result in made.items()}


@pytest.mark.parametrize("name", sorted(documents() | withdrawn()))
def test_bytes_are_as_they_were(name: str) -> None:
    data = (documents() | withdrawn())[name]
    if os.environ.get("UPDATE_GOLDEN"):
        (GOLDEN / name).write_bytes(data)
    assert data == (GOLDEN / name).read_bytes()


def test_equal_input_gives_equal_bytes_each_time() -> None:
    assert documents() == documents()


@pytest.mark.parametrize(("form", "words"), [("atom", b"<at:deleted-entry "), ("rss", b"<description>Removed<")])
def test_a_feed_that_tells_a_withdrawal_shows_the_same_entries(form: str, words: bytes) -> None:
    """Apart from the date of the feed, only tombstones or stubs are added."""
    plain = Renderer(SITE).feed(replace(FEED, updated=WITHDRAWN.updated), form).data.splitlines()
    told = withdrawn()[f"withdrawn-{FILES[form]}"].splitlines()
    assert [line for line in told if words not in line] == plain
