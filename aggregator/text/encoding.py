"""Bytes to characters: finds the real encoding of a feed, a page or a post, whatever its server or its head declares.

RFC 7303 section 3.2 gives the order: byte order mark, charset parameter, XML declaration. Real feeds need exceptions:
bytes that are valid UTF-8 and not ASCII are UTF-8; a charset that servers send for everything (Latin-1, ASCII) yields
to the declaration in the document; UTF-16 counts only if the bytes look like it. Without a usable label bytes are
guessed to be Chinese, Japanese or Korean, else they are windows-1252.
"""

import codecs
import re
from dataclasses import dataclass

from aggregator.text.encoding_guess import guess
from aggregator.text.encoding_labels import codecs_of, is_default

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark is a prefix of it
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Feeds and posts without a mark begin with an ASCII character (XML 1.0 appendix F, RFC 4627 section 3).
_SHAPES = (
    (re.compile(rb"[\t\n\r -~]\0\0\0"), "utf-32-le"),
    (re.compile(rb"\0\0\0[\t\n\r -~]"), "utf-32-be"),
    (re.compile(rb"[\t\n\r -~]\0[^\0]"), "utf-16-le"),
    (re.compile(rb"\0[\t\n\r -~]\0"), "utf-16-be"),
)
_EBCDIC = b"\x4c\x6f\xa7\x94"  # "<?xm"
_DECLARED = re.compile(
    r"<\?xml[^>]{0,200}?(?:encoding|charset)\s*+=\s*+(?:[\"']\s*+)?+([A-Za-z0-9._:-]{1,40})", re.IGNORECASE
)
_CHARSET = re.compile(r"[;,]\s*+charset\s*+=\s*+(?:[\"']\s*+)?+([A-Za-z0-9._:-]{1,40})", re.IGNORECASE)
# Encodings whose bytes may look like ASCII.
_SEVEN_BIT = ("utf-7", "iso2022", "hz", "cp037", "cp500", "cp1140")
_JAPANESE = (b"\x1b$B", b"\x1b$@")  # ISO-2022-JP goes from ASCII to kanji


@dataclass(frozen=True, slots=True)
class Decoded:
    """`text` has no byte order mark. `codec`: Python's name of the encoding, or `cesu-8`. `is_damaged`: the text has
    U+FFFD in place of bytes that the codec cannot read."""

    text: str
    codec: str
    is_damaged: bool = False


def decode(body: bytes, content_type: str = "") -> str:
    """The text of an answer, without byte order mark; undecodable bytes become U+FFFD. Never raises."""
    return decoded(body, content_type).text


def decoded(body: bytes, content_type: str = "") -> Decoded:
    """`content_type`: the header of the answer, if there was one. Never raises."""
    for mark, codec in _MARKS:
        if body.startswith(mark):
            return _read(body[len(mark) :], codec)
    shaped = next((codec for shape, codec in _SHAPES if shape.match(body)), "")
    return _read(body, shaped) if shaped else _by_labels(body, content_type)


def _by_labels(body: bytes, content_type: str) -> Decoded:
    is_ebcdic = body.startswith(_EBCDIC)
    head = body[:400].decode("cp037" if is_ebcdic else "latin-1")
    charset, declared = _label(_CHARSET, content_type), _label(_DECLARED, head)
    labels = (declared, charset) if is_default(charset) else (charset, declared)
    start = body[:4] if is_ebcdic else b"<?xm"
    names = [codec for label in labels if label for codec in codecs_of(label, start)]
    if body.isascii() and any(escape in body for escape in _JAPANESE):
        names += codecs_of("iso-2022-jp")
    names += ["cp037"] * is_ebcdic
    odd = [name for name in names if name.startswith(_SEVEN_BIT)]
    for name in (*odd, "utf-8", *names):
        try:
            return Decoded(body.decode(name), name)
        except UnicodeDecodeError:
            continue
    return _joined_surrogates(body) or _damaged(body, names)


def _label(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    return match[1] if match else ""


def _joined_surrogates(body: bytes) -> Decoded | None:
    """CESU-8 (Unicode Technical Report 26), which Java and databases write for UTF-8: each emoji is two surrogates."""
    try:
        text = body.decode("utf-8", "surrogatepass").encode("utf-16-le", "surrogatepass").decode("utf-16-le")
    except UnicodeError:
        return None
    return Decoded(text, "cesu-8")


def _damaged(body: bytes, names: list[str]) -> Decoded:
    """UTF-8 if most non-ASCII bytes are valid UTF-8: one bad byte must not garble a whole document."""
    text = body.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    if len(text) - len(text.encode("ascii", "ignore")) >= 2 * bad:
        return Decoded(text, "utf-8", is_damaged=True)
    named = next((name for name in names if name != "utf-8"), "")
    return _read(body, named or guess(body) or "cp1252")


def _read(body: bytes, codec: str) -> Decoded:
    try:
        return Decoded(body.decode(codec), codec)
    except UnicodeDecodeError:
        return Decoded(body.decode(codec, "replace"), codec, is_damaged=True)
