"""Reads entries as feeds and pages show them: within what their source allows, with their categories and sources."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from html import escape
from typing import Any

from aggregator.app import App
from aggregator.codec import digest, unpack
from aggregator.merge.category_tree import CategoryTree
from aggregator.model.document import FeedInfo
from aggregator.model.entry import Also, Attribution, CleanEntry, Entry, Fingerprint, Level, Picture
from aggregator.publish.post_pictures import with_pictures
from aggregator.settings import site_of
from aggregator.store import Transaction
from aggregator.store.entry_content import clean_drafts
from aggregator.store.retention import Content
from aggregator.store.shown_entries import Elsewhere, ShownEntry
from aggregator.text.entry_ids import as_public_id, tag_prefix
from aggregator.text.masking import showable
from aggregator.text.normalize import shorten
from aggregator.text.site_names import site_name
from aggregator.text.urls import absolute

MOST_KNOWN = 10_000  # entries in the cache, some 5 kB each
EXCERPT = 300  # characters that `republish: excerpt` shows
NOT_SHOWN = Fingerprint()  # it repeats the text, and no feed needs it


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """All that an entry is shown of, as it stands in the state. `placed`: its categories, as `Entries.placed` returns
    them; `others`: the other sources that show it."""

    row: ShownEntry
    placed: Mapping[int, tuple[int | None, Any]]
    others: Sequence[Elsewhere]


class EntryReader:
    """Not to be used after categories changed. It keeps entries that have a page of ours: feeds show the same ones."""

    def __init__(self, app: App, category_tree: CategoryTree) -> None:
        self._app = app
        self._site = site_of(app.config)
        self._prefix = tag_prefix(app.config.site.url, app.config.site.since)
        self._category_tree = category_tree
        self._known: dict[int, Entry] = {}
        self._lines: dict[int, Sequence[tuple[str, str]]] = {}

    def read(self, tx: Transaction, ids: Iterable[int]) -> dict[int, Entry]:
        """By the id of the row."""
        wanted = list(ids)
        found = {id_: entry for id_ in wanted if (entry := self._known.get(id_))}
        return found | self.entries(tx, self.stored(tx, [id_ for id_ in wanted if id_ not in found]))

    def stored(self, tx: Transaction, ids: Sequence[int]) -> dict[int, StoredEntry]:
        shown, placed, others = tx.shown_entries.of(ids), tx.entries.placed(ids), tx.shown_entries.elsewhere(ids)
        return {id_: StoredEntry(shown[id_], placed[id_], tuple(others.get(id_, {}).values())) for id_ in ids}

    def entries(self, tx: Transaction, stored: Mapping[int, StoredEntry]) -> dict[int, Entry]:
        cleans = clean_drafts(tx, (_content(one.row) for one in stored.values()))
        found = {id_: self._whole(one, cleans[one.row.sighting_id]) for id_, one in stored.items()}
        if len(self._known) > MOST_KNOWN:
            self._known.clear()
        self._known |= {id_: entry for id_, entry in found.items() if stored[id_].row.slug}
        return found

    def held(self, tx: Transaction, ids: Iterable[int]) -> dict[int, Entry]:
        """Entries that no feed shows, as one would show them, by the id of the row."""
        wanted = list(ids)
        rows, placed = tx.held_entries.of(wanted), tx.entries.placed(wanted)
        cleans = clean_drafts(tx, map(_content, rows.values()))
        return {id_: self._entry(row, cleans[row.sighting_id], placed[id_]) for id_, row in rows.items()}

    def shown(self, one: StoredEntry) -> str:
        """A digest of all that the entry is shown of. It changes whenever `entries` returns something else for it, and
        costs a tenth of that."""
        row = one.row
        return digest(
            [
                (row.public_id, row.slug, row.published, row.updated, row.first_seen_at, row.changed_at),
                (row.clean, row.kept_in, row.source_updated, row.source_id, row.source_kind),
                (row.source_title, _about_digest(row.source_about)),
                [(at, terms, self._shown_line(id_)) for at, id_, terms in _direct(one.placed)],
                (self._policies.get(row.source_id), self._addresses.get(row.source_id)),
                [
                    (other.source_id, self._title(other, _about(other)), other.link, other.canonical)
                    for other in one.others
                ],
            ]
        )

    def _whole(self, one: StoredEntry, draft: CleanEntry) -> Entry:
        entry = self._entry(one.row, draft, one.placed)
        return replace(entry, also=self._also(entry, one.others)) if one.others else entry

    def _entry(self, row: ShownEntry, draft: CleanEntry, placed: Mapping[int, tuple[int | None, Any]]) -> Entry:
        clean = replace(self._allowed(row, draft), fingerprint=NOT_SHOWN)
        page = f"{self._site.url}entries/{row.slug}" if row.slug else ""
        link = clean.link or (f"{page}.html" if page else "")
        pictures: tuple[Picture, ...] = ()
        if row.source_kind == "posts":
            clean, pictures = with_pictures(clean, row.source_id, f"{page}/" if page and not clean.link else "")
        return Entry(
            id=row.public_id,
            link=link,
            published=row.published,
            updated=row.updated,
            first_seen_at=row.first_seen_at,
            changed_at=row.changed_at,
            clean=clean,
            levels=self._levels(placed),
            paths=self._paths(placed),
            attribution=self._attribution(row) if row.source_kind == "feed" else None,
            pictures=pictures,
            source_title=self._title(row, _about(row)),
        )

    def _allowed(self, row: ShownEntry, clean: CleanEntry) -> CleanEntry:
        """The entry, limited to what the source's `republish` allows."""
        policy = self._policies.get(row.source_id, "full")
        if policy == "full":
            return clean
        if policy == "link":
            return replace(clean, summary="", content="")
        from aggregator.render.plain_text import plain  # loads all of rendering, which other callers do not need

        words = shorten(plain(clean.summary or clean.content), EXCERPT)
        return replace(clean, summary=f"<p>{escape(words)}</p>" if words else "", content="")

    @cached_property
    def _policies(self) -> dict[str, str]:
        return {one.id: one.republish for one in self._app.sources}

    def _levels(self, placed: Mapping[int, tuple[int | None, Any]]) -> tuple[Level, ...]:
        """Each term once, as feeds have it; of two categories with one name the first is linked."""
        levels: dict[tuple[str, str, str], Level] = {}
        for _, category_id, terms in _direct(placed):
            rows = self._category_tree.line_of(self._category_tree.by_id[category_id])
            for (term, scheme), row in zip(terms, rows, strict=True):
                shown = (term, row.label, self._site.url if scheme is None else scheme)
                is_linked = self._site.has_pages and row.id in self._category_tree.linked
                levels.setdefault(shown, Level(*shown, row.path if is_linked else ""))
        return tuple(levels.values())

    def _paths(self, placed: Mapping[int, tuple[int | None, Any]]) -> tuple[tuple[str, ...], ...]:
        return tuple(self._category_tree.labels(self._category_tree.by_id[id_]) for _, id_, _ in _direct(placed))

    def _shown_line(self, category_id: int) -> Sequence[tuple[str, str]]:
        """What levels show of a category and those above it."""
        if category_id not in self._lines:
            tree = self._category_tree
            rows = tree.line_of(tree.by_id[category_id])
            self._lines[category_id] = [(row.label, row.path if row.id in tree.linked else "") for row in rows]
        return self._lines[category_id]

    def _also(self, entry: Entry, others: Iterable[Elsewhere]) -> tuple[Also, ...]:
        """Links to the same page get the same address, preferably the entry's own."""
        pages = {entry.clean.canonical: entry.link}
        return tuple(
            Also(
                href=pages.setdefault(row.canonical, row.link) if row.canonical else row.link,
                title=self._title(row, _about(row)),
                source_id=row.source_id,
            )
            for row in others
        )

    def _title(self, row: ShownEntry | Elsewhere, about: FeedInfo) -> str:
        if row.source_kind == "posts":
            return row.source_title or about.title or self._site.title
        address = self._plain_addresses.get(row.source_id, "")
        return row.source_title or about.title or site_name(about.link, address, row.source_id)

    @cached_property
    def _plain_addresses(self) -> dict[str, str]:
        """By source id: the address of each remote source that holds no secret."""
        return {one.id: one.url for one in self._app.sources if one.is_remote and one.public_url == one.url}

    @cached_property
    def _addresses(self) -> dict[str, str]:
        """By source id: the public address; "" without one. Local sources are left out."""
        remote = (one for one in self._app.sources if one.is_remote)
        return {one.id: one.url if one.public_url == one.url else absolute(one.public_url) for one in remote}

    def _attribution(self, row: ShownEntry) -> Attribution:
        about = _about(row)
        url = self._addresses.get(row.source_id) or absolute(showable(about.self_link))
        return Attribution(
            source_id=row.source_id,
            title=self._title(row, about),
            url=url,
            id=as_public_id(about.id) or url or about.link or f"{self._prefix}source/{row.source_id}",
            link=about.link,
            updated=row.source_updated or row.updated,
            authors=about.authors,
            rights=about.rights,
            language=about.language,
            icon=about.icon,
            logo=about.logo,
            generator=about.generator,
            generator_uri=about.generator_uri,
            generator_version=about.generator_version,
            subtitle=about.subtitle,
            contributors=about.contributors,
            terms=about.terms,
            self_link=about.self_link if showable(about.self_link) == about.self_link else "",
        )


def _direct(placed: Mapping[int, tuple[int | None, Any]]) -> list[tuple[int, int, Any]]:
    """The categories that terms lead to, in order, as (position, id, terms); without those above them."""
    return sorted((at, id_, terms) for id_, (at, terms) in placed.items() if at is not None)


def _content(row: ShownEntry) -> Content:
    return Content(row.sighting_id, row.id, row.clean, row.kept_in, None)


def _about(row: ShownEntry | Elsewhere) -> FeedInfo:
    return _unpacked(row.source_about) if row.source_about else FeedInfo()


@lru_cache(1000)
def _unpacked(about: bytes) -> FeedInfo:
    return unpack(about, FeedInfo)


@lru_cache(1000)
def _about_digest(about: bytes | None) -> str:
    """Without what an entry does not show, and that may change with each pull."""
    return digest(replace(_unpacked(about), updated=None, hubs=())) if about else ""
