"""What an archive was begun for, as a digest: for another site address or other members it begins anew.

Formats are no part of it, because a page may have files of more or fewer formats. In digests of earlier versions they
were; such a digest is recognized, so that no archive begins anew by an upgrade.
"""

from collections.abc import Iterator
from dataclasses import fields
from itertools import chain, permutations

from aggregator.codec import digest
from aggregator.store.feed_members import FeedFilter

OLD_NAMES = ("Members", "FeedFilter")  # of the class, which was a part of old digests
OLD_FIELDS = ("all_of", "any_of", "none_of", "sources")
OLD_FORMATS = ("atom", "rss", "json", "posts")


def settings_digest(site_url: str, members: FeedFilter) -> str:
    """A condition that is not set does not count, so that a new one changes no digest."""
    return digest([site_url, _conditions(members)])


def formats_of_old_digest(stored: str, site_url: str, members: FeedFilter) -> tuple[str, ...] | None:
    """The formats that an archive was begun with, where an earlier version stored this digest for the same site address
    and members; else None."""
    if _conditions(members).keys() - set(OLD_FIELDS):
        return None
    values = ", ".join(f"{name}={getattr(members, name)!r}" for name in OLD_FIELDS)
    digests = ((digest([site_url, one, f"{name}({values})"]), one) for one in _formats() for name in OLD_NAMES)
    return next((formats for old, formats in digests if old == stored), None)


def _conditions(members: FeedFilter) -> dict[str, object]:
    values = ((one.name, getattr(members, one.name)) for one in fields(members))
    return {name: value for name, value in values if value is not None}


def _formats() -> Iterator[tuple[str, ...]]:
    """All lists of formats that a config may have, in any order: the first version stored them as they were written."""
    return chain.from_iterable(permutations(OLD_FORMATS, count) for count in range(len(OLD_FORMATS) + 1))
