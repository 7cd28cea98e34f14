"""The published tree as a memory: its index, the files in it that are ours, and all that its documents say."""

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
from aggregator.recover.read_document import RecalledDocument, RecalledEntry, TreeFile, read_document
from aggregator.recover.removed_json import RemovedFile, read_removed
from aggregator.render import FILES
from aggregator.store.table import chunks
from aggregator.text.entry_ids import is_public_id
from aggregator.text.generator import FEEDS, INDEX, is_marked, is_whole
from aggregator.worker_pool import WorkerPool

BEST_FIRST = ("atom", "rss", "json")  # by how much of an entry each can tell
FEEDS_AT_ONCE = 50
NO_ENTRIES = frozenset({"health"})  # feeds of ours whose entries were taken from nowhere


@dataclass(slots=True)
class RecoveredEntry:
    """One entry, from all documents that show it: `entry` from the best of them, `source_id` from whichever says it.

    `own`: its source as RSS and JSON tell it, which never is the one that it was taken from before. `feeds`: those
    that hold it. `beyond`: when a feed was updated that holds it below its `feeds.limit`, for its date alone.
    """

    entry: RecalledEntry
    rank: int
    feeds: dict[str, None] = field(default_factory=dict)
    source_id: str = ""
    own: FeedInfo | None = None
    also: tuple[str, ...] = ()
    beyond: datetime | None = None


@dataclass(slots=True)
class PublishedTree:
    """`moved`: addresses that show another feed, or none any more. `files`: path → SHA-256 of those that bear our mark;
    `owners`: path → feed of those that are a feed's; `unread`: feeds of which no document is whole."""

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
    sealed: dict[str, dict[str, None]] = field(default_factory=dict)  # folder of a sealed page → the ids on it
    _pairs: dict[tuple[str, str], None] = field(default_factory=dict)  # of one date: which of two stands first

    def in_order(self) -> list[RecoveredEntry]:
        """As one feed with all of them would have it; where dates are equal, as every feed has it."""
        order = TopologicalSorter[str](dict.fromkeys(self.entries, ()))
        for first, second in self._pairs:
            order.add(second, first)
        try:
            ranks = {public_id: i for i, public_id in enumerate(order.static_order())}
        except CycleError:  # two feeds contradict each other: somebody edited one
            ranks = {public_id: i for i, public_id in enumerate(self.entries)}
        return sorted(self.entries.values(), key=lambda one: (-_time(one.entry), ranks[one.entry.public_id]))

    def add(self, listing: FeedListing, reading: "Reading", limit: int) -> None:
        """`limit`: how many entries the feed holds whatever their dates."""
        self.problems += reading.problems
        if not reading.is_whole:
            self.unread.add(listing.id)
        for folder, document in reading.pages:
            self.sealed.setdefault(folder, {}).update((entry.public_id, None) for entry in document.entries)
        for document in (*reading.documents, *(document for _, document in reading.pages)):
            if is_public_id(document.atom_id):
                self.atom_ids.setdefault(listing.id, document.atom_id)
            for entry in document.entries:
                self._keep(entry, BEST_FIRST.index(document.format)).feeds[listing.id] = None
            self._pairs |= dict.fromkeys(_pairs(document.entries))
        past = {entry.public_id for _, document in reading.pages for entry in document.entries}
        for entry in (entry for document in reading.documents for entry in document.entries[limit:]):
            if entry.public_id in past:  # else it stands there because it is on no page yet
                one = self.entries[entry.public_id]
                one.beyond = max(one.beyond or listing.updated, listing.updated)

    def _keep(self, entry: RecalledEntry, rank: int) -> RecoveredEntry:
        one = self.entries.setdefault(entry.public_id, RecoveredEntry(entry, rank))
        if rank < one.rank:
            one.entry, one.rank = entry, rank
        one.source_id = one.source_id or entry.source_id
        one.own = one.own or (entry.source if rank else None)
        one.also = one.also or entry.also
        return one


def _time(entry: RecalledEntry) -> float:
    return entry.published.timestamp()


def _pairs(entries: Sequence[RecalledEntry]) -> Iterator[tuple[str, str]]:
    for first, second in pairwise(entries):
        if first.published == second.published and first.public_id != second.public_id:
            yield first.public_id, second.public_id


async def read_published(app: App, pool: WorkerPool) -> PublishedTree:
    """Reads the whole tree; raises StateError where none was published."""
    tree = Tree(app.output)
    if not tree.is_published():
        raise StateError(f"{tree.root} holds no published tree, so there is nothing to learn from")
    there = await asyncio.to_thread(tree.files)
    marked, unreadable = await asyncio.to_thread(_ours, tree.root, there)
    index = await asyncio.to_thread(_index, tree.root, marked, app.config.site.url)
    site_url, listings = index.site_url, [row for row in index.listings if row.id not in NO_ENTRIES]
    feeds = {row.id for row in listings} | {row.id for row in index.moved}
    files = marked | dict(await asyncio.to_thread(_damaged, tree.root, there - marked.keys(), feeds))
    owners = dict(_owners(files, feeds))
    removed = await asyncio.to_thread(read_removed, tree)
    problems = [*index.problems, *unreadable, *_foreign(listings, there, files), *removed.problems]
    memory = PublishedTree(site_url, listings, index.moved, files, owners, problems, removed=removed)
    pages = tuple(dict.fromkeys(f"{url}entries/" for url in (site_url, app.config.site.url)))
    reader = _Reader(tree.root, site_url, pages, pool, app.content(), _documents(owners))
    for batch in chunks(listings, FEEDS_AT_ONCE):
        for listing, reading in zip(batch, await asyncio.gather(*map(reader.read, batch)), strict=True):
            memory.add(listing, reading, app.config.feeds.limit)
    return memory


