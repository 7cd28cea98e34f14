"""pull(source) for a posts folder: changed files are read, and their entries wait to be merged."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aggregator.app import App
from aggregator.codec import digest, frozen_text, pack, unpack
from aggregator.config import PostsConfig
from aggregator.errors import ParseError, PostError
from aggregator.model.problems import PostNotes, Problem
from aggregator.posts import PostFile, PostSettings, list_posts, other_files, read_file
from aggregator.pull.process import ProcessedPost, process_posts
from aggregator.report import Report
from aggregator.settings import content_settings, post_settings
from aggregator.store import PostFileRow, SourceRow
from aggregator.store.arrivals import ArrivalRow
from aggregator.store.schema import STANDING
from aggregator.text.normalize import acceptable
from aggregator.worker_pool import WorkerPool

CALL_FILES = 50  # in one call of a worker: killing it costs little, sending them is cheap
MERGE_POSTS = 500  # merged in one transaction
FEW = 5  # so many missing files are no fault, unless the folder is empty
CONFIRM_AFTER = timedelta(hours=1)
FAR = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class FolderPull:
    """What one read of a folder found. `changed`: how many files had new bytes; `forgotten`: paths of deleted files."""

    rows: tuple[PostFileRow, ...]
    arrived: tuple[ProcessedPost, ...]
    forgotten: tuple[str, ...]
    changed: int


async def read_folders(app: App, pool: WorkerPool, batch_at: datetime, report: Report) -> None:
    for folder in app.folders:
        await _read_folder(app, folder, pool, batch_at, report)


async def _read_folder(app: App, folder: PostsConfig, pool: WorkerPool, batch_at: datetime, report: Report) -> None:
    source, known = await asyncio.to_thread(_known, app, folder)
    root = app.config.root / folder.path
    read_with = digest(
        [
            frozen_text("PostSettings", post_settings(folder)),
            frozen_text("ContentSettings", content_settings(app.config)),
        ]
    )
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
    bodies, unread = await asyncio.to_thread(_read_files, root, stale)
    same = {} if source.read_with != read_with else _touched(stale, bodies, known, batch_at)
    todo = [file for file in stale if file.path in bodies and file.path not in same]
    processed = [*unread, *await _process(pool, [(f.path, bodies[f.path]) for f in todo], folder, app)]
    signatures = {file.path: file.signature for file in stale}
    rows = {
        post.path: _row(folder.id, post, signatures[post.path], bodies.get(post.path), batch_at) for post in processed
    }
    arrived = [post for post in processed if rows[post.path].state == "read"]
    pull = FolderPull((*rows.values(), *same.values()), tuple(arrived), tuple(missing), len(todo))
    await asyncio.to_thread(_record, app, source, pull, batch_at, read_with)
    _count(report, root, known, pull)


def _known(app: App, folder: PostsConfig) -> tuple[SourceRow, dict[str, PostFileRow]]:
    with app.store.read() as tx:
        return tx.sources.get(folder.id), tx.posts.of(folder.id)


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
        message = (
            f"{root}: {lost} of {before} posts are gone; they are kept until a read"
            f" after {since + CONFIRM_AFTER:%Y-%m-%d %H:%M} UTC finds them gone too"
        )
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
    if everything or row is None or row.signature != file.signature:
        return True
    return row.state == "waiting" and row.waits_until is not None and row.waits_until <= now


def _read_files(root: Path, files: Sequence[PostFile]) -> tuple[dict[str, bytes], list[ProcessedPost]]:
    bodies: dict[str, bytes] = {}
    unread = []
    for file in files:
        try:
            bodies[file.path] = read_file(root, file.name)
        except PostError as error:
            fault = Problem(file.path, "front-matter", error.message, transient=True)
            unread.append(ProcessedPost(file.path, fault=fault))
    return bodies, unread


def _touched(
    files: Sequence[PostFile], bodies: dict[str, bytes], known: dict[str, PostFileRow], now: datetime
) -> dict[str, PostFileRow]:
    """Files with a new signature and unchanged bytes."""
    return {
        file.path: replace(row, signature=file.signature)
        for file in files
        if (row := known.get(file.path))
        and file.path in bodies
        and row.digest == _digest(bodies[file.path])
        and not (row.state == "waiting" and row.waits_until and row.waits_until <= now)
    }


async def _process(
    pool: WorkerPool, files: Sequence[tuple[str, bytes]], folder: PostsConfig, app: App
) -> list[ProcessedPost]:
    groups = [files[i : i + CALL_FILES] for i in range(0, len(files), CALL_FILES)]
    settings = post_settings(folder)
    done = await asyncio.gather(*(_process_group(pool, group, settings, app) for group in groups))
    return [post for posts in done for post in posts]


async def _process_group(
    pool: WorkerPool, files: Sequence[tuple[str, bytes]], settings: PostSettings, app: App
) -> list[ProcessedPost]:
    """If a call is killed, each half is tried alone, so that a bad post loses only itself."""
    try:
        return await pool.call(process_posts, files, settings, content_settings(app.config))
    except ParseError as error:
        if len(files) == 1:
            path = files[0][0]
            return [ProcessedPost(path, fault=Problem(path, "front-matter", error.message))]
        half = len(files) // 2
        first = await _process_group(pool, files[:half], settings, app)
        return first + await _process_group(pool, files[half:], settings, app)


def _row(source_id: str, post: ProcessedPost, signature: str, body: bytes | None, now: datetime) -> PostFileRow:
    waits = post.waits_until is not None and post.waits_until > now
    problems = (*post.problems, *((post.fault,) if post.fault else ()))
    return PostFileRow(
        source_id=source_id,
        path=post.path,
        signature=signature,
        state="failed" if post.fault else "hidden" if post.hidden else "waiting" if waits else "read",
        digest=_digest(body) if body is not None else "",
        waits_until=post.waits_until if waits else None,
        notes=pack(PostNotes(post.repaired, problems)) if post.repaired or problems else None,
    )


def _record(app: App, source: SourceRow, pull: FolderPull, batch_at: datetime, read_with: str) -> None:
    """Arrivals are stored in order, as pulls small enough to be merged in memory."""
    arrived = _in_order(pull.arrived, batch_at)
    is_changed = bool(pull.rows or pull.forgotten)
    with app.store.write() as tx:
        tx.sources.change(
            source.id,
            state="ok",
            state_since=source.state_since if source.state == "ok" else batch_at,
            last_attempt_at=batch_at,
            last_success_at=batch_at,
            missing_since=None,
            failures=0,
            error_kind="",
            error_message="",
            read_with=read_with,
            changed_pulls=source.changed_pulls + is_changed,
        )
        if not is_changed:
            return
        tx.posts.replace(source.id, pull.rows)
        tx.posts.forget(source.id, pull.forgotten)
        for i in range(0, max(len(arrived), 1), MERGE_POSTS):
            pull_id = tx.sources.add_pull(source_id=source.id, batch_at=batch_at, outcome="changed", merged=False)
            tx.arrivals.add(pull_id, arrived[i : i + MERGE_POSTS])


def _in_order(posts: Sequence[ProcessedPost], batch_at: datetime) -> list[ArrivalRow]:
    """By claimed date, oldest first, undated last, then by path. Undated posts are counted from 0 again, because their
    date depends on their place among the undated."""
    claims = {post.path: acceptable(post.claimed, batch_at) for post in posts}
    ordered = sorted(posts, key=lambda post: (claims[post.path] or FAR, post.path))
    dated = sum(claim is not None for claim in claims.values())
    return [
        ArrivalRow(i if i < dated else i - dated, post.entry.item, post.entry.draft, post.entry.clean)
        for i, post in enumerate(ordered)
        if post.entry
    ]


def _count(report: Report, root: Path, known: dict[str, PostFileRow], pull: FolderPull) -> None:
    rows = {path: row for path, row in known.items() if path not in pull.forgotten}
    rows |= {row.path: row for row in pull.rows}
    report.posts.changed += pull.changed
    for row in rows.values():
        report.posts.read += row.state != "failed"
        report.posts.failed += row.state == "failed"
        if row.notes is not None:
            notes = unpack(row.notes, PostNotes)
            report.posts.repaired += bool(notes.repaired)
            report.add_problems(replace(problem, where=f"{root}/{problem.where}") for problem in notes.problems)


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
