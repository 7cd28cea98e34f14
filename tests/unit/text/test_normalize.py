"""Normal forms of strings, plausible dates, and addresses."""

import time
import unicodedata
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.text.normalize import (
    acceptable,
    bounded,
    decode,
    decode_again,
    email,
    fold,
    language,
    legal,
    media_type,
    one_line,
    shorten,
    unspaced,
)
from aggregator.text.urls import MEDIA, READING, absolute, is_placeholder, unwrap

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ANY_TEXT = st.text(st.characters(codec=None), max_size=200)


def is_xml(text: str) -> bool:
    """XML 1.0 section 2.2, production Char."""
    return all(
        code in {0x9, 0xA, 0xD} or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code >= 0x10000
        for code in map(ord, text)
    )


@pytest.mark.torture
def test_no_illegal_code_point_remains() -> None:
    everything = "".join(map(chr, range(0x110000)))
    assert is_xml(legal(everything))
    assert is_xml(one_line(everything))
    assert len(legal(everything)) > 1_000_000


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\x00b\x08c\x0bd\x7f", "abcd"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("\ud800x\udfff\ufffe\uffff", "x"),
        ("日本 \U0001f600 ok", "日本 \U0001f600 ok"),
        ("tab\tstays", "tab\tstays"),
    ],
)
def test_legal(text: str, expected: str) -> None:
    assert legal(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  a\n\n b\t c\u3000d\xa0e ", "a b c d e"),
        ("pay \u202egnp.exe\u202c now", "pay gnp.exe now"),
        ("\u2066open isolate", "open isolate"),
        ("\u200fעברית\u200e", "\u200fעברית\u200e"),
        ("a\x00b\x0cc", "ab c"),
        ("\u200b \ufeff\u2800", ""),
        ("a\u200b", "a\u200b"),
        ("", ""),
    ],
)
def test_one_line(text: str, expected: str) -> None:
    assert one_line(text) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ＡＢＣ　ｄ", "abc D"),
        ("Cafe\u0301", "CAFÉ"),
        ("Straße", "STRASSE"),
        ("K", "k"),  # the Kelvin sign
        ("ﬁne", "fine"),
        ("a\n b", "A B"),
    ],
)
def test_fold_makes_equivalent_spellings_equal(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.torture
def test_folding_a_hostile_text_is_fast() -> None:
    began = time.process_time()
    assert fold("a" + "\u0301\u0323" * 100_000)
    assert fold("中" * 5000) == "中" * 5000
    assert fold("Ab é " * 5000) == ("ab é " * 5000).strip()
    assert time.process_time() - began < 3


@given(ANY_TEXT)
def test_fold_and_one_line_are_idempotent(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert one_line(one_line(text)) == one_line(text)
    assert legal(legal(text)) == legal(text)


@given(ANY_TEXT, st.integers(10, 40))
def test_shortened_text_is_short_and_legal(text: str, most: int) -> None:
    short = shorten(one_line(text), most)
    assert len(short) <= most
    assert is_xml(short)


def test_shorten_cuts_between_words_and_not_inside_a_letter() -> None:
    assert shorten("one two three", 10) == "one two…"
    assert shorten("x" * 20, 10) == "x" * 9 + "…"
    assert shorten("a" * 8 + "e\u0301" + "b" * 9, 10) == "a" * 8 + "…"
    assert shorten("as it is", 8) == "as it is"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Q&amp;A", "Q&A"),
        ("&#8217;&#x27;", "’'"),
        ("&amp;amp;", "&amp;"),
        ("&#xD800;&#0;&#1;x", "\ufffd\ufffdx"),
        ("&#" + "9" * 5000 + ";", "\ufffd"),
        ("&#x" + "f" * 50 + ";", "\ufffd"),
        ("&unknown; &", "&unknown; &"),
    ],
)
def test_decode(text: str, expected: str) -> None:
    assert decode(text) == expected


