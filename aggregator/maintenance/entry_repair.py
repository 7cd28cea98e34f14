"""Restores the draft and the clean entry of sightings and arrivals: one from the other, or from the published tree."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from aggregator.app import App
from aggregator.codec import pack, unpack
from aggregator.errors import ParseError
from aggregator.maintenance.packed_columns import Damage
from aggregator.model.document import Link, RawEntry, Text
from aggregator.model.entry import CleanEntry
from aggregator.pull.process import clean_again
from aggregator.settings import content_settings
from aggregator.store import Transaction
from aggregator.store.rows import Key
from aggregator.worker_pool import WorkerPool

STUB = (
    "neither its draft nor its clean entry can be read, and no published document has it: its title and its link are"
    " shown until its source shows it again"
)


@dataclass(slots=True)
class DamagedEntry:
    """A sighting or arrival with damage. `draft`, `clean`: None where unreadable; `how`: how it was restored."""

    table: str
    key: Key
    draft: bytes | None
    clean: bytes | None
    public_id: str = ""  # of the entry that it is shown as
    stub: RawEntry = field(default_factory=RawEntry)
    how: str = ""

    @property
    def is_lost(self) -> bool:
        return self.draft is None and self.clean is None


def damaged_entries(tx: Transaction, table: str, damages: Iterable[Damage]) -> list[DamagedEntry]:
    """The damaged rows of `table`, which is sighting or arrival."""
    wrong: defaultdict[Key, set[str]] = defaultdict(set)
    for damage in damages:
        if damage.column.table == table:
            wrong[damage.key].add(damage.column.name)
    return [_damaged_entry(tx, table, key, names) for key, names in wrong.items()]


def _damaged_entry(tx: Transaction, table: str, key: Key, wrong: set[str]) -> DamagedEntry:
    draft, clean = (None if name in wrong else tx.rows.value(table, key, name) for name in ("draft", "clean"))
    row = DamagedEntry(table, key, draft, clean)
    if table == "sighting":
        entry = (tx.rows.value(table, key, "entry_id"),)
        if tx.rows.value("entry", entry, "winner_id") == key[0]:
            row.public_id = tx.rows.value("entry", entry, "public_id") or ""
        columns = {name: tx.rows.value(table, key, name) for name in ("upstream_id", "title", "link", "path")}
        links = (Link(columns["link"]),) if columns["link"] else ()
        row.stub = RawEntry(id=columns["upstream_id"], title=Text(columns["title"]), links=links, path=columns["path"])
    return row


async def restore(row: DamagedEntry, recovered: Mapping[str, bytes], app: App, pool: WorkerPool) -> None:
    """Fills in `draft`, `clean` and `how`; a lost arrival stays lost. `recovered`: drafts of the published tree, by the
    public id of the entry."""
    if row.is_lost and row.table == "arrival":
        row.how = "it is left out, and its source is pulled again"
        return
    if row.is_lost:
        row.draft = recovered.get(row.public_id)
        row.how = "taken from the published tree" if row.draft else STUB
    elif row.draft is None:
        row.draft = pack(draft_of(unpack(row.clean or b"", CleanEntry)))
        row.how = "made again from the clean entry"
    elif row.clean is None:
        row.how = "made again from its draft"
    else:
        row.how = "taken from the clean entry"
    row.draft = row.draft or pack(row.stub)
    if row.clean is None:
        row.clean = await _cleaned(row, app, pool)


async def _cleaned(row: DamagedEntry, app: App, pool: WorkerPool) -> bytes:
    """Cleans the draft; a draft that cannot be cleaned is replaced by the stub."""
    try:
        return (await pool.call(clean_again, [(0, row.draft or b"")], content_settings(app.config)))[0][1]
    except ParseError:
        row.how = STUB
        row.draft = pack(row.stub)
        return (await pool.call(clean_again, [(0, row.draft)], content_settings(app.config)))[0][1]


def draft_of(clean: CleanEntry) -> RawEntry:
    """A draft that cleans to an equal entry."""
    page = clean.page or (Link(clean.link) if clean.link else None)
    return RawEntry(
        id=clean.id,
        id_is_permalink=clean.id_is_permalink,
        title=Text(clean.title_html, "html") if clean.title_html else Text(clean.title),
        summary=Text(clean.summary, "html") if clean.summary else None,
        content=Text(clean.content, "html") if clean.content else None,
        links=(*([page] if page else []), *clean.links, *clean.enclosures),
        authors=clean.authors,
        contributors=clean.contributors,
        terms=clean.terms,
        tags=clean.tags,
        paths=clean.paths,
        slug=clean.slug,
        aliases=tuple(f"https://{alias}" for alias in clean.aliases),
        published=clean.published,
        updated=clean.updated,
        rights=clean.rights,
        language=clean.language,
        image=clean.image,
        comments=clean.comments,
        source=clean.source,
        path=clean.path,
        extras=clean.extras,
    )
