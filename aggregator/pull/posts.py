"""pull(source) for a posts folder: changed files are read, and their entries wait to be merged."""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from aggregator.app import App
from aggregator.codec import pack
from aggregator.config import PostsConfig
from aggregator.dedup.comparable import Signing
from aggregator.errors import PostError
from aggregator.model.problems import PostNotes, Problem
from aggregator.posts import PostFile, PostSettings, list_posts, other_files, read_file
from aggregator.pull.folder_listing import listing_digest
from aggregator.pull.post_files import PostRequest, process_files
from aggregator.pull.post_groups import process_group
from aggregator.pull.post_order import in_order
from aggregator.pull.process import ProcessedPost
from aggregator.pull.unchanged_folders import count_files, is_as_read, reading_digest
from aggregator.pull.unchanged_posts import keep_unedited
from aggregator.report import Report
from aggregator.settings import content_settings, post_settings, signing_of
from aggregator.store import PostFileRow, SourceRow
from aggregator.store.schema import STANDING
from aggregator.worker_pool import WorkerPool

CALL_FILES = 50  # in one call of a worker: killing it costs little, sending them is cheap
MERGE_POSTS = 500  # merged in one transaction
FEW = 5  # so many missing files are no fault, unless the folder is empty
CONFIRM_AFTER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class FolderPull:
    """What one read of a folder found. `forgotten`: paths of deleted files; `unedited`: paths of files that were read
    again though their bytes are the same."""

    rows: tuple[PostFileRow, ...]
    arrived: tuple[ProcessedPost, ...]
    forgotten: tuple[str, ...]
    unedited: frozenset[str]


async def read_folders(app: App, pool: WorkerPool, batch_at: datetime, report: Report) -> None:
    for folder in app.folders:
        await _read_folder(app, folder, pool, batch_at, report)


async def _read_folder(app: App, folder: PostsConfig, pool: WorkerPool, batch_at: datetime, report: Report) -> None:
    root, read_with = app.config.root / folder.path, reading_digest(app, folder)
    listing = await asyncio.to_thread(listing_digest, root)
    if await asyncio.to_thread(_count_unchanged, app, folder, listing, read_with, batch_at, report):
        return
    source, known = await asyncio.to_thread(_known, app, folder)
    try:
        published = {path for path, row in known.items() if row.state in STANDING}
        listed = await asyncio.to_thread(list_posts, root, published)
        missing = _missing(listed, known)
        known_posts = len(known.keys() - (other_files(known) - published))
        _refuse_loss(root, source, known_posts, len(listed), batch_at)
    except PostError as error:
        await asyncio.to_thread(_record_fault, app, source, batch_at, error)
        report.posts.read += sum(row.state != "failed" for row in known.values())
        report.add_problems([Problem(folder.id, error.kind, error.message, transient=True)])
        return
    stale = [file for file in listed if _is_stale(file, known.get(file.path), batch_at, source.read_with != read_with)]
    links = await asyncio.to_thread(_links, app, source.id, [file.path for file in stale if file.path in known])
    unread = {} if source.read_with != read_with else _digests(known, batch_at)
    wanted = [PostRequest(f.path, f.name, links.get(f.path, ""), unread.get(f.path, "")) for f in stale]
    signing = signing_of(app.config, source.boilerplate)
    processed = await _Reading(app, pool, post_settings(folder), root, batch_at, signing).process(wanted)
    signatures = {file.path: file.signature for file in stale}
    same = [replace(known[post.path], signature=signatures[post.path]) for post in processed if post.is_same]
    rows = {
        post.path: _row(
            PostFileRow(folder.id, post.path, signatures[post.path], "read", post.digest),
            post,
            known.get(post.path),
            batch_at,
        )
        for post in processed
        if not post.is_same
    }
    arrived = [post for post in processed if not post.is_same and rows[post.path].state == "read"]
    shown = {path: row for path, row in known.items() if row.state == "read"}
    unedited = frozenset(path for path, row in rows.items() if _is_same(row, shown.get(path)))
    pull = FolderPull((*rows.values(), *same), tuple(arrived), tuple(missing), unedited)
    await asyncio.to_thread(_record, app, source, pull, batch_at, read_with=read_with, listing=listing)
    _count(app, report, folder, known, pull)


