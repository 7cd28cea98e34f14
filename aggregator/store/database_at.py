"""Which database a state is. The library of the other one is not loaded."""

from pathlib import Path

from aggregator.store.database import Database
from aggregator.text.masking import showable


def database_at(at: Path | str, file: Path | None = None) -> Database:
    """The database of a state: a file, or one on a server. With `file`, the copy of it in that SQLite file."""
    if isinstance(at, Path) or file is not None:
        from aggregator.store.sqlite import SQLite

        return SQLite(file or Path(at), copy_of=showable(str(at)) if file else "")
    from aggregator.store.postgresql import PostgreSQL

    return PostgreSQL(at)
