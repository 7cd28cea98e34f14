"""--dry-run: a whole run on a copy of the state. The published files are read and never changed."""

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from aggregator.app import App
from aggregator.codec import unpack
from aggregator.errors import InterruptedRehearsalError, StateError
from aggregator.model.entry import CleanEntry
from aggregator.pull.reading_list_sources import with_resolved_sources
from aggregator.store import Store, Transaction

MAX_NAMED = 200  # entries of a kind


@contextmanager
def app_on_copy(app: App) -> Iterator[App]:
    """The app with a copy of its state, opened, and a fixed clock. The copy is deleted at the end, however
    that comes. Needs no lock, and the state need not exist. Raises what opening the store raises.
    """
    at = app.clock()
    with _private_folder() as folder:
        copy = folder / "state.db"
        if app.store.exists():
            app.store.copy_to(copy)
        with Store(app.store.at, copy).opened() as store:
            try:
                yield with_resolved_sources(replace(app, store=store, clock=lambda: at, writes=False))
            except KeyboardInterrupt as stop:
                raise InterruptedRehearsalError("interrupted; nothing was stored or written") from stop


@contextmanager
def _private_folder() -> Iterator[Path]:
    """A temporary folder that only its owner can read, since the state may hold unpublished entries."""
    try:
        folder = tempfile.TemporaryDirectory(prefix="aggregator-dry-run-", ignore_cleanup_errors=True)
    except OSError as error:
        raise StateError(
            f"cannot create a folder for a copy of the state: {error}; set TMPDIR to another folder"
        ) from error
    with folder as path:
        yield Path(path)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state before a dry run: the number of the next new entry, and the entries held or edited already."""

    next_id: int
    held: frozenset[int]
    edited: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class EntryName:
    """An entry as a report names it; `source`: id of the source that shows it."""

    id: str
    title: str
    source: str


@dataclass(frozen=True, slots=True)
class DryRunResult:
    """What a run would do to entries, at most 200 of a kind. `new`: shown for the first time, also those that would be
    released; `held`: those that would become held; `archived`: those that would be in archives and on pages only.
    """

    new: tuple[EntryName, ...]
    updated: tuple[EntryName, ...]
    held: tuple[EntryName, ...]
    archived: tuple[EntryName, ...]


def take_snapshot(app: App) -> Snapshot:
    """Before the dry run, on the copy of the state."""
    with app.store.read() as tx:
        next_id = tx.entries.next_id()
        return Snapshot(next_id, tx.changes.held(), tx.changes.edited(app.clock(), below=next_id))


def compare(app: App, before: Snapshot) -> DryRunResult:
    """After the dry run, on the same copy."""
    with app.store.read() as tx:
        held = tx.changes.held()
        fresh = [id_ for id_ in tx.entries.ids(before.next_id - 1, 2**31) if id_ not in held]
        shown = [*sorted(before.held - held), *fresh]
        archived = tx.entries.backlogs(shown).keys()
        edited = tx.changes.edited(app.clock(), below=before.next_id).items()
        return DryRunResult(
            new=_named(tx, (id_ for id_ in shown if id_ not in archived)),
            updated=_named(tx, (id_ for id_, digest in edited if before.edited.get(id_) != digest)),
            held=_named(tx, sorted(held - before.held)),
            archived=_named(tx, (id_ for id_ in shown if id_ in archived)),
        )


def _named(tx: Transaction, ids: Iterable[int]) -> tuple[EntryName, ...]:
    wanted = list(islice(ids, MAX_NAMED))
    faces = tx.lookups.faces(wanted)
    found = (faces[id_] for id_ in wanted if id_ in faces)
    return tuple(EntryName(face.public_id, unpack(face.clean, CleanEntry).title, face.source_id) for face in found)
