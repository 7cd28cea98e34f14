"""Reads the published tree: its index, the files that are ours, and the entries of all documents."""

import asyncio
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from pathlib import Path, PurePosixPath

from aggregator.app import App
from aggregator.clean.clean_entry import ContentSettings
from aggregator.errors import ParseError, StateError
from aggregator.model.document import FeedInfo
from aggregator.model.problems import Problem
from aggregator.model.published import FeedListing, MovedFeed
from aggregator.publish.archive_pages import feed_of
from aggregator.publish.output_tree import Tree, sha256
from aggregator.recover.feed_heads import index_of
from aggregator.recover.index_json import PublishedIndex, read_index
from aggregator.recover.kept_out import kept_out
from aggregator.recover.read_document import TreeDocument, TreeEntry, TreeFile, TreeWithdrawal, read_document
from aggregator.recover.removed_json import RemovedFile, read_removed
from aggregator.render import FILES
from aggregator.settings import content_settings, title_templates
from aggregator.store.chunks import chunks
from aggregator.text.entry_ids import is_public_id
from aggregator.text.generator import FEEDS, INDEX, is_marked, is_whole
from aggregator.worker_pool import WorkerPool

BEST_FIRST = ("atom", "rss", "json")  # by how much of an entry each format can hold
FEEDS_AT_ONCE = 50
NO_ENTRIES = frozenset({"health"})  # feeds of ours whose entries are of no source


@dataclass(slots=True)
class RecoveredEntry:
    """An entry, from all documents that have it.

    `entry`: of the document in the best format, `rank` in BEST_FIRST; `source_id`: of the first document with one.
    `own`: the source in RSS and JSON, which is always ours, while Atom names the original one. `feeds`: that have the
    entry. `beyond`: the update time of a feed that has it in spite of `feeds.limit`, only because of its date.
    `is_kept_out`: a feed has it in its archive alone, though its documents have older ones, or room.
    """

    entry: TreeEntry
    rank: int
    feeds: dict[str, None] = field(default_factory=dict)
    source_id: str = ""
    own: FeedInfo | None = None
    also: tuple[str, ...] = ()
    beyond: datetime | None = None
    is_kept_out: bool = False


@dataclass(slots=True)
class PublishedTree:
    """`moved`: feeds that moved or ended. `files`: path → SHA-256 of the files with our mark; `owners`: path → feed
    id, for files of feeds; `unread`: feeds without a complete document; `withdrawn`: by feed and public id."""

    site_url: str
    listings: list[FeedListing]
    moved: list[MovedFeed]
    files: dict[str, str]
    owners: dict[str, str]
    problems: list[Problem]
    entries: dict[str, RecoveredEntry] = field(default_factory=dict)
    atom_ids: dict[str, str] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)
    removed: RemovedFile = field(default_factory=RemovedFile)
    withdrawn: dict[str, dict[str, TreeWithdrawal]] = field(default_factory=dict)
    sealed: dict[str, dict[str, None]] = field(default_factory=dict)  # folder of a sealed page → its public ids
    _pairs: dict[tuple[str, str], None] = field(default_factory=dict)  # neighbors of equal date, in feed order

    def in_order(self) -> list[RecoveredEntry]:
        """All entries in feed order; those of equal dates as the feeds order them."""
        order = TopologicalSorter[str](dict.fromkeys(self.entries, ()))
        for first, second in self._pairs:
            order.add(second, first)
        try:
            ranks = {public_id: i for i, public_id in enumerate(order.static_order())}
        except CycleError:  # two feeds contradict each other, since one was edited
            ranks = {public_id: i for i, public_id in enumerate(self.entries)}
        return sorted(self.entries.values(), key=lambda one: (-_time(one.entry), ranks[one.entry.public_id]))

    def add(self, listing: FeedListing, reading: "FeedReading", limit: int) -> None:
        """Adds the entries of a feed. `limit`: how many entries a feed has whatever their dates."""
        self.problems += reading.problems
        if not reading.is_whole:
            self.unread.add(listing.id)
        for folder, document in reading.pages:
            self.sealed.setdefault(folder, {}).update((entry.public_id, None) for entry in document.entries)
        for document in (*reading.documents, *(document for _, document in reading.pages)):
            if is_public_id(document.atom_id):
                self.atom_ids.setdefault(listing.id, document.atom_id)
            for entry in document.entries:
                self._merge_entry(entry, BEST_FIRST.index(document.format)).feeds[listing.id] = None
            self._pairs |= dict.fromkeys(_pairs(document.entries))
        withdrawn = {told.public_id: told for document in reading.documents for told in document.withdrawn}
        self.withdrawn |= {listing.id: withdrawn} if withdrawn else {}  # a stub, which tells more, is read last
        past = {entry.public_id for _, document in reading.pages for entry in document.entries}
        for public_id in kept_out(reading.documents, [document for _, document in reading.pages], limit):
            self.entries[public_id].is_kept_out = True
        for entry in (entry for document in reading.documents for entry in document.entries[limit:]):
            if entry.public_id in past:  # else it is in the feed because it is not sealed yet
                one = self.entries[entry.public_id]
                one.beyond = max(one.beyond or listing.updated, listing.updated)

    def _merge_entry(self, entry: TreeEntry, rank: int) -> RecoveredEntry:
        one = self.entries.setdefault(entry.public_id, RecoveredEntry(entry, rank))
        if rank < one.rank:
            one.entry, one.rank = entry, rank
        one.source_id = one.source_id or entry.source_id
        one.own = one.own or (entry.source if rank else None)
        one.also = one.also or entry.also
        return one


