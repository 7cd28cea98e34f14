"""All that the state knows of one entry, read once."""

from dataclasses import dataclass
from datetime import datetime

from aggregator.app import App
from aggregator.merge.category_tree import CategoryTree
from aggregator.merge.hidden_secrets import why_unpublished
from aggregator.model.entry import CleanEntry
from aggregator.settings import site_of
from aggregator.store import EntryRow, PostFileRow, SightingRow, SourceRow, Transaction
from aggregator.store.entry_content import clean_drafts, page_ref
from aggregator.store.retention import Content
from aggregator.text.date_formats import to_the_minute

OVERRIDE_HINT = "`publish: true` overrides that"

# Why a post is gone, by the state of its file.
FILE_NOW = {
    "": "its file was deleted",
    "hidden": "its file became a draft",
    "waiting": "its file waits for its date",
    "expired": "its post has expired",
    "read": "its file holds another post now",
    "failed": "its file can no longer be read",
}


@dataclass(frozen=True, slots=True)
class EntryCase:
    """`sightings` in merge order, `cleans` by sighting number; `sources` and `files` of its sightings.
    `placed`: category id → position among the entry's categories, None for their ancestors."""

    app: App
    tx: Transaction
    entry: EntryRow
    sightings: tuple[SightingRow, ...]
    cleans: dict[int, CleanEntry]
    sources: dict[str, SourceRow]
    files: dict[tuple[str, str], PostFileRow]
    category_tree: CategoryTree
    placed: dict[int, int | None]

    @property
    def shown(self) -> SightingRow | None:
        """The sighting that feeds show, else the first; None if the entry has none left."""
        winner = (row for row in self.sightings if row.id == self.entry.winner_id)
        return next(winner, self.sightings[0] if self.sightings else None)

    @property
    def clean(self) -> CleanEntry:
        return self.cleans[self.shown.id] if self.shown else CleanEntry()

    def withheld(self, row: SightingRow) -> str:
        """Why a sighting is ignored, "" if it counts."""
        source = self.sources[row.source_id]
        match row.withheld:
            case "gone" | "deleted" if row.path:
                file = self.files.get((row.source_id, row.path))
                return f"gone: {FILE_NOW[file.state if file else '']}{_on(row.gone_at)}"
            case "deleted":
                return f"gone: its source {source.id} withdrew it{_on(row.deleted_at)}"
            case "echo":
                return "a copy of our own entry, or of a source's, that came back through another feed"
            case "waiting":
                return f"it waits for approval since {to_the_minute(row.first_seen_at)}; `entry approve` shows it"
            case "site":
                return f"its source {source.id} became another site, and another source shows the entry"
            case "asked":
                return f"its publisher asks not to republish this entry ({OVERRIDE_HINT} of source {source.id})"
            case "":
                return _unpublished(source, why_unpublished(self.app, source.id))
            case why:
                return f"excluded by filter of source {source.id}: {why.removeprefix('excluded: ')}"


def load_case(app: App, tx: Transaction, entry: EntryRow) -> EntryCase:
    sightings = tuple(tx.sightings.of_entries([entry.id]))
    posts = [(row.source_id, row.path) for row in sightings if row.path]
    return EntryCase(
        app,
        tx,
        entry,
        sightings,
        clean_drafts(tx, (Content(row.id, entry.id, row.clean, row.kept_in, row.sketch) for row in sightings)),
        tx.lookups.sources({row.source_id for row in sightings}),
        {(file.source_id, file.path): file for file in tx.lookups.post_files(posts)} if posts else {},
        CategoryTree(tx),
        {id_: position for id_, (position, _) in tx.entries.placed([entry.id])[entry.id].items()},
    )


def dropped(row: SightingRow) -> str:
    """What `retention` did to the content, "" if nothing."""
    if row.sketch is None:
        return ""
    if row.kept_in is None:
        return "retention dropped its draft; its content was read back from a sealed archive page"
    if not row.kept_in:
        return "retention dropped its content; title, link and dates remain"
    page = page_ref(row.kept_in)
    return f"retention dropped its content; page {page.number} of the archive of {page.feed_id} still holds it"


def address(app: App, slug: str | None, clean: CleanEntry) -> str:
    """The URL for readers: the entry's link, else its page."""
    return clean.link or (f"{site_of(app.config).url}entries/{slug}.html" if slug else "")


def _on(at: datetime | None) -> str:
    return f" ({to_the_minute(at)})" if at else ""


def _unpublished(source: SourceRow, why: str) -> str:
    if not source.configured:
        return f"its source {source.id} left the config"
    if source.asks and not source.published:
        return f"the publisher of its source {source.id} asks not to be republished ({source.asks}; {OVERRIDE_HINT})"
    return "" if source.published else f"its source {source.id} is not published ({why})"
