"""Normal forms of plain strings: legal characters, one line, folded, language tags, media types; plausible dates."""

import hashlib
import html
import re
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

SINCE = datetime(1990, 1, 1, tzinfo=UTC)
LEEWAY = timedelta(minutes=10)

# XML 1.0 section 2.2 (Char) excludes C0 except tab, LF and CR, surrogates, U+FFFE and U+FFFF. It discourages DEL, C1
# (except NEL) and U+FDD0 to U+FDEF, which nothing can display.
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
# Embeddings, overrides and isolates (UAX #9): an unclosed one reorders the rest of the page.
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
# Invisible characters: soft hyphen, fillers, zero-width space, word joiner, directional marks, byte order mark,
# variation selectors, annotations. Not the joiners of emoji and Persian words and the tags of flags, which show.
INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff9-\ufffb\U000e0001\U000e0100-\U000e01ef]"
)
# html.unescape raises on more than 4,300 digits, as `int` does; no character has a number this long.
_LONG_REFERENCE = re.compile(r"&#(?:[0-9]{8,}+|0*+[xX][0-9a-fA-F]{7,}+);?")
# References left in a title that was escaped twice: of letters and quotes, never `&lt;`, which would turn a
# title about markup into markup.
_ESCAPED_TWICE = re.compile(
    r"&(?:amp|quot|apos|nbsp|hellip|[mn]dash|[lr][sd]quo|[lr]aquo|[A-Za-z](?:acute|grave|uml|circ|tilde|cedil)|szlig"
    r"|#0*(?:3[489]|160|1[6-9]\d|2[0-4]\d|25[0-5]|82\d\d)|#x0*(?:2[267]|a0|20[0-9a-f]{2}));",
    re.IGNORECASE,
)
# Scripts without spaces between words: Thai and Lao, Tibetan, Myanmar, Khmer, kana, Han.
_UNSPACED = re.compile(
    "[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff]+"
)
# RFC 5646 2.1: language (with its extensions), script, region, variants, extensions, private use. A subtag is matched
# possessively: its length and characters determine its kind.
_END = "(?![a-z0-9])"
_LANGUAGE = re.compile(
    rf"[a-z]{{2,3}}(?:-[a-z]{{3}}{_END}){{0,3}}+(?:-[a-z]{{4}}{_END})?+(?:-(?:[a-z]{{2}}|[0-9]{{3}}){_END})?+"
    rf"(?:-(?:[a-z][a-z0-9]{{4,7}}|[0-9][a-z0-9]{{3,7}}){_END})*+(?:-[a-wyz0-9](?:-[a-z0-9]{{2,8}}{_END})++)*+"
    rf"(?:-x(?:-[a-z0-9]{{1,8}}{_END})++)?+|[ix](?:-[a-z0-9]{{1,8}}{_END})++"
)
_LANGUAGES = frozenset(  # of two letters, ISO 639-1
    "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de "
    "dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id "
    "ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu "
    "lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu "
    "rm rn ro ru rw sa sc sd se sg sh si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to "
    "tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu".split()
)
# Country codes used in place of the language, and former language codes.
_MEANT = {
    "cn": "zh", "cz": "cs", "dk": "da", "gr": "el", "in": "id", "iw": "he", "ji": "yi", "jp": "ja", "jw": "jv",
    "mo": "ro", "ua": "uk", "vn": "vi",
}  # fmt: skip
_PIECE = 2000  # characters
_EMAIL = re.compile(r"[^@\s<>()\"',;:]{1,64}@[^@\s<>()\"',;:.]+(?:\.[^@\s<>()\"',;:.]+)+")
_NO_BREAKS = dict.fromkeys(map(ord, "\n\t\r"))
_NOBODY = re.compile(r"(?:no|do-?not)[-_.]?reply|nobody|null|none", re.IGNORECASE)
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*")


def legal(text: str) -> str:
    """The text without characters that XML 1.0 cannot carry, with LF line ends."""
    if text.isascii() and text.isprintable():
        return text
    return _ILLEGAL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def decode(text: str) -> str:
    """Character references decoded once by HTML's rules for text; never raises."""
    if "&" not in text:
        return text
    return legal(html.unescape(_LONG_REFERENCE.sub("\ufffd", text)))


def decode_again(text: str) -> str:
    """Decodes the references of letters and punctuation left in a decoded text that was escaped twice."""
    return _ESCAPED_TWICE.sub(lambda match: html.unescape(match[0]), text) if "&" in text else text


