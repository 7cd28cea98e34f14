"""The real encoding of a document."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.parse import parse
from aggregator.text.encoding import Decoded, decode, decoded

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


# Bytes, what is declared, the Content-Type, the text: what no rule of the standards alone would read right.
ODD: list[tuple[bytes, str, str, str]] = [
    # names that no standard has
    (b"\xcf\xf0\xe8\xe2\xe5\xf2", "cp-1251", "", "Привет"),
    (b"\xcf\xf0\xe8\xe2\xe5\xf2", "WIN-1251", "", "Привет"),
    (b"\xcf\xf0\xe8\xe2\xe5\xf2", "windows1251", "", "Привет"),
    (b"\xcf\xf0\xe8\xe2\xe5\xf2", "", "text/xml; charset=ansi_1251", "Привет"),
    (b"\x8f\xe0\xa8\xa2\xa5\xe2", "dos-866", "", "Привет"),
    (b"\xd6\xd0\xce\xc4", "gb-2312", "", "中文"),
    (b"\xd6\xd0\xce\xc4", "ms936", "", "中文"),
    (b"\xa4\xa4\xa4\xe5", "big-5", "", "中文"),
    (b"caf\xe9 \x96 na\xefve", "ansi", "", "café – naïve"),
    (b"caf\xe9", "latin-1", "", "café"),
    (b"caf\xe9", "iso 8859 1", "", "café"),
    (b"caf\x82", "ibm850", "", "café"),
    (b"caf\xe9", "", "", "café"),
    (b"caf\xe9", "none", "", "café"),
    (b"caf\xe9", "x-user-defined", "", "café"),
    # the code page of Windows under the name of its subset
    (b"\x93quoted\x94 5 \x80", "iso-8859-1", "", "“quoted” 5 €"),
    (b"\x93quoted\x94 5 \x80", "", "text/xml; charset=us-ascii", "“quoted” 5 €"),
    (b"\xfd\x85", "iso-8859-9", "", "ı…"),
    (b"\xca\xc7\x85", "tis-620", "", "สว…"),
    # UTF-16 is said of bytes that are none
    ("žluťoučký".encode(), "utf-16", "", "žluťoučký"),
    ("žluťoučký".encode(), "", "text/xml; charset=utf-16le", "žluťoučký"),
    (b"caf\xe9 12", "utf-16", "", "café 12"),
    (b"caf\xe9 12", "unicode", "", "café 12"),
    (b"\xcf\xf0\xe8\xe2\xe5\xf2", "windows-1251", "text/xml; charset=utf-16", "Привет"),
    (b"caf\xe9", "utf-32", "", "café"),
    (b"plain", "cp037", "", "plain"),
    # the header against the declaration
    (b"\xae\x6c\x75\xbb", "windows-1251", "text/xml; charset=iso-8859-2", "Žluť"),
    (b"\xae\x6c\x75\xbb", "iso-8859-2", "text/xml; charset=latin1", "Žluť"),
    (b"\xae\x6c\x75\xbb", "iso-8859-2", "text/xml; charset=windows-1252", "®lu»"),
    (b"\xae\x6c\x75\xbb", "iso-8859-2", "text/xml; charset=utf-8", "Žluť"),
    (b"\xae\x6c\x75\xbb", "iso-8859-2", "text/xml; charset=nonsense", "Žluť"),
    (b"\xae\x6c\x75\xbb", "", "text/xml, charset = ' iso-8859-2 '", "Žluť"),
    # valid UTF-8 is UTF-8, whatever is said
    ("你好".encode(), "gb2312", "", "你好"),
    ("日本語".encode(), "shift_jis", "text/xml; charset=euc-jp", "日本語"),
    ("日本語".encode(), "iso-2022-jp", "", "日本語"),
    # nothing is said, or what is not so
    (b"\xc4\xe3\xba\xc3", "", "", "你好"),
    (b"\xd6\xd0\xce\xc4\xb2\xe2\xca\xd4\xa3\xac\xe9\x46", "utf-8", "text/xml; charset=utf-8", "中文测试，镕"),
    (b"\x1b$BF|K\\8l\x1b(B", "", "", "日本語"),
    (b"\x1b$BF|K\\8l\x1b(B", "utf-8", "", "日本語"),
    ("l’été à Noël".encode("cp1252"), "utf-8", "", "l’été à Noël"),
    ("ÄÖÜ äöü ß".encode("cp1252"), "", "", "ÄÖÜ äöü ß"),
    (b"\xed\xa0\xbd\xed\xb8\x80 emoji", "utf-8", "", "😀 emoji"),
    # a second codec has what Python's first lacks
    (b"\xad\xa1 \xc6\xfc", "euc-jp", "", "① 日"),
    (b"\x1b(I\x31\x1b(B", "iso-2022-jp", "", "ｱ"),
    (b"\xa3\xe1 \xa4\xa4", "big5", "", "€ 中"),
    # one byte that the encoding does not have
    (b"\xcf\xf0\xe8\x98\xe2\xe5\xf2", "windows-1251", "", "При\ufffdвет"),
    ("Žluťoučký".encode() + b"\xff", "utf-8", "", "Žluťoučký\ufffd"),
]


@pytest.mark.parametrize(("body", "declared", "content_type", "text"), ODD)
def test_odd_documents(body: bytes, declared: str, content_type: str, text: str) -> None:
    declaration = f'<?xml version="1.0" encoding="{declared}"?><a>'.encode() if declared else b"<a>"
    assert decode(declaration + body, content_type).partition("<a>")[2] == text


@pytest.mark.parametrize("mark", [codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE])
@pytest.mark.parametrize("label", ["utf-8", "utf-16be", "windows-1251", "gbk", "no-such-encoding"])
def test_a_byte_order_mark_beats_every_label(mark: bytes, label: str) -> None:
    codec = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
    body = mark + feed(TEXT, label).encode(codec.get(mark, "utf-32-le"))
    assert decode(body, f"text/xml; charset={label}") == feed(TEXT, label)


@pytest.mark.parametrize(
    "begin",
    [
        '<?xml version="1.0" encoding=utf-8?>',
        "<?XML version='1.0' ENCODING = 'koi8-r' ?>",
        "<?xml version='1.0' charset='koi8-r'?>",
        "\n <?xml encoding='koi8-r'?>",
    ],
)
def test_a_declaration_may_be_odd(begin: str) -> None:
    codec = "utf-8" if "utf-8" in begin else "koi8-r"
    assert decode(f"{begin}<a>{CYRILLIC}".encode(codec)).endswith(CYRILLIC)


def test_text_that_is_no_xml_is_read_by_its_bytes() -> None:
    for codec in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"):
        assert decode("---\ntitle: café\n---\n".encode(codec)) == "---\ntitle: café\n---\n"


def test_the_codec_and_the_damage_are_told() -> None:
    assert decoded(b"caf\xe9") == Decoded("café", "cp1252")
    assert decoded("é".encode("utf-16")) == Decoded("é", "utf-16-le")
    assert decoded("ééé".encode() + b"\xff") == Decoded("ééé\ufffd", "utf-8", is_damaged=True)
    assert decoded("é\ufffd".encode()) == Decoded("é\ufffd", "utf-8")
    assert decoded(b"\xff\xfea\0b") == Decoded("a\ufffd", "utf-16-le", is_damaged=True)


@given(st.binary(max_size=40), st.text(max_size=20))
def test_any_bytes_are_some_text(body: bytes, label: str) -> None:
    assert isinstance(decode(b'<?xml encoding="' + label.encode("utf-8", "replace") + b'"?>' + body, label), str)
