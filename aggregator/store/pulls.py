"""Pulls: the attempts to read sources, with their outcomes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select

from aggregator.polling.pull_retention import PastPull
from aggregator.store.chunks import chunks
from aggregator.store.dialects import among, total
from aggregator.store.schema import pull
from aggregator.store.table import TableQueries

ADD = insert(pull).returning(pull.c.source_id, pull.c.id)
HABITS = (
    select(total(pull.c.new))
    .where(
        pull.c.source_id == bindparam("id_"),
        pull.c.batch_at < bindparam("before_"),
        pull.c.outcome == "changed",
        pull.c.merged,
    )
    .group_by(pull.c.batch_at)
    .order_by(pull.c.batch_at)
)
LAST_GOOD = select(func.max(pull.c.batch_at)).where(
    pull.c.source_id == bindparam("id_"),
    pull.c.batch_at < bindparam("before_"),
    pull.c.outcome.not_in(("failed", "pushed")),
)


class Pulls(TableQueries):
    def add(self, **values: Any) -> int:
        """Its id."""
        (id_,) = self.add_alike([values]).values()
        return id_

    def add_alike(self, pulls: Sequence[Mapping[str, Any]]) -> dict[str, int]:
        """Pulls of different sources, with values for the same columns. Returns their ids by source."""
        return {row[0]: row[1] for some in chunks(pulls) for row in self._all(ADD, some)}

    def previous_success(self, source_id: str, before: datetime) -> datetime | None:
        """The time of the last successful pull of an earlier batch."""
        return self._connection.execute(LAST_GOOD, {"id_": source_id, "before_": before}).scalar()

    def habits(self, source_id: str, before: datetime) -> tuple[int, int]:
        """(number of changed batches, most new entries of one batch after the first), before the batch at `before`."""
        counts = list(self._connection.execute(HABITS, {"id_": source_id, "before_": before}).scalars())
        return len(counts), max(counts[1:], default=0)

    # pruning

    def crowded(self, *, more_than: int) -> list[str]:
        """The sources with more than `more_than` stored pulls."""
        counts = select(pull.c.source_id).group_by(pull.c.source_id).having(func.count() > more_than)
        return list(self._connection.execute(counts).scalars())

    def of(self, source_id: str) -> list[PastPull]:
        """The merged pulls of a source, newest first."""
        columns = (pull.c[one.name] for one in fields(PastPull))
        merged = select(*columns).where(pull.c.source_id == source_id, pull.c.merged).order_by(pull.c.id.desc())
        return [PastPull(*row) for row in self._all(merged)]

    def forget(self, ids: Collection[int]) -> None:
        self._change_each(delete(pull).where(among(pull.c.id)), ids)
