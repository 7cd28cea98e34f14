"""Names that are not taken: a name itself, or the first free of -2, -3, …"""

from collections.abc import Iterable, Iterator
from itertools import chain, count


def suffixes() -> Iterator[str]:
    """ "", "-2", "-3" and so on."""
    return chain([""], (f"-{number}" for number in count(2)))


class FreeNames:
    """Gives free names. Their number costs nothing: the search for a name goes on where it stopped."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)
        self._suffixes: dict[str, Iterator[str]] = {}

    def take(self, base: str) -> str:
        """The first free name, which is taken from now on."""
        left = self._suffixes.setdefault(base, suffixes())
        name = next(name for suffix in left if (name := base + suffix) not in self._taken)
        self._taken.add(name)
        return name
