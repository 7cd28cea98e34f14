"""Content that is old enough to be dropped, and where it is kept once it was."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, bindparam, exists, or_, select, update

from aggregator.store.schema import archive_entry, archive_page, entry, sighting, source
from aggregator.store.table import AMONG, TableQueries


@dataclass(frozen=True, slots=True)
class Content:
    """`kept_in`: the sealed page that what it said is kept beside, "" where it was dropped, None where it is in `clean`
    (a packed models.Clean). `sketch`: a packed sketch.TextSketch, once its text was dropped. `draft`: where asked for.
    """

    sighting_id: int
    entry_id: int
    clean: bytes
    kept_in: str | None
    sketch: bytes | None
    draft: bytes = b""


COLUMNS = (sighting.c.id, sighting.c.entry_id, sighting.c.clean, sighting.c.kept_in, sighting.c.sketch)
CONTENTS = select(*COLUMNS).where(sighting.c.id.in_(AMONG))
WHOLE = select(*COLUMNS, sighting.c.draft).where(sighting.c.entry_id.in_(AMONG), sighting.c.kept_in.is_(None))
KEPT_BELOW = (
    select(*COLUMNS)
    .where(sighting.c.kept_in >= bindparam("first"), sighting.c.kept_in < bindparam("behind"))
    .order_by(sighting.c.id)
)
ANY_KEPT = select(sighting.c.id).where(sighting.c.kept_in > "").limit(1)

IS_SEALED = exists().where(archive_entry.c.entry_id == entry.c.id, archive_entry.c.number.is_not(None))
WAITS = exists().where(archive_entry.c.entry_id == entry.c.id, archive_entry.c.number.is_(None))
IS_COMPARED_NO_MORE = and_(entry.c.published < bindparam("compared"), entry.c.first_seen_at < bindparam("compared"))
IS_WHOLE = exists().where(sighting.c.entry_id == entry.c.id, sighting.c.kept_in.is_(None))
# A post whose file is there: what it says is the keeper's own, and is not read again while the file stays as it is.
STANDS_AS_POST = exists().where(
    sighting.c.entry_id == entry.c.id,
    sighting.c.gone_at.is_(None),
    source.c.id == sighting.c.source_id,
    source.c.kind == "posts",
)
DUE = (
    select(entry.c.id)
    .where(
        entry.c.id > bindparam("after"),
        entry.c.published < bindparam("before"),
        entry.c.fresh_at < bindparam("before"),
        entry.c.slug.is_(None),
        entry.c.kept_back.not_in(("held", "hold")),
        entry.c.shifted.is_(False),
        or_(and_(entry.c.winner_id.is_not(None), IS_SEALED), and_(entry.c.winner_id.is_(None), IS_COMPARED_NO_MORE)),
        IS_WHOLE,
        ~WAITS,
        ~STANDS_AS_POST,
    )
    .order_by(entry.c.id)
    .limit(bindparam("most"))
)
REWRITE = (
    update(archive_page)
    .where(archive_page.c.feed_id == bindparam("feed_id_"), archive_page.c.number == bindparam("number_"))
    .values(page=bindparam("page_"))
)
# Whose digests other rules made: they can be compared with nothing that comes from here on.
OUTDATED = and_(sighting.c.sketch.is_not(None), sighting.c.rules_version != bindparam("version"))


class Retention(TableQueries):
    def due(self, before: datetime, *, compared: datetime, after: int, most: int) -> list[int]:
        """Entries with content, numbered from behind `after` on, that were published, edited and came before `before`:
        what is shown only where it is sealed, what is not only where it was published and first seen before `compared`,
        for its text goes for good; none that is held, has a page of its own or is a post whose file is there."""
        known = {"before": before, "compared": compared, "after": after, "most": most}
        return list(self._connection.execute(DUE, known).scalars())

    def whole(self, entry_ids: Iterable[int]) -> list[Content]:
        """The sightings of these entries that have their content, with their drafts."""
        return [Content(*row) for row in self._each(WHOLE, entry_ids)]

    def contents(self, sighting_ids: Iterable[int]) -> list[Content]:
        return [Content(*row) for row in self._each(CONTENTS, sighting_ids)]

    def kept_below(self, feed_id: str) -> list[Content]:
        """What is kept beside pages of this feed, or of feeds in folders below its own."""
        known = {"first": f"{feed_id}/", "behind": f"{feed_id}0"}  # 0 is the character after the slash
        return [Content(*row) for row in self._connection.execute(KEPT_BELOW, known)]

    def is_any_kept(self) -> bool:
        return self._connection.execute(ANY_KEPT).first() is not None

    def rewrite_page(self, feed_id: str, number: int, page: bytes) -> None:
        """`page`: a packed listings.SealedPage."""
        self._connection.execute(REWRITE, {"feed_id_": feed_id, "number_": number, "page_": page})

    def outdate(self, rules_version: str) -> None:
        """What was dropped cannot be derived again by new rules: what its source says next is no edit by its digest."""
        winners = select(sighting.c.id).where(OUTDATED)
        entries = update(entry).where(entry.c.winner_id.in_(winners)).values(digest="")
        self._connection.execute(entries, {"version": rules_version})
        rows = update(sighting).where(OUTDATED).values(digest="", rules_version=bindparam("version_"))
        self._connection.execute(rows, {"version": rules_version, "version_": rules_version})
