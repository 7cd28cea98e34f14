"""Withdrawals: entries that left the feeds for good, as their feeds tell readers."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from aggregator.model.entry import Entry

# By whom: `entry remove`, a tombstone of the source, an opt-out of the entry or its source, the file of a post. `hold`:
# `entry hold`, which no feed tells; what is removed afterwards is then known to have stood in these feeds.
Kind = Literal["removed", "tombstone", "opt-out", "post", "hold"]
TOLD: tuple[Kind, ...] = ("removed", "tombstone", "opt-out", "post")
STUBBED: tuple[Kind, ...] = ("removed", "tombstone", "opt-out")  # a post that went was only edited away

TOMBSTONES_STAND = timedelta(days=30)
STUBS_STAND = timedelta(days=7)
MOST_TOMBSTONES = 100  # in a document, the newest
MOST_STUBS = 5


@dataclass(frozen=True, slots=True)
class Tombstone:
    """An at:deleted-entry (RFC 6721). `ref`: the id of the entry; `when`: it was withdrawn."""

    ref: str
    when: datetime


@dataclass(frozen=True, slots=True)
class Stub(Entry):
    """What overwrites a withdrawn entry in readers of RSS and JSON Feed: its id, its date, and one word in place of
    title and text. `is_permalink`: RSS marked the id as the address of the entry."""

    is_permalink: bool = False
