"""The public health of sources: a page, and a feed of their health events.

Both depend on recorded health only: their bytes change when a source breaks, recovers, moves or is gone, and not at
each poll. Sources that are not published are left out. Both are in the language of the site, or in English where there
is no catalog for it: they hardly hold anything but words of ours.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from html import escape

from aggregator.app import App
from aggregator.codec import digest, unpack
from aggregator.model.document import FeedInfo
from aggregator.model.entry import CleanEntry, Entry, Level
from aggregator.model.feed import Feed
from aggregator.model.rendered import RenderedDocument
from aggregator.model.status import HealthEvent, PublicHealth
from aggregator.publish.documents import Document, DocumentMaker
from aggregator.publish.event_words import LABELS, message_said, title_said
from aggregator.publish.tree_writer import TreeWriter
from aggregator.publish.write_batch import File, Files, WriteBatch
from aggregator.render import Words
from aggregator.report import Report
from aggregator.settings import site_of
from aggregator.status.record import STATE_EVENTS
from aggregator.status.redact import Redactor
from aggregator.status.source_state import state_of
from aggregator.store import FeedRow, HealthRow, SourceRow, Transaction, fact_names
from aggregator.text.entry_ids import tag_prefix
from aggregator.translations import ENGLISH, catalog_for, msgid

ID = "health"
PAGE, FEED = "health/index.html", "health/atom.xml"
HEALTH_FILES = (PAGE, FEED)
MOST_ENTRIES = 50  # in the feed

TITLE = msgid("Health of the sources")
DESCRIPTION = msgid("Sources that broke, came back, moved, went or fell silent.")
SINCE = frozenset({"failing", "gone", "paused"})  # states that are shown with the time when they began
WORST_FIRST = ("broke", "gone", "silent", "paused", "new", "ok")


@dataclass(frozen=True)
class HealthFeed:
    """The rows that both documents are made of; `digest` tells whether they changed. `last`: by source id, the message
    of the event that led to its current state."""

    app: App
    row: FeedRow
    rows: tuple[SourceRow, ...]
    health: Mapping[str, HealthRow]
    last: Mapping[str, str]
    events: tuple[HealthEvent, ...]

    @classmethod
    def read(cls, app: App, tx: Transaction, at: datetime) -> "HealthFeed":
        """`at`: when the feed is recorded, if it is new."""
        shown, health = Redactor(app), tx.health.all()
        rows = tuple(row for row in tx.sources.all() if row.id in health and shown.is_public(row))
        events = tx.health.events(MOST_ENTRIES, sources=[row.id for row in rows])
        return cls(app, _feed_row(app, tx, at), rows, health, tx.health.latest(STATE_EVENTS), events)

    def digest(self) -> str:
        shown = [state_of(row, self.health[row.id]) for row in self.rows]
        sources = [
            (row.id, row.title, row.about, state, state in SINCE and row.state_since)
            for row, state in zip(self.rows, shown, strict=True)
        ]
        states = [self.health[row.id] for row in self.rows]
        health = [(one.state, one.since, one.silent and one.heard_at) for one in states]
        return digest([self.row.atom_id, sources, health, [self.last.get(row.id) for row in self.rows], self.events])

    def files(self, maker: DocumentMaker) -> Iterator[tuple[str, Document]]:
        """Each path with its document."""
        from aggregator.render import Rendered

        health, sources = self._feed(), self._sources()
        yield FEED, maker.document(health, "atom")
        page = RenderedDocument(maker.renderer.health_page(health, sources))
        yield PAGE, maker.checked(health, Rendered(page, ()), "html")

    def _sources(self) -> list[PublicHealth]:
        shown = Redactor(self.app)
        last = {id_: message_said(message, self._words) for id_, message in self.last.items()}
        sources = [self._public(row, shown, last.get(row.id, "")) for row in self.rows]
        return sorted(sources, key=lambda one: WORST_FIRST.index(one.state))

    def _public(self, row: SourceRow, shown: Redactor, last: str) -> PublicHealth:
        """`last`: the message of the event that led to the current state. A posts folder without a title is called as
        the site is."""
        health, about = self.health[row.id], unpack(row.about, FeedInfo) if row.about else FeedInfo()
        name = shown.name(row) if row.title or row.kind != "posts" else self.app.config.site.title
        state = state_of(row, health)
        one = PublicHealth(name, about.link, "broke" if state == "failing" else state)
        if state in SINCE:
            return replace(one, since=row.state_since, says="" if state == "paused" else last)
        if health.silent:
            return replace(one, state="silent", since=health.heard_at, says=last)
        return replace(one, since=health.since if last else None)

    @property
    def _language(self) -> str:
        language = self.app.config.site.language
        return language if catalog_for(language) else ENGLISH

    @property
    def _words(self) -> Words:
        return Words.of(self._language)

    def _feed(self) -> Feed:
        """Without events its date is that of the site: the feed must not change when a lost state is rebuilt."""
        site, since = site_of(self.app.config), datetime.combine(self.app.config.site.since, time(), UTC)
        home = f"{site.url}{ID}/"
        return Feed(
            id=ID,
            atom_id=self.row.atom_id,
            title=f"{self._words.phrase(TITLE)} · {site.title}",
            home=home,
            updated=max((event.at for event in self.events), default=since),
            description=self._words.phrase(DESCRIPTION),
            language=self._language,
            entries=tuple(_entry(event, home, self._words) for event in self.events),
        )


def publish_health(
    app: App, writer: TreeWriter, maker: DocumentMaker, report: Report, at: datetime, rendering: str
) -> None:
    """Writes both documents, unless they are intact and their rows have not changed. `rendering`: see
    `rendering_digest`."""
    with app.store.write() as tx:
        health_feed = HealthFeed.read(app, tx, at)
        shape = digest([health_feed.digest(), rendering])
        if tx.facts.get(fact_names.HEALTH_FEED) == shape and writer.intact.issuperset(HEALTH_FILES):
            return
    files: Files = {}
    for path, result in health_feed.files(maker):
        files |= {} if result.data is None else {path: File("", result.data, result.sha256)}
        report.add_problems(result.problems)
    writer.write([WriteBatch(files, lambda tx, _: tx.facts.set(fact_names.HEALTH_FEED, shape))])


def _feed_row(app: App, tx: Transaction, at: datetime) -> FeedRow:
    """The row of the feed. Its id is assigned once, like every feed's."""
    site = app.config.site
    row = tx.feeds.find(ID)
    if row is None:
        row = FeedRow(ID, f"{tag_prefix(site.url, site.since)}feed/{ID}", at, dirty=False)
        tx.feeds.add([row])
    return row


def _entry(event: HealthEvent, home: str, words: Words) -> Entry:
    """An event as an entry, which is never edited. Its link is its place on the health page."""
    said = escape(message_said(event.message, words))
    clean = CleanEntry(title=title_said(event.title, words), content=f"<p>{said}</p>")
    levels = (Level(event.kind, words.phrase(LABELS[event.kind]), f"{home}#kinds"),)
    link = f"{home}#{event.id.rpartition('/')[2]}"
    return Entry(event.id, link, event.at, event.at, event.at, event.at, clean, levels)
