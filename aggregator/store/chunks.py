"""Rows in bounded numbers. It needs no database, and serves processes that have none."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

T = TypeVar("T")

CHUNK = 500  # rows that are read or changed at once


def chunks(values: Iterable[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    rest = iter(values)
    while chunk := list(islice(rest, size)):
        yield chunk
