"""All categories by their folded names. A new category gets its slug here, once and for all."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from aggregator.categories import CategoryPath, fold_term
from aggregator.categories.feed_quota import MOST_SOURCES
from aggregator.store import CategoryRow, Transaction
from aggregator.text.slugs import unique_slug

Key = tuple[int | None, str]


class CategoryTree:
    """Kept by the one writer while it merges. `claimed`: reserved slugs of the top level. `spellings`: by path of
    folded names, the label from the config; other categories keep the label that came first. `named`: paths of folded
    names that the config names anywhere; their feeds count towards no source's quota.

    `waiting`: categories that no rule names and that have no feed yet, each with the sources whose terms lead there.
    `linked`: categories with a feed, to whose pages other pages link; empty until feeds are planned.
    """

    def __init__(
        self,
        tx: Transaction,
        claimed: Iterable[str] = (),
        spellings: Mapping[tuple[str, ...], str] | None = None,
        named: Collection[tuple[str, ...]] = (),
    ) -> None:
        self._claimed = tuple(claimed)
        self._spellings = spellings or {}
        self._named = named
        self.linked: frozenset[int] = frozenset()
        self._read(tx)

    def refresh(self, tx: Transaction) -> None:
        """Reads again where an override of a person created categories since, in another process."""
        if tx.overrides.newest() != self._last_override:
            self._read(tx)

    def _read(self, tx: Transaction) -> None:
        self._last_override = tx.overrides.newest()
        self.by_id: dict[int, CategoryRow] = {}
        self._by_key: dict[Key, CategoryRow] = {}
        self._taken: defaultdict[int | None, set[str]] = defaultdict(set)
        self._taken[None].update(self._claimed)
        self._pages: set[str] | None = None
        self._new: list[CategoryRow] = []
        self.waiting: dict[int, tuple[str, ...]] = tx.categories.waiting()
        self._changed: set[int] = set()  # waiting categories with other sources now
        self._released: set[int] = set()
        for row in tx.categories.all():
            self._index(row)
        self._next_id = max(self.by_id, default=0) + 1

    def get_or_create(self, path: CategoryPath, by: str = "") -> list[CategoryRow]:
        """The rows of a path from the top down, created where they are new. `by`: the source whose term leads there; ""
        for local posts and for rules, whose feeds count towards no quota."""
        rows: list[CategoryRow] = []
        for name in path:
            parent = rows[-1] if rows else None
            key = (parent.id if parent else None, fold_term(name.shown))
            known = self._by_key.get(key)
            rows.append(known or self._make(parent, key[1], name.shown))
            self._add_source(rows[-1], by, is_new=known is None)
        return rows

    def _add_source(self, row: CategoryRow, by: str, *, is_new: bool) -> None:
        """Adds a source that wants the category: one of the first few founds its feed, unless `by` is ""."""
        sources = self.waiting.get(row.id, ())
        if not by:
            self._release(row, sources)
        elif (is_new and not self.is_named(row)) or (0 < len(sources) < MOST_SOURCES and by not in sources):
            self.waiting[row.id] = (*sources, by)
            self._changed.add(row.id)

    def is_named(self, row: CategoryRow) -> bool:
        return self.key_of(row) in self._named

    def _release(self, row: CategoryRow, sources: tuple[str, ...]) -> None:
        if sources or row.founder:
            self.waiting.pop(row.id, None)
            self._changed.discard(row.id)
            self._released.add(row.id)
            self._index(replace(row, founder=""))

    def found(self, tx: Transaction, founders: Mapping[int, str]) -> None:
        """Records that each category has a feed now, which counts towards the quota of the named source ("": none)."""
        tx.categories.found(founders)
        for id_, source_id in founders.items():
            self.waiting.pop(id_, None)
            self._index(replace(self.by_id[id_], founder=source_id))

    def find(self, key: Iterable[str]) -> CategoryRow | None:
        """The row of a path of folded names, None where there is none."""
        row = None
        for name in key:
            row = self._by_key.get((row.id if row else None, name))
            if row is None:
                return None
        return row

    def respell(self, tx: Transaction) -> bool:
        """Applies the labels of the config to known categories; returns whether any label changed."""
        rows = ((self.find(key), label) for key, label in self._spellings.items())
        changed = [replace(row, label=label) for row, label in rows if row and row.label != label]
        for row in changed:
            tx.categories.relabel(row.id, row.label)
            self._index(row)
        return bool(changed)

    def move(self, tx: Transaction, row: CategoryRow, to: int | None) -> None:
        """Lets the address of `row` lead to the category `to`, or to itself again."""
        if row.moved_to != to:
            tx.categories.move(row.id, to)
            self._index(replace(row, moved_to=to))

    def store_new(self, tx: Transaction) -> None:
        """Writes categories created since the last call; call it before anything refers to them."""
        tx.categories.add(self._new)
        tx.categories.wait({id_: self.waiting[id_] for id_ in sorted(self._changed)})
        tx.categories.found(dict.fromkeys(sorted(self._released), ""))
        self._new, self._changed, self._released = [], set(), set()

    def page_slug(self, tx: Transaction, name: str) -> str:
        """A slug that no page of an entry has yet; it is taken from now on."""
        if self._pages is None:
            self._pages = tx.entries.slugs()
        slug = unique_slug(name, self._pages)
        self._pages.add(slug)
        return slug

    def labels(self, row: CategoryRow) -> tuple[str, ...]:
        return tuple(one.label for one in self.line_of(row))

    def line_of(self, row: CategoryRow) -> tuple[CategoryRow, ...]:
        """The category, after those above it, from the top."""
        above = self.line_of(self.by_id[row.parent_id]) if row.parent_id is not None else ()
        return (*above, row)

    def key_of(self, row: CategoryRow | None) -> tuple[str, ...]:
        """The path of its folded names."""
        if row is None:
            return ()
        return *self.key_of(self.by_id[row.parent_id] if row.parent_id is not None else None), row.name

    def _make(self, parent: CategoryRow | None, name: str, label: str) -> CategoryRow:
        label = self._spellings.get((*self.key_of(parent), name), label) if self._spellings else label
        slug = unique_slug(label, self._taken[parent.id if parent else None])
        row = CategoryRow(
            id=self._next_id,
            parent_id=parent.id if parent else None,
            name=name,
            label=label,
            slug=slug,
            path=f"{parent.path}/{slug}" if parent else slug,
            depth=parent.depth + 1 if parent else 1,
        )
        self._next_id += 1
        self._new.append(row)
        self._index(row)
        return row

    def _index(self, row: CategoryRow) -> None:
        self.by_id[row.id] = row
        self._by_key[row.parent_id, row.name] = row
        self._taken[row.parent_id].add(row.slug)
