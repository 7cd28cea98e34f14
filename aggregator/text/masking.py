"""Hides secrets in addresses and texts: those that look like secrets, and those that the config knows.

Foreign text is cut to a length first and read once from left to right, without patterns that backtrack.
"""

import html
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import groupby
from urllib.parse import quote, quote_plus, unquote

MASK = "…"
MARK = "\U0010fffd"  # replaces a secret in a stored entry: a private-use character that feeds do not use
LONGEST = 8192  # characters of an address that is shown
LEAST = 4  # shortest secret that is searched in foreign text: shorter ones occur in many words
SURE = 8  # from this length a secret is also found inside a word
RANDOM = 20  # from this length a value is not a word
ROUNDS = 3  # of decoding: a link inside a link is escaped twice
SLOW = 100_000  # longest line that is searched character by character

_SECRET_WORDS = frozenset(
    "key keys apikey token tokens secret secrets pass passwd password passphrase passcode pwd pw auth oauth sig"
    " signature sign session sess sid credential credentials jwt bearer hmac otp".split()
)
_SECRET_ENDS = ("token", "secret", "password", "passwd", "signature", "sessid", "sessionid")
_ENDS_OF_AUTHORITY = "/?#\\ \t\r\n\"'<>"
_SEPARATORS = "?&;#"
_KEYS_OF_THE_WORLD = frozenset("monkey turkey donkey hockey whiskey jockey mickey hotkey".split())
_HEX = frozenset("0123456789abcdefABCDEF")


# ── secrets by their look ─────────────────────────────────────────────────────────────────────────────────────────


def showable(address: str, *, depth: int = 0) -> str:
    """The address without user information and without values of parameters that look secret, also in its fragment and
    in an address that is a parameter. Idempotent, linear, never raises."""
    address = _without_user(cut(address, LONGEST))
    start = min((at for mark in _SEPARATORS if (at := address.find(mark)) >= 0), default=len(address))
    return address[:start] + "".join(_shown_parts(address[start:], depth))


def cut(text: str, most: int) -> str:
    """At most `most` characters of a text with addresses. User information is never cut off before its @."""
    if len(text) <= most:
        return text
    kept = text[: most - 1]
    authority = kept.rfind("//") + 2
    is_whole = authority < 2 or any(mark in kept[authority:] for mark in "/?# \n")
    return (kept if is_whole else kept[:authority]) + MASK


def showable_text(text: str) -> str:
    """A text with `showable` applied to each address in it."""
    if "//" not in text and "?" not in text:
        return text
    return "".join(_shown_word("".join(run)) for _, run in groupby(text, str.isspace))


def looks_secret(name: str) -> bool:
    """Whether a parameter or header of this name holds a secret, judged by the words of the name."""
    return any(map(_is_secret_word, _words(unquote(name[:200]))))


def secret_parameters(address: str) -> tuple[tuple[str, str], ...]:
    """(name, value) of the parameters whose names look secret."""
    query = address.partition("#")[0].partition("?")[2]
    pairs = (part.partition("=") for part in query.replace(";", "&").split("&"))
    return tuple(dict.fromkeys((name, value) for name, _, value in pairs if value and looks_secret(name)))


def _shown_word(word: str) -> str:
    return showable(word) if "//" in word or "?" in word else word


def _without_user(address: str) -> str:
    first, *rest = address.split("//")
    return "//".join([first, *map(_without_login, rest)])


def _without_login(rest: str) -> str:
    """`rest` begins with an authority (RFC 3986 3.2), perhaps after more slashes; its last @ ends the login."""
    bare = rest.lstrip("/")
    end = min((at for mark in _ENDS_OF_AUTHORITY if (at := bare.find(mark)) >= 0), default=len(bare))
    return rest[: len(rest) - len(bare)] + bare[:end].rpartition("@")[2] + bare[end:]


def _shown_parts(tail: str, depth: int) -> Iterator[str]:
    start = 0
    for at, character in enumerate(tail):
        if character in _SEPARATORS:
            yield _shown_parameter(tail[start:at], depth) + character
            start = at + 1
    yield _shown_parameter(tail[start:], depth)


