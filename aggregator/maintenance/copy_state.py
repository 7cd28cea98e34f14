"""Moves a state to another database: every row, or none."""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext

from aggregator.errors import UsageError
from aggregator.store import Store
from aggregator.store.backup import gone_if_it_fails


def copy_state(source: Store, target: Store, *, wait: bool = False) -> Mapping[str, int]:
    """Table → rows copied. Nobody may work on either meanwhile. Raises UsageError where there is no state to copy or
    another one at the target, LockedError, StateError."""
    if source.at == target.at:
        raise UsageError(f"{source.name} is both the state and its copy; name another one")
    if not source.exists():
        raise UsageError(f"there is no state {source.name}")
    with source.exclusive(wait=wait), target.exclusive(wait=wait), _new(target), source.opened(), target.opened():
        with target.read() as tx:
            if tx.facts.revision or not tx.facts.is_empty():
                raise UsageError(f"{target.name} holds a state already; name a new one")
        return target.copy_from(source)


def _new(target: Store) -> AbstractContextManager[None]:
    """A file that is made for a copy goes where the copy fails. A database keeps its empty tables."""
    return gone_if_it_fails(target.file) if target.file and not target.file.exists() else nullcontext()
