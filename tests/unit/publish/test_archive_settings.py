"""The digests that archives were begun with, of this version and of earlier ones."""

from itertools import product

import pytest

from aggregator.publish.archive_settings import formats_of_old_digest, settings_digest
from aggregator.store.feed_members import ALL_ENTRIES, FeedFilter

URL = "https://planet.example/"
CATEGORY = FeedFilter(all_of=(3,))
CHOICE = FeedFilter(any_of=(1, 2), none_of=(4,), sources=("a", "b"))

# As states hold them: one that changes here begins every archive anew.
NOW = [
    (ALL_ENTRIES, "8bba5afc3f137ddd5a06e8eb3afe476ba56f09dcff31482d0244533607aa9bce"),
    (CATEGORY, "ef64976c2883e15ef97d7ab2d7b949b29da5eb144490f86afdca348045886110"),
    (CHOICE, "600a37273eba94aa9b1b0116254c387544f7f1190eb8dcab9805ddf5f3a5d9b4"),
]
# With the formats in the order of the config; in that of the program; and under the second name of the class.
BEFORE = [
    (ALL_ENTRIES, ("json", "posts", "atom"), "43280dfc472a00f08a19be26167d25b89dacc801c05bc9e49289b30e296a7c93"),
    (ALL_ENTRIES, ("atom", "rss", "json"), "d35fa0c238310070c23d1e41d44a072f645551cc1ef6dcc6de5605bcb9fadc45"),
    (CATEGORY, ("atom", "rss"), "fa4ef014c37ea6882a17a11d94f3d595d416c8373a5ff2754aa2df9393b0611f"),
    (CHOICE, (), "e481e227310734704ea374690618d79216c6ee94549780c8fe864401f66b52a3"),
]


@pytest.mark.parametrize(("members", "stored"), NOW)
def test_the_digest_is_what_states_hold(members: FeedFilter, stored: str) -> None:
    assert settings_digest(URL, members) == stored


@pytest.mark.parametrize(("members", "formats", "stored"), BEFORE)
def test_digests_of_earlier_versions_are_recognized(members: FeedFilter, formats: tuple[str, ...], stored: str) -> None:
    assert formats_of_old_digest(stored, URL, members) == formats


def test_other_settings_are_not_taken_for_the_same() -> None:
    for (members, _, stored), url in product(BEFORE, (URL, "https://other.example/")):
        for other in (ALL_ENTRIES, CATEGORY, CHOICE):
            is_same = (other, url) == (members, URL)
            assert (formats_of_old_digest(stored, url, other) is not None) is is_same
    assert len({settings_digest(url, other) for url in (URL, "x") for other, _ in NOW}) == 6
