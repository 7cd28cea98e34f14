"""Entries that are no news: they stand in archives and on pages, and in no subscription document.

`past`: it was there before its source joined. The newest entries introduce a source; subscribers of a feed that stood
for a day by then did not ask for the rest. `flood`: it was held, and nobody released it. `recovered`: it stood outside
the documents when the state was rebuilt from the published tree.
"""

from datetime import UTC, datetime, timedelta
from typing import Literal

Backlog = Literal["past", "flood", "recovered", ""]

SUBSCRIBED_AFTER = timedelta(days=1)  # that a feed stands, its subscribers count
NEVER = datetime(9999, 1, 1, tzinfo=UTC)


def binding_since(feed_id: str, recorded_at: datetime) -> datetime:
    """From when on the past of sources that join stays out of this feed's documents. The feed of one source is made for
    all that the source has."""
    return NEVER if feed_id.startswith("source/") else recorded_at + SUBSCRIBED_AFTER


def is_kept_out(backlog: str, at: datetime, since: datetime) -> bool:
    """Whether an entry that is no news since `at` stays out of the documents of a feed. `since`: what `binding_since`
    says of the feed."""
    return at >= since if backlog == "past" else backlog != ""
