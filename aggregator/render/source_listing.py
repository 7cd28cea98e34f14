"""A source as the index lists it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SourceListing:
    """A published source.

    `link`: the publisher's own page, "" if unknown; `state`: new, ok, failing, gone or paused; `since`: when it began.
    Nothing here changes at each poll, because the index is written whenever this changes.
    """

    id: str
    title: str
    link: str = ""
    state: str = "ok"
    since: datetime | None = None
