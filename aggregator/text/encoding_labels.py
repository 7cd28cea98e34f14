"""Names of encodings, as documents and servers write them, to Python codecs.

The labels are those of the Encoding Standard (encoding.spec.whatwg.org, section 4.2), which say what publishers mean:
`iso-8859-1` is windows-1252, `gb2312` is GBK. Publishers write more names than it has (`cp-1251`, `ansi`, `win-1251`),
and Python has codecs that it leaves out (UTF-7, code pages of DOS).
"""

import codecs
from functools import cache

import webencodings
from webencodings.labels import LABELS

# What the standard's encodings are in Python. A second codec reads what the first one lacks.
_CODECS = {
    "ascii": ("cp1252",),
    "iso8859-1": ("cp1252",),
    "x-user-defined": ("cp1252",),  # HTML, section 13.2.3.2
    "utf-8-sig": ("utf-8",),
    "gb2312": ("gb18030",),
    "gbk": ("gb18030",),
    "big5": ("big5hkscs", "cp950"),
    "big5hkscs": ("big5hkscs", "cp950"),
    "euc_jp": ("euc_jp", "euc_jis_2004"),
    "iso2022_jp": ("iso2022_jp", "iso2022_jp_ext"),
    "shift_jis": ("cp932",),
    "euc_kr": ("cp949",),
}
# Without punctuation. `ansi` is what Windows calls the code page of Western Europe, `utf8mb4` MySQL's UTF-8.
_ALIASES = {"ansi": "cp1252", "latin": "cp1252", "utf8mb3": "utf-8", "utf8mb4": "utf-8", "cesu8": "utf-8"}
_ALIASES |= {"macce": "mac-latin2", "maccentraleurroman": "mac-latin2"}
_CODE_PAGES = ("windows", "win", "ansi", "ms", "ibm", "dos", "codepage")
# Python codecs that no publisher means; some take quadratic time.
_NEVER = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem"})


def codecs_of(label: str, start: bytes = b"<?xm") -> tuple[str, ...]:
    """Python codecs for a label, best first; () if nothing has this name.

    Also () if the codec cannot read the document's `start` as "<?xm": UTF-16 never begins with four ASCII bytes.
    """
    return tuple(name for name in _named(label) if _reads(name, start))


def is_default(label: str) -> bool:
    """Whether servers send this label for everything: a name of ASCII or Latin-1, other than windows-1252 itself."""
    return codecs_of(label) == ("cp1252",) and "1252" not in label


def _named(label: str) -> tuple[str, ...]:
    compact = _compact(label)
    names = (label, compact, _code_page(compact))
    codec = next(filter(None, (*map(_standard, names), *map(_python, names))), "")
    return _CODECS.get(codec, (codec,)) if codec else ()


def _standard(name: str) -> str:
    """The codec of a label of the standard. `replacement` stands for what browsers refuse; Python reads some of it."""
    encoding = webencodings.lookup(_spellings().get(name, name)) if name.isascii() else None
    codec = str(encoding.codec_info.name) if encoding else ""
    return "" if codec == "replacement" else codec


def _python(name: str) -> str:
    try:
        return codecs.lookup(_ALIASES.get(name, name)).name
    except (LookupError, ValueError):  # ValueError: a NUL in the name
        return ""


@cache
def _spellings() -> dict[str, str]:
    """The standard's labels by their letters and digits: `cp-1251` differs from `cp1251` in no more."""
    return {_compact(label): label for label in LABELS}


def _compact(label: str) -> str:
    return "".join(filter(str.isalnum, label.lower())).removeprefix("x")


def _code_page(compact: str) -> str:
    """`win1251` and `ansi1251` as `cp1251`."""
    prefix = next((one for one in _CODE_PAGES if compact.startswith(one)), "")
    digits = compact.removeprefix(prefix)
    return f"cp{digits}" if prefix and digits.isdecimal() else compact


def _reads(codec: str, start: bytes) -> bool:
    """False for zlib, hex and rot13, which are Python codecs, too."""
    if codec in _NEVER:
        return False
    try:
        return start.decode(codec, "replace") == "<?xm"
    except (LookupError, UnicodeError):
        return False
