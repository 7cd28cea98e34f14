"""Finds the entry or sighting that a person names: by id, link, path of a post, title or part of a title."""

import os
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from pathlib import Path

from aggregator.app import App
from aggregator.codec import unpack
from aggregator.errors import UsageError
from aggregator.model.entry import CleanEntry
from aggregator.model.problems import PostNotes
from aggregator.settings import site_of
from aggregator.store import EntryRow, PostFileRow, SightingRow, Transaction
from aggregator.store.lookups import Face, Place
from aggregator.text.canonical_url import canonical_link
from aggregator.text.masking import unmarked
from aggregator.text.normalize import fold, legal

MAX_FOUND = 50
MAX_NAMED = 10
MAX_NEAR = 5
MAX_PIECES = 12
MAX_PARTS = 60
MAX_NEWEST = 200
NEAR = 0.5

_WORD = re.compile(r"\w+")


def find_entry(tx: Transaction, app: App, ref: str) -> EntryRow:
    """The entry that `ref` names, exactly or by a part of its title. Raises UsageError with the nearest titles if there
    is none, or with the ids if there are several.
    """
    ref = legal(ref).strip()
    if not ref:
        raise UsageError("name an entry by its id, its link, the path of a post or a part of its title")
    for find in (_named_exactly, _at_path, _titled, _with_part):
        entries = list(find(tx, app, ref))
        if len(entries) == 1:
            return entries[0]
        if entries:
            raise _ambiguous(tx, ref, [row.id for row in entries])
    raise _unknown(tx, ref)


def find_sighting(app: App, entry: EntryRow, rows: Sequence[SightingRow], ref: str) -> SightingRow:
    """One of the entry's `rows`: by number, by source if that shows the entry once, by upstream id or by link.

    Raises UsageError if `ref` fits none of them, or several.
    """
    ref = legal(ref)
    canonical = canonical_link(ref, tracking=app.config.content.tracking)
    found = [row for row in rows if ref == f"#{row.id}"] or [
        row
        for row in rows
        if (ref and ref in {str(row.id), row.source_id, row.upstream_id, row.link})
        or (canonical and canonical == row.canonical)
    ]
    if len(found) == 1:
        return found[0]
    if not found:
        raise UsageError(f"{entry.public_id} has no sighting {ref!r}; it has {_listed(map(_named, rows))}")
    raise UsageError(f"{ref!r} fits {len(found)} sightings: {_listed(map(_named, found))}; name one by its number")


# exactly


def _named_exactly(tx: Transaction, app: App, ref: str) -> Iterable[EntryRow]:
    """The entries with that public id, `#number`, page, link or upstream id; the first of these that fits decides."""
    for find in (_by_id, _by_page, _by_link, _by_upstream_id):
        if entries := tx.entries.of(dict.fromkeys(find(tx, app, ref))):
            return entries.values()
    return []


def _by_id(tx: Transaction, _app: App, ref: str) -> Iterable[int]:
    return tx.entries.with_public_ids([ref]) or ([int(ref[1:])] if _is_number(ref) else [])


def _is_number(ref: str) -> bool:
    """`#12`, of at most 18 digits."""
    return ref.startswith("#") and ref[1:].isascii() and ref[1:].isdigit() and len(ref) <= 19


def _by_page(tx: Transaction, app: App, ref: str) -> Iterable[int]:
    name = ref.removeprefix(f"{site_of(app.config).url}entries/")
    slug = name.removesuffix(".html")
    return tx.entries.with_slugs([slug]) if ref != name != slug and slug and "/" not in slug else []


def _by_link(tx: Transaction, app: App, ref: str) -> Iterable[int]:
    """Entries with exactly this link, else those with another spelling of it."""
    rows = tx.sightings.at_link(ref, canonical_link(ref, tracking=app.config.content.tracking)) if ref else []
    return [row.entry_id for row in rows if row.link == ref] or [row.entry_id for row in rows]


def _by_upstream_id(tx: Transaction, _app: App, ref: str) -> Iterable[int]:
    return [row.entry_id for row in tx.sightings.anywhere({"upstream_id": [ref]})]


# by a path or a title


def _at_path(tx: Transaction, app: App, ref: str) -> Iterable[EntryRow]:
    places = list(dict.fromkeys(_places(app, ref)))
    ids = tx.lookups.at_paths(places) if places else []
    for file in tx.lookups.post_files(places) if places and not ids else ():
        raise UsageError(_no_entry(app, file))
    return tx.entries.of(ids).values()


def _titled(tx: Transaction, _app: App, ref: str) -> Iterable[EntryRow]:
    return tx.entries.of(tx.lookups.titled(fold(ref), MAX_FOUND)).values()


