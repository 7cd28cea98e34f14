"""Moves a state to another database: every row, or none."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from aggregator.errors import UsageError
from aggregator.store import Store
from aggregator.store.backup import FILES_OF_SQLITE


def copy_state(source: Store, target: Store, *, wait: bool = False) -> Mapping[str, int]:
    """Table → rows copied. Nobody may work on either meanwhile. Raises UsageError where there is no state to copy or
    another one at the target, LockedError, StateError."""
    if source.at == target.at:
        raise UsageError(f"{source.name} is both the state and its copy; name another one")
    if not source.exists():
        raise UsageError(f"there is no state {source.name}")
    with source.exclusive(wait=wait), target.exclusive(wait=wait), _new(target), closing(source), closing(target):
        source.open()
        target.open()
        with target.read() as tx:
            if tx.facts.revision or not tx.facts.is_empty():
                raise UsageError(f"{target.name} holds a state already; name a new one")
        return target.copy_from(source)


@contextmanager
def _new(target: Store) -> Iterator[None]:
    """A file that was made for a copy goes where the copy fails. A database keeps its empty tables."""
    file = target.file if target.file and not target.file.exists() else None
    try:
        yield
    except BaseException:
        if file:
            remove_files(file)
        raise


def remove_files(file: Path) -> None:
    for beside in FILES_OF_SQLITE:
        file.with_name(file.name + beside).unlink(missing_ok=True)
