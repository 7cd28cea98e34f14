"""check: whether every post can be read and every source can be pulled."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from itertools import count
from typing import TypeVar

from aggregator.app import App
from aggregator.codec import unpack
from aggregator.config import PostsConfig, SourceConfig
from aggregator.errors import FetchError, LockedError, ParseError, PostError, PullError, StateError
from aggregator.fetch import Fetcher, Request
from aggregator.fetch.url import parse
from aggregator.merge.hidden_secrets import exposed, is_published, published_before
from aggregator.model.entry import CleanEntry
from aggregator.model.problems import Finding, Problem
from aggregator.posts import list_files, list_posts, other_files, read_file
from aggregator.preview.config_advice import advice
from aggregator.publish.post_pictures import read_pictures, with_pictures
from aggregator.pull.post_groups import process_group
from aggregator.pull.process import FeedBody, PostBody, ProcessedPost, process_feed, process_posts
from aggregator.pull.reading_list_sources import resolve_sources, sources_of
from aggregator.pull.reading_lists import feeds_in, fetch_list, with_feeds
from aggregator.report import Progress
from aggregator.settings import content_settings, fetch_settings, missing_templates, post_settings, secret_headers
from aggregator.store import ListRow, Transaction
from aggregator.store.schema import STANDING
from aggregator.worker_pool import WorkerPool

T = TypeVar("T")

POSTS_PER_CALL = 50
MOST_NAMED = 5  # files that one note names


async def check_all(app: App, *, online: bool, progress: Progress = lambda _: None) -> list[Finding]:
    """Every problem in posts and local feed files; with `online` also every source that cannot be pulled."""
    missing = missing_templates(app.config)
    findings = [_at(app, missing, "site", "templates")] if missing else []
    findings += [] if online else list(_unfetchable(app))
    published = _published_posts(app)
    async with WorkerPool() as pool:
        for i, folder in enumerate(app.folders):
            findings += await _check_folder(app, pool, i, folder, published[folder.id])
        async with Fetcher(fetch_settings(app.config)) as fetcher:
            lists = [one for one in app.config.lists if online or not one.is_remote]
            read = await asyncio.gather(*(_check_list(app, pool, fetcher, one) for one in lists))
            if lists:
                feeds = sources_of(app.config, {row.id: row for row, _ in read if row})
                app = app.with_config(app.config.with_lists(feeds))
            findings += [finding for _, found in read for finding in found]
            checked = [(i, source) for i, source in enumerate(app.sources) if online or not source.is_remote]
            checks = [_check_source(app, pool, fetcher, i, one) for i, one in checked]
            answers = await asyncio.gather(*_counted(checks, progress))
    return findings + [finding for answer in answers for finding in answer]


def _unfetchable(app: App) -> Iterator[Finding]:
    """The addresses that no run will ask; `--online` finds them by asking."""
    for i, source in enumerate(app.config.written):
        try:
            if source.is_remote:
                parse(source.url)
        except FetchError as error:
            message = f"{error.kind}: {source.hidden.masked(error.message)}"
            yield _at(app, message, "sources", i, "opml" if source.opml else "url")


def _counted(checks: Sequence[Awaitable[list[Finding]]], progress: Progress) -> Iterator[Awaitable[list[Finding]]]:
    """The checks, which tell how many of them have ended."""
    ended = count(1)

    async def counted(check: Awaitable[list[Finding]]) -> list[Finding]:
        found = await check
        progress(f"checked {next(ended)}/{len(checks)}")
        return found

    return map(counted, checks)


def other_files_of(app: App) -> list[Finding]:
    """A note for each posts folder with files that are no posts by their name."""
    notes = []
    published = _published_posts(app)
    for i, folder in enumerate(app.folders):
        with suppress(PostError):  # `check_all` reports it
            files = list_files(app.config.root / folder.path)
            others = sorted(other_files([file.path for file in files]) - published[folder.id])
            if others:
                notes.append(_at(app, _named(others), "posts", i, "path"))
    return notes


def _named(others: Sequence[str]) -> str:
    more = f" and {len(others) - MOST_NAMED} more" if len(others) > MOST_NAMED else ""
    return (
        f"no posts by their name: {', '.join(others[:MOST_NAMED])}{more}; a file becomes a post under a name that does"
        " not begin with _, README, LICENSE or CHANGELOG and is not the index of a section, outside of _drafts"
    )


def _of_state(app: App, read: Callable[[Transaction], T], default: T) -> T:
    """What `read` finds in the state; `default` without a readable one: other commands report why."""
    if app.store.exists():
        with suppress(StateError, LockedError), app.store.opened(), app.store.read() as tx:
            return read(tx)
    return default


def _published_posts(app: App) -> Mapping[str, set[str]]:
    """The paths of posts that the state publishes, by folder."""

    def standing(tx: Transaction) -> dict[str, set[str]]:
        files = {folder.id: tx.posts.of(folder.id) for folder in app.folders}
        return {id_: {path for path, row in rows.items() if row.state in STANDING} for id_, rows in files.items()}

    return _of_state(app, standing, {folder.id: set() for folder in app.folders})


def config_advice(app: App) -> list[Finding]:
    """Notes on what in the config is seldom meant."""
    stored = _of_state(app, lambda tx: None if tx.facts.is_empty() else tx.categories.paths(), None)
    return [_at(app, message, *keys) for keys, message in advice(app.config, stored, app.clock().date())]


def source_notes(app: App) -> list[Finding]:
    """Notes that are not problems: sources with secrets that are in no feed, since only `publish: true` or an earlier
    publication puts them there; secrets that are public; and sources without an id."""
    nothing: tuple[App, list[Finding], frozenset[str]] = app, [], frozenset()
    app, exposures, before = _of_state(app, partial(_exposures, app), nothing)
    notes = [
        _at(app, f"{source.id} {_why_unpublished(source)}, so it is in no feed; `publish: true` puts it there", *where)
        for i, source in enumerate(app.sources)
        if source.publish is None and not is_published(source, before)
        for where in [("sources", i)]
    ]
    return notes + exposures + list(_without_id(app))


def _without_id(app: App) -> Iterator[Finding]:
    """No note for an id that may hold a secret: it has no place in the file."""
    for i, source in enumerate(app.config.written):
        is_named = app.config.has_line("sources", i, "id") or source.id in app.config.kept_ids
        if not source.opml and not is_named:
            message = f"has no id; with `id: {source.id}` its entries keep their ids when its address changes"
            file, _, line = app.config.where_written("sources", i).partition(":")
            yield Finding(file, int(line or 0), f"sources.{i}", message)


def _exposures(app: App, tx: Transaction) -> tuple[App, list[Finding], frozenset[str]]:
    """The app with its sources as the state knows them, the secrets that are public, and the sources that stay
    published."""
    app = app.with_config(resolve_sources(app.config, tx))
    places = {source.id: i for i, source in enumerate(app.sources)}
    exposures = [
        _at(app, f"{one.source.id}: {one.message}", "sources", places[one.source.id]) for one in exposed(app, tx)
    ]
    return app, exposures, published_before(app, tx)


def _why_unpublished(source: SourceConfig) -> str:
    return "has auth or headers" if source.has_secret_headers else f"has {source.variables} in its address"


async def _check_folder(
    app: App, pool: WorkerPool, i: int, folder: PostsConfig, published: Collection[str]
) -> list[Finding]:
    root = app.config.root / folder.path
    try:
        files = [PostBody(file.path, read_file(root, file.name)) for file in list_posts(root, published)]
    except PostError as error:
        return [_at(app, error.message, "posts", i, "path")]
    settings, content, now = post_settings(folder), content_settings(app.config), app.clock()

    async def process(group: Sequence[PostBody]) -> list[ProcessedPost]:
        return await pool.call(process_posts, group, settings, content, now)

    found: list[Finding] = []
    for start in range(0, len(files), POSTS_PER_CALL):
        group = files[start : start + POSTS_PER_CALL]
        for post in await process_group(process, group):
            problems = (*post.problems, *((post.fault,) if post.fault else ()))
            found += [_in_post(folder.path, problem) for problem in problems]
            found += [Finding(f"{folder.path}/{post.path}", 0, "", f"repaired: {why}") for why in post.repaired]
            found += _without_pictures(app, folder, post)
    return found


def _without_pictures(app: App, folder: PostsConfig, post: ProcessedPost) -> list[Finding]:
    """The pictures beside a post with a page of ours that cannot be copied to it."""
    clean = unpack(post.entry.clean, CleanEntry) if post.entry and post.entry.clean else None
    if clean is None or clean.link or not folder.pages:
        return []
    _, pictures = with_pictures(clean, folder.id, f"{app.config.site.url}entries/")
    _, problems = read_pictures(pictures, {folder.id: app.config.root / folder.path})
    return [Finding(problem.where, 0, "", problem.message) for problem in problems]


async def _check_list(
    app: App, pool: WorkerPool, fetcher: Fetcher, one: SourceConfig
) -> tuple[ListRow | None, list[Finding]]:
    """The row that a run would store for the reading list, and its problems."""
    place, row = app.config.written.index(one), ListRow(one.id, one.url)
    file, _, line = app.config.where_written("sources", place, "opml").partition(":")

    def finding(message: str) -> Finding:
        return Finding(file, int(line or 0), f"sources.{place}.opml", message)

    try:
        feeds, problems = await feeds_in(pool, one, await fetch_list(app, fetcher, one, row))
    except PullError as error:
        return None, [finding(f"{error.kind}: {one.hidden.masked(error.message)}")]
    return with_feeds(app, row, feeds), [finding(problem.message) for problem in problems]


async def _check_source(app: App, pool: WorkerPool, fetcher: Fetcher, i: int, source: SourceConfig) -> list[Finding]:
    try:
        body, url, content_type = await _ask(app, fetcher, source)
        feed = FeedBody(source.id, url, content_type, body, source.hidden)
        await pool.call(process_feed, feed, frozenset(), content_settings(app.config))
    except PullError as error:
        return [_at(app, f"{error.kind}: {source.hidden.masked(error.message)}", "sources", i, "url")]
    return []


async def _ask(app: App, fetcher: Fetcher, source: SourceConfig) -> tuple[bytes, str, str]:
    if source.is_remote:
        answer = await fetcher.fetch(Request(source.url, headers=secret_headers(source)))
        return answer.body, answer.url, answer.content_type
    path = app.config.root / source.url
    try:
        return await asyncio.to_thread(path.read_bytes), path.absolute().as_uri(), ""
    except OSError as error:
        raise ParseError("connect", f"{path}: {error.strerror}") from error


def _at(app: App, message: str, *keys: str | int) -> Finding:
    file, _, line = app.config.where(*keys).partition(":")
    return Finding(file, int(line or 0), ".".join(map(str, app.config.as_written(keys))), message)


def _in_post(folder: str, problem: Problem) -> Finding:
    path, _, line = problem.where.rpartition(":")
    if not line.isdecimal():
        path, line = problem.where, "0"
    return Finding(f"{folder}/{path}", int(line), "", problem.message)
