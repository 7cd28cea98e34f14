"""Slugs: names in any script as ASCII words for folders and URLs. Pure; the store keeps the slug once given."""

import hashlib
import re
from collections.abc import Container

from anyascii import anyascii

from aggregator.text.free_names import suffixes
from aggregator.text.normalize import fold

LONGEST = 60  # bytes of one level, so that paths of several levels stay within the limits of file systems and readers
READ = 300  # characters of a name that are used

# Never given as a slug: our own folders and URLs, and the device names of Windows.
RESERVED = frozenset(
    "all entries source archive health held status metrics api healthz readyz websub index static".split()
    + "con prn aux nul".split()
    + [f"{device}{n}" for device in ("com", "lpt") for n in range(10)]
)

HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")
SPELLED: list[tuple[re.Pattern[str], str]] = [
    (re.compile(r"(?<=\w)\+\+"), " plus plus "),
    (re.compile(r"\+"), " plus "),
    (re.compile(r"(?<=\w)[#♯]"), " sharp "),
    (re.compile(r"(?<!\S)\.(?=\w)"), " dot "),
    (re.compile(r"&"), " and "),
    (re.compile(r"(?<=\w)['’](?=\w)"), ""),
    (re.compile(r"(?<=\b[^\W\d_])\.(?=[^\W\d_]\b|\s|$)"), ""),  # A.I. is ai
]


def slugify(name: str) -> str:
    """ASCII words in lower case joined by `-`, at most 60 bytes; never empty, perhaps reserved or taken."""
    return readable_slug(name) or f"x{hashlib.sha256(name.encode(errors='surrogatepass')).hexdigest()[:8]}"


def readable_slug(name: str) -> str:
    """The same, but "" where the name has nothing that can be said in ASCII words."""
    text = fold(name)
    for pattern, spelling in SPELLED:
        text = pattern.sub(spelling, text[:READ])
    text = HAN.sub(lambda match: f" {_pinyin(match.group())} ", text)
    slug = "-".join(re.findall(r"[a-z0-9]+", anyascii(text).lower()))
    return _shorten(slug, LONGEST)


def unique_slug(name: str, taken: Container[str]) -> str:
    """The slug of `name`, with the first free of -2, -3, … where it is reserved or among its siblings' `taken`."""
    slug = slugify(name)
    candidates = (_shorten(slug, LONGEST - len(suffix)) + suffix for suffix in suffixes())
    return next(one for one in candidates if one not in taken and one not in RESERVED)


def _pinyin(han: str) -> str:
    from pypinyin import lazy_pinyin  # loaded only if needed: its dictionaries cost 0.2 s and memory

    return " ".join(lazy_pinyin(han))


def _shorten(slug: str, most: int) -> str:
    if len(slug) <= most:
        return slug
    head, _, _ = slug[: most + 1].rpartition("-")
    return head or slug[:most]
