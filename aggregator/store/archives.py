"""The archives of feeds: which entries each feed sealed on which page, and the bytes of the sealed pages.

The cost of a run must not grow with all that was ever published. So the merge marks entries whose feeds may have
changed (`entry.shifted`), and only these are looked up in archives.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import String, bindparam, case, delete, false, func, insert, literal, null, select, update

from aggregator.store.dialects import among
from aggregator.store.feed_members import KEPT_OUT, ORDER_BACKWARDS, FeedFilter, FeedMembers
from aggregator.store.schema import archive_entry, archive_page, entry, entry_category, feed
from aggregator.store.table import TableQueries

# In place of the number of a page: the entry is not sealed yet, and is kept out of the documents.
APART = 0

FILED = select(archive_entry.c.entry_id, archive_entry.c.feed_id, archive_entry.c.number).where(
    among(archive_entry.c.entry_id)
)
PENDING = (
    select(archive_entry.c.entry_id)
    .join(entry, entry.c.id == archive_entry.c.entry_id)
    .where(archive_entry.c.feed_id == bindparam("feed_id"), archive_entry.c.number.is_(None))
    .order_by(*ORDER_BACKWARDS)
)
APART_ENTRIES = (
    select(archive_entry.c.feed_id, archive_entry.c.entry_id)
    .join(entry, entry.c.id == archive_entry.c.entry_id)
    .where(archive_entry.c.number == APART)
    .order_by(*ORDER_BACKWARDS)
)
COUNTS = (
    select(archive_entry.c.feed_id, func.count())
    .where(archive_entry.c.number.is_(None))
    .group_by(archive_entry.c.feed_id)
)
TOTALS = (
    select(archive_entry.c.feed_id, func.count())
    .where(among(archive_entry.c.feed_id))
    .group_by(archive_entry.c.feed_id)
)
SHARING = (
    select(archive_entry.c.feed_id)
    .join(entry_category, entry_category.c.entry_id == archive_entry.c.entry_id)
    .where(among(entry_category.c.category_id))
    .distinct()
)
SEAL = (
    update(archive_entry)
    .where(archive_entry.c.feed_id == bindparam("feed_id_"), among(archive_entry.c.entry_id))
    .values(number=bindparam("number_"))
)

SHIFTED = select(entry.c.id).where(entry.c.shifted)
CLEAR_SHIFTED = update(entry).where(entry.c.shifted).values(shifted=False)
VOIDED = select(archive_entry.c.feed_id).where(archive_entry.c.void)
PAGES = select(archive_page.c.feed_id, func.max(archive_page.c.number)).group_by(archive_page.c.feed_id)
DROP = delete(archive_entry).where(archive_entry.c.feed_id == bindparam("feed_id_"), among(archive_entry.c.entry_id))
ADD, ADD_PAGE = insert(archive_entry), insert(archive_page)

COLUMNS = ("feed_id", "entry_id", "number", "void")
FORGET = [delete(table).where(table.c.feed_id == bindparam("feed_id")) for table in (archive_entry, archive_page)]
ALL_OF_CATEGORY = insert(archive_entry).from_select(
    COLUMNS,
    select(bindparam("feed_id_", type_=String), entry.c.id, case((KEPT_OUT, APART), else_=null()), false())
    .join(entry_category, entry_category.c.entry_id == entry.c.id)
    .where(entry.c.winner_id.is_not(None), entry_category.c.category_id == bindparam("category_id")),
)
BEGIN = (
    update(feed)
    .where(feed.c.id == bindparam("feed_id"))
    .values(generation=bindparam("generation_"), archive=bindparam("archive_"), dirty=True)
)


@dataclass(frozen=True, slots=True)
class Begun:
    """A new archive. `shape`: digest of the settings that its pages are made with; `since`: `binding_since` of it."""

    feed_id: str
    members: FeedFilter
    generation: int
    shape: str
    since: datetime


class Archives(TableQueries):
    # entries that moved

    def shifted(self) -> list[int]:
        """Entries that may be in other feeds than when archives were updated last."""
        return list(self._connection.execute(SHIFTED).scalars())

    def clear_shifted(self) -> None:
        self._connection.execute(CLEAR_SHIFTED)

    def void(self, entry_ids: Iterable[int]) -> None:
        """Marks the sealed copies of these entries as no longer publishable."""
        sealed = among(archive_entry.c.entry_id) & (archive_entry.c.number > APART)
        self._change_each(update(archive_entry).where(sealed).values(void=True), entry_ids)

    def voided(self) -> set[str]:
        """Feeds with a sealed entry that is no longer publishable."""
        return set(self._connection.execute(VOIDED).scalars())

    # entries of an archive

    def begin(self, archives: Sequence[Begun]) -> None:
        """Begins archives with nothing sealed, and forgets the earlier ones of these feeds."""
        for statement in FORGET:
            self._execute_all(statement, ({"feed_id": one.feed_id} for one in archives))
        categories = [(one.members.category, one) for one in archives]
        known = (
            {"feed_id_": one.feed_id, "category_id": category, "since": one.since}
            for category, one in categories
            if category is not None
        )
        self._execute_all(ALL_OF_CATEGORY, known)
        for one in archives:
            if one.members.category is None:
                number = case((KEPT_OUT, APART), else_=null()).label("number")
                every = FeedMembers(self._connection).members(one.members).add_columns(number, false()).subquery().c
                rows = select(literal(one.feed_id), *every)
                self._connection.execute(insert(archive_entry).from_select(COLUMNS, rows), {"since": one.since})
        shapes = ({"feed_id": one.feed_id, "generation_": one.generation, "archive_": one.shape} for one in archives)
        self._execute_all(BEGIN, shapes)

    def resume(self, feed_id: str, generation: int, shape: str) -> None:
        """Sets generation and shape of an archive, and keeps its entries and pages."""
        self._connection.execute(update(feed).where(feed.c.id == feed_id).values(generation=generation, archive=shape))

    def forget(self, feed_id: str) -> None:
        for statement in FORGET:
            self._connection.execute(statement, {"feed_id": feed_id})
        self._connection.execute(update(feed).where(feed.c.id == feed_id).values(archive=""))

    def filed(self, entry_ids: Iterable[int]) -> dict[str, dict[int, int | None]]:
        """Returns feed id → entry id → number of its page; where it is not sealed, None or APART."""
        found: defaultdict[str, dict[int, int | None]] = defaultdict(dict)
        for row in self._each(FILED, entry_ids):
            found[row.feed_id][row.entry_id] = row.number
        return found

    def add(self, feed_id: str, entry_ids: Iterable[int], apart: Container[int] = ()) -> None:
        """`apart`: those that are kept out of the documents."""
        rows = (
            {"feed_id": feed_id, "entry_id": id_, "number": APART if id_ in apart else None, "void": False}
            for id_ in entry_ids
        )
        self._execute_all(ADD, rows)

    def drop(self, feed_id: str, entry_ids: Iterable[int]) -> None:
        self._change_each(DROP, entry_ids, feed_id_=feed_id)

    # entries that are not sealed

    def pending_counts(self) -> dict[str, int]:
        """Feed id → number of entries that are not sealed, without feeds that have none."""
        return {row[0]: row[1] for row in self._all(COUNTS)}

    def pending(self, feed_id: str, most: int | None = None) -> list[int]:
        """Entries of the feed that are not sealed, oldest first."""
        return list(self._connection.execute(PENDING.limit(most), {"feed_id": feed_id}).scalars())

    def totals(self, feed_ids: Iterable[str]) -> dict[str, int]:
        """Feed id → number of its entries, sealed or not."""
        return {row[0]: row[1] for row in self._each(TOTALS, feed_ids)}

    def sharing(self, category_ids: Iterable[int]) -> set[str]:
        """The feeds that have an entry of any of these categories."""
        return {row[0] for row in self._each(SHARING, category_ids)}

    def apart(self) -> dict[str, list[int]]:
        """Feed id → entries that are not sealed and kept out of its documents, oldest first."""
        found: defaultdict[str, list[int]] = defaultdict(list)
        for feed_id, entry_id in self._connection.execute(APART_ENTRIES):
            found[feed_id].append(entry_id)
        return found

    # pages

    def seal(self, feed_id: str, number: int, entry_ids: Sequence[int], page: bytes) -> None:
        """Stores a page, which never changes from now on. `page`: a packed SealedPage."""
        self._connection.execute(ADD_PAGE, {"feed_id": feed_id, "number": number, "page": page})
        self._change_each(SEAL, entry_ids, feed_id_=feed_id, number_=number)

    def pages(self) -> dict[str, int]:
        """Feed id → number of sealed pages, without feeds that have none."""
        return {row[0]: row[1] for row in self._all(PAGES)}

    def page(self, feed_id: str, number: int) -> bytes | None:
        here = (archive_page.c.feed_id == feed_id) & (archive_page.c.number == number)
        return self._connection.execute(select(archive_page.c.page).where(here)).scalar()

    def on_page(self, feed_id: str, number: int) -> list[int]:
        """The entries of a sealed page, newest first."""
        statement = (
            select(archive_entry.c.entry_id)
            .join(entry, entry.c.id == archive_entry.c.entry_id)
            .where(archive_entry.c.feed_id == feed_id, archive_entry.c.number == number)
            .order_by(*ORDER_BACKWARDS)
        )
        return list(self._connection.execute(statement).scalars())[::-1]

    def page_of(self, feed_id: str, entry_id: int) -> int | None:
        """The number of the page that an entry is sealed on; None or APART where it is on none."""
        here = (archive_entry.c.feed_id == feed_id) & (archive_entry.c.entry_id == entry_id)
        return self._connection.execute(select(archive_entry.c.number).where(here)).scalar()