def test_only_letters_and_punctuation_are_decoded_twice() -> None:
    assert decode_again("AT&amp;T&#8217;s &eacute; &hellip;") == "AT&T’s é …"
    assert decode_again("how to write &lt;b&gt; and &#60;") == "how to write &lt;b&gt; and &#60;"


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("en_US", "en-US"),
        ("EN", "en"),
        ("zh-hans-cn", "zh-Hans-CN"),
        ("sr_Latn", "sr-Latn"),
        ("x-klingon", "x-klingon"),
        ("i-navajo", "i-navajo"),
        ("de-419", "de-419"),
        ("english please", ""),
        ("", ""),
        ("<b>", ""),
        ("e", ""),
        ("en-" + "a" * 100, ""),
        ("en\n", "en"),
        ("ｅｎ", ""),
        ("en-x-us", "en-x-us"),
        ("zh-min-nan", "zh-min-nan"),
        ("yue", "yue"),
        ("de-ch-1996", "de-CH-1996"),
        ("en-u-ca-buddhist", "en-u-ca-buddhist"),
        ("language", ""),
        ("deutsch", ""),
        ("utf-8", ""),
        ("zz", ""),
        ("CN", "zh"),
        ("jp-JP", "ja-JP"),
        ("iw", "he"),
    ],
)
def test_language(tag: str, expected: str) -> None:
    assert language(tag) == expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("me@example.org", "me@example.org"),
        ("mailto:me@example.org", "me@example.org"),
        ("noreply@blogger.com", ""),
        ("No-Reply@x.example", ""),
        ("me@localhost", ""),
        ("me", ""),
        ("a b@c.example", ""),
        ("<a@b.example>", ""),
        ('"x"@b.example', ""),
        ("me@example.org\x00", "me@example.org"),
    ],
)
def test_email(address: str, expected: str) -> None:
    assert email(address) == expected


def test_media_type() -> None:
    assert media_type("Text/HTML; charset=utf-8") == "text/html"
    assert media_type("audio") == media_type("a/b/c") == media_type('x/"><script>') == ""


def test_long_identifiers_stay_different() -> None:
    one, other = bounded("x" * 9000 + "1"), bounded("x" * 9000 + "2")
    assert one != other
    assert len(one) < 5000
    assert bounded(" tag:x,2020:a\x00b\n ") == "tag:x,2020:ab"


@pytest.mark.parametrize(
    ("claim", "accepted"),
    [
        (datetime(1990, 1, 1, tzinfo=UTC), True),
        (datetime(1989, 12, 31, 23, 59, 59, tzinfo=UTC), False),
        (datetime(1970, 1, 1, tzinfo=UTC), False),
        (datetime(900, 1, 1, tzinfo=UTC), False),
        (datetime(1, 1, 1, tzinfo=UTC), False),
        (datetime(9999, 12, 31, tzinfo=UTC), False),
        (NOW + timedelta(minutes=10), True),
        (NOW + timedelta(minutes=10, seconds=1), False),
        (None, False),
    ],
)
def test_acceptable_dates(claim: datetime | None, accepted: bool) -> None:
    assert acceptable(claim, NOW) == (claim if accepted else None)


def test_a_naive_claim_is_utc() -> None:
    assert acceptable(datetime(2020, 1, 1), NOW) == datetime(2020, 1, 1, tzinfo=UTC)  # noqa: DTZ001


# ── addresses ──

BASE = "http://blog.example/2020/post/"


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        ("https://a.example/x?y=1#z", "https://a.example/x?y=1#z"),
        ("  https://a.example/x \n", "https://a.example/x"),
        ("HTTPS://A.Example/X", "https://a.example/X"),
        ("../a b.png", "http://blog.example/2020/a%20b.png"),
        ("//cdn.example/x", "http://cdn.example/x"),
        ("\\\\cdn.example\\x", "http://cdn.example/x"),
        ("http:\\\\a.example\\x", "http://a.example/x"),
        ("http:/a.example/x", "http://a.example/x"),
        ("?q", "http://blog.example/2020/post/?q"),
        ("https://bücher.example/ü?ö#ä", "https://xn--bcher-kva.example/%C3%BC?%C3%B6#%C3%A4"),
        ("https://faß.example/", "https://xn--fa-hia.example/"),
        ("https://i❤.example/", "https://xn--i-7iq.example/"),
        ("https://a.example/50%", "https://a.example/50%25"),
        ("https://a.example/%e4%BD", "https://a.example/%e4%BD"),
        ("https://a.example/[x]|{y}", "https://a.example/%5Bx%5D%7Cy%7D".replace("y", "%7By")),
        ("https://[::1]:80/x", "https://[::1]:80/x"),
        ("https://user:p%40ss@a.example/x", "https://user:p%40ss@a.example/x"),
        ("ht\ntps://a.exa\tmple/x", "https://a.example/x"),
        ("https://a.example", "https://a.example"),
    ],
)
def test_absolute(href: str, expected: str) -> None:
    assert absolute(href, BASE) == expected


@pytest.mark.parametrize(
    "href",
    [
        "",
        "  ",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\nscript:alert(1)",
        "\x01javascript:alert(1)",
        " javascript:alert(1)",
        "vbscript:x",
        "data:text/html,x",
        "file:///etc/passwd",
        "ftp://a.example/",
        "about:blank",
        "blob:https://a.example/x",
        "http://",
        "http:///",
        "https://[zz]/",
        "https://[::1/",
        "https://a b.example/",
        "http://a.example:99999/",
        "http://a.example:x/",
        "http://<script>/",
        "http://%00/",
        "https://" + "a" * 9000,
        "view-source:https://a.example",
        "https://\u202e/",
        "https://a..\x00/".replace("a..\x00", "\ufeff"),
    ],
)
def test_an_invalid_address_becomes_empty(href: str) -> None:
    assert absolute(href, BASE) == ""


