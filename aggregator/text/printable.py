"""Text from outside as a terminal may show it: every character that would move, color or turn what stands around it is
seen instead of obeyed.

Those are control characters (ESC begins the sequences of ECMA-48), the bidirectional controls of Unicode (UAX 9 2), the
separators that end lines, and halves of surrogate pairs, which no encoding has.
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
_PICTURES = 0x2400  # of control characters: ␀, ␁, …
_DELETE, _DELETED = 0x7F, "\u2421"
_UNKNOWN = "\ufffd"


def visible(text: str, *, lines: bool = False) -> str:
    """As many characters as there are, each one seen: a picture of a control character, else U+FFFD. `lines`: it may
    have several, so that line ends and tabs stay."""
    return text if text.isprintable() else text.translate(_seen(lines=lines))


def escaped_in_json(document: str) -> str:
    """The same JSON (RFC 8259 7), or YAML with all such characters in double quotes. Line ends between values stay."""
    return document if document.isascii() and "\x7f" not in document else document.translate(_escaped(r"\u{:04x}"))


def escaped_in_xml(document: str) -> str:
    """The same XML, where they stand in text and attributes only. It has none of the C0 controls anyway."""
    return document if document.isascii() and "\x7f" not in document else document.translate(_escaped("&#x{:x};"))


@cache
def _seen(*, lines: bool) -> dict[int, str]:
    seen = {code: chr(_PICTURES + code) for code in _C0} | {code: _UNKNOWN for codes in _BEYOND for code in codes}
    seen |= {_DELETE: _DELETED}
    return {code: sign for code, sign in seen.items() if not lines or chr(code) not in "\n\t"}


@cache
def _escaped(form: str) -> dict[int, str]:
    return {code: form.format(code) for codes in _BEYOND for code in codes}
