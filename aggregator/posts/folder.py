"""The files of a posts folder, and what tells that one may have changed without reading it."""

import os
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from aggregator.errors import PostError

SUFFIXES = (".md", ".markdown", ".html", ".txt")

MAX_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class PostFile:
    """`path` names the post: below the folder, with `/`, in Unicode's NFC and always valid text. `name` is the
    same as the disk spells it, to open it by. `signature` changes whenever the file may have.
    """

    path: str
    signature: str
    name: str


def list_posts(folder: Path) -> list[PostFile]:
    """Every post below `folder`, by path. Hidden files and folders are left out, and so are links to elsewhere.

    Raises PostError (kind `folder`) where the folder or one below it cannot be listed: its posts are not gone.
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
    """ "" for what is no file of this folder, or has gone since it was listed."""
    try:
        if entry.is_symlink() and not os.path.realpath(entry.path, strict=True).startswith(root + os.sep):
            return ""
        if not entry.is_file():
            return ""
        stat = entry.stat()
    except OSError:
        return ""
    # The time of the inode's change too: tools that copy a file often set its old modification time again.
    return f"{stat.st_mtime_ns:x}-{stat.st_ctime_ns:x}-{stat.st_size:x}-{stat.st_ino:x}"


def _spelled(name: str) -> str:
    if name.isascii():
        return name
    text = os.fsencode(name).decode("utf-8", "replace")
    return unicodedata.normalize("NFC", text)
