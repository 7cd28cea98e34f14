"""--dry-run: all that a run does, with a copy of the state to work on, and an output that is read and left as it is."""

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from aggregator.app import App
from aggregator.codec import unpack
from aggregator.errors import InterruptedRehearsalError, StateError
from aggregator.model.entry import CleanEntry
from aggregator.pull.reading_list_sources import take_lists
from aggregator.store import Store, Transaction

MOST = 200  # entries of a kind that are named


@contextmanager
def app_on_copy(app: App) -> Iterator[App]:
    """The same house with a copy of its state, opened, and a clock that stands still. Whatever is done in it, and
    however it ends, nothing of it stays. It needs no lock, and the state need not exist. Raises what opening raises.
    """
    at = app.clock()
    with _folder() as folder:
        copy = folder / "state.db"
        if app.store.exists():
            app.store.copy_to(copy)
        with closing(Store(app.store.path, copy)) as store:
            store.open()
            try:
                rehearsal = replace(app, store=store, clock=lambda: at, writes=False)
                with store.read() as tx:
                    take_lists(rehearsal, tx)
                yield rehearsal
            except KeyboardInterrupt as stop:
                raise InterruptedRehearsalError("interrupted; nothing was stored or written") from stop


@contextmanager
def _folder() -> Iterator[Path]:
    """For its owner's eyes only: the state may hold what is not published."""
    try:
        folder = tempfile.TemporaryDirectory(prefix="aggregator-dry-run-", ignore_cleanup_errors=True)
    except OSError as error:
        raise StateError(f"no folder can be made for a copy of the state: {error}; set TMPDIR to another") from error
    with folder as path:
        yield Path(path)


@dataclass(frozen=True, slots=True)
class Before:
    """What tells afterwards what a rehearsal did: the next new entry's number, and what was held or edited already."""

    next_id: int
    held: frozenset[int]
    edited: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Named:
    """An entry as a report names it; `source` is the id of the source that shows it."""

    id: str
    title: str
    source: str


@dataclass(frozen=True, slots=True)
class DryRunResult:
    """What would become of entries, at most 200 of a kind. `new`: shown for the first time, so it has those that would
    no longer be held; `held`: those that would from then on.
    """

    new: tuple[Named, ...]
    updated: tuple[Named, ...]
    held: tuple[Named, ...]


def look_around(app: App) -> Before:
    """Before the run, in a house for rehearsals."""
    with app.store.read() as tx:
        next_id = tx.entries.next_id()
        return Before(next_id, tx.changes.held(), tx.changes.edited(app.clock(), below=next_id))


def compare(app: App, before: Before) -> DryRunResult:
    """After the run, in the same house."""
    with app.store.read() as tx:
        held = tx.changes.held()
        came = (id_ for id_ in tx.entries.ids(before.next_id - 1, 2**31) if id_ not in held)
        edited = tx.changes.edited(app.clock(), below=before.next_id).items()
        return DryRunResult(
            new=_named(tx, [*sorted(before.held - held), *came]),
            updated=_named(tx, (id_ for id_, digest in edited if before.edited.get(id_) != digest)),
            held=_named(tx, sorted(held - before.held)),
        )


def _named(tx: Transaction, ids: Iterable[int]) -> tuple[Named, ...]:
    wanted = list(islice(ids, MOST))
    faces = tx.lookups.faces(wanted)
    found = (faces[id_] for id_ in wanted if id_ in faces)
    return tuple(Named(face.public_id, unpack(face.clean, CleanEntry).title, face.source_id) for face in found)
