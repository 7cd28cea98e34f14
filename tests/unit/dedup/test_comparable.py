"""What worker processes make of an entry is what merging would make of it."""

import pytest

from aggregator.codec import pack, unpack
from aggregator.dedup.comparable import Comparable, Signing, comparable, compared_entry, keys_of, signed_as
from aggregator.dedup.minhash import bands, find_boilerplate, own_text, passage_key
from aggregator.errors import DamagedError
from aggregator.model.document import RawEntry
from aggregator.model.entry import CleanEntry, Fingerprint

WORDS = " ".join(f"word{n}" for n in range(60))
FOOTER = "all rights are reserved by the blog"
CLEAN = CleanEntry(
    id="a", link="https://a.example/1", content=f"<p>{WORDS}</p>", fingerprint=Fingerprint("t", f"{WORDS}\n{FOOTER}")
)
PACKED = pack(RawEntry(id="a")), pack(CLEAN)


def made(signing: Signing) -> Comparable:
    return unpack(comparable(CLEAN, signing, PACKED), Comparable)


def test_keys_are_those_of_the_text_without_what_the_source_repeats() -> None:
    boilerplate = frozenset([passage_key(FOOTER)])
    own = own_text(CLEAN.fingerprint.text, boilerplate)
    found = made(Signing(0.85, boilerplate))
    assert found.keys == bands(own, 0.85) != bands(CLEAN.fingerprint.text, 0.85)
    assert keys_of({own}, 0.85, {found.signed: (1, 2)}) == {own: (1, 2)}


@pytest.mark.parametrize(("text", "threshold"), [(CLEAN.fingerprint.text, 0.85), (WORDS, 0.9)])
def test_keys_of_another_text_or_threshold_are_made_again(text: str, threshold: float) -> None:
    made_before = {signed_as(WORDS, 0.85): (1, 2)}
    assert keys_of({text}, threshold, made_before) == {text: bands(text, threshold)}


def test_texts_that_nobody_compares_are_not_signed() -> None:
    assert made(Signing()).keys == ()


def test_what_is_compared_stays_and_what_is_only_shown_goes() -> None:
    found = made(Signing()).clean
    assert (found.id, found.link, found.fingerprint) == (CLEAN.id, CLEAN.link, CLEAN.fingerprint)
    assert found.content == ""


def test_a_document_of_new_entries_tells_what_its_source_repeats() -> None:
    several = [CLEAN] * 6
    assert Signing(0.85).learned(several).boilerplate == find_boilerplate([CLEAN.fingerprint.text] * 6)
    before = Signing(0.85, frozenset(["known"]))
    assert before.learned([*several, None]) == before


def test_an_altered_draft_or_clean_entry_is_noticed() -> None:
    compared = comparable(CLEAN, Signing(), PACKED)
    assert compared_entry(*PACKED, compared)[0].id == "a"
    for altered in ((PACKED[0][:-1], PACKED[1]), (PACKED[0], PACKED[1] + b"x")):
        with pytest.raises(DamagedError):
            compared_entry(*altered, compared)


def test_what_a_former_version_recorded_is_read_whole() -> None:
    assert compared_entry(*PACKED, None) == (CLEAN, None)
