"""Signatures of files and folders, by which changes are noticed."""

from pathlib import Path

DEFAULT_FOLDER = "posts"  # read where it exists and the config names no posts

Signature = tuple[object, ...]


def config_signature(file: Path) -> Signature:
    """Changes whenever reading the config may give another result."""
    return *signature(file, of_content=True), (file.parent / DEFAULT_FOLDER).is_dir()


def signature(path: Path, *, of_content: bool) -> Signature:
    """Of the file or folder at this place, and of what is in it as far as its size and time tell; () for none."""
    try:
        status = path.stat()
    except OSError:
        return ()
    which = status.st_dev, status.st_ino
    return (*which, status.st_size, status.st_mtime_ns) if of_content else which