def one_line(text: str) -> str:
    """One line of legal characters, without bidi controls, white space collapsed; "" if nothing is visible."""
    if not text.isascii():
        text = _BIDI.sub("", text)
    line = " ".join(legal(text.replace("\x00", "").replace("\x0c", " ")).split())
    return line if line.isascii() or INVISIBLE.sub("", line).strip() else ""


def unspaced(text: str) -> int:
    """How many characters belong to a script without spaces between words."""
    return 0 if text.isascii() else sum(map(len, _UNSPACED.findall(text)))


def fold(text: str) -> str:
    """NFKC, casefold, white space collapsed: only for comparing.

    Casefolding can undo NFKC, so the text is composed again (Unicode 3.13, D146).
    """
    return fold_line(" ".join(text.split()))


def fold_line(line: str) -> str:
    """`fold` of a text whose white space is collapsed already. Composing makes spaces, and no other white space."""
    if line.isascii():
        return line.lower()
    folded = _composed(_composed(line).casefold()).strip()
    return " ".join(folded.split()) if "  " in folded else folded


def _composed(text: str) -> str:
    """NFKC in pieces: its time is quadratic in a run of combining marks, minutes for a hostile text."""
    if len(text) <= _PIECE:
        return unicodedata.normalize("NFKC", text)
    return "".join(unicodedata.normalize("NFKC", piece) for piece in _pieces(text))


def _pieces(text: str, size: int = _PIECE) -> Iterator[str]:
    """Pieces cut between words, else before a character that does not combine."""
    at = 0
    while len(text) - at > size:
        end = text.find(" ", at + size, at + size + 200)
        if end < 0:
            near = range(at + size, min(at + size + 32, len(text)))
            end = next((index for index in near if not unicodedata.combining(text[index])), at + size)
        yield text[at:end]
        at = end
    yield text[at:]


def shorten(text: str, most: int) -> str:
    """At most `most` characters, cut between words if possible, never inside a combined character."""
    if len(text) <= most:
        return text
    cut = most - 1
    space = text.rfind(" ", cut - min(100, cut // 2), cut + 1)
    if space > 0:
        return text[:space].rstrip() + "…"
    while cut > most // 2 and (unicodedata.combining(text[cut]) or text[cut] in "\u200d\ufe0e\ufe0f"):
        cut -= 1
    return text[:cut].rstrip("\u200d ") + "…"


def bounded(identifier: str, most: int = 4000) -> str:
    """An identifier without control characters and outer white space.

    One that is too long becomes its beginning and a digest, so that two of them stay different.
    """
    kept = legal(identifier).translate(_NO_BREAKS).strip()
    if len(kept) <= most:
        return kept
    return kept[:most] + hashlib.sha256(kept.encode()).hexdigest()


def language(tag: str) -> str:
    """A language tag in the case that BCP 47 (RFC 5646 2.1.1) recommends; "" if it is invalid."""
    tag = tag.strip().replace("_", "-").lower()
    if len(tag) > 60 or not _LANGUAGE.fullmatch(tag):
        return ""
    first, *rest = tag.split("-")
    first = _MEANT.get(first, first)
    if len(first) == 2 and first not in _LANGUAGES:
        return ""
    plain = all(len(subtag) > 1 for subtag in rest)  # subtags after a singleton are no region and no script
    return "-".join([first, *map(_subtag, rest)] if plain else [first, *rest])


def _subtag(subtag: str) -> str:
    if len(subtag) == 2 and subtag.isalpha():
        return subtag.upper()
    return subtag.title() if len(subtag) == 4 and subtag.isalpha() else subtag


def email(address: str) -> str:
    """An e-mail address, "" if it is invalid or nobody reads it: blogging platforms write noreply@."""
    address = one_line(address).removeprefix("mailto:")
    if len(address) > 254 or not _EMAIL.fullmatch(address) or _NOBODY.fullmatch(address.partition("@")[0]):
        return ""
    return address


def media_type(claim: str) -> str:
    """`type/subtype` in lower case without parameters, "" if it is invalid (RFC 6838 4.2)."""
    bare = claim.partition(";")[0].strip().lower()
    return bare if len(bare) <= 127 and _MEDIA_TYPE.fullmatch(bare) else ""


def acceptable(claim: datetime | None, now: datetime) -> datetime | None:
    """The date if it is plausible: from 1990 to ten minutes from now, else None.

    That excludes the Unix epoch, which many programs write for "no date".
    """
    if claim is None:
        return None
    if claim.tzinfo is None:
        claim = claim.replace(tzinfo=UTC)
    return claim if SINCE <= claim <= now + LEEWAY else None
