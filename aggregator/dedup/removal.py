"""Digests by which what a person took down is known again, where nothing readable of it may be kept. Pure.

They are published, in removed.json, so that a lost state does not undo a removal. Whoever holds an id or a link can
find out whether it was removed, as he could by looking into the feeds: these digests are quick. What an entry said must
not be found out by trying: a text of fewer than 40 words leaves no digest, and that of a longer one, or of a title, is
made by scrypt (RFC 7914), 16 MB of memory and some 50 ms of work for every guess. So that this costs us nothing, each
slow one is asked only where a quick one, or the length of the text, agrees. The salt is the site's own: no table of
guesses serves for two planets, and a state made anew gives the same digests.
"""

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from typing import Literal, NamedTuple

Kind = Literal["id", "link", "title", "text"]

SIZE = 16  # bytes: a million million digests meet by chance once in a hundred million trees


class RemovalDigest(NamedTuple):
    """`length`: of the text in characters, 0 for other kinds."""

    kind: Kind
    digest: str
    length: int = 0


class Trait(NamedTuple):
    """What a digest is made of: an id, a comparable link, that link with a folded title, the fingerprint of a text."""

    kind: Kind
    value: str
    length: int = 0

    @property
    def key(self) -> str:
        """For our own state alone, where the same thing need not be hashed slowly again."""
        return hashlib.sha256(f"{self.kind}\n{self.value}".encode(errors="surrogatepass")).hexdigest()


def digest_of(trait: Trait, salt: str) -> RemovalDigest:
    make = _slow if trait.kind in {"title", "text"} else _quick
    return RemovalDigest(trait.kind, make(f"{trait.kind}\n{trait.value}", salt), trait.length)


def title_trait(link: str, title: str) -> Trait:
    """Two link blogs that point at one article are told apart by their titles."""
    return Trait("title", f"{link}\n{title}")


def traits(ids: Iterable[str], links: Iterable[tuple[str, str]], bodies: Iterable[str]) -> list[Trait]:
    """Of one entry: its ids, its (link, title)s, the fingerprints of its texts; what is "" tells nothing."""
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
