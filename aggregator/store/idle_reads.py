"""What a run reads of the state to know that it has nothing to do, in SQL that both databases understand.

A file is read without SQLAlchemy: to load that takes as long as all the rest of such a run.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from aggregator.errors import StateError
from aggregator.model.published import FileRow
from aggregator.store.head import HEAD
from aggregator.store.instants import to_stored

Ask = Callable[[str, Sequence[Any]], list[Any]]  # executes a statement with a `?` for each parameter; the rows

STEPS = "SELECT version_num FROM alembic_version"
FACTS = "SELECT name, value FROM fact"
IDS = "SELECT id FROM source UNION SELECT id FROM reading_list"
FILES = "SELECT path, sha256, size, mtime FROM published_file"
LISTING = "SELECT listing FROM source WHERE id = ?"
DUE_SOURCE = (
    "SELECT 1 FROM source WHERE (next_poll_at IS NULL OR next_poll_at <= ? OR due_at <= ?)"
    " AND kind = 'feed' AND configured AND state NOT IN ('paused', 'gone')"
    " AND host NOT IN (SELECT name FROM host WHERE until > ?) LIMIT 1"
)
DUE_POST = "SELECT 1 FROM post_file WHERE source_id = ? AND waits_until <= ? LIMIT 1"
DUE_PING = "SELECT 1 FROM ping WHERE due_at <= ? LIMIT 1"


@dataclass(frozen=True, slots=True)
class IdleReads:
    """One snapshot of a state of the newest schema."""

    ask: Ask

    def facts(self) -> dict[str, str]:
        return dict(self.ask(FACTS, ()))

    def ids(self) -> set[str]:
        """Of all sources, posts folders and reading lists."""
        return {row[0] for row in self.ask(IDS, ())}

    def is_source_due(self, at: datetime) -> bool:
        """Whether `Sources.claim` would find a feed, without jitter."""
        return bool(self.ask(DUE_SOURCE, [to_stored(at)] * 3))

    def is_ping_due(self, at: datetime) -> bool:
        """Whether a hub has to be told now."""
        return bool(self.ask(DUE_PING, (to_stored(at),)))

    def listing(self, folder: str) -> str:
        """The digest of a posts folder as it was read last; "" where it was not."""
        return next((str(row[0]) for row in self.ask(LISTING, (folder,))), "")

    def is_post_due(self, folder: str, at: datetime) -> bool:
        """Whether a post goes out or expires now."""
        return bool(self.ask(DUE_POST, (folder, to_stored(at))))

    def files(self) -> dict[str, FileRow]:
        """Those of the output tree, by path."""
        return {row[0]: FileRow.stored(*row[1:]) for row in self.ask(FILES, ())}


def checked(reads: IdleReads, name: str) -> IdleReads:
    """Raises StateError where the state has another schema."""
    if [row[0] for row in reads.ask(STEPS, ())] != [HEAD]:
        raise StateError(f"the state {name} does not have the newest schema")
    return reads


@contextmanager
def reads_of_file(file: Path) -> Iterator[IdleReads]:
    """Creates nothing. Raises StateError."""
    try:
        address = f"file:{quote(str(file.absolute()))}?mode=rw"  # read-only, the log would stay beside the file
        with closing(sqlite3.connect(address, isolation_level=None, uri=True)) as connection:
            connection.execute("BEGIN")
            yield checked(IdleReads(lambda *words: connection.execute(*words).fetchall()), str(file))
    except sqlite3.Error as error:
        raise StateError(f"the state {file} cannot be read: {error}") from error
