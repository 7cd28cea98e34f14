"""pull(source) for a folder of posts: only files that changed are read, what they hold waits for settling."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aggregator.app import App, post_settings
from aggregator.codec import digest, frozen_text, pack, unpack
from aggregator.config import PostsConfig
from aggregator.errors import ParseError, PostError
from aggregator.model.problems import PostNotes, Problem
from aggregator.posts import PostFile, PostSettings, list_posts, read_file
from aggregator.pull.process import ProcessedPost, process_posts
from aggregator.report import Report
from aggregator.store import PostFileRow, SourceRow
from aggregator.store.arrivals import ArrivalRow
from aggregator.text.normalize import acceptable
from aggregator.worker_pool import WorkerPool

AT_ONCE = 50  # files in one call: few enough that killing one costs little, enough that sending them is cheap
PORTION = 500  # posts that are settled in one transaction
FEW = 5  # more than half of a folder gone is a fault only where more files than this are gone
AGREE_AFTER = timedelta(hours=1)
FAR = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class FolderPull:
    """What one look at a folder found. `bodies`: path → digest of the files that were read again."""

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
        [frozen_text("PostSettings", post_settings(folder)), frozen_text("ContentSettings", app.content())]
    )
    try:
        listed = await asyncio.to_thread(list_posts, root)
        missing = _missing(listed, known)
        _refuse_loss(root, source, len(known), len(listed), batch_at)
    except PostError as error:
        await asyncio.to_thread(_record_fault, app, source, batch_at, error)
        report.posts.read += sum(row.state != "failed" for row in known.values())
        report.add_problems([Problem(folder.id, error.kind, error.message, transient=True)])
        return
    stale = [file for file in listed if _is_stale(file, known.get(file.path), batch_at, source.read_with != read_with)]
    bodies, unread = await asyncio.to_thread(_read_files, root, stale)
    same = {} if source.read_with != read_with else _touched(stale, bodies, known, batch_at)
    todo = [file for file in stale if file.path in bodies and file.path not in same]
    refined = [*unread, *await _refine(pool, [(f.path, bodies[f.path]) for f in todo], folder, app)]
    signatures = {file.path: file.signature for file in stale}
    rows = {
        post.path: _row(folder.id, post, signatures[post.path], bodies.get(post.path), batch_at) for post in refined
    }
    arrived = [post for post in refined if rows[post.path].state == "read"]
    reading = FolderPull((*rows.values(), *same.values()), tuple(arrived), tuple(missing), len(todo))
    await asyncio.to_thread(_record, app, source, reading, batch_at, read_with)
    _count(report, root, known, reading)


def _known(app: App, folder: PostsConfig) -> tuple[SourceRow, dict[str, PostFileRow]]:
    with app.store.read() as tx:
        return tx.sources.get(folder.id), tx.posts.of(folder.id)


def _missing(listed: Sequence[PostFile], known: dict[str, PostFileRow]) -> list[str]:
    there = {file.path for file in listed}
    return [path for path in known if path not in there]


def _refuse_loss(root: Path, source: SourceRow, before: int, now: int, batch_at: datetime) -> None:
    """Most of a folder gone at once, or all of it, is a fault until a read an hour later agrees. Files that were
    renamed or moved are not gone: what counts is how many fewer there are."""
    lost = before - now
    if not (before and now == 0) and not (lost > FEW and 2 * lost > before):
        return
    if source.missing_since is None or batch_at - source.missing_since < AGREE_AFTER:
        since = source.missing_since or batch_at
        message = (
            f"{root}: {lost} of {before} posts are gone; they are kept until a read"
            f" after {since + AGREE_AFTER:%Y-%m-%d %H:%M} UTC finds them gone too"
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
    """Files whose bytes are what they were: only their signature is new."""
    return {
        file.path: replace(row, signature=file.signature)
        for file in files
        if (row := known.get(file.path))
        and file.path in bodies
        and row.digest == _digest(bodies[file.path])
        and not (row.state == "waiting" and row.waits_until and row.waits_until <= now)
    }


async def _refine(
    pool: WorkerPool, files: Sequence[tuple[str, bytes]], folder: PostsConfig, app: App
) -> list[ProcessedPost]:
    groups = [files[i : i + AT_ONCE] for i in range(0, len(files), AT_ONCE)]
    settings = post_settings(folder)
    done = await asyncio.gather(*(_refine_group(pool, group, settings, app) for group in groups))
    return [post for posts in done for post in posts]


async def _refine_group(
    pool: WorkerPool, files: Sequence[tuple[str, bytes]], settings: PostSettings, app: App
) -> list[ProcessedPost]:
    """Where a group has to be killed, each half is tried alone, so that one post costs itself."""
    try:
        return await pool.call(process_posts, files, settings, app.content())
    except ParseError as error:
        if len(files) == 1:
            path = files[0][0]
            return [ProcessedPost(path, fault=Problem(path, "front-matter", error.message))]
        half = len(files) // 2
        first = await _refine_group(pool, files[:half], settings, app)
        return first + await _refine_group(pool, files[half:], settings, app)


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


def _record(app: App, source: SourceRow, reading: FolderPull, batch_at: datetime, read_with: str) -> None:
    """What arrived waits in its order, in portions that settling can hold in memory."""
    arrived = _in_order(reading.arrived, batch_at)
    is_changed = bool(reading.rows or reading.forgotten)
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
        tx.posts.replace(source.id, reading.rows)
        tx.posts.forget(source.id, reading.forgotten)
        for i in range(0, max(len(arrived), 1), PORTION):
            pull_id = tx.sources.add_pull(source_id=source.id, batch_at=batch_at, outcome="changed", merged=False)
            tx.arrivals.add(pull_id, arrived[i : i + PORTION])


def _in_order(posts: Sequence[ProcessedPost], batch_at: datetime) -> list[ArrivalRow]:
    """By claimed date, oldest first, undated last, then path. The undated are counted from 0 again: an undated post
    is dated by its place among them."""
    claims = {post.path: acceptable(post.claimed, batch_at) for post in posts}
    ordered = sorted(posts, key=lambda post: (claims[post.path] or FAR, post.path))
    dated = sum(claim is not None for claim in claims.values())
    return [
        ArrivalRow(i if i < dated else i - dated, post.entry.item, post.entry.draft, post.entry.clean)
        for i, post in enumerate(ordered)
        if post.entry
    ]


def _count(report: Report, root: Path, known: dict[str, PostFileRow], reading: FolderPull) -> None:
    rows = {path: row for path, row in known.items() if path not in reading.forgotten}
    rows |= {row.path: row for row in reading.rows}
    report.posts.changed += reading.changed
    for row in rows.values():
        report.posts.read += row.state != "failed"
        report.posts.failed += row.state == "failed"
        if row.notes is not None:
            notes = unpack(row.notes, PostNotes)
            report.posts.repaired += bool(notes.repaired)
            report.add_problems(replace(problem, where=f"{root}/{problem.where}") for problem in notes.problems)


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
