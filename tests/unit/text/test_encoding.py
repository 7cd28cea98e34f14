"""The real encoding of a document."""

import pytest

from aggregator.parse import parse
from aggregator.text.encoding import decode

URL = "https://feeds.example/feed.xml"
TEXT = "Žluťoučký kůň"
CYRILLIC = "Съешь же ещё этих мягких французских булок"


def feed(title: str, encoding: str = "") -> str:
    declaration = f'<?xml version="1.0" encoding="{encoding}"?>' if encoding else ""
    return f'{declaration}<rss version="2.0"><channel><title>{title}</title></channel></rss>'


@pytest.mark.parametrize(
    ("codec", "declared", "content_type"),
    [
        ("utf-8", "", ""),
        ("utf-8", "utf-8", "text/xml"),
        ("utf-8", "", "text/html"),
        ("utf-8", "iso-8859-1", ""),
        ("utf-8", "", "text/xml; charset=iso-8859-1"),
        ("utf-8", "utf-16", ""),
        ("utf-8-sig", "windows-1250", "text/plain; charset=us-ascii"),
        ("utf-16", "utf-16", "application/xml"),
        ("utf-16", "", "application/rss+xml; charset=utf-8"),
        ("utf-16-le", "utf-16", ""),
        ("utf-16-be", "utf-16", ""),
        ("utf-32", "", ""),
        ("utf-32-be", "utf-32", ""),
        ("iso-8859-2", "iso-8859-2", ""),
        ("iso-8859-2", "ISO-8859-2", "text/xml"),
        ("iso-8859-2", "iso-8859-2", "text/xml; charset=ISO-8859-1"),
        ("iso-8859-2", "iso-8859-2", "text/xml; charset=utf-8"),
        ("iso-8859-2", "", 'application/rss+xml; charset="iso-8859-2"'),
        ("windows-1250", "no-such-encoding", "text/xml; charset=windows-1250"),
        ("windows-1250", "zlib", "text/xml; charset=windows-1250"),
        ("windows-1250", "utf-8", "text/xml; charset=windows-1250"),
    ],
)
def test_the_encoding_is_found(codec: str, declared: str, content_type: str) -> None:
    document = parse(feed(TEXT, declared).encode(codec), url=URL, content_type=content_type)
    assert document.about.title == TEXT
    assert document.complete


@pytest.mark.parametrize(
    ("codec", "declared", "title"),
    [
        ("gb18030", "gb2312", "镕基 中文"),
        ("cp932", "Shift_JIS", "①日本語"),
        ("cp949", "euc-kr", "똠방각하"),
        ("koi8-r", "koi8-r", CYRILLIC),
        ("iso-2022-jp", "iso-2022-jp", "日本語"),
        ("windows-1252", "iso-8859-1", "“quoted” – 5 €"),
        ("utf-7", "utf-7", "日本語"),
        ("cp037", "cp037", "plain"),
    ],
)
def test_names_of_subsets_mean_the_wider_encoding(codec: str, declared: str, title: str) -> None:
    assert parse(feed(title, declared).encode(codec), url=URL).about.title == title


def test_a_bad_byte_garbles_only_itself() -> None:
    body = feed(f"{CYRILLIC}?", "utf-8").encode().replace(b"?<", b"\xe9<")
    assert parse(body, url=URL).about.title == f"{CYRILLIC}\ufffd"


def test_undeclared_bytes_that_are_not_utf_8_are_windows_1252() -> None:
    assert parse(feed("café – naïve").encode("cp1252"), url=URL).about.title == "café – naïve"


@pytest.mark.parametrize(
    "name", ["idna", "punycode", "unicode_escape", "undefined", "rot13", "hex", "\x00", "x" * 5000]
)
def test_unusable_codec_names_are_ignored(name: str) -> None:
    assert decode(f'<?xml version="1.0" encoding="{name}"?>\\u0041é'.encode("latin-1")).endswith("\\u0041é")


def test_the_first_character_of_json_gives_its_encoding() -> None:
    text = '{"version": "https://jsonfeed.org/version/1.1", "title": "é", "items": []}'
    for codec in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32-be"):
        for content_type in ("text/html", "application/xml", ""):
            assert parse(text.encode(codec), url=URL, content_type=content_type).about.title == "é"
