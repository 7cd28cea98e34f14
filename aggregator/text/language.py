"""The script and the language that a text is written in. py3langid reads languages; loading it takes half a second."""

import re
from string import ascii_letters

LONGEST = 300  # characters that are read
LEAST_LETTERS = 60  # fewer tell no language, unless their script does
LEAST_OF_SCRIPT = 15  # fewer tell no script
MOST = 0.6  # share of the letters that the script of a text has

# Scripts by their characters, the most frequent first; kana count as Han.
_SCRIPTS = {
    "Latin": re.compile("[A-\u024f\u1e00-\u1eff\uff21-\uff65]+"),
    "Han": re.compile("[\u3040-\u312f\u3190-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]+"),
    "Cyrillic": re.compile("[\u0400-\u052f]+"),
    "Arabic": re.compile("[\u0600-\u077f]+"),
    "Hangul": re.compile("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]+"),
    "Greek": re.compile("[\u0370-\u03ff\u1f00-\u1fff]+"),
    "Hebrew": re.compile("[\u0590-\u05ff]+"),
    "Devanagari": re.compile("[\u0900-\u097f]+"),
    "Bengali": re.compile("[\u0980-\u09ff]+"),
    "Thai": re.compile("[\u0e00-\u0e7f]+"),
    "Tamil": re.compile("[\u0b80-\u0bff]+"),
    "Telugu": re.compile("[\u0c00-\u0c7f]+"),
    "Georgian": re.compile("[\u10a0-\u10ff]+"),
    "Armenian": re.compile("[\u0530-\u058f]+"),
}
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
    letters = "".join(filter(str.isalpha, start))
    if len(letters) < LEAST_OF_SCRIPT:
        return ""
    share = MOST * len(letters)
    return next((script for script, of in _SCRIPTS.items() if len(letters) - len(of.sub("", letters)) >= share), "")


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
