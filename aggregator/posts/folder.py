"""The files of a posts folder, each with a signature that shows changes without reading the file."""

import os
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from aggregator.errors import PostError
from aggregator.posts.other_files import other_files

SUFFIXES = (".md", ".markdown", ".html", ".txt")

MAX_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class PostFile:
    """`path` identifies the post: relative to the folder, with `/`, in NFC and always valid text. `name`: the same path
    as the disk spells it, to open the file. `signature` changes when the file may have changed.
    """

    path: str
    signature: str
    name: str


def list_posts(folder: Path, published: Collection[str] = ()) -> list[PostFile]:
    """Every post below `folder`, sorted by path, without files that are no posts by their name (`other_files`).
    `published`: paths that were published as posts, and stay posts whatever their name.

    Raises PostError as `list_files` does.
    """
    files = list_files(folder)
    others = other_files([file.path for file in files]).difference(published)
    return [file for file in files if file.path not in others]


def list_files(folder: Path) -> list[PostFile]:
    """Every file below `folder` with a post's suffix, sorted by path, without hidden files and folders, and links that
    lead outside.

    Raises PostError (kind `folder`) if a folder cannot be listed, because its posts must not count as deleted.
    """
    root = os.path.realpath(folder)
    by_path: dict[str, PostFile] = {}
    for entry, name in _walk(root):
        signature = _signature(entry, root)
        if signature:
            path = _spelled(name)
            path = path if path not in by_path else f"{path}~{entry.inode()}"
            by_path[path] = PostFile(path, signature, name)
    return [by_path[path] for path in sorted(by_path)]


def read_file(folder: Path, name: str) -> bytes:
    """The bytes of a listed post. Raises PostError (kind `folder`)."""
    try:
        with (folder / name).open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise PostError("folder", f"cannot be read: {error.strerror or error}") from error
    if len(data) > MAX_BYTES:
        raise PostError("folder", f"larger than {MAX_BYTES // 1024 // 1024} MiB")
    return data


def _walk(root: str) -> Iterator[tuple[os.DirEntry[str], str]]:
    """Files that may be posts, each with its name below `root`."""
    folders = [(root, "")]
    while folders:
        folder, below = folders.pop()
        for entry in _entries(folder):
            if entry.is_dir(follow_symlinks=False):
                folders.append((entry.path, f"{below}{entry.name}/"))
            elif entry.name.lower().endswith(SUFFIXES):
                yield entry, below + entry.name


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as listing:
            return [entry for entry in listing if not entry.name.startswith(".")]
    except OSError as error:
        raise PostError("folder", f"{folder}: cannot be listed: {error.strerror or error}") from error


def _signature(entry: os.DirEntry[str], root: str) -> str:
    """ "" if this is not a file of this folder, or was deleted after it was listed."""
    try:
        if entry.is_symlink() and not os.path.realpath(entry.path, strict=True).startswith(root + os.sep):
            return ""
        if not entry.is_file():
            return ""
        stat = entry.stat()
    except OSError:
        return ""
    # With the inode's change time, because tools that copy files often restore the modification time.
    return f"{stat.st_mtime_ns:x}-{stat.st_ctime_ns:x}-{stat.st_size:x}-{stat.st_ino:x}"


def _spelled(name: str) -> str:
    if name.isascii():
        return name
    text = os.fsencode(name).decode("utf-8", "replace")
    return unicodedata.normalize("NFC", text)
