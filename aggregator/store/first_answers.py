"""Answers that `source add` got, kept by URL for the first pull of the source."""

from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select

from aggregator.store.schema import kept_answer
from aggregator.store.table import TableQueries

LONGEST = timedelta(days=1)
URLS = select(kept_answer.c.url)


class FirstAnswers(TableQueries):
    def get(self, url: str) -> tuple[datetime, bytes] | None:
        """(when it was received, packed Answer)."""
        statement = select(kept_answer.c.at, kept_answer.c.answer).where(kept_answer.c.url == url)
        row = self._connection.execute(statement).first()
        return (row[0], row[1]) if row else None

    def urls(self) -> frozenset[str]:
        return frozenset(self._connection.execute(URLS).scalars())

    def put(self, url: str, at: datetime, answer: bytes) -> None:
        """Replaces the answer of this URL, and drops answers older than a day."""
        old = (kept_answer.c.url == url) | (kept_answer.c.at < at - LONGEST)
        self._connection.execute(delete(kept_answer).where(old))
        self._connection.execute(insert(kept_answer).values(url=url, at=at, answer=answer))

    def drop(self, url: str) -> None:
        self._connection.execute(delete(kept_answer).where(kept_answer.c.url == url))
