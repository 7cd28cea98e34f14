"""Single facts about the whole state, each a text under a name of its own."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, Integer, String, bindparam, cast, delete, func, insert, select, update

from aggregator.store.fact_names import INDEXES, REVISION
from aggregator.store.schema import fact, pull, source
from aggregator.store.table import TableQueries

ALL = select(fact.c.name, fact.c.value)
FORGET = delete(fact).where(fact.c.name == bindparam("name_"))
SET = insert(fact)
SHARED = select(fact.c.value).where(fact.c.name == bindparam("name_")).with_for_update(read=True)
REPLACE = update(fact).where(fact.c.name == bindparam("of")).values(value=bindparam("value_"))
NEWEST = select(func.max(pull.c.batch_at))
FIRST_SOURCE = select(source.c.id).limit(1)


CHANGED = update(fact).where(fact.c.name == REVISION).values(value=cast(cast(fact.c.value, Integer) + 1, String))
# Of transactions beside each other, one counts for all that end with it: none waits for another.
CHANGED_BESIDE = CHANGED.where(
    fact.c.name.in_(select(fact.c.name).where(fact.c.name == REVISION).with_for_update(skip_locked=True))
)


def count_change(connection: Connection, *, alone: bool = True) -> None:
    """Counts a transaction that changes the state."""
    if connection.execute(CHANGED if alone else CHANGED_BESIDE).rowcount == 0 and alone:
        connection.execute(SET, {"name": REVISION, "value": "1"})


class Facts(TableQueries):
    """They are few, so the first question of a transaction reads all of them."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._known: dict[str, str] | None = None

    def get(self, name: str) -> str:
        """Returns "" for a fact that was never set."""
        if self._known is None:
            self._known = {row[0]: row[1] for row in self._all(ALL)}
        return self._known.get(name, "")

    @property
    def revision(self) -> int:
        """How often the state was changed before this transaction."""
        return int(self.get(REVISION) or 0)

    def set(self, name: str, value: str) -> None:
        self._connection.execute(FORGET, {"name_": name})
        self._connection.execute(SET, {"name": name, "value": value})
        if self._known is not None:
            self._known[name] = value

    def replace(self, name: str, value: str) -> None:
        """Sets a fact once no other transaction has it `locked`."""
        if not self._connection.execute(REPLACE, {"of": name, "value_": value}).rowcount:
            self._connection.execute(SET, {"name": name, "value": value})
        self._known = None

    def locked(self, name: str) -> str:
        """A fact that no other transaction replaces before this one ends; "" where it was never set."""
        return str(self._connection.execute(SHARED, {"name_": name}).scalar() or "")

    def add_lines(self, name: str, lines: Iterable[str]) -> None:
        """Adds to a fact that is a set of words without spaces, a line each."""
        self.set(name, "\n".join(sorted({*self.get(name).split(), *lines})))

    def newest(self) -> datetime | None:
        """The time of the newest batch that was recorded."""
        return self._connection.execute(NEWEST).scalar()

    def is_empty(self) -> bool:
        """Whether nothing was ever pulled, read or published. A planet without any source has published its index."""
        return self._connection.execute(FIRST_SOURCE).first() is None and not self.get(INDEXES)
