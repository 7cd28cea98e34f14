"""What merging compares of an entry and is costly to make. Pure: worker processes make it, where the texts are."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from aggregator.codec import pack, unpack
from aggregator.dedup.minhash import SAMPLED_ENTRIES, bands, find_boilerplate, own_text, passage_key, scheme
from aggregator.errors import DamagedError
from aggregator.model.document import RawEntry
from aggregator.model.entry import CleanEntry
from aggregator.polling.site_memory import EntryTraits
from aggregator.polling.site_traits import traits_of


@dataclass(frozen=True, slots=True)
class Signing:
    """How the texts of a source are signed. `threshold`: of near-duplicates; 0: they are not compared. `boilerplate`:
    what the source was known to repeat before."""

    threshold: float = 0.0
    boilerplate: frozenset[str] = frozenset()

    def learned(self, newest: Sequence[CleanEntry | None]) -> "Signing":
        """With what the newest entries of a document repeat, if all of them are new."""
        sampled = [clean.fingerprint.text for clean in newest[:SAMPLED_ENTRIES] if clean]
        is_whole = len(sampled) == min(SAMPLED_ENTRIES, len(newest))
        return Signing(self.threshold, find_boilerplate(sampled)) if is_whole else self


NOT_SIGNED = Signing()


@dataclass(frozen=True, slots=True)
class Comparable:
    """`clean`: without what is only shown; `sums`: of the packed draft and clean entry, which merging need not open;
    `traits`: without their text; `keys`: those of the text that has the `signed` digest."""

    clean: CleanEntry
    sums: tuple[int, int]
    traits: EntryTraits
    signed: str = ""
    keys: tuple[int, ...] = ()


def comparable(clean: CleanEntry, signing: Signing, packed: tuple[bytes, bytes]) -> bytes:
    """A packed Comparable. `packed`: the draft and the clean entry."""
    compared = replace(
        clean, title_html="", summary="", content="", links=(), authors=(), contributors=(), page=None, texts=()
    )
    signed = ""
    keys: tuple[int, ...] = ()
    if signing.threshold:
        text = own_text(clean.fingerprint.text, signing.boilerplate)
        signed, keys = signed_as(text, signing.threshold), bands(text, signing.threshold)
    return pack(Comparable(compared, _sums(*packed), replace(traits_of(clean), text=""), signed, keys))


def compared_entry(draft: bytes, clean: bytes, compared: bytes | None) -> tuple[CleanEntry, Comparable | None]:
    """An entry as far as merging compares it, from its packed parts; former versions made no Comparable. Raises
    DamagedError where any part is damaged: draft and clean entry may stay unread for long."""
    if compared is None:
        unpack(draft, RawEntry)
        return unpack(clean, CleanEntry), None
    found = unpack(compared, Comparable)
    if found.sums != _sums(draft, clean):
        raise DamagedError("the state holds a damaged arrival: its draft or its clean entry was altered")
    return found.clean, found


def _sums(draft: bytes, clean: bytes) -> tuple[int, int]:
    try:
        return zlib.crc32(draft), zlib.crc32(clean)
    except TypeError:
        return -1, -1


def signed_as(text: str, threshold: float) -> str:
    """The digest of a text and of all else that its keys depend on."""
    return passage_key(f"{scheme(threshold)}\n{text}")


def keys_of(texts: set[str], threshold: float, made: Mapping[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    """The keys of each text. `made`: those that worker processes made, by `signed_as`; the boilerplate that was left
    out there may differ from that which is known now."""
    digests = {text: signed_as(text, threshold) for text in texts}
    return {text: made[of] if of in made else bands(text, threshold) for text, of in digests.items()}
