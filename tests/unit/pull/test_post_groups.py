"""A post that keeps a process busy costs the others of its group nothing."""

import asyncio
from collections.abc import Sequence

from aggregator.errors import ParseError
from aggregator.pull.post_files import PostRequest
from aggregator.pull.post_groups import process_group
from aggregator.pull.process import ProcessedPost


def test_of_a_group_that_was_killed_only_the_post_that_kept_it_busy_is_lost() -> None:
    calls: list[int] = []

    async def process(files: Sequence[PostRequest]) -> list[ProcessedPost]:
        calls.append(len(files))
        if any(file.path == "bad.md" for file in files):
            raise ParseError("parse", "it was stopped")
        return [ProcessedPost(file.path) for file in files]

    names = ["a.md", "b.md", "bad.md", "c.md", "d.md"]
    posts = asyncio.run(process_group(process, [PostRequest(name, name) for name in names]))
    assert [post.path for post in posts] == names
    assert [(post.path, post.fault.message) for post in posts if post.fault] == [("bad.md", "it was stopped")]
    assert calls == [5, 2, 3, 1, 2]