def _index(root: Path, marked: dict[str, str], site_url: str) -> PublishedIndex:
    """index.json; where it is lost, or another program's, what feeds and sealed pages say."""
    if INDEX in marked:
        with suppress(StateError):
            return read_index(root / INDEX)
    found = index_of(root, marked, site_url)
    return replace(found, problems=[Problem(INDEX, "parse", _why_not(Tree(root).read(INDEX)))])


def _why_not(index: bytes | None) -> str:
    if index is None:
        return "is missing; feeds and archives tell what was published"
    if is_whole(INDEX, index):
        return "is none that we wrote, and is in the way of the next run; feeds and archives tell what was published"
    return "is damaged; feeds and archives tell what was published, and the next run writes it again"


# files


def _ours(root: Path, paths: Iterable[str]) -> tuple[dict[str, str], list[Problem]]:
    """We write no hidden files, and no links."""
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
    """Files where a feed of ours has its documents, of which not enough is left to tell whose they are: no XML, no
    JSON. What is whole and bears no mark is somebody else's."""
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
                message = "was not written by this program; it stays as it is, and is in the way of the next run"
                yield Problem(edition.href, "not-a-feed", message)


def _owners(files: Iterable[str], feeds: set[str]) -> Iterator[tuple[str, str]]:
    """Each file below a feed's folder, and that feed's id. A folder with documents of its own is another feed's,
    listed or not; one below archive is not, since no feed can have that name."""
    paths = [PurePosixPath(path) for path in files]
    homes = {str(path.parent) for path in paths if path.name in FILES.values() and not feed_of(str(path))}
    known = homes | feeds
    for path in paths:
        home = next((str(folder) for folder in path.parents if str(folder) in known), "")
        if home in feeds:
            yield str(path), home


# documents


@dataclass(frozen=True, slots=True)
class Reading:
    """`documents`: what the feed's subscribers see, by format; `is_whole`: one of them could be read to its end.
    `pages`: its archive, each document with the folder that it stands in."""

    documents: list[RecalledDocument]
    pages: list[tuple[str, RecalledDocument]]
    problems: list[Problem]
    is_whole: bool


def _by_number(folder: str) -> tuple[int, ...]:
    """`feed/archive/2/10/` after `feed/archive/2/9/`."""
    return tuple(int(level) for level in folder.rstrip("/").split("/")[-2:] if level.isdecimal())


def _documents(owners: dict[str, str]) -> dict[str, list[str]]:
    """By feed: what may be a document of it."""
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
    pool: WorkerPool
    settings: ContentSettings
    paths: dict[str, list[str]]

    async def read(self, listing: FeedListing) -> Reading:
        """What its best document says, and JSON's, which alone names sources; the same of each sealed page."""
        problems: list[Problem] = []
        paths = set(self.paths.get(listing.id, []))
        documents = await self._best(f"{listing.id}/", paths, problems)
        is_whole = any(document.complete for document in documents)
        if not is_whole:
            message = "no document of this feed is whole; its entries are told by the other feeds that hold them"
            problems.append(Problem(listing.path, "parse", message))
        folders = sorted({path.rpartition("/")[0] + "/" for path in paths if feed_of(path)}, key=_by_number)
        pages = [(folder, page) for folder in folders for page in await self._best(folder, paths, problems)]
        return Reading(documents, pages, problems, is_whole)

    async def _best(self, folder: str, paths: Container[str], problems: list[Problem]) -> list[RecalledDocument]:
        documents: list[RecalledDocument] = []
        there = [path for name in BEST_FIRST if (path := folder + FILES[name]) in paths]
        for path in there:
            is_wanted = path.endswith(FILES["json"]) or not any(document.complete for document in documents)
            if is_wanted:
                documents += await self._recall(path, problems)
        return documents

    async def _recall(self, path: str, problems: list[Problem]) -> list[RecalledDocument]:
        """The document, none where it cannot be read."""
        try:
            body = await asyncio.to_thread((self.root / path).read_bytes)
            file = TreeFile(path, self.site_url + path, body, self.pages)
            document = await self.pool.call(read_document, file, self.settings)
        except ParseError as error:
            problems.append(Problem(path, error.kind, f"is left out: {error}"))
            return []
        except OSError as error:
            problems.append(Problem(path, "folder", f"cannot be read: {error.strerror or error}"))
            return []
        problems += document.problems
        return [document]
