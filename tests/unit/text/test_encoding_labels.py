"""Every label of the Encoding Standard, by bytes of its own."""

import pytest
from webencodings.labels import LABELS

from aggregator.text.encoding import decode
from aggregator.text.encoding_labels import codecs_of, is_default

HELLO = "Привет"
UNICODE = "žluťoučký 中文"

# Encodings by their names in the standard: bytes, and what they say.
SAMPLES: dict[str, tuple[bytes, str]] = {
    "utf-8": (UNICODE.encode(), UNICODE),
    "ibm866": (bytes.fromhex("8fe0a8a2a5e2"), HELLO),
    "iso-8859-2": (bytes.fromhex("ae6c75bb6f75e86bfd206bf9f2"), "Žluťoučký kůň"),
    "iso-8859-3": (bytes.fromhex("c669726b61fd20a1616c"), "Ĉirkaŭ Ħal"),
    "iso-8859-4": (bytes.fromhex("a9f3ba6c6520acfe"), "Šķēle Ŧū"),
    "iso-8859-5": (bytes.fromhex("bfe0d8d2d5e220a3"), f"{HELLO} Ѓ"),
    "iso-8859-6": (bytes.fromhex("d3e4c7e5"), "سلام"),
    "iso-8859-7": (bytes.fromhex("c5ebebdce4e120fe"), "Ελλάδα ώ"),
    "iso-8859-8": (bytes.fromhex("f9ece5ed"), "שלום"),
    "iso-8859-8-i": (bytes.fromhex("f9ece5ed"), "שלום"),
    "iso-8859-10": (bytes.fromhex("def372f0757220af2053e16d6920e8"), "Þórður Ŋ Sámi č"),
    "iso-8859-13": (bytes.fromhex("dee073697320eb6a6f20a574616970b4"), "Žąsis ėjo „taip“"),
    "iso-8859-14": (bytes.fromhex("d0796e656220a820fe"), "Ŵyneb Ẁ ŷ"),
    "iso-8859-15": (bytes.fromhex("63bd7572203520a4"), "cœur 5 €"),
    "iso-8859-16": (bytes.fromhex("aa7469696efee320ba20a56461b5"), "Știință ș „da”"),
    "koi8-r": (bytes.fromhex("f0d2c9d7c5d4"), HELLO),
    "koi8-u": (bytes.fromhex("f0d2c9d7a6d420a7d6c1cb20bd"), "Привіт їжак Ґ"),
    "macintosh": (bytes.fromhex("6361668e20d26e61957665d320b9"), "café “naïve” π"),
    "windows-874": (bytes.fromhex("cac7d1cab4d52085"), "สวัสดี …"),
    "windows-1250": (bytes.fromhex("8e6c759d6f75e86bfd20846bf9f293"), "Žluťoučký „kůň“"),
    "windows-1251": (bytes.fromhex("cff0e8e2e5f220a520abfbbb"), f"{HELLO} Ґ «ы»"),
    "windows-1252": (bytes.fromhex("936e61ef76659420352080"), "“naïve” 5 €"),
    "windows-1253": (bytes.fromhex("c5ebebdce4e120a220fe"), "Ελλάδα Ά ώ"),
    "windows-1254": (bytes.fromhex("dd7374616e62756c20fdf0fe2085"), "İstanbul ığş …"),
    "windows-1255": (bytes.fromhex("f9c8d1ece5c9ed"), "שָׁלוֹם"),
    "windows-1256": (bytes.fromhex("d3e1c7e3208d"), "سلام چ"),
    "windows-1257": (bytes.fromhex("dee073697320eb6a6f"), "Žąsis ėjo"),
    "windows-1258": (bytes.fromhex("5669ea74"), "Viêt"),
    "x-mac-cyrillic": (bytes.fromhex("8ff0e8e2b4f220a220dc"), "Привіт Ґ №"),
    "gbk": (bytes.fromhex("d6d0cec420e946bbf9"), "中文 镕基"),
    "gb18030": (bytes.fromhex("d6d0cec420e946208139ef319439fc36"), "中文 镕 㐂😀"),
    "big5": (bytes.fromhex("a4a4a4e520c6a1"), "中文 ①"),
    "euc-jp": (bytes.fromhex("c6fccbdcb8ec20ada1208eb1"), "日本語 ① ｱ"),
    "iso-2022-jp": (bytes.fromhex("1b2442467c4b5c386c1b2842"), "日本語"),
    "shift_jis": (bytes.fromhex("874093fa967b8cea20b1"), "①日本語 ｱ"),
    "euc-kr": (bytes.fromhex("c7d1b1b9beee208c63"), "한국어 똠"),
    "x-user-defined": (b"caf\xe9", "café"),
}
# Encodings that browsers refuse. Nothing here runs what is read, so that what Python can read is read.
REFUSED: dict[str, tuple[bytes, str]] = {
    "hz-gb-2312": (b"~{VPND~}", "中文"),
    "iso-2022-kr": (b"\x1b$)C\x0eGQ19\x0f", "한국"),
    "csiso2022kr": (b"\x1b$)C\x0eGQ19\x0f", "한국"),
}


