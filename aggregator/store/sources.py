"""Sources and the pulls on them. A source's outcome is written only under the lease it was claimed with."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Table, and_, bindparam, delete, func, insert, or_, select, update

from aggregator.store.part import FromRow, Part
from aggregator.store.schema import pull, sighting, source


@dataclass(frozen=True, slots=True)
class SourceRow(FromRow):
    table: ClassVar[Table] = source
    id: str
    kind: str
    url: str
    position: int
    configured: bool = True
    published: bool = True
    title: str = ""
    about: bytes | None = None
    etag: str = ""
    last_modified: str = ""
    body_digest: str = ""
    read_with: str = ""
    state: str = "new"
    state_since: datetime | None = None
    last_attempt_at: datetime | None = None
    last_success_at: datetime | None = None
    next_poll_at: datetime | None = None
    retry_at: datetime | None = None
    failures: int = 0
    error_kind: str = ""
    error_message: str = ""
    changed_pulls: int = 0
    repeats_ids: bool = False
    missing_since: datetime | None = None
    boilerplate: bytes | None = None
    policy: str = ""
    opt_out: str = ""
    opt_out_header: str = ""

    @property
    def asks(self) -> str:
        """The words in which its publisher asks not to be republished, "" where nobody does."""
        return self.opt_out or (f"X-Robots-Tag: {self.opt_out_header}" if self.opt_out_header else "")


ALL = select(*SourceRow.columns()).order_by(source.c.configured.desc(), source.c.position, source.c.id)
GET = select(*SourceRow.columns()).where(source.c.id == bindparam("id_"))


class Sources(Part):
    def all(self) -> list[SourceRow]:
        """Every source ever known, in config order."""
        return [SourceRow(*row) for row in self._connection.execute(ALL)]

    def get(self, id_: str) -> SourceRow:
        return SourceRow(*self._connection.execute(GET, {"id_": id_}).one())

    def add(self, row: SourceRow) -> None:
        self._connection.execute(insert(source).values(**row.values()))

    def change(self, id_: str, **values: Any) -> None:
        self._connection.execute(update(source).where(source.c.id == id_).values(**values))

    def rename(self, old: str, new: str) -> None:
        """Everything known under `old` is known under `new` from here on."""
        for table in (sighting, pull):
            self._connection.execute(update(table).where(table.c.source_id == old).values(source_id=new))
        self.change(old, id=new)

    def claim(
        self, now: datetime, *, until: datetime, token: str, force: bool = False, only: Collection[str] = ()
    ) -> list[SourceRow]:
        """Leases the feeds that are due to `token`, none that is paused. `force`: due or not, but never before
        Retry-After or after 410."""
        due = or_(source.c.next_poll_at.is_(None), source.c.next_poll_at <= now)
        allowed = and_(source.c.state != "gone", or_(source.c.retry_at.is_(None), source.c.retry_at <= now))
        wanted = and_(
            source.c.kind == "feed",
            source.c.configured,
            source.c.state != "paused",
            allowed if force else due,
            source.c.id.in_(only) if only else source.c.id.is_not(None),
            or_(source.c.lease == "", source.c.lease == token, source.c.leased_until <= now),
        )
        self._connection.execute(update(source).where(wanted).values(lease=token, leased_until=until))
        statement = select(*SourceRow.columns()).where(source.c.lease == token).order_by(source.c.position)
        return [SourceRow(*row) for row in self._connection.execute(statement)]

    def record(self, id_: str, token: str, values: Mapping[str, Any]) -> bool:
        """Writes a pull's outcome and gives the lease back; False where the lease was lost meanwhile."""
        mine = and_(source.c.id == id_, source.c.lease == token)
        done = self._connection.execute(update(source).where(mine).values(lease="", leased_until=None, **values))
        return done.rowcount == 1

    def release(self) -> None:
        """Gives back every lease: only for the one engine, when it starts."""
        self._connection.execute(update(source).where(source.c.lease != "").values(lease="", leased_until=None))

    def add_pull(self, **values: Any) -> int:
        result = self._connection.execute(insert(pull).values(**values))
        return int(result.inserted_primary_key[0])  # type: ignore[index]

    def previous_success(self, id_: str, before: datetime) -> datetime | None:
        """When the last good pull of an earlier batch was."""
        good = and_(pull.c.source_id == id_, pull.c.batch_at < before, pull.c.outcome != "failed")
        return self._connection.execute(select(func.max(pull.c.batch_at)).where(good)).scalar()

    def habits(self, id_: str, before: datetime) -> tuple[int, int]:
        """Over the settled pulls of earlier batches: how many changed something, and the most new entries that one
        brought after the first."""
        news = (
            select(func.sum(pull.c.new))
            .where(pull.c.source_id == id_, pull.c.batch_at < before, pull.c.outcome == "changed", pull.c.settled)
            .group_by(pull.c.batch_at)
            .order_by(pull.c.batch_at)
        )
        counts = list(self._connection.execute(news).scalars())
        return len(counts), max(counts[1:], default=0)

    def take_over(self, id_: str, old_id: str) -> None:
        """`id_` is what was known as `old_id`: all that this showed is its own."""
        old, new = self.get(old_id), self.get(id_)
        for table in (sighting, pull):
            self._connection.execute(update(table).where(table.c.source_id == old_id).values(source_id=id_))
        self._connection.execute(delete(source).where(source.c.id == old_id))
        self.change(
            id_,
            changed_pulls=old.changed_pulls + new.changed_pulls,
            repeats_ids=old.repeats_ids,
            boilerplate=old.boilerplate,
        )

    def sighting_counts(self) -> dict[str, int]:
        statement = select(sighting.c.source_id, func.count()).group_by(sighting.c.source_id)
        return {row[0]: row[1] for row in self._connection.execute(statement)}