def test_without_a_base_only_a_protocol_relative_reference_is_resolved() -> None:
    assert absolute("/x") == absolute("x") == absolute("#x") == ""
    assert absolute("//cdn.example/x") == "https://cdn.example/x"
    assert absolute("/x", "javascript:alert(1)//") == ""


def test_a_relative_reference_has_no_colon_in_its_first_segment() -> None:
    assert absolute("`javascript:alert(1)`", BASE) == absolute("\u200bjavascript:alert(1)", BASE) == ""
    assert absolute("./File:x", BASE) == f"{BASE}File:x"


@pytest.mark.parametrize(
    ("href", "base", "address"),
    [
        ("a.example/p/2?x=1#y", "https://a.example/blog/", "https://a.example/p/2?x=1#y"),
        ("www.A.example/p/2", "https://a.example/blog/", "https://www.a.example/p/2"),
        ("a.example", "http://www.a.example/feed", "http://a.example"),
        ("b.example/p", "https://a.example/blog/", "https://a.example/blog/b.example/p"),
        ("./a.example/p", "https://a.example/blog/", "https://a.example/blog/a.example/p"),
        ("localhost/p", "http://localhost/blog/", "http://localhost/blog/localhost/p"),
    ],
)
def test_an_address_of_the_same_site_may_lack_its_scheme(href: str, base: str, address: str) -> None:
    assert absolute(href, base) == address


def test_allowed_schemes() -> None:
    assert absolute("mailto:a b@c.example", "", READING) == "mailto:a%20b@c.example"
    assert absolute("magnet:?xt=urn:btih:1&dn=x", "", MEDIA) == "magnet:?xt=urn:btih:1&dn=x"
    assert absolute("javascript:x", "", READING) == ""
    assert absolute("data:x", "", MEDIA) == ""
    assert absolute("mailto:", "", READING) == ""


@given(ANY_TEXT | st.text("htps:/\\.%[]@?#a1ü \n", max_size=40).map("http://".__add__), st.sampled_from(["", BASE]))
def test_absolute_never_raises_and_is_idempotent(href: str, base: str) -> None:
    address = absolute(href, base)
    assert address.isascii()
    assert address == "" or address.startswith(("http://", "https://"))
    assert absolute(address, base) == address


CORS = ("https://cors.zfour.workers.dev/?",)


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        ("https://cors.zfour.workers.dev/?http://a.example/x?y=1&z=2", "http://a.example/x?y=1&z=2"),
        ("https://cors.zfour.workers.dev/?http%3A%2F%2Fa.example%2Fx%3Fy", "http://a.example/x?y"),
        ("http://CORS.zfour.workers.dev/?//a.example/x", "//a.example/x"),
        ("//cors.zfour.workers.dev/?https://cors.zfour.workers.dev/?https://a.example", "https://a.example"),
        ("https://cors.zfour.workers.dev/?nothing", "https://cors.zfour.workers.dev/?nothing"),
        (
            "https://a.example/?https://cors.zfour.workers.dev/?x",
            "https://a.example/?https://cors.zfour.workers.dev/?x",
        ),
    ],
)
def test_proxies_are_unwrapped(href: str, expected: str) -> None:
    assert unwrap(href, CORS) == expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://picsum.photos/400/300?random=1", True),
        ("http://PICSUM.photos/400", True),
        ("https://picsum.photos.example/400", False),
        ("https://www.jianshu.com/p/undefined", True),
        ("https://a.example/undefined?x", True),
        ("https://a.example/undefined/x.png", False),
        ("undefined", True),
        ("", True),
        ("https://a.example/q?x=1", True),
        ("https://a.example/qq", False),
    ],
)
def test_placeholders(address: str, expected: bool) -> None:
    assert is_placeholder(address, ("https://picsum.photos/*", "https://A.example/q?*")) is expected


@given(st.text("aé 你的。カ々ไทยབོད\U00020000", max_size=30))
def test_characters_of_scripts_without_spaces_are_counted_one_by_one(text: str) -> None:
    assert unspaced(text) == sum(map(unspaced, text))


@given(st.text("aB é\u0301\u0323 \n\t\u00a0\u2003\u3000\ufe4d\u00a8ﬁßǆİΣ中\x1f\x85", max_size=30))
def test_a_folded_text_is_composed_in_lower_case_and_on_one_line(text: str) -> None:
    """White space is collapsed once before and once after, whatever composing makes of it."""
    folded = unicodedata.normalize("NFKC", " ".join(text.split())).casefold()
    assert fold(text) == " ".join(unicodedata.normalize("NFKC", folded).split())
