"""Whether anything in a posts folder changed, by one walk that keeps nothing."""

import hashlib
import os
from array import array
from pathlib import Path


class _UnsureError(Exception):
    """Something is neither a file nor a folder."""


def listing_digest(folder: Path) -> str:
    """A digest of the names, sizes, change times and inodes of all files below `folder`, hidden ones left out: it stays
    the same only if nothing changed. "" where that cannot be told: a folder cannot be listed, or there are symbolic
    links, whose targets may change unseen."""
    found, folders = hashlib.sha256(), [os.path.realpath(folder)]
    try:
        while folders:
            path = folders.pop()
            names, marks, inner = _look(path)
            found.update(os.fsencode("\0".join([path, *names, *inner])))
            found.update(marks)
            folders += inner
    except (OSError, OverflowError, _UnsureError):
        return ""
    return found.hexdigest()


def _look(folder: str) -> tuple[list[str], "array[int]", list[str]]:
    """Names and marks of the files in the folder, and the paths of its folders, in the order of the disk."""
    names, marks, inner = list[str](), list[int](), list[str]()
    with os.scandir(folder) as entries:
        for entry in entries:
            name = entry.name
            if name[0] == ".":
                continue
            if entry.is_file(follow_symlinks=False):
                stat = entry.stat(follow_symlinks=False)
                names.append(name)
                marks += stat.st_ctime_ns, stat.st_size, stat.st_ino
            elif entry.is_dir(follow_symlinks=False):
                inner.append(entry.path)
            else:
                raise _UnsureError
    return names, array("q", marks), inner
