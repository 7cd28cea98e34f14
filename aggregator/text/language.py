"""The script and the language that a text is written in. py3langid reads languages; loading it takes half a second."""

from bisect import bisect_right
from collections import Counter
from string import ascii_letters

LONGEST = 300  # characters that are read
LEAST_LETTERS = 60  # fewer tell no language, unless their script does
LEAST_OF_SCRIPT = 15  # fewer tell no script
MOST = 0.6  # share of the letters that the script of a text has

# The first character of each range, with its script; "" = letters of none that is told apart here.
_RANGES = (
    (0x0041, "Latin"), (0x0250, ""), (0x0370, "Greek"), (0x0400, "Cyrillic"), (0x0530, "Armenian"), (0x0590, "Hebrew"),
    (0x0600, "Arabic"), (0x0780, ""), (0x0900, "Devanagari"), (0x0980, "Bengali"), (0x0A00, ""), (0x0B80, "Tamil"),
    (0x0C00, "Telugu"), (0x0C80, ""), (0x0E00, "Thai"), (0x0E80, ""), (0x10A0, "Georgian"), (0x1100, "Hangul"),
    (0x1200, ""), (0x1E00, "Latin"), (0x1F00, "Greek"), (0x2000, ""), (0x3040, "Han"), (0x3130, "Hangul"),
    (0x3190, "Han"), (0xA000, ""), (0xAC00, "Hangul"), (0xD7B0, ""), (0xF900, "Han"), (0xFB00, ""), (0xFF21, "Latin"),
    (0xFF66, "Han"), (0xFFA0, ""), (0x20000, "Han"), (0x40000, ""),
)  # fmt: skip
_STARTS = [start for start, _ in _RANGES]
_LETTERS = ascii_letters.encode()
_KANA = range(0x3040, 0x3100)
_LEAST_KANA = 0.1
# Scripts in which hardly more than one language is written.
_ONLY = {"Greek": "el", "Armenian": "hy", "Hebrew": "he", "Thai": "th", "Georgian": "ka", "Hangul": "ko", "Tamil": "ta"}


def script_of(text: str) -> str:
    """The script of most letters at the beginning of `text`, kana counted as Han; "" where there are few letters or no
    script has most of them."""
    start = text[:LONGEST]
    if start.isascii():
        others = start.encode().translate(None, _LETTERS)
        return "Latin" if len(start) - len(others) >= LEAST_OF_SCRIPT else ""
    counts = Counter(map(_script, filter(str.isalpha, start)))
    letters = counts.total()
    if letters < LEAST_OF_SCRIPT:
        return ""
    script, most = counts.most_common(1)[0]
    return script if most >= MOST * letters else ""


def language_of(text: str) -> str:
    """The language of the beginning of `text` (ISO 639-1), "" where there is too little of it."""
    start = text[:LONGEST]
    script = script_of(start)
    if script in _ONLY:
        return _ONLY[script]
    letters = [one for one in start if one.isalpha()]
    if script == "Han" and sum(ord(one) in _KANA for one in letters) >= _LEAST_KANA * len(letters):
        return "ja"
    if len(letters) < LEAST_LETTERS:
        return ""
    import py3langid

    return str(py3langid.classify(start)[0])


def _script(letter: str) -> str:
    return _RANGES[at - 1][1] if (at := bisect_right(_STARTS, ord(letter))) else ""