def sample(label: str) -> tuple[bytes, str]:
    name = LABELS[label]
    if name == "replacement":
        return REFUSED.get(label, SAMPLES["utf-8"])
    return SAMPLES.get(name, SAMPLES["utf-8"])  # what is called UTF-16 is 8-bit text, or looks like it


def test_the_standard_has_not_changed_under_the_table() -> None:
    assert len(LABELS) == 228
    assert set(LABELS.values()) - set(SAMPLES) == {"replacement", "utf-16be", "utf-16le"}


@pytest.mark.variants(quick=24)
@pytest.mark.parametrize("label", LABELS)
def test_each_label_reads_its_encoding(label: str) -> None:
    body, text = sample(label)
    for name in (label, label.upper()):
        assert decode(f'<?xml version="1.0" encoding="{name}"?><a>'.encode() + body).endswith(f"<a>{text}")
        assert decode(b"<a>" + body, f"text/xml; charset={name}") == f"<a>{text}"


@pytest.mark.parametrize("label", [label for label, name in LABELS.items() if name.startswith("utf-16")])
def test_utf_16_is_read_by_its_bytes(label: str) -> None:
    text = f'<?xml version="1.0" encoding="{label}"?><a>{UNICODE}'
    for codec in ("utf-16", "utf-16-le", "utf-16-be", "utf-8"):
        assert decode(text.encode(codec)) == text
    assert codecs_of(label) == ()


@pytest.mark.parametrize(
    ("label", "found"),
    [
        ("cp-1251", ("cp1251",)),
        ("win1251", ("cp1251",)),
        ("x-windows-1251", ("cp1251",)),
        ("codepage850", ("cp850",)),
        ("437", ("cp437",)),
        ("utf-7", ("utf-7",)),
        ("utf8mb4", ("utf-8",)),
        ("utf-8-sig", ("utf-8",)),
        ("x-mac-ce", ("mac-latin2",)),
        ("gb_2312-80", ("gb18030",)),
        ("tis620", ("cp874",)),
        ("euc_jp", ("euc_jp", "euc_jis_2004")),
        *[
            (name, ())
            for name in ("", "none", "zlib", "rot13", "idna", "unicode_escape", "iso-8859-12", "\0", "é", "cp037")
        ],
    ],
)
def test_names_beside_the_standard(label: str, found: tuple[str, ...]) -> None:
    assert codecs_of(label) == found


def test_a_codec_counts_if_it_reads_how_the_document_begins() -> None:
    assert codecs_of("cp500", "<?xm".encode("cp500")) == ("cp500",)
    assert codecs_of("windows-1251", "<?xm".encode("cp500")) == ()


def test_labels_that_servers_send_for_everything() -> None:
    assert [is_default(label) for label in ("iso-8859-1", "us-ascii", "L1", "windows-1252", "utf-8", "koi8-r", "")] == [
        True, True, True, False, False, False, False,
    ]  # fmt: skip
