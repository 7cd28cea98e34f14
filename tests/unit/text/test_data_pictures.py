"""Pictures inside an address."""

import base64
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.text.data_pictures import LARGEST, data_picture, size

PNG = b"\x89PNG\r\n\x1a\n"
STARTS = {
    "png": PNG,
    "jpeg": b"\xff\xd8\xff\xe0",
    "gif": b"GIF89a",
    "webp": b"RIFF\x10\x00\x00\x00WEBPVP8 ",
}


def data(start: bytes = PNG, length: int = 200, head: str = "data:image/png;base64,") -> str:
    return head + base64.b64encode(start.ljust(length, b"\x07")).decode()


@pytest.mark.parametrize("kind", STARTS)
def test_the_bytes_give_the_type(kind: str) -> None:
    start = STARTS[kind]
    assert data_picture(data(start, head="data:image/svg+xml;base64,")) == data(
        start, head=f"data:image/{kind};base64,"
    )


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        (data(), True),
        (data(head=" DATA:image/png; charset=x;BASE64,"), True),
        (data(head="data:;base64,"), True),
        (data().rstrip("="), True),
        (data(length=201).rstrip("="), True),
        (data()[:60] + "\n " + data()[60:], True),
        (data()[:22] + quote(data()[22:], safe=""), True),
        (data(length=LARGEST), True),
        (data(length=LARGEST + 1), False),
        (data(length=4 * LARGEST), False),
        (data(length=99), False),
        (data(head="data:image/png,"), False),
        (data(b"<svg xmlns='http://www.w3.org/2000/svg'>", head="data:image/svg+xml;base64,"), False),
        (data(b"<svg", head="data:image/png;base64,"), False),
        (data(b"<script>alert(1)</script>", head="data:text/html;base64,"), False),
        (data(b"GIF88a"), False),
        (data(b"RIFF\x10\x00\x00\x00WAVE"), False),
        ("data:image/gif;base64,R0lGODlhAQABAAAAACw=", False),
        ("data:image/png;base64,!!!!", False),
        ("data:image/png;base64,ü" + "A" * 200, False),
        ("data:image/png;base64", False),
        ("https://a.example/;base64,iVBORw0KGgo", False),
        ("", False),
    ],
)
def test_a_picture_is_recognized(address: str, shown: bool) -> None:
    picture = data_picture(address)
    assert bool(picture) is shown
    assert data_picture(picture) == picture


@pytest.mark.parametrize("length", [100, 101, 102, 200, LARGEST])
def test_its_size(length: int) -> None:
    assert size(data_picture(data(length=length))) == length


@given(st.text(max_size=60), st.binary(max_size=200))
def test_any_text_may_be_asked(head: str, tail: bytes) -> None:
    picture = data_picture(f"data:{head};base64,{base64.b64encode(tail).decode()}")
    assert picture == data_picture(picture)
