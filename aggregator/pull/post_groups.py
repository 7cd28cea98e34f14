"""Groups of posts that one call of a worker reads, whose process may be killed."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from aggregator.errors import ParseError
from aggregator.model.problems import Problem
from aggregator.pull.post_files import PostRequest
from aggregator.pull.process import PostBody, ProcessedPost

File = TypeVar("File", PostRequest, PostBody)


async def process_group(
    process: Callable[[Sequence[File]], Awaitable[list[ProcessedPost]]], files: Sequence[File]
) -> list[ProcessedPost]:
    """What the call makes of the files. If it is killed, each half is tried alone, so that a bad post loses only
    itself."""
    try:
        return await process(files)
    except ParseError as error:
        if len(files) == 1:
            path = files[0].path
            return [ProcessedPost(path, fault=Problem(path, "front-matter", error.message))]
        half = len(files) // 2
        return await process_group(process, files[:half]) + await process_group(process, files[half:])