def _count_unchanged(
    app: App, folder: PostsConfig, listing: str, read_with: str, batch_at: datetime, report: Report
) -> bool:
    """If nothing changed in the folder, records that it was read, and counts its files."""
    with app.store.write() as tx:
        source = tx.sources.get(folder.id)
        if not is_as_read(tx, source, listing=listing, read_with=read_with, at=batch_at):
            return False
        tx.sources.change(source.id, **_success(source, batch_at))
        count_files(app, tx, folder, report)
        return True


def _success(source: SourceRow, batch_at: datetime) -> dict[str, Any]:
    return {
        "state": "ok",
        "state_since": source.state_since if source.state == "ok" else batch_at,
        "last_attempt_at": batch_at,
        "last_success_at": batch_at,
        "missing_since": None,
        "failures": 0,
        "error_kind": "",
        "error_message": "",
    }


def _known(app: App, folder: PostsConfig) -> tuple[SourceRow, dict[str, PostFileRow]]:
    with app.store.read() as tx:
        return tx.sources.get(folder.id), tx.posts.of(folder.id)


def _links(app: App, source_id: str, paths: Sequence[str]) -> dict[str, str]:
    """The links under which these files were published."""
    with app.store.read() as tx:
        return {row.path: row.link for row in tx.sightings.find(source_id, {"path": paths}) if row.gone_at is None}


def _missing(listed: Sequence[PostFile], known: dict[str, PostFileRow]) -> list[str]:
    there = {file.path for file in listed}
    return [path for path in known if path not in there]


def _refuse_loss(root: Path, source: SourceRow, before: int, now: int, batch_at: datetime) -> None:
    """Raises PostError if all or most files disappeared, until a read an hour later confirms it. Renamed and moved
    files do not count: only the difference in number does."""
    lost = before - now
    if not (before and now == 0) and not (lost > FEW and 2 * lost > before):
        return
    if source.missing_since is None or batch_at - source.missing_since < CONFIRM_AFTER:
        since = source.missing_since or batch_at
        gone, them = (
            ("the only post is gone; it is", "it")
            if before == 1
            else (f"{lost} of {before} posts are gone; they are", "them")
        )
        until = f"{since + CONFIRM_AFTER:%Y-%m-%d %H:%M} UTC"
        message = f"{root}: {gone} kept until a read after {until} finds {them} gone too"
        raise PostError("front-matter", message)


def _record_fault(app: App, source: SourceRow, batch_at: datetime, error: PostError) -> None:
    with app.store.write() as tx:
        tx.sources.change(
            source.id,
            state="failing",
            state_since=source.state_since if source.state == "failing" else batch_at,
            last_attempt_at=batch_at,
            missing_since=source.missing_since or batch_at,
            failures=source.failures + 1,
            error_kind=error.kind,
            error_message=error.message,
        )


def _is_stale(file: PostFile, row: PostFileRow | None, now: datetime, everything: bool) -> bool:
    return everything or row is None or row.signature != file.signature or _is_due(row, now)


def _is_due(row: PostFileRow, now: datetime) -> bool:
    """Whether the post goes out or expires now."""
    return row.waits_until is not None and row.waits_until <= now


def _digests(known: Mapping[str, PostFileRow], now: datetime) -> dict[str, str]:
    """Of the files that need not be read again while their bytes are the same."""
    return {path: row.digest for path, row in known.items() if not _is_due(row, now)}


