"""Text as YAML scalars on one line, with quotes only where they are needed."""

import json
import re
from collections.abc import Callable, Mapping, Sequence

# Needs no quotes, not even in brackets: words …
_WORDS = re.compile(r"[^\W\d_](?:[\w+.()&' -]*[\w+.)'])?")
_MEANINGFUL = frozenset("null true false yes no on off y n".split())
# … and, as values of keys, an address, an interval, an id, a boolean.
_VALUE = re.compile(
    r"https?://[A-Za-z0-9._~:/?@!$&()*+;=%-]*[A-Za-z0-9._~/?@!$&()*+;=%-]|[0-9]{1,6}[smhdw]"
    r"|[0-9](?:[0-9a-z]|-(?![a-z]))*+-[a-z][0-9a-z-]*|true|false"
)


def scalar(text: str) -> str:
    """The text in quotes if it is anything but words."""
    if _WORDS.fullmatch(text.replace("/", "")) and "/" not in text[:1] and text.lower() not in _MEANINGFUL:
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(char if char.isprintable() else _escaped(char) for char in quoted)


def value(text: str) -> str:
    """`scalar`, but an address, an interval, an id or a boolean has no quotes either."""
    return text if _VALUE.fullmatch(text) else scalar(text)


def in_line(data: object, shown: Callable[[str], str]) -> str:
    """A text as `shown`, a sequence in brackets, a mapping in braces."""
    if isinstance(data, Mapping):
        return f"{{{', '.join(f'{scalar(key)}: {in_line(one, shown)}' for key, one in data.items())}}}"
    if isinstance(data, Sequence) and not isinstance(data, str):
        return f"[{', '.join(in_line(one, shown) for one in data)}]"
    return shown(str(data))


def _escaped(char: str) -> str:
    return f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}"
