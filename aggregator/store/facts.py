"""Single facts about the whole state."""

from datetime import datetime

from sqlalchemy import bindparam, delete, func, insert, select

from aggregator.store.schema import fact, pull, source
from aggregator.store.table import TableQueries

GET = select(fact.c.value).where(fact.c.name == bindparam("name"))
FORGET = delete(fact).where(fact.c.name == bindparam("name_"))
SET = insert(fact)
NEWEST = select(func.max(pull.c.batch_at))
FIRST_SOURCE = select(source.c.id).limit(1)


class Facts(TableQueries):
    def get(self, name: str) -> str:
        """The fact's value, "" where it was never set."""
        value = self._connection.execute(GET, {"name": name}).scalar()
        return value or ""

    def set(self, name: str, value: str) -> None:
        self._connection.execute(FORGET, {"name_": name})
        self._connection.execute(SET, {"name": name, "value": value})

    def newest(self) -> datetime | None:
        """The time of the newest batch that was recorded."""
        return self._connection.execute(NEWEST).scalar()

    def is_empty(self) -> bool:
        return self._connection.execute(FIRST_SOURCE).first() is None
