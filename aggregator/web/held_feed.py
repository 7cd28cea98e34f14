"""The feed of held entries, for the keeper alone: what each of them says, why it is held, and the command that lets it
out. It is made when it is asked for and never stands in the tree."""

import shlex
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, time
from html import escape

from aggregator.app import App
from aggregator.codec import digest
from aggregator.explain.reasons import kept_out
from aggregator.merge.category_tree import CategoryTree
from aggregator.model.entry import Entry, Level
from aggregator.model.feed import Feed
from aggregator.publish.documents import Design, DocumentMaker
from aggregator.publish.entry_reader import EntryReader
from aggregator.pull.reading_list_sources import resolve_sources
from aggregator.settings import site_of, spellings
from aggregator.status.held import command_for
from aggregator.store import EntryRow, SourceRow, Transaction
from aggregator.store.tables.entries import HELD_STATES
from aggregator.text.counts import count_of
from aggregator.text.entry_ids import mint, tag_prefix
from aggregator.web.state_reader import StateReader, StateVersion

ID = "held"
MOST = 200  # entries in the feed, those held last
LABELS = {"held": "Held", "site": "Another site", "hold": "Held by a person", "waiting": "Waiting for approval"}


class HeldFeed:
    """Equal states give equal bytes. Methods wait for the disk and raise what the store raises; one thread at a time
    may call them. `reader` must serve this feed only."""

    def __init__(self, app: App, reader: StateReader) -> None:
        self._app = app
        self._reader = reader
        self._maker = DocumentMaker(Design(replace(site_of(app.config), hub=""), None, ("atom",)))
        self._prefix = tag_prefix(app.config.site.url, app.config.site.since)
        self._seen: StateVersion | None = None
        self._document = b""

    def document(self) -> bytes:
        """Atom; made again only after the state was written."""
        seen = self._reader.version()
        if seen != self._seen:
            with self._reader.read() as tx:
                self._document = self._rendered(self._read(tx) if tx else self._feed([], 0))
            self._seen = seen
        return self._document

    def _read(self, tx: Transaction) -> Feed:
        rows = tx.entries.kept_back(HELD_STATES)
        newest = rows[: -MOST - 1 : -1]
        app = self._app.with_config(resolve_sources(self._app.config, tx))
        reader = EntryReader(app, CategoryTree(tx, spellings=spellings(app.rules)))
        found = reader.held(tx, [row.id for row in newest])
        sources = {id_: row for id_ in _source_ids(found.values()) if (row := tx.sources.find(id_))}
        shown = ((row, found[row.id]) for row in newest if row.id in found)
        return self._feed([self._entry(row, one, sources.get(_source_id(one))) for row, one in shown], len(rows))

    def _feed(self, entries: list[Entry], count: int) -> Feed:
        config = self._app.config
        since = datetime.combine(config.site.since, time(), UTC)
        waiting = count_of(count, "entry is held or waits", "entries are held or wait")
        which = "" if count <= MOST else f" This feed has the {MOST} held last."
        return Feed(
            id=ID,
            atom_id=f"{self._prefix}feed/{ID}",
            title=f"Held entries · {config.site.title}",
            home=f"{(config.server.public_url or config.site.url).rstrip('/')}/{ID}/",
            updated=max((one.updated for one in entries), default=since),
            description=f"{waiting} for a person; `aggregator status` lists them.{which}",
            language="en",
            entries=tuple(entries),
        )

    def _entry(self, row: EntryRow, entry: Entry, source: SourceRow | None) -> Entry:
        """Its id differs from the one that it is published under, so that readers which know it from here show it again
        then. It is updated when it was held."""
        since = row.kept_back_at or row.first_seen_at
        clean = entry.clean
        level = Level(row.kept_back, LABELS.get(row.kept_back, "Held"), f"{self._app.config.site.url}#{ID}")
        return replace(
            entry,
            id=mint(self._prefix, ID, entry.id),
            updated=max(since, entry.published),
            clean=replace(clean, content=_notice(row, entry, source) + (clean.content or clean.summary), summary=""),
            levels=(level, *entry.levels),
        )

    def _rendered(self, feed: Feed) -> bytes:
        """Raises ValueError where the gate lets nothing through, which no held entry can cause."""
        result = self._maker.document(feed, "atom")
        if result.data is None:
            raise ValueError("; ".join(str(one) for one in result.omissions))
        return result.data


def entity_tag(document: bytes) -> bytes:
    """A strong one."""
    return f'"{digest([document])}"'.encode()


def _source_id(entry: Entry) -> str:
    """The source that shows it, "" for a post."""
    return entry.attribution.source_id if entry.attribution else ""


def _source_ids(entries: Iterable[Entry]) -> list[str]:
    return sorted({_source_id(one) for one in entries} - {""})


def _notice(row: EntryRow, entry: Entry, source: SourceRow | None) -> str:
    """Why it is held, and what to type, above the text of the entry."""
    ref = shlex.quote(row.public_id)
    out, away = command_for(row.kept_back, _source_id(entry), ref), f"aggregator entry remove {ref}"
    why = kept_out(row, (), [source] if source else [])
    said = _marked_up(f"{why[:1].upper()}{why[1:]}.")
    commands = f"To publish it: <code>{escape(out)}</code><br/>To remove it: <code>{escape(away)}</code>"
    return f"<p>{said}</p><p>{commands}</p><hr/>"


def _marked_up(sentence: str) -> str:
    """What stands between backticks becomes code."""
    pieces = escape(sentence).split("`")
    return "".join(f"<code>{piece}</code>" if place % 2 else piece for place, piece in enumerate(pieces))
