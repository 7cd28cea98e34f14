"""What the index tells of a source."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SourceListing:
    """One row of the index's list of sources: only those that are published.

    `link`: the publisher's own page, "" where it names none; `state`: new, ok, failing, gone, paused, `since` when.
    Neither holds anything that is new at each poll: the index is written when what it says has changed.
    """

    id: str
    title: str
    link: str = ""
    state: str = "ok"
    since: datetime | None = None