def _time(entry: TreeEntry) -> float:
    return entry.published.timestamp()


def _pairs(entries: Sequence[TreeEntry]) -> Iterator[tuple[str, str]]:
    for first, second in pairwise(entries):
        if first.published == second.published and first.public_id != second.public_id:
            yield first.public_id, second.public_id


async def read_published(app: App, pool: WorkerPool) -> PublishedTree:
    """Reads the whole tree; raises StateError where none was published."""
    tree = Tree(app.output)
    if not tree.is_published():
        raise StateError(f"{tree.root} holds no published tree, so there is nothing to recover from")
    there = await asyncio.to_thread(tree.files)
    marked, unreadable = await asyncio.to_thread(_ours, tree.root, there)
    index = await asyncio.to_thread(_index, tree.root, marked, app.config.site.url)
    site_url, listings = index.site_url, [row for row in index.listings if row.id not in NO_ENTRIES]
    feeds = {row.id for row in listings} | {row.id for row in index.moved}
    pictures = {path: tree.sha256(path) for path in there - marked.keys() if tree.is_picture(path)}
    files = marked | pictures | dict(await asyncio.to_thread(_damaged, tree.root, there - marked.keys(), feeds))
    owners = dict(_owners(files, feeds))
    removed = await asyncio.to_thread(read_removed, tree)
    problems = [*index.problems, *unreadable, *_foreign(listings, there, files), *removed.problems]
    published = PublishedTree(site_url, listings, index.moved, files, owners, problems, removed=removed)
    pages = tuple(dict.fromkeys(f"{url}entries/" for url in (site_url, app.config.site.url)))
    reader = _Reader(
        tree.root, site_url, pages, title_templates(app.config), pool, content_settings(app.config), _documents(owners)
    )
    for batch in chunks(listings, FEEDS_AT_ONCE):
        for listing, reading in zip(batch, await asyncio.gather(*map(reader.read, batch)), strict=True):
            published.add(listing, reading, app.config.feeds.limit)
    return published


def _index(root: Path, marked: dict[str, str], site_url: str) -> PublishedIndex:
    """index.json; where it is missing, damaged or not ours, the index that feeds and sealed pages give."""
    if INDEX in marked:
        with suppress(StateError):
            return read_index(root / INDEX)
    found = index_of(root, marked, site_url)
    return replace(found, problems=[Problem(INDEX, "parse", _index_problem(Tree(root).read(INDEX)))])


def _index_problem(index: bytes | None) -> str:
    if index is None:
        return "is missing; feeds and archives were read instead"
    if is_whole(INDEX, index):
        return "was not written by this program and blocks the next run; feeds and archives were read instead"
    return "is damaged; feeds and archives were read instead, and the next run writes it again"


# files


def _ours(root: Path, paths: Iterable[str]) -> tuple[dict[str, str], list[Problem]]:
    """Path → SHA-256 of the files with our mark. Hidden files and links are never ours."""
    found, problems = {}, []
    for path in sorted(paths):
        file = root / path
        try:
            is_candidate = not any(part.startswith(".") for part in path.split("/"))
            if is_candidate and file.is_file() and not file.is_symlink() and is_marked(path, data := file.read_bytes()):
                found[path] = sha256(data)
        except OSError as error:
            problems.append(Problem(path, "folder", f"cannot be read: {error.strerror or error}"))
    return found, problems


