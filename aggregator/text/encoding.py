"""Bytes to characters: finds the real encoding of an answer, even if its server or its head declare another.

RFC 7303 section 3.2 gives the order: byte order mark, charset parameter, XML declaration. Real feeds need two
exceptions: bytes that are valid UTF-8 and not ASCII are UTF-8, and a charset that servers send for everything (latin-1,
ASCII) yields to the declaration in the document.
"""

import codecs
import re

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark is a prefix of it
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# A document without a mark begins with "<" or "{" or white space (XML 1.0 appendix F, RFC 4627 section 3).
_SHAPES = (
    (re.compile(rb"[<{\s]\0\0\0"), "utf-32-le"),
    (re.compile(rb"\0\0\0[<{\s]"), "utf-32-be"),
    (re.compile(rb"[<{\s]\0[^\0]"), "utf-16-le"),
    (re.compile(rb"\0[<{\s]\0"), "utf-16-be"),
    (re.compile(rb"\x4c\x6f\xa7\x94"), "cp037"),  # "<?xm" in EBCDIC
)
_DECLARED = re.compile(r"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']\s*([A-Za-z0-9._:-]{1,40})")
_CHARSET = re.compile(r";\s*+charset\s*+=\s*+(?:[\"']\s*+)?+([A-Za-z0-9._:-]{1,40})", re.IGNORECASE)
# Encodings whose bytes may look like ASCII.
_SEVEN_BIT = ("utf-7", "iso2022", "hz", "cp037", "cp500", "cp1140")
# Python codecs that no publisher means; some take quadratic time.
_NEVER = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem"})
# Encodings that senders call by the name of a subset (WHATWG Encoding, section 4.2).
_WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949", "big5": "big5hkscs"}
_ANY_SERVER = frozenset({"iso8859-1", "ascii"})


def decode(body: bytes, content_type: str = "") -> str:
    """The text of an answer, without byte order mark; undecodable bytes become U+FFFD. Never raises."""
    for mark, codec in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(codec, "replace")
    shaped = next((codec for shape, codec in _SHAPES if shape.match(body)), "")
    head = body[:400].decode(shaped or "latin-1", "replace")
    if shaped and shaped != "cp037":
        return body.decode(shaped, "replace")
    charset, declared = _named(_CHARSET, content_type), _named(_DECLARED, head)
    names = (declared, charset) if charset in _ANY_SERVER else (charset, declared)
    return _decoded(body, [name for name in (*names, shaped) if name])


def _named(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    if not match:
        return ""
    try:
        name = codecs.lookup(match[1]).name
    except (LookupError, ValueError):
        return ""
    return _WIDER.get(name, name) if name not in _NEVER and _is_text(name) else ""


def _decoded(body: bytes, names: list[str]) -> str:
    odd = [name for name in names if name.startswith(_SEVEN_BIT)]
    for name in (*odd, "utf-8", *names):
        try:
            return body.decode(name)
        except UnicodeDecodeError:
            continue
    return _damaged(body, names)


def _damaged(body: bytes, names: list[str]) -> str:
    """UTF-8 if most non-ASCII bytes are valid UTF-8: one bad byte must not garble a whole document."""
    text = body.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    if len(text) - len(text.encode("ascii", "ignore")) >= 2 * bad:
        return text
    other = (name for name in names if name not in ("utf-8", "ascii"))
    return body.decode(next(other, "cp1252"), "replace")


def _is_text(name: str) -> bool:
    """False for zlib, hex and rot13, which are Python codecs, too."""
    try:
        b" ".decode(name, "replace")
    except (LookupError, UnicodeError):
        return False
    return True
