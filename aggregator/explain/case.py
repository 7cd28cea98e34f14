"""All that is known of one entry, looked up once."""

from dataclasses import dataclass
from datetime import datetime

from aggregator.app import App
from aggregator.merge.category_tree import CategoryTree
from aggregator.merge.hidden_secrets import why_unpublished
from aggregator.model.entry import CleanEntry
from aggregator.store import EntryRow, PostFileRow, SightingRow, SourceRow, Transaction
from aggregator.store.entry_content import clean_drafts, page_ref
from aggregator.store.retention import Content

OVERRULED = "`publish: true` overrules it"

# Why a post is gone, by what its file is now.
FILE_NOW = {
    "": "its file was deleted",
    "hidden": "its file became a draft",
    "waiting": "its file waits for its date",
    "read": "its file holds another post now",
    "failed": "its file can no longer be read",
}


@dataclass(frozen=True, slots=True)
class Case:
    """`sightings` in settling order, `cleans` by their numbers; `sources` and `files` are those of its sightings.
    `placed`: category → its place among the entry's, None for those above."""

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
        """The sighting that the entry is known by, None where it has none any more."""
        winner = (row for row in self.sightings if row.id == self.entry.winner_id)
        return next(winner, self.sightings[0] if self.sightings else None)

    @property
    def clean(self) -> CleanEntry:
        return self.cleans[self.shown.id] if self.shown else CleanEntry()

    def withheld(self, row: SightingRow) -> str:
        """Why a sighting counts for nothing, "" where it counts."""
        source = self.sources[row.source_id]
        match row.withheld:
            case "gone":
                file = self.files.get((row.source_id, row.path))
                return f"gone: {FILE_NOW[file.state if file else '']}{_on(row.gone_at)}"
            case "deleted":
                return f"gone: its source {source.id} withdrew it{_on(row.deleted_at)}"
            case "echo":
                return "our own entry, or one of our sources', come back through another's feed"
            case "asked":
                return f"its publisher asks for this entry not to be republished ({OVERRULED} of source {source.id})"
            case "":
                return _unpublished(source, why_unpublished(self.app, source.id))
            case why:
                return f"excluded by filter of source {source.id}: {why.removeprefix('excluded: ')}"


def look_up(app: App, tx: Transaction, entry: EntryRow) -> Case:
    sightings = tuple(tx.sightings.of_entries([entry.id]))
    posts = [(row.source_id, row.path) for row in sightings if row.path]
    return Case(
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
    """What became of its content by `retention`, "" where it is as it came."""
    if row.sketch is None:
        return ""
    if row.kept_in is None:
        return "its draft was dropped by retention; what it says was taken back from a sealed page"
    if not row.kept_in:
        return "its content was dropped by retention; its title, link and dates are left"
    page = page_ref(row.kept_in)
    return f"its content was dropped by retention; it is kept with page {page.number} of the archive of {page.feed_id}"


def address(app: App, slug: str | None, clean: CleanEntry) -> str:
    """Where a reader goes: the entry's link, else its page."""
    return clean.link or (f"{app.site().url}entries/{slug}.html" if slug else "")


def moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"


def _on(at: datetime | None) -> str:
    return f" ({moment(at)})" if at else ""


def _unpublished(source: SourceRow, why: str) -> str:
    if not source.configured:
        return f"its source {source.id} left the config"
    if source.asks and not source.published:
        return f"the publisher of its source {source.id} asks not to be republished ({source.asks}; {OVERRULED})"
    return "" if source.published else f"its source {source.id} is not published ({why})"
