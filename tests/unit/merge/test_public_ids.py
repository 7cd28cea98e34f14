"""The ids that new entries get."""

import pytest

from aggregator.clean.clean_entry import ContentSettings, clean
from aggregator.dedup.candidates import Arriving
from aggregator.dedup.removal import Trait, digest_of
from aggregator.merge.public_ids import candidates
from aggregator.merge.removals import RemovedEntries, ids_of
from aggregator.model.document import Link, RawEntry
from aggregator.model.entry import CleanEntry

PREFIX = "tag:planet.example,2026:"

# As the first version minted them. A lost state mints ids again, so none of these may ever change.
MINTED = {
    "https://blog.example/a": "ej73vzotl7yuze7j",
    "https://blog.example/a?ref=other.example.com": "jytbqjqmkyx4phft",
    "https://blog.example/2026/a-long-title/amp/": "hca45x43n777aki5",
    "https://blog.example/a?hmb_source=x&utm_source=y": "aimw6kpngtxvwxmr",
    "https://blog.example/?p=1&itm_source=z": "omm3yxauxb4etnca",
}


def arriving(href: str, id_: str = "") -> tuple[Arriving, CleanEntry]:
    cleaned = clean(RawEntry(id=id_, links=(Link(href),)), base="", settings=ContentSettings())
    minting_link = cleaned.minting_link or cleaned.canonical
    one = Arriving("x", id_, cleaned.canonical, on_own_host=True, minting_link=minting_link)
    return one, cleaned


@pytest.mark.parametrize("href", MINTED)
def test_an_id_minted_from_a_link_never_changes(href: str) -> None:
    one, cleaned = arriving(href)
    assert list(candidates(PREFIX, "blog", one, cleaned))[:2] == ["", f"{PREFIX}blog/{MINTED[href]}"]
    assert f"{PREFIX}blog/{MINTED[href]}" in ids_of(one, PREFIX, "blog")


def test_a_removal_that_an_older_version_recorded_still_counts() -> None:
    one, _ = arriving("https://blog.example/a?ref=other.example.com")
    old = digest_of(Trait("link", "blog.example/a?ref=other.example.com"), "salt")
    new = digest_of(Trait("link", "blog.example/a"), "salt")
    for digest in (old, new):
        assert RemovedEntries("salt", _numbers={digest: 7}).learned(one, ()) == (7, "link")
    other = digest_of(Trait("link", "blog.example/b"), "salt")
    assert RemovedEntries("salt", _numbers={other: 7}).learned(one, ()) is None
