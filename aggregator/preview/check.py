"""What `check` asks: can every post be read, does every source answer."""

import asyncio
from collections.abc import Sequence
from contextlib import closing, suppress

from aggregator.app import House, post_settings, secret_headers
from aggregator.config import PostsConfig, SourceConfig
from aggregator.errors import LockedError, ParseError, PostError, PullError, StateError
from aggregator.fetch import Fetcher, Request
from aggregator.merge.hidden_secrets import exposed, is_published, published_before
from aggregator.model.entry import Finding, Problem
from aggregator.posts import list_posts, read_file
from aggregator.pull.process import FeedBody, refine_feed, refine_posts
from aggregator.pull.reading_list_sources import sources_of
from aggregator.pull.reading_lists import ask_list, feeds_in, remembered
from aggregator.store import ListRow
from aggregator.worker_pool import Isolation

AT_ONCE = 50


async def check_house(house: House, *, online: bool) -> list[Finding]:
    """Every problem in posts and local feed files, and (`online`) every source that cannot be pulled."""
    missing = house.missing_templates()
    findings = [_at(house, missing, "site", "templates")] if missing else []
    async with Isolation() as isolation:
        for i, folder in enumerate(house.folders):
            findings += await _check_folder(house, isolation, i, folder)
        async with Fetcher(house.fetching()) as fetcher:
            lists = [one for one in house.config.lists if online or not one.is_remote]
            read = await asyncio.gather(*(_check_list(house, isolation, fetcher, one) for one in lists))
            house.subscribe(sources_of(house.config, {row.id: row for row, _ in read if row}))
            findings += [finding for _, found in read for finding in found]
            asked = [(i, source) for i, source in enumerate(house.sources) if online or not source.is_remote]
            answers = await asyncio.gather(*(_check_source(house, isolation, fetcher, i, one) for i, one in asked))
    return findings + [finding for answer in answers for finding in answer]


def unpublished(house: House) -> list[Finding]:
    """What is no fault, and yet may surprise: sources with secrets are in no feed by themselves, unless they were there
    before; and what of their secrets is public."""
    told, before = _exposed(house)
    notes = [
        _at(house, f"{source.id} {_why_kept_back(source)}, so it is in no feed; `publish: true` puts it there", *where)
        for i, source in enumerate(house.sources)
        if source.publish is None and not is_published(source, before)
        for where in [("sources", i)]
    ]
    return notes + told


def _exposed(house: House) -> tuple[list[Finding], frozenset[str]]:
    """What of secrets is public, and which sources stay published, as far as there is a state that can be read."""
    if not house.store.exists():
        return [], frozenset()
    with closing(house.store), suppress(StateError, LockedError):  # which is for other commands to say
        house.store.open()
        with house.store.read() as tx:
            house.keep_ids(tx)
            places = {source.id: i for i, source in enumerate(house.sources)}
            told = [
                _at(house, f"{one.source.id}: {one.message}", "sources", places[one.source.id])
                for one in exposed(house, tx)
            ]
            return told, published_before(house, tx)
    return [], frozenset()


def _why_kept_back(source: SourceConfig) -> str:
    return "has auth or headers" if source.has_secret_headers else f"has {source.variables} in its address"


async def _check_folder(house: House, isolation: Isolation, i: int, folder: PostsConfig) -> list[Finding]:
    root = house.config.root / folder.path
    try:
        files = [(file.path, read_file(root, file.name)) for file in list_posts(root)]
    except PostError as error:
        return [_at(house, error.message, "posts", i, "path")]
    found: list[Finding] = []
    for start in range(0, len(files), AT_ONCE):
        group: Sequence[tuple[str, bytes]] = files[start : start + AT_ONCE]
        posts = await isolation.call(refine_posts, group, post_settings(folder), house.content())
        for post in posts:
            problems = (*post.problems, *((post.fault,) if post.fault else ()))
            found += [_in_post(folder.path, problem) for problem in problems]
            found += [Finding(f"{folder.path}/{post.path}", 0, "", f"repaired: {why}") for why in post.repaired]
    return found


async def _check_list(
    house: House, isolation: Isolation, fetcher: Fetcher, one: SourceConfig
) -> tuple[ListRow | None, list[Finding]]:
    """What it holds, as it would be remembered."""
    place, row = house.config.written.index(one), ListRow(one.id, one.url)
    file, _, line = house.config.where_written("sources", place, "opml").partition(":")

    def finding(message: str) -> Finding:
        return Finding(file, int(line or 0), f"sources.{place}.opml", message)

    try:
        feeds, problems = await feeds_in(isolation, one, await ask_list(house, fetcher, one, row))
    except PullError as error:
        return None, [finding(f"{error.kind}: {one.hidden.masked(error.message)}")]
    return remembered(house, row, feeds), [finding(problem.message) for problem in problems]


async def _check_source(
    house: House, isolation: Isolation, fetcher: Fetcher, i: int, source: SourceConfig
) -> list[Finding]:
    try:
        body, url, content_type = await _ask(house, fetcher, source)
        feed = FeedBody(source.id, url, content_type, body, source.hidden)
        await isolation.call(refine_feed, feed, frozenset(), house.content())
    except PullError as error:
        return [_at(house, f"{error.kind}: {source.hidden.masked(error.message)}", "sources", i, "url")]
    return []


async def _ask(house: House, fetcher: Fetcher, source: SourceConfig) -> tuple[bytes, str, str]:
    if source.is_remote:
        answer = await fetcher.fetch(Request(source.url, headers=secret_headers(source)))
        return answer.body, answer.url, answer.content_type
    path = house.config.root / source.url
    try:
        return await asyncio.to_thread(path.read_bytes), path.absolute().as_uri(), ""
    except OSError as error:
        raise ParseError("connect", f"{path}: {error.strerror}") from error


def _at(house: House, message: str, *keys: str | int) -> Finding:
    file, _, line = house.config.where(*keys).partition(":")
    return Finding(file, int(line or 0), ".".join(map(str, house.config.as_written(keys))), message)


def _in_post(folder: str, problem: Problem) -> Finding:
    path, _, line = problem.where.rpartition(":")
    if not line.isdecimal():
        path, line = problem.where, "0"
    return Finding(f"{folder}/{path}", int(line), "", problem.message)
