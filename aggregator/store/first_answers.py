"""Answers that somebody got before the source's first pull, kept for it by address."""

from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select

from aggregator.store.schema import kept_answer
from aggregator.store.table import TableQueries

LONGEST = timedelta(days=1)
URLS = select(kept_answer.c.url)


class FirstAnswers(TableQueries):
    def get(self, url: str) -> tuple[datetime, bytes] | None:
        """When it was got, and the packed answer."""
        statement = select(kept_answer.c.at, kept_answer.c.answer).where(kept_answer.c.url == url)
        row = self._connection.execute(statement).first()
        return (row[0], row[1]) if row else None

    def urls(self) -> frozenset[str]:
        return frozenset(self._connection.execute(URLS).scalars())

    def put(self, url: str, at: datetime, answer: bytes) -> None:
        """Takes the place of an older one, and of all that nobody came for."""
        old = (kept_answer.c.url == url) | (kept_answer.c.at < at - LONGEST)
        self._connection.execute(delete(kept_answer).where(old))
        self._connection.execute(insert(kept_answer).values(url=url, at=at, answer=answer))

    def drop(self, url: str) -> None:
        self._connection.execute(delete(kept_answer).where(kept_answer.c.url == url))
