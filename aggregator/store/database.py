"""What both databases share: transactions, schema steps, and errors in our words."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

from sqlalchemy import Column, Connection, Engine, MetaData, String, Table, select

from aggregator.errors import AggregatorError, StateError, UsageError
from aggregator.store.dialects import tables_of
from aggregator.store.facts import count_change
from aggregator.store.head import HEAD
from aggregator.store.inspect_schema import Schema

# Where Alembic records the last applied migration.
APPLIED = Table("alembic_version", MetaData(), Column("version_num", String(32), primary_key=True, nullable=False))
OURS = frozenset({"source", "sighting", "entry"})  # tables by which a state is known

HasChanged = Callable[[], bool]


class Database(ABC):
    """One state. `write` opens a transaction with the write lock, `read` one that sees a consistent snapshot.

    Both may be called from any thread. Threads of this process wait for the write lock without limit; LockedError is
    raised only where another process holds it for longer than a few seconds. `name`: as messages name the state.
    """

    _engine: Engine | None

    def __init__(self, name: str) -> None:
        self.name = name
        self.changes = 0  # transactions of this process that changed the state
        self._write_lock = threading.Lock()

    @abstractmethod
    def exists(self) -> bool:
        """Whether a state is there. Creates nothing."""

    def open(self) -> None:
        """Creates or upgrades the schema where needed; raises StateError or LockedError."""
        try:
            with self._translated():
                self._connect()
                self._upgrade()
        except AggregatorError:
            self.close()
            raise

    @abstractmethod
    def _connect(self) -> None:
        """Checks that this may be a state, and makes `read` and `write` possible."""

    @abstractmethod
    def close(self) -> None: ...

    @contextmanager
    def write(self, *, alone: bool = True) -> Iterator[Connection]:
        """`alone`: other processes wait until this transaction ends. Else they may write at the same time, and only
        statements that lock their own rows are safe; SQLite is always alone."""
        lock: AbstractContextManager[object] = self._write_lock if alone else nullcontext()
        with lock, self._translated(), self._writing(alone=alone) as (connection, has_changed):
            yield connection
            if has_changed():
                count_change(connection, alone=alone)
                self.changes += 1

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with self._translated(), self._reading() as connection:
            yield connection

    @abstractmethod
    def compact(self) -> int:
        """Gives free space back; returns the number of bytes freed."""

    @abstractmethod
    def copy_to(self, target: Path) -> None:
        """Writes a consistent copy to the new SQLite file `target`."""

    def shared(self, *, wait: bool) -> AbstractContextManager[None]:  # noqa: ARG002 - PostgreSQL has it
        """Holds the lock of one of many workers, which excludes the one engine alone."""
        raise UsageError(
            f"the state {self.name} is a file, which one process works on: `aggregator daemon`; many workers need"
            " `state: postgresql://…`"
        )

    @abstractmethod
    def holders(self) -> list[str]:
        """Who holds it, in words."""

    @abstractmethod
    def version(self) -> tuple[int, ...]:
        """Changes whenever the state is written; () where it cannot be read."""

    @abstractmethod
    def schema(self) -> Schema:
        """The schema, without an upgrade. Raises StateError where it is no readable state."""

    @abstractmethod
    def _writing(self, *, alone: bool) -> AbstractContextManager[tuple[Connection, HasChanged]]: ...

    @abstractmethod
    def _reading(self) -> AbstractContextManager[Connection]: ...

    @abstractmethod
    def _create(self) -> None:
        """Creates the newest schema, unless another process has just done it."""

    @abstractmethod
    def _before_upgrade(self) -> None: ...

    @abstractmethod
    def _alone(self) -> AbstractContextManager[Connection]:
        """A transaction that no other process writes beside."""

    @abstractmethod
    def _translate(self, error: Exception) -> AggregatorError | None:
        """Our words for an error of the database, None where it is none."""

    def _not_open(self) -> StateError:
        return StateError(f"the state {self.name} is not open")

    def _upgrade(self) -> None:
        with self._reading() as connection:
            current = self._revision(connection)
        if current == HEAD:
            return
        if not current:
            self._create()
            return
        from aggregator.store.schema_steps import known_steps, take_steps  # slow to load

        if current not in known_steps():
            raise StateError(f"the state {self.name} was written by a newer version of this program; upgrade it")
        self._before_upgrade()
        with self._alone() as connection:
            take_steps(connection)

    def _revision(self, connection: Connection) -> str:
        """The last migration, "" for none. Raises StateError where the database belongs to another program."""
        tables = tables_of(connection)
        if not tables:
            return ""
        steps = list(connection.execute(select(APPLIED.c.version_num)).scalars()) if APPLIED.name in tables else []
        if APPLIED.name not in tables or not tables >= OURS:
            raise StateError(
                f"{self.name} is another program's database; `state:` must name a state of this program, or a new one"
            )
        if len(steps) != 1 or not isinstance(steps[0], str):
            raise StateError(
                f"the state {self.name} is damaged: its table alembic_version should have one row, the last schema"
                f" step, and has {len(steps)}; restore a backup"
            )
        return steps[0]

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except AggregatorError:
            raise
        except Exception as error:
            if (translated := self._translate(error)) is None:
                raise
            raise translated from error
