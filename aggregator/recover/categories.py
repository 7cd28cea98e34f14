"""Finds the category paths of an entry, from the feeds that have it and the category levels in its documents."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from aggregator.categories import CategoryPath, Name, Style, fold_term
from aggregator.model.document import CategoryTerm
from aggregator.store import CategoryRow

Ending = tuple[int, CategoryPath]  # index of the path's last level among the levels of the entry


@dataclass(frozen=True, slots=True)
class Levels:
    """The category levels of an entry in a document of ours: each once, without the paths that they form.

    `schemes`: those of our own categories; `are_ours`: used instead where the format has no schemes.
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
class PathFinder:
    """`categories`: by path. `listed`: the paths of categories with a feed. `unread`: those whose feed could not be
    read, so that only an entry's levels show whether it belongs there. `depth`: of the deepest categories with feeds.
    """

    categories: Mapping[str, CategoryRow]
    listed: Collection[str]
    unread: Collection[str]
    depth: int

    def paths(self, feeds: Iterable[str], levels: Levels, style: Style) -> list[CategoryPath]:
        """The paths, in the order of the entry's levels.

        A level without a feed extends the path before it, where that path is as deep as feeds get, or where `style`
        says that all levels are one path. Else it is a path of its own.
        """
        names = levels.names()
        keys = [fold_term(name.shown) for name in names]
        found = self._ending_paths(self._deepest(feeds, set(keys)), names, keys)
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
        """The deepest of the feeds, because a feed has all entries of the feeds below it."""
        held = set(feeds) & set(self.listed)
        held |= {path for path in self.unread if path in self.listed and keys.issuperset(self._keys(path))}
        return [path for path in sorted(held) if not any(other.startswith(f"{path}/") for other in held)]

    def _ending_paths(self, paths: Iterable[str], names: Sequence[Name], keys: Sequence[str]) -> list[Ending]:
        """Each path with the names of the entry's levels. Longer paths choose their levels first."""
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
    """Marks a path of several levels as ours: a source of style flat has only single terms."""
    return tuple(replace(name, scheme=None) for name in path) if len(path) > 1 else path


def _places(path: Sequence[str], keys: Sequence[str], taken: Collection[int]) -> list[int]:
    """The indexes of the levels of `path` among `keys`: adjacent if possible, -1 for a level that is missing.

    `taken`: indexes of the last levels of other paths.
    """
    for start in range(len(keys) - len(path) + 1):
        if list(keys[start : start + len(path)]) == list(path) and start + len(path) - 1 not in taken:
            return list(range(start, start + len(path)))
    return [keys.index(key) if key in keys else -1 for key in path]