def _with_part(tx: Transaction, _app: App, ref: str) -> Iterable[EntryRow]:
    return tx.entries.of(tx.lookups.titles_with(fold(ref), MAX_FOUND)).values()


# posts


def _places(app: App, ref: str) -> Iterator[Place]:
    """The posts that the path may mean: relative to a folder of posts, to the working directory or to the config."""
    ref = unicodedata.normalize("NFC", ref)
    for folder in app.folders:
        yield folder.id, ref
        for root in (Path(folder.path), app.config.root / folder.path):
            yield folder.id, Path(os.path.relpath(ref, root)).as_posix()


def _no_entry(app: App, file: PostFileRow) -> str:
    folder = next((one.path for one in app.folders if one.id == file.source_id), file.source_id)
    match file.state:
        case "hidden":
            why = "it is a draft"
        case "waiting":
            why = f"it waits for its date, {file.waits_until:%Y-%m-%d %H:%M} UTC"
        case "expired":
            why = "it has expired"
        case "failed":
            notes = unpack(file.notes, PostNotes) if file.notes else PostNotes((), ())
            why = "; ".join(one.message for one in notes.problems) or "it cannot be read"
        case _:
            why = "the next run merges it"
    return f"{folder}/{file.path} is no entry yet: {why}"


# messages


def _ambiguous(tx: Transaction, ref: str, ids: Sequence[int]) -> UsageError:
    faces = tx.lookups.faces(ids)
    wanted = fold(ref)
    nearest = sorted(faces.values(), key=lambda face: -SequenceMatcher(None, fold(_title(face)), wanted).ratio())
    count = f"{MAX_FOUND} entries or more" if len(ids) >= MAX_FOUND else f"{len(ids)} entries"
    return UsageError(f"{ref!r} fits {count}; name one by its id:", [_line(face) for face in nearest[:MAX_NAMED]])


def _unknown(tx: Transaction, ref: str) -> UsageError:
    message = f"no entry has the id, link, path or title {ref!r}"
    wanted = " ".join(_WORD.findall(fold(ref.rstrip("/").rpartition("/")[2])))  # of a URL only the last segment
    titles = tx.lookups.newest_titles(MAX_NEWEST) | tx.lookups.titles_sharing(_pieces(wanted), MAX_FOUND)
    near = {id_: nearness for id_, title in titles.items() if (nearness := _nearness(wanted, title)) >= NEAR}
    nearest = sorted(near, key=lambda id_: -near[id_])[:MAX_NEAR]
    faces = tx.lookups.faces(nearest)
    if not faces:
        return UsageError(f"{message}, and no title is similar")
    return UsageError(f"{message}; the nearest titles:", [_line(faces[id_]) for id_ in nearest if id_ in faces])


def _pieces(wanted: str) -> list[str]:
    """Substrings that similar titles would hold: both ends of each word, the longest words first, then the rest."""
    words = sorted(wanted.split(), key=len, reverse=True)
    grams = [_grams(word, 3 if word.isascii() else 2) for word in words]
    ends = [piece for some in grams for piece in (some[0], some[-1])]
    return list(dict.fromkeys([*ends, *(piece for some in grams for piece in some)]))[:MAX_PIECES]


def _grams(word: str, size: int) -> list[str]:
    return [word[i : i + size] for i in range(max(len(word) - size + 1, 1))]


def _nearness(wanted: str, title: str) -> float:
    """Similarity of the most similar part of a title, 0 to 1. Parts have as many words as `wanted`, or characters if
    the title has no words."""
    is_spaced = " " in title or title.isascii()
    parts: Sequence[str] = title.split() if is_spaced else title
    size = len(wanted.split()) if is_spaced else len(wanted)
    ends = range(max(len(parts) - size + 1, 1))[:MAX_PARTS]
    windows = ((" " if is_spaced else "").join(parts[i : i + size]) for i in ends)
    return max(SequenceMatcher(None, window, wanted).ratio() for window in windows)


def _line(face: Face) -> str:
    return f"  {_title(face) or 'untitled'}  ({face.public_id})"


def _title(face: Face) -> str:
    return unpack(face.clean, CleanEntry).title


def _named(row: SightingRow) -> str:
    name = row.link or unmarked(row.upstream_id) or row.path or "without a link"
    return f"#{row.id} (source {row.source_id}, {name})"


def _listed(names: Iterable[str]) -> str:
    every = list(names)
    more = f" and {len(every) - MAX_NAMED} more" if len(every) > MAX_NAMED else ""
    return ", ".join(every[:MAX_NAMED]) + more
