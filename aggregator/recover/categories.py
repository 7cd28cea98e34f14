"""The paths of an entry's categories, from the feeds that hold it and the levels that it shows."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from aggregator.categories import CategoryPath, Name, Style, fold_term
from aggregator.model.document import CategoryTerm
from aggregator.store import CategoryRow

Ending = tuple[int, CategoryPath]  # where a path's last level stands among those of the entry


@dataclass(frozen=True, slots=True)
class Levels:
    """An entry's levels as a document of ours shows them: each once, not told which of them make one path.

    `schemes` are those of our own vocabulary; `are_ours` stands for them where the format has no schemes.
    """

    terms: Sequence[CategoryTerm]
    schemes: Collection[str] = ()
    are_ours: bool | None = None

    def names(self) -> list[Name]:
        return [Name(term.term, term.label, self._scheme(term.scheme)) for term in self.terms]

    def _scheme(self, scheme: str) -> str | None:
        is_ours = scheme in self.schemes if self.are_ours is None else self.are_ours
        return None if is_ours else scheme


@dataclass(frozen=True, slots=True)
class Placing:
    """`categories` by path. `listed`: the paths of those that have a feed; `unread`: those whose feed could not be
    read, so that an entry's levels alone tell whether it holds the entry; `depth`: the deepest that may have one.
    """

    categories: Mapping[str, CategoryRow]
    listed: Collection[str]
    unread: Collection[str]
    depth: int

    def paths(self, feeds: Iterable[str], levels: Levels, style: Style) -> list[CategoryPath]:
        """In the order of the entry's levels. A level without a feed goes on with the path before it where feeds end
        there, or where all levels are one path (`style`)."""
        names = levels.names()
        keys = [fold_term(name.shown) for name in names]
        found = self._told(self._deepest(feeds, set(keys)), names, keys)
        used = {fold_term(name.shown) for _, path in found for name in path}
        for place, name in enumerate(names):
            if keys[place] not in used:
                above = next((one for one in found if one[0] == place - 1), None)
                if above and (style == "path" or len(above[1]) >= self.depth):
                    found[found.index(above)] = (place, (*above[1], name))
                else:
                    found.append((place, (name,)))
        paths = [path for _, path in sorted(found, key=lambda one: one[0])]
        return [_ours(path) for path in paths] if levels.are_ours is False and style == "flat" else paths

    def _deepest(self, feeds: Iterable[str], keys: set[str]) -> list[str]:
        """A feed holds what the feeds below it hold."""
        held = set(feeds) & set(self.listed)
        held |= {path for path in self.unread if path in self.listed and keys.issuperset(self._keys(path))}
        return [path for path in sorted(held) if not any(other.startswith(f"{path}/") for other in held)]

    def _told(self, paths: Iterable[str], names: Sequence[Name], keys: Sequence[str]) -> list[Ending]:
        """Each path in the words of the entry's levels; longer ones choose theirs first."""
        found: list[Ending] = []
        for path in sorted(paths, key=lambda one: -one.count("/")):
            places = _places(self._keys(path), keys, {place for place, _ in found})
            levels = (
                replace(names[at], label=row.label) if at >= 0 else Name(row.label)
                for row, at in zip(self._rows(path), places, strict=True)
            )
            found.append((max(places), tuple(levels)))
        return found

    def _keys(self, path: str) -> list[str]:
        return [row.name for row in self._rows(path)]

    def _rows(self, path: str) -> list[CategoryRow]:
        slugs = path.split("/")
        return [self.categories["/".join(slugs[:depth])] for depth in range(1, len(slugs) + 1)]


def _ours(path: CategoryPath) -> CategoryPath:
    """A source whose terms stand alone has no paths: where there are several levels, they are our config's."""
    return tuple(replace(name, scheme=None) for name in path) if len(path) > 1 else path


def _places(path: Sequence[str], keys: Sequence[str], taken: Collection[int]) -> list[int]:
    """Where the levels of `path` stand among `keys`: side by side, but for those that another path showed before; -1
    for one that stands nowhere. `taken`: the last levels of other paths."""
    for start in range(len(keys) - len(path) + 1):
        if list(keys[start : start + len(path)]) == list(path) and start + len(path) - 1 not in taken:
            return list(range(start, start + len(path)))
    return [keys.index(key) if key in keys else -1 for key in path]