def _damaged(root: Path, paths: Iterable[str], feeds: Container[str]) -> Iterator[tuple[str, str]]:
    """Damaged documents at paths of our feeds: not well-formed, and without a mark. A whole file without our mark
    belongs to somebody else."""
    for path in sorted(paths):
        folder, _, name = path.rpartition("/")
        if (folder in feeds or feed_of(path) in feeds) and name in FEEDS:
            data = Tree(root).read(path)
            if data is not None and not (root / path).is_symlink() and not is_whole(path, data):
                yield path, sha256(data)


def _foreign(listings: Iterable[FeedListing], there: set[str], ours: dict[str, str]) -> Iterator[Problem]:
    for listing in listings:
        for _, edition in listing.editions:
            if edition.href in there and edition.href not in ours:
                message = "was not written by this program; it stays as it is, and blocks the next run"
                yield Problem(edition.href, "not-a-feed", message)


def _owners(files: Iterable[str], feeds: set[str]) -> Iterator[tuple[str, str]]:
    """Yields (path, feed id) of the files below the folders of feeds.

    A folder with documents of its own belongs to another feed, listed or not. Folders below `archive` do not, because
    no feed can have that name.
    """
    paths = [PurePosixPath(path) for path in files]
    homes = {str(path.parent) for path in paths if path.name in FILES.values() and not feed_of(str(path))}
    known = homes | feeds
    for path in paths:
        home = next((str(folder) for folder in path.parents if str(folder) in known), "")
        if home in feeds:
            yield str(path), home


# documents


@dataclass(frozen=True, slots=True)
class FeedReading:
    """What was read of a feed. `documents`: the current ones, by format; `pages`: those of its archive, with their
    folders; `is_whole`: whether one of `documents` is complete."""

    documents: list[TreeDocument]
    pages: list[tuple[str, TreeDocument]]
    problems: list[Problem]
    is_whole: bool


def _by_number(folder: str) -> tuple[int, ...]:
    """`feed/archive/2/10/` after `feed/archive/2/9/`."""
    return tuple(int(level) for level in folder.rstrip("/").split("/")[-2:] if level.isdecimal())


def _documents(owners: dict[str, str]) -> dict[str, list[str]]:
    """Feed id → paths of XML and JSON files."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for path, owner in owners.items():
        if path.endswith((".xml", ".json")):
            found[owner].append(path)
    return found


@dataclass(frozen=True, slots=True)
class _Reader:
    root: Path
    site_url: str
    pages: tuple[str, ...]
    titles: tuple[str, ...]
    pool: WorkerPool
    settings: ContentSettings
    paths: dict[str, list[str]]

    async def read(self, listing: FeedListing) -> FeedReading:
        """Reads the best document and the JSON one, which alone has source ids; the same for each sealed page."""
        problems: list[Problem] = []
        paths = set(self.paths.get(listing.id, []))
        documents = await self._best(f"{listing.id}/", paths, problems)
        is_whole = any(document.complete for document in documents)
        if not is_whole:
            message = "no document of this feed is complete; its entries are read from the other feeds that have them"
            problems.append(Problem(listing.path, "parse", message))
        folders = sorted({path.rpartition("/")[0] + "/" for path in paths if feed_of(path)}, key=_by_number)
        pages = [(folder, page) for folder in folders for page in await self._best(folder, paths, problems)]
        return FeedReading(documents, pages, problems, is_whole)

    async def _best(self, folder: str, paths: Container[str], problems: list[Problem]) -> list[TreeDocument]:
        documents: list[TreeDocument] = []
        there = [path for name in BEST_FIRST if (path := folder + FILES[name]) in paths]
        for path in there:
            is_wanted = path.endswith(FILES["json"]) or not any(document.complete for document in documents)
            if is_wanted:
                documents += await self._read_document(path, problems)
        return documents

    async def _read_document(self, path: str, problems: list[Problem]) -> list[TreeDocument]:
        """The document; an empty list where it cannot be read."""
        try:
            body = await asyncio.to_thread((self.root / path).read_bytes)
            file = TreeFile(path, self.site_url + path, body, self.pages, self.titles)
            document = await self.pool.call(read_document, file, self.settings)
        except ParseError as error:
            problems.append(Problem(path, error.kind, f"is left out: {error}"))
            return []
        except OSError as error:
            problems.append(Problem(path, "folder", f"cannot be read: {error.strerror or error}"))
            return []
        problems += document.problems
        return [document]
