"""Compiled templates, kept as Python keeps compiled modules: in the process, and in the `__pycache__` beside them.

To compile those of a run takes longer than to publish one entry.
"""

import os
import sys
from contextlib import suppress
from pathlib import Path
from pickle import PickleError
from types import CodeType

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

# What a damaged file may raise: Jinja reads a checksum of the template with pickle, and then Python's own format.
UNREADABLE = (OSError, EOFError, ValueError, TypeError, AttributeError, ImportError, LookupError, PickleError)


class TemplateCache(BytecodeCache):
    """A file that cannot be read or written costs time, and nothing else. `folder`: of its files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kept: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._kept.get((bucket.key, bucket.checksum))
        if bucket.code is None:
            with suppress(*UNREADABLE), self._file(bucket).open("rb") as file:
                bucket.load_bytecode(file)
                self._kept[bucket.key, bucket.checksum] = bucket.code

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key, bucket.checksum] = bucket.code
        if sys.dont_write_bytecode:
            return
        file = self._file(bucket)
        new = file.with_suffix(f".{os.getpid()}")
        with suppress(OSError):
            self._folder.mkdir(exist_ok=True)
            with new.open("wb") as writing:
                bucket.write_bytecode(writing)
            new.replace(file)

    def _file(self, bucket: Bucket) -> Path:
        return self._folder / f"{bucket.key}.{sys.implementation.cache_tag}.jinja"
