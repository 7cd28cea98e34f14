"""Content that is old enough to be pruned, and where it is kept afterwards."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, bindparam, exists, or_, select, update

from aggregator.store.dialects import among
from aggregator.store.schema import archive_entry, archive_page, entry, sighting, source
from aggregator.store.table import TableQueries
from aggregator.store.tables.entries import HELD_STATES, WAITING


@dataclass(frozen=True, slots=True)
class Content:
    """`kept_in`: the sealed page that the content is kept beside, "" where it was dropped, None where it is in `clean`
    (a packed CleanEntry). `sketch`: a packed TextSketch, after the text was pruned. `draft`: filled by `whole` only.
    """

    sighting_id: int
    entry_id: int
    clean: bytes
    kept_in: str | None
    sketch: bytes | None
    draft: bytes = b""


COLUMNS = (sighting.c.id, sighting.c.entry_id, sighting.c.clean, sighting.c.kept_in, sighting.c.sketch)
CONTENTS = select(*COLUMNS).where(among(sighting.c.id))
WHOLE = select(*COLUMNS, sighting.c.draft).where(among(sighting.c.entry_id), sighting.c.kept_in.is_(None))
KEPT_BELOW = (
    select(*COLUMNS)
    .where(sighting.c.kept_in >= bindparam("first"), sighting.c.kept_in < bindparam("behind"))
    .order_by(sighting.c.id)
)
ANY_KEPT = select(sighting.c.id).where(sighting.c.kept_in > "").limit(1)

IS_SEALED = exists().where(archive_entry.c.entry_id == entry.c.id, archive_entry.c.number > 0)
WAITS = exists().where(
    archive_entry.c.entry_id == entry.c.id, or_(archive_entry.c.number.is_(None), archive_entry.c.number == 0)
)
IS_PAST_COMPARING = and_(entry.c.published < bindparam("compared"), entry.c.first_seen_at < bindparam("compared"))
IS_WHOLE = exists().where(sighting.c.entry_id == entry.c.id, sighting.c.kept_in.is_(None))
IS_TO_BE_APPROVED = exists().where(sighting.c.entry_id == entry.c.id, sighting.c.withheld == WAITING)
# A post with its file: the content is the user's own, and an unchanged file is not read again.
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
        entry.c.kept_back.not_in(HELD_STATES),
        entry.c.shifted.is_(False),
        or_(and_(entry.c.winner_id.is_not(None), IS_SEALED), and_(entry.c.winner_id.is_(None), IS_PAST_COMPARING)),
        IS_WHOLE,
        ~WAITS,
        ~IS_TO_BE_APPROVED,
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
# Pruned sightings with digests of other rules, which cannot be compared with new ones.
OUTDATED = and_(sighting.c.sketch.is_not(None), sighting.c.rules_version != bindparam("version"))


class Retention(TableQueries):
    def due(self, before: datetime, *, compared: datetime, after: int, most: int) -> list[int]:
        """Ids after `after` of entries that have content and were published and last fresh before `before`.

        A shown entry must be sealed. Another one must be published and first seen before `compared`, because its text
        is lost for good. Held entries, entries of which a sighting waits for approval, entries with a
        page of their own, and posts with a file are never due.
        """
        known = {"before": before, "compared": compared, "after": after, "most": most}
        return list(self._connection.execute(DUE, known).scalars())

    def whole(self, entry_ids: Iterable[int]) -> list[Content]:
        """The sightings of these entries that have content, with their drafts."""
        return [Content(*row) for row in self._each(WHOLE, entry_ids)]

    def contents(self, sighting_ids: Iterable[int]) -> list[Content]:
        return [Content(*row) for row in self._each(CONTENTS, sighting_ids)]

    def kept_below(self, feed_id: str) -> list[Content]:
        """Content that is kept beside pages of this feed, or of feeds below it."""
        known = {"first": f"{feed_id}/", "behind": f"{feed_id}0"}  # 0 is the character after the slash
        return [Content(*row) for row in self._connection.execute(KEPT_BELOW, known)]

    def is_any_kept(self) -> bool:
        return self._connection.execute(ANY_KEPT).first() is not None

    def rewrite_page(self, feed_id: str, number: int, page: bytes) -> None:
        """`page`: a packed SealedPage."""
        self._connection.execute(REWRITE, {"feed_id_": feed_id, "number_": number, "page_": page})

    def outdate(self, rules_version: str) -> None:
        """Clears digests of pruned sightings that other rules made: they cannot be derived again, and an old digest
        would make the next pull look like an edit."""
        winners = select(sighting.c.id).where(OUTDATED)
        entries = update(entry).where(entry.c.winner_id.in_(winners)).values(digest="")
        self._connection.execute(entries, {"version": rules_version})
        rows = update(sighting).where(OUTDATED).values(digest="", rules_version=bindparam("version_"))
        self._connection.execute(rows, {"version": rules_version, "version_": rules_version})