@dataclass(frozen=True, slots=True)
class _Reading:
    """How the files of one folder are read in this batch."""

    app: App
    pool: WorkerPool
    settings: PostSettings
    root: Path
    batch_at: datetime
    signing: Signing

    async def process(self, files: Sequence[PostRequest]) -> list[ProcessedPost]:
        groups = [files[i : i + CALL_FILES] for i in range(0, len(files), CALL_FILES)]
        names = {file.path: file.name for file in files}
        done = await asyncio.gather(*(process_group(self._call, group) for group in groups))
        return [await self._with_digest(post, names[post.path]) for posts in done for post in posts]

    async def _call(self, files: Sequence[PostRequest]) -> list[ProcessedPost]:
        content, root = content_settings(self.app.config), self.root.absolute()  # they may work in another folder
        return await self.pool.call(process_files, root, files, self.settings, content, self.batch_at, self.signing)

    async def _with_digest(self, post: ProcessedPost, name: str) -> ProcessedPost:
        """The post, also where the process that read it was killed before it could say what it read. A file that could
        not be opened has no digest: it is read again."""
        if post.digest or not post.fault or post.fault.transient:
            return post
        return replace(post, digest=await asyncio.to_thread(_digest, self.root, name))


def _row(row: PostFileRow, post: ProcessedPost, before: PostFileRow | None, now: datetime) -> PostFileRow:
    """The row of a file as it was read, and when it is read again though it did not change."""
    problems = (*post.problems, *((post.fault,) if post.fault else ()))
    state = _state(row, post, before, now)
    again = {"waiting": post.goes_out_at, "read": post.expires_at}
    notes = pack(PostNotes(post.repaired, problems)) if post.repaired or problems else None
    return replace(row, state=state, waits_until=again.get(state), notes=notes)


def _state(row: PostFileRow, post: ProcessedPost, before: PostFileRow | None, now: datetime) -> str:
    """What is published does not wait because this program learned to read a date, in the file or in its path."""
    if post.fault:
        return "failed"
    if post.hidden:
        return "hidden"
    if post.expires_at and post.expires_at <= now:
        return "expired"
    waits = post.goes_out_at is not None and post.goes_out_at > now
    if before and before.state == "read":
        waits &= not post.dated_by_path and not _is_same(row, before)
    return "waiting" if waits else "read"


def _record(app: App, source: SourceRow, pull: FolderPull, batch_at: datetime, *, read_with: str, listing: str) -> None:
    """Arrivals are stored in order, as pulls small enough to be merged in memory."""
    arrived = in_order(pull.arrived, batch_at)
    is_changed = bool(pull.rows or pull.forgotten)
    with app.store.write() as tx:
        tx.sources.change(
            source.id,
            **_success(source, batch_at),
            read_with=read_with,
            listing=listing,
            changed_pulls=source.changed_pulls + is_changed,
        )
        if not is_changed:
            return
        tx.posts.replace(source.id, pull.rows)
        tx.posts.forget(source.id, pull.forgotten)
        keep_unedited(tx, source.id, [post for post in pull.arrived if post.path in pull.unedited])
        for i in range(0, max(len(arrived), 1), MERGE_POSTS):
            pull_id = tx.pulls.add(source_id=source.id, batch_at=batch_at, outcome="changed", merged=False)
            tx.arrivals.add((pull_id, row) for row in arrived[i : i + MERGE_POSTS])


def _count(app: App, report: Report, folder: PostsConfig, known: dict[str, PostFileRow], pull: FolderPull) -> None:
    report.posts.changed += sum(bool(row.digest) and not _is_same(row, known.get(row.path)) for row in pull.rows)
    with app.store.read() as tx:
        count_files(app, tx, folder, report)


def _is_same(row: PostFileRow, before: PostFileRow | None) -> bool:
    """Whether the file has the bytes that it had."""
    return before is not None and row.digest == before.digest


def _digest(root: Path, name: str) -> str:
    try:
        return hashlib.sha256(read_file(root, name)).hexdigest()
    except PostError:
        return ""