def _shown_parameter(part: str, depth: int) -> str:
    name, equals, value = part.partition("=")
    if not value:
        return part
    if looks_secret(name):
        return f"{name}={MASK}"
    if "%" not in value or depth == ROUNDS:
        return part
    inner = unquote(value)
    shown = showable(inner, depth=depth + 1) if "//" in inner or "?" in inner else inner
    return part if shown == inner else f"{name}{equals}{quote(shown, safe='')}"


@lru_cache(maxsize=1000)
def _is_secret_word(word: str) -> bool:
    if word in _SECRET_WORDS or word.endswith(_SECRET_ENDS) or word.startswith("session"):
        return True
    if word.startswith("auth"):
        return not word.startswith("author") or word.startswith(("authoriz", "authoris"))
    return word.endswith("key") and word not in _KEYS_OF_THE_WORLD


def _words(name: str) -> list[str]:
    """`accessKey`, `access_key` and `X-Access-Key` alike."""
    words, before = [""], ""
    for character in name:
        if not character.isalnum() or (character.isupper() and before.islower()):
            words.append("")
        if character.isalnum():
            words[-1] += character.casefold()
        before = character
    return [word for word in words if word]


# ── secrets of the config ─────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Hidden:
    """Secrets that only a request may contain: `values` with their replacements, and `pairs`, (name, value) of
    parameters whose names look secret. They are found in foreign text in any escaped form."""

    values: tuple[tuple[str, str], ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()

    def __bool__(self) -> bool:
        return bool(self._needles)

    def holds(self, text: str) -> bool:
        return any(_found(text, needle) for needle in self._needles)

    def marked(self, text: str) -> str:
        """The text with MARK for each secret, to be stored."""
        return self._without(text, marks=True)

    def masked(self, text: str) -> str:
        """The text for a message: the variable's name or … for each secret, every address `showable`."""
        return showable_text(self._without(text, marks=False))

    @cached_property
    def _literal(self) -> tuple[tuple[str, str], ...]:
        """Values of parameters that look random, as keys do: these are searched without their names, too."""
        return tuple((value, MASK) for _, value in self.pairs if _is_random(value))

    @cached_property
    def _needles(self) -> tuple["_Needle", ...]:
        named = [
            _Needle(value, shown, MARK, is_pair=False)
            for value, shown in (*self.values, *self._literal)
            if len(value) >= LEAST
        ]
        paired = [
            _Needle(f"{name}={value}", f"{name}={MASK}", f"{name}={MARK}", is_pair=True) for name, value in self.pairs
        ]
        return tuple(
            sorted((*named, *paired), key=lambda one: -len(one.value))
        )  # the longest first, so that none is cut by another

    def _without(self, text: str, *, marks: bool) -> str:
        if not text:
            return text
        for needle in self._needles:
            if _found(text, needle):
                text = _replaced(text, needle, needle.mark if marks else needle.shown)
        return text


def _is_random(value: str) -> bool:
    """Whether a value looks like a key: `technology` does not, whatever its parameter is called."""
    has_both = any(map(str.isdigit, value)) and any(map(str.isalpha, value))
    return len(value) >= SURE and (has_both or len(value) >= RANDOM)


@dataclass(frozen=True)
class _Needle:
    value: str
    shown: str
    mark: str
    is_pair: bool

    @property
    def is_bounded(self) -> bool:
        """Whether it is found only as a separate word: short values occur inside many words."""
        return self.is_pair or len(self.value) < SURE

    @cached_property
    def forms(self) -> tuple[str, ...]:
        """In lower case, at each stage of decoding, and with + for a space."""
        views = [view.lower() for view in _views(self.value)]
        return tuple(dict.fromkeys(form for view in views for form in (view, view.replace(" ", "+"))))

    @cached_property
    def spellings(self) -> tuple[str, ...]:
        """The usual escaped forms, which can be replaced without reading each character."""
        value = self.value
        escaped = html.escape(value), html.escape(value, quote=False)
        coded = quote(value, safe=""), quote(value), quote(value, safe="!$&'()*+,;=:@/~"), quote_plus(value)
        every = dict.fromkeys((*escaped, *coded, value))
        return tuple(sorted((one for one in every if len(one) >= SURE), key=len, reverse=True))


NOTHING_HIDDEN = Hidden()


def unmarked(text: str) -> str:
    """A stored text for display: … in place of MARK."""
    return text.replace(MARK, MASK) if MARK in text else text


def _views(text: str) -> Iterator[str]:
    """The text, then decoded once, twice and so on."""
    yield text
    for _ in range(ROUNDS):
        after = unquote(html.unescape(text) if "&" in text else text) if "%" in text or "&" in text else text
        if after == text:
            return
        yield (text := after)


def _found(text: str, needle: _Needle) -> bool:
    return any(form in view for view in map(str.lower, _views(text)) for form in needle.forms)


def _replaced(text: str, needle: _Needle, by: str) -> str:
    if not needle.is_bounded:
        for spelling in needle.spellings:
            text = text.replace(spelling, by)
        if not _found(text, needle):
            return text
    return "\n".join(_replaced_in_line(line, needle, by) for line in text.split("\n"))


def _replaced_in_line(line: str, needle: _Needle, by: str) -> str:
    if not _found(line, needle):
        return line
    if len(line) > SLOW:
        return by  # an unusual escaping in a line that nobody reads
    parts, done = [], 0
    for start, end in _spans(line, needle):
        parts += [line[done:start], by]
        done = end
    return "".join([*parts, line[done:]])


def _spans(line: str, needle: _Needle) -> list[tuple[int, int]]:
    """The places of the secret in any escaped form, without overlaps."""
    characters = [_Character(one, at, at + 1) for at, one in enumerate(line)]
    found: list[tuple[int, int]] = []
    for _ in range(ROUNDS + 1):
        text = "".join(one.lower for one in characters)
        found += ((characters[a].start, characters[b - 1].end) for a, b in _places(text, needle))
        decoded = list(_decoded(characters))
        if len(decoded) == len(characters):
            break
        characters = decoded
    return list(_apart(sorted(found)))


def _places(text: str, needle: _Needle) -> Iterator[tuple[int, int]]:
    for form in needle.forms:
        at = text.find(form)
        while at >= 0:
            end = at + len(form)
            beside = text[at - 1 : at] + text[end : end + 1]
            if not (needle.is_bounded and any(map(str.isalnum, beside))):
                yield at, end
            at = text.find(form, end)


def _apart(spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    last = (0, 0)
    for start, end in spans:
        if start < last[1]:
            last = (last[0], max(last[1], end))
            continue
        if last[1]:
            yield last
        last = (start, end)
    if last[1]:
        yield last


@dataclass(frozen=True, slots=True)
class _Character:
    """A decoded character; `start` and `end`: its place in the original text."""

    text: str
    start: int
    end: int

    @property
    def lower(self) -> str:
        lower = self.text.lower()
        return lower if len(lower) == 1 else self.text


def _decoded(characters: list[_Character]) -> Iterator[_Character]:
    """Percent-encoded bytes (RFC 3986 2.1) and character references decoded once."""
    at = 0
    while at < len(characters):
        one = characters[at]
        read = _octets(characters, at) if one.text == "%" else _reference(characters, at) if one.text == "&" else []
        if read:
            yield from read
            at = next(
                i for i in range(at, len(characters) + 1) if i == len(characters) or characters[i].start >= read[-1].end
            )
        else:
            yield one
            at += 1


def _octets(characters: list[_Character], at: int) -> list[_Character]:
    """A run of encoded bytes, as UTF-8 if valid, else one character each."""
    octets: list[tuple[int, int, int]] = []
    while at + 2 < len(characters) and characters[at].text == "%":
        pair = characters[at + 1].text + characters[at + 2].text
        if not _HEX.issuperset(pair):
            break
        octets.append((int(pair, 16), characters[at].start, characters[at + 2].end))
        at += 3
    try:
        text = bytes(octet for octet, _, _ in octets).decode()
    except UnicodeDecodeError:
        return [_Character(chr(octet), start, end) for octet, start, end in octets]
    read, place = [], 0
    for character in text:
        width = len(character.encode())
        read.append(_Character(character, octets[place][1], octets[place + width - 1][2]))
        place += width
    return read


def _reference(characters: list[_Character], at: int) -> list[_Character]:
    some = "".join(one.text for one in characters[at : at + 12])
    end = some.find(";")
    written = some[: end + 1]
    read = html.unescape(written) if end > 0 else written
    if read == written or not read:
        return []
    return [_Character(one, characters[at].start, characters[at + end].end) for one in read]
