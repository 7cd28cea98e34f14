"""Copies a state that other processes may use meanwhile. Raises sqlite3.Error, OSError or StateError."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from aggregator.errors import StateError

FILES_OF_SQLITE = ("", "-wal", "-shm", "-journal", ".lock")  # what may stand there for a state
PRIVATE = 0o600  # of the state and its copies: addresses and answers in it may hold secrets, whatever the umask is


def copy_database(path: Path, target: Path, timeout: float) -> None:
    """Writes a consistent copy of `path` to the new file `target`. `timeout`: seconds to wait for another process."""
    if not _copy_at_rest(path, target, timeout):
        target.unlink(missing_ok=True)
        _back_up(path, "mode=ro", target, timeout)


def _copy_at_rest(path: Path, target: Path, timeout: float) -> bool:
    """Copies in SQLite's immutable mode, which makes no files beside the state. That is right only while nobody
    writes: returns False where another process has the state open, or opened it during the copy.
    """
    before = _rest(path)
    if before is None:
        return False
    try:
        _back_up(path, "immutable=1", target, timeout)
    except sqlite3.Error:
        if _rest(path) == before:
            raise
    return _rest(path) == before


def _rest(path: Path) -> tuple[int, ...] | None:
    """Values that change with every write; None while the state is in use, or after a crash."""
    real = path.resolve()
    if any(real.with_name(f"{real.name}-{beside}").exists() for beside in ("wal", "journal")):
        return None
    status = real.stat()
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _back_up(path: Path, how: str, target: Path, timeout: float) -> None:
    """Copies in one step, which is one read transaction: writers do not wait for it, nor change what it sees."""
    target.touch(mode=PRIVATE)
    source = sqlite3.connect(f"{path.resolve().as_uri()}?{how}", uri=True, timeout=timeout)
    with closing(source), closing(sqlite3.connect(target)) as copy:
        try:
            source.backup(copy)
        except sqlite3.OperationalError as error:
            if "full" in str(error):
                raise StateError(f"no room left on the disk for a copy of the state: {target}") from error
            raise


@contextmanager
def gone_if_it_fails(target: Path) -> Iterator[None]:
    """Removes the new file `target`, and what SQLite keeps beside it, where the copy fails."""
    try:
        yield
    except BaseException:
        for beside in FILES_OF_SQLITE:
            target.with_name(target.name + beside).unlink(missing_ok=True)
        raise
