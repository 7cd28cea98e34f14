"""Values of JSON that somebody else wrote, or may have edited."""

from typing import TypeVar

T = TypeVar("T")


def or_empty(kind: type[T], value: object) -> T:
    """The value where it is of this kind, else an empty one."""
    return value if isinstance(value, kind) else kind()
