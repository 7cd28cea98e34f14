"""Files of posts folders, read by the processes that clean them."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from aggregator.clean.clean_entry import ContentSettings
from aggregator.dedup.comparable import NOT_SIGNED, Signing
from aggregator.errors import PostError
from aggregator.model.problems import Problem
from aggregator.posts import PostSettings, read_file
from aggregator.pull.process import PostBody, ProcessedPost, process_posts


@dataclass(frozen=True, slots=True)
class PostRequest:
    """A file of a posts folder that is to be read. `name`: see PostFile; `link`: see PostBody; `known`: a file of this
    digest is not read again."""

    path: str
    name: str
    link: str = ""
    known: str = ""


def process_files(
    folder: Path,
    files: Sequence[PostRequest],
    settings: PostSettings,
    content: ContentSettings,
    now: datetime,
    signing: Signing = NOT_SIGNED,
) -> list[ProcessedPost]:
    """`process_posts` for files of this folder: their bytes are read where they are needed."""
    return [_process_file(folder, file, settings, content, now, signing) for file in files]


def _process_file(
    folder: Path,
    file: PostRequest,
    settings: PostSettings,
    content: ContentSettings,
    now: datetime,
    signing: Signing,
) -> ProcessedPost:
    try:
        data = read_file(folder, file.name)
    except PostError as error:
        return ProcessedPost(file.path, fault=Problem(file.path, "front-matter", error.message, transient=True))
    digest = hashlib.sha256(data).hexdigest()
    if digest == file.known:
        return ProcessedPost(file.path, digest=digest, is_same=True)
    body = PostBody(file.path, data, file.link)
    return replace(process_posts([body], settings, content, now, signing)[0], digest=digest)
