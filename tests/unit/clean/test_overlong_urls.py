"""What is reported of addresses that are too long."""

import pytest

from aggregator.clean.overlong_urls import in_draft
from aggregator.model.document import RawEntry, Text
from aggregator.text.data_pictures import LARGEST
from aggregator.text.urls import ContentSettings


def image(size: int, attributes: str = "") -> str:
    return f'<img src="data:image/png;base64,{"A" * (size * 4 // 3)}"{attributes}>'


@pytest.mark.parametrize(
    ("markup", "told"),
    [
        (image(LARGEST), 0),
        (image(LARGEST + 3), 1),
        (image(LARGEST + 3, ' data-src="/real.png"'), 0),
        (image(LARGEST) * 4, 0),
        (image(LARGEST) * 6, 2),
    ],
)
def test_pictures_in_a_text_are_reported_where_they_have_no_room(markup: str, told: int) -> None:
    found = in_draft(RawEntry(content=Text(markup, "html")), ContentSettings())
    assert [str(one) for one in found] == told * [
        "its <img> is left out, a picture in the text itself, where 64 KiB each and 256 KiB together are the most"
    ]
