"""Sources. The outcome of a pull is stored only under the lease that the source was claimed with."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, ClassVar

from sqlalchemy import (
    Table,
    Update,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from aggregator.store.dialects import among
from aggregator.store.instants import EPOCH
from aggregator.store.schema import (
    category,
    category_source,
    health,
    health_event,
    host,
    pull,
    read_markup,
    sighting,
    source,
    subscription,
)
from aggregator.store.table import FromRow, TableQueries, change_by_id, change_values
from aggregator.store.types import Instant


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
    listing: str = ""
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
    due_at: datetime | None = None
    poll_reason: str = ""
    last_status: int = 0
    fresh_for: int = 0
    pace: bytes | None = None
    host: str = ""
    moved_url: str = ""
    move_target: str = ""
    move_since: datetime | None = None
    move_answers: int = 0
    move_refused: str = ""
    opt_out: str = ""
    opt_out_header: str = ""
    date_order: str = ""
    gone_since: datetime | None = None
    hub: str = ""
    topic: str = ""
    cloud: str = ""
    hub_proved: bool = False
    site_changed_at: datetime | None = None
    site_evidence: str = ""
    site_trusted_at: datetime | None = None

    @property
    def asks(self) -> str:
        """The words in which its publisher asks not to be republished, "" for no such request."""
        return self.opt_out or (f"X-Robots-Tag: {self.opt_out_header}" if self.opt_out_header else "")


ALL = select(*SourceRow.columns()).order_by(source.c.configured.desc(), source.c.position, source.c.id)
# Feeds that are pulled at all.
PULLED = and_(source.c.kind == "feed", source.c.configured, source.c.state.not_in(("paused", "gone")))
CONFIGURED = select(source.c.id).where(source.c.configured, among(source.c.id))
PUBLISHED_COUNT = select(func.count()).where(source.c.configured, source.c.published)
GET = select(*SourceRow.columns()).where(source.c.id == bindparam("id_"))
MEMORY = select(source.c.site_memory).where(source.c.id == bindparam("id_"))
LEASED = select(*SourceRow.columns()).where(source.c.lease == bindparam("token_")).order_by(source.c.position)
HELD = select(source.c.id).where(source.c.lease == bindparam("token_"), among(source.c.id)).with_for_update()
ADD = insert(source)
RELEASE = update(source).where(source.c.lease != "").values(lease="", leased_until=None)

# Sources without a lease; when each is due, after its host's pause; EPOCH where it was never pulled.
FREE = or_(source.c.lease == "", source.c.leased_until <= bindparam("now_"))
OWN_TURN = func.coalesce(source.c.next_poll_at, literal(EPOCH, Instant()))
TURN = case((host.c.until > OWN_TURN, host.c.until), else_=OWN_TURN)
AT_HOSTS = source.outerjoin(host, host.c.name == source.c.host)
DUE = (
    select(source.c.id, case((source.c.moved_url == "", source.c.url), else_=source.c.moved_url))
    .select_from(AT_HOSTS)
    .where(PULLED, FREE, bindparam("now_") >= TURN)
    .order_by(source.c.next_poll_at.asc().nulls_first(), source.c.position)
)
EARLIEST = select(func.min(TURN)).select_from(AT_HOSTS).where(PULLED, FREE)


class Sources(TableQueries):
    def all(self) -> list[SourceRow]:
        """Every source that was ever in the config, in config order."""
        return [SourceRow(*row) for row in self._all(ALL)]

    def get(self, id_: str) -> SourceRow:
        return SourceRow(*self._connection.execute(GET, {"id_": id_}).one())

    def configured(self, ids: Iterable[str]) -> set[str]:
        """Those of the sources that are in the config."""
        return {row[0] for row in self._each(CONFIGURED, ids)}

    def published_count(self) -> int:
        """How many sources of the config are published, posts folders included."""
        return self._connection.execute(PUBLISHED_COUNT).scalar_one()

    def find(self, id_: str) -> SourceRow | None:
        return self._found(SourceRow, GET, {"id_": id_})

    def add(self, row: SourceRow) -> None:
        self._connection.execute(ADD, row.values())

    def change(self, id_: str, **values: Any) -> None:
        self._connection.execute(change_by_id(source, tuple(values)), change_values(id_, values))

    def rename(self, old: str, new: str) -> None:
        """Gives a source another id, with everything that refers to it."""
        self._hand_over(old, new)
        self.change(old, id=new)

    def claim(
        self,
        now: datetime,
        *,
        until: datetime,
        token: str,
        force: bool = False,
        only: Collection[str] = (),
        punctual: bool = False,
    ) -> list[SourceRow]:
        """Leases the due feeds to `token`; none that is paused or gone, and none of a paused host.

        `force`: due or not, but never before Retry-After. `punctual`: without jitter, for runs that cron starts.
        """
        due = or_(source.c.next_poll_at.is_(None), source.c.next_poll_at <= now)
        allowed = or_(source.c.retry_at.is_(None), source.c.retry_at <= now)
        paused = select(host.c.name).where(host.c.until > now, (host.c.retry_at if force else host.c.until) > now)
        wanted = and_(
            PULLED,
            allowed if force else or_(due, source.c.due_at <= now) if punctual else due,
            source.c.host.not_in(paused),
            source.c.id.in_(only) if only else source.c.id.is_not(None),
            or_(source.c.lease == "", source.c.lease == token, source.c.leased_until <= now),
        )
        self._connection.execute(update(source).where(wanted).values(lease=token, leased_until=until))
        return [SourceRow(*row) for row in self._all(LEASED, {"token_": token})]

    def due(self, now: datetime) -> list[tuple[str, str]]:
        """(id, URL to pull) of the due feeds without a lease: first those that were never pulled, then the longest
        due."""
        return [(row[0], row[1]) for row in self._all(DUE, {"now_": now})]

    def earliest(self, now: datetime) -> datetime | None:
        """When the next feed without a lease is due, after its host's pause; EPOCH where one was never pulled, None
        where there is no feed to pull."""
        return self._connection.execute(EARLIEST, {"now_": now}).scalar()

    def record(self, token: str, outcomes: Mapping[str, Mapping[str, Any]]) -> set[str]:
        """Stores the outcomes of pulls, by source, and ends their leases. Returns the sources whose lease was not lost
        meanwhile; nothing is stored of the others."""
        held = {row[0] for row in self._each(HELD, outcomes, token_=token)}
        alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
        for id_, values in outcomes.items():
            if id_ in held:
                alike.setdefault(tuple(values), []).append(change_values(id_, values))
        for names, rows in alike.items():
            self._execute_all(_outcome_update(names), rows)
        return held

    def give_back(self, token: str) -> int:
        """Ends the leases of `token` without an outcome; returns their number."""
        mine = update(source).where(source.c.lease == token).values(lease="", leased_until=None)
        return self._connection.execute(mine).rowcount

    def release(self) -> None:
        """Ends every lease. Only for the one engine, when it starts."""
        self._connection.execute(RELEASE)

    def take_over(self, id_: str, old_id: str) -> None:
        """Moves everything of source `old_id` to source `id_`, and deletes `old_id`."""
        old, new = self.get(old_id), self.get(id_)
        memory = self._connection.execute(MEMORY, {"id_": old_id}).scalar()
        self._connection.execute(delete(health).where(health.c.source_id == id_))
        self._hand_over(old_id, id_)
        self._connection.execute(delete(source).where(source.c.id == old_id))
        self.change(
            id_,
            changed_pulls=old.changed_pulls + new.changed_pulls,
            repeats_ids=old.repeats_ids,
            boilerplate=old.boilerplate,
            site_changed_at=old.site_changed_at,
            site_evidence=old.site_evidence,
            site_trusted_at=old.site_trusted_at,
            site_memory=memory,
        )

    def _hand_over(self, old: str, new: str) -> None:
        own = select(category_source.c.category_id).where(category_source.c.source_id == new)
        again = and_(category_source.c.source_id == old, category_source.c.category_id.in_(own))
        self._connection.execute(delete(category_source).where(again))
        self._connection.execute(delete(read_markup).where(read_markup.c.source_id == old))
        for table in (sighting, pull, health, health_event, category_source, subscription):
            self._connection.execute(update(table).where(table.c.source_id == old).values(source_id=new))
        self._connection.execute(update(category).where(category.c.founder == old).values(founder=new))

    def sighting_counts(self) -> dict[str, int]:
        statement = select(sighting.c.source_id, func.count()).group_by(sighting.c.source_id)
        return {row[0]: row[1] for row in self._all(statement)}


@lru_cache(maxsize=64)
def _outcome_update(names: tuple[str, ...]) -> Update:
    """Also ends the source's part in a round. Where another host answered, it may belong to another shard."""
    values: dict[str, Any] = {name: bindparam(f"{name}_") for name in names}
    if "host" in names:
        values["shard"] = case((source.c.host == values["host"], source.c.shard), else_=None)
    ended = {"lease": "", "leased_until": None, "round_id": None}
    return update(source).where(source.c.id == bindparam("of")).values(ended | values)
