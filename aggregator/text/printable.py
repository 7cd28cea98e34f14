"""Foreign text made safe for a terminal: characters that control the terminal are replaced by visible ones.

These are control characters (ESC begins the sequences of ECMA-48), the bidirectional controls of Unicode (UAX 9 2),
line and paragraph separators, and halves of surrogate pairs, which cannot be encoded.
"""

from functools import cache

_C0 = range(0x20)
_BEYOND = (
    range(0x7F, 0xA0),  # DEL, and the C1 controls: U+009B alone begins a sequence
    (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)),  # marks, embeddings, overrides, isolates
    (0x2028, 0x2029),
    range(0x206A, 0x2070),  # deprecated: symmetric swapping and its kind
    range(0xFFF9, 0xFFFC),
    range(0xD800, 0xE000),
)
_PICTURES = 0x2400  # ␀, ␁, … for control characters
_DELETE, _DELETED = 0x7F, "\u2421"
_UNKNOWN = "\ufffd"


def visible(text: str, *, lines: bool = False) -> str:
    """The text with each control character as its picture or U+FFFD, so the length stays. `lines`: line ends and tabs
    stay, too."""
    return text if text.isprintable() else text.translate(_visible_map(lines=lines))


def escaped_in_json(document: str) -> str:
    """JSON (RFC 8259 7), or YAML that quotes such characters, with them escaped. Line ends between values stay."""
    return document if document.isascii() and "\x7f" not in document else document.translate(_escape_map(r"\u{:04x}"))


def escaped_in_xml(document: str) -> str:
    """XML with such characters in its text and attributes escaped. C0 controls are not legal in XML anyway."""
    return document if document.isascii() and "\x7f" not in document else document.translate(_escape_map("&#x{:x};"))


@cache
def _visible_map(*, lines: bool) -> dict[int, str]:
    seen = {code: chr(_PICTURES + code) for code in _C0} | {code: _UNKNOWN for codes in _BEYOND for code in codes}
    seen |= {_DELETE: _DELETED}
    return {code: sign for code, sign in seen.items() if not lines or chr(code) not in "\n\t"}


@cache
def _escape_map(form: str) -> dict[int, str]:
    return {code: form.format(code) for codes in _BEYOND for code in codes}
