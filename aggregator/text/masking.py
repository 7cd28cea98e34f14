"""Hides secrets in addresses and texts: those that look like secrets, and those that the config knows.

Foreign text is cut to a length first, and no pattern reads it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import groupby
from urllib.parse import quote, unquote

from aggregator.text.escapes import ROUNDS
from aggregator.text.secret_search import SURE, Needle, is_found, replaced

MASK = "…"
MARK = "\U0010fffd"  # replaces a secret in a stored entry: a private-use character that feeds do not use
LONGEST = 8192  # characters of an address that is shown
LEAST = 4  # shortest secret that is searched in foreign text: shorter ones occur in many words
RANDOM = 20  # from this length a value is not a word

_SECRET_WORDS = frozenset(
    "key keys apikey token tokens secret secrets pass passwd password passphrase passcode pwd pw auth oauth sig"
    " signature sign session sess sid credential credentials jwt bearer hmac otp".split()
)
_SECRET_ENDS = ("token", "secret", "password", "passwd", "signature", "sessid", "sessionid")
_ENDS_OF_AUTHORITY = "/?#\\ \t\r\n\"'<>"
_SEPARATORS = "?&;#"
_KEYS_OF_THE_WORLD = frozenset("monkey turkey donkey hockey whiskey jockey mickey hotkey".split())


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
    return _is_secret_name(name[:200])


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


@lru_cache(maxsize=1000)  # few names are repeated in many addresses, and in one
def _is_secret_name(name: str) -> bool:
    return any(map(_is_secret_word, _words(unquote(name))))


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
        return any(is_found(text, needle) for needle in self._needles)

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
    def _needles(self) -> tuple[Needle, ...]:
        named = [
            Needle(value, shown, MARK, is_pair=False)
            for value, shown in (*self.values, *self._literal)
            if len(value) >= LEAST
        ]
        paired = [
            Needle(f"{name}={value}", f"{name}={MASK}", f"{name}={MARK}", is_pair=True) for name, value in self.pairs
        ]
        # the longest first, so that none is cut by another
        return tuple(sorted((*named, *paired), key=lambda one: -len(one.value)))

    def _without(self, text: str, *, marks: bool) -> str:
        if not text:
            return text
        for needle in self._needles:
            if is_found(text, needle):
                text = replaced(text, needle, needle.mark if marks else needle.shown)
        return text


def _is_random(value: str) -> bool:
    """Whether a value looks like a key: `technology` does not, whatever its parameter is called."""
    has_both = any(map(str.isdigit, value)) and any(map(str.isalpha, value))
    return len(value) >= SURE and (has_both or len(value) >= RANDOM)


NOTHING_HIDDEN = Hidden()


def unmarked(text: str) -> str:
    """A stored text for display: … in place of MARK."""
    return text.replace(MARK, MASK) if MARK in text else text
