"""What we publish, to the byte.

After a change that is meant: `UPDATE_GOLDEN=1 python -m pytest tests/render`, and read the difference.
"""

import os
from pathlib import Path

import pytest

from aggregator.render import FILES, Renderer

from .samples import BARE, FEED, LISTINGS, SITE

GOLDEN = Path(__file__).parent / "golden"


def documents() -> dict[str, bytes]:
    renderer = Renderer(SITE)
    return {file: renderer.feed(FEED, form).data for form, file in FILES.items()} | {
        "listing.html": renderer.index_html(LISTINGS),
        "index.json": renderer.index_json(LISTINGS),
        "opml.xml": renderer.opml(LISTINGS),
        "entry.html": renderer.entry_page(BARE),
    }


@pytest.mark.parametrize("name", sorted(documents()))
def test_bytes_are_as_they_were(name: str) -> None:
    data = documents()[name]
    if os.environ.get("UPDATE_GOLDEN"):
        (GOLDEN / name).write_bytes(data)
    assert data == (GOLDEN / name).read_bytes()


def test_equal_input_gives_equal_bytes_whatever_was_rendered_before() -> None:
    assert documents() == documents()
