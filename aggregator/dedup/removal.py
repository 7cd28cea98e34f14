"""Digests that recognize an entry that a person removed, without keeping anything readable of it. Pure.

removed.json publishes them, so that a lost state does not undo a removal. Digests of ids and links are quick (SHA-256):
whoever holds an id or a link can also see in the feeds that its entry was removed. The content must not be guessable:
a text of fewer than 40 words has no digest, and digests of longer texts and of titles use scrypt (RFC 7914), which
takes 16 MB of memory and about 50 ms for each guess. We compute a slow digest only where a quick one, or the length of
the text, agrees. The salt belongs to the site: a table of guesses fits one planet only, and a rebuilt state computes
the same digests.
"""

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from typing import Literal, NamedTuple

Kind = Literal["id", "link", "title", "text"]

# What a removed entry was recognized by, in words and as the rule of the match.
KIND_NAMES: dict[Kind, str] = {
    "id": "its id",
    "link": "its link",
    "title": "its link with its title",
    "text": "its text",
}
KIND_RULES: dict[Kind, Literal["guid", "link", "fingerprint"]] = {
    "id": "guid",
    "link": "link",
    "title": "link",
    "text": "fingerprint",
}

SIZE = 16  # bytes, so that two digests are never equal by chance


class RemovalDigest(NamedTuple):
    """`length`: of the text in characters, 0 for other kinds."""

    kind: Kind
    digest: str
    length: int = 0


class Trait(NamedTuple):
    """What a digest is made of: an id, a canonical link, that link with a folded title, or the digest of a text."""

    kind: Kind
    value: str
    length: int = 0

    @property
    def key(self) -> str:
        """A quick digest for our own state, which saves computing the slow one again. Never published."""
        return hashlib.sha256(f"{self.kind}\n{self.value}".encode(errors="surrogatepass")).hexdigest()


def digest_of(trait: Trait, salt: str) -> RemovalDigest:
    make = _slow if trait.kind in {"title", "text"} else _quick
    return RemovalDigest(trait.kind, make(f"{trait.kind}\n{trait.value}", salt), trait.length)


def title_trait(link: str, title: str) -> Trait:
    """A link together with its title, which distinguishes two link blogs that link to one article."""
    return Trait("title", f"{link}\n{title}")


def traits(ids: Iterable[str], links: Iterable[tuple[str, str]], bodies: Iterable[str]) -> list[Trait]:
    """The traits of one entry from its ids, (link, title) pairs and digests of texts. Empty values give none."""
    pairs = [(link, title) for link, title in links if link]
    found = [
        *(Trait("id", one) for one in ids if one),
        *(Trait("link", link) for link, _ in pairs),
        *(title_trait(link, title) for link, title in pairs if title),
        *(Trait("text", body) for body in bodies if body),
    ]
    return sorted(set(found))


def _quick(text: str, salt: str) -> str:
    return hashlib.sha256(f"{salt}\n{text}".encode(errors="surrogatepass")).hexdigest()[: 2 * SIZE]


@lru_cache(maxsize=10_000)
def _slow(text: str, salt: str) -> str:
    data = text.encode(errors="surrogatepass")
    return hashlib.scrypt(data, salt=salt.encode(), n=2**14, r=8, p=1, dklen=SIZE).hex()
