"""Digests of removed entries, as removed.json and states hold them."""

import pytest

from aggregator.dedup.removal import RemovalDigest, Trait, digest_of, title_trait, traits

SALT = "https://planet.example/"


def test_an_entry_is_known_by_each_value_that_it_has() -> None:
    found = traits(["1", "", "1"], [("a.example/1", "T"), ("a.example/2", ""), ("", "U")], ["", "digest"])
    assert found == [
        Trait("id", "1"),
        Trait("link", "a.example/1"),
        Trait("link", "a.example/2"),
        Trait("text", "digest"),
        title_trait("a.example/1", "T"),
    ]
    assert {trait.length for trait in found} == {0}
    assert traits([], [], []) == []


@pytest.mark.parametrize(
    ("trait", "digest"),
    [
        (Trait("id", "tag:a.example,2026:1"), "1228b00028678082d0cff7a785d91609"),
        (Trait("link", "a.example/1"), "5d49b19f5622c9906c27a507276950cd"),
        (title_trait("a.example/1", "a title"), "a3542ea97725842436428421444b943d"),
        (Trait("text", "0123abcd", 250), "440f2e53b7f8c828953d21f2228a525d"),
    ],
)
def test_a_digest_is_that_of_trees_that_are_published(trait: Trait, digest: str) -> None:
    """Made otherwise, a removed entry would come back."""
    assert digest_of(trait, SALT) == RemovalDigest(trait.kind, digest, trait.length)


def test_a_key_is_that_of_states() -> None:
    assert Trait("text", "0123abcd", 250).key == "e044b164e2edc898d7aaaacb35da7bedd8dbd00ab81fe73d4fe2c0a7be24d11b"
