"""A run in which nothing happens is reported from what the last run recorded; no stage is imported, and SQLAlchemy
neither where the state is a file.

The record holds while nobody changes the state, the config, a post or a file of the tree, and no source is due. What
time alone changes (a silence, an entry held for a day) waits at most an hour. Where sources are due, the record says
what a run reports if no answer is news (`pull_first`).
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from aggregator import __version__
from aggregator.app import App
from aggregator.clean.version import cleaning_version
from aggregator.codec import digest, from_json, to_json
from aggregator.config import Config
from aggregator.errors import AggregatorError, DamagedError
from aggregator.model.problems import Problem
from aggregator.model.published import FileRow
from aggregator.publish.intact_files import find_intact
from aggregator.publish.output_tree import Tree
from aggregator.publish.render_version import render_stamp
from aggregator.pull.folder_listing import listing_digest
from aggregator.report import COUNTED, Report
from aggregator.settings import content_settings, design_digest, rendering_digest
from aggregator.store import Store
from aggregator.store.fact_names import NOTHING_TO_DO, REVISION
from aggregator.store.idle_reads import IdleReads
from aggregator.text.generator import NOT_FOUND

if TYPE_CHECKING:
    from aggregator.store import Transaction

HOLDS_FOR = timedelta(hours=1)
WHOLE_RUN_AFTER = timedelta(days=1)  # since the last run of all stages


@dataclass(frozen=True, slots=True)
class NothingToDo:
    """What the next run would report, and as long as what it would be so: `revision` of the state, `settings`: digest
    of the config and of this program; `at`: when it was recorded; `whole_at`: when all stages ran last."""

    revision: int
    settings: str
    at: datetime
    whole_at: datetime
    counts: Mapping[str, Mapping[str, int]]
    problems: tuple[Problem, ...]

    def report(self) -> Report:
        report = Report(problems=dict.fromkeys(self.problems))
        for name, counts in self.counts.items():
            for one, number in counts.items():
                setattr(getattr(report, name), one, number)
        return report


@dataclass(frozen=True, slots=True)
class Unchanged:
    """What the last run recorded, where nothing but due sources and time can change what is published. `is_idle`: no
    source is due, and what time changes can wait."""

    known: NothingToDo
    is_idle: bool


@dataclass(frozen=True, slots=True)
class StateChanges:
    """Tells changes of the state by this process from those by others, since this was made."""

    store: Store
    revision: int
    own: int

    @classmethod
    def since_now(cls, store: Store) -> "StateChanges":
        with store.read() as tx:
            return cls(store, tx.facts.revision, store.changes)

    def are_own(self, tx: "Transaction") -> bool:
        return tx.facts.revision - self.revision == self.store.changes - self.own


def record(app: App, tx: "Transaction", changes: StateChanges, report: Report, at: datetime) -> None:
    """Records after a whole run that there is nothing to do, unless another process changed the state meanwhile."""
    if not app.writes or app.config.lists or report.repaired or not changes.are_own(tx):
        return
    lasting = report.lasting()
    counts = {name: asdict(getattr(lasting, name)) for name in COUNTED}
    now = NothingToDo(tx.facts.revision + 1, _settings(app.config), at, at, counts, tuple(lasting.problems))
    tx.facts.set(NOTHING_TO_DO, to_json(now))


def record_again(tx: "Transaction", known: NothingToDo, at: datetime) -> None:
    """Records that what was known still holds after a run that changed only when sources are asked next."""
    tx.facts.set(NOTHING_TO_DO, to_json(replace(known, revision=tx.facts.revision + 1, at=at)))


def find_unchanged(app: App) -> Unchanged | None:
    """None where more may have to be done than to ask due sources, or the state cannot be read. Reads a few rows, and
    looks at the files of the tree and of the posts; writes nothing. The store need not be open."""
    if app.config.lists:  # they are read in each run
        return None
    at = app.clock()
    try:
        with app.store.idle_reads() as reads:
            known = _recorded(reads.facts())
            if known is None or at < known.at or at >= known.whole_at + WHOLE_RUN_AFTER:
                return None
            is_idle = at < known.at + HOLDS_FOR and not reads.is_source_due(at)
            config = app.config.with_known_ids(reads.ids()) if app.config.former_ids else app.config
            if config.feeds.hub and reads.is_ping_due(at):
                return None
            if known.settings != _settings(config) or not _are_posts_unchanged(config, reads, at):
                return None
            rows = reads.files()
    except AggregatorError:  # which the run itself will meet
        return None
    if not _is_tree_intact(Tree(app.output), rows):
        return None
    return Unchanged(known, is_idle)


def _recorded(facts: Mapping[str, str]) -> NothingToDo | None:
    try:
        known = from_json(facts.get(NOTHING_TO_DO, ""), NothingToDo)
    except DamagedError:  # or nothing was recorded yet
        return None
    return known if str(known.revision) == facts.get(REVISION) else None


def _is_tree_intact(tree: Tree, rows: Mapping[str, FileRow]) -> bool:
    """Whether each file is as it was written. Somebody's own 404.html is not ours; where it goes, we write one."""
    is_answered = NOT_FOUND in rows or bool(tree.stamps([NOT_FOUND]))
    return is_answered and len(find_intact(tree, rows, thorough=False).paths) == len(rows)


def _are_posts_unchanged(config: Config, reads: IdleReads, at: datetime) -> bool:
    for folder in config.posts:
        listing = reads.listing(folder.id)
        is_same = listing and listing == listing_digest(config.root / folder.path)
        if not is_same or reads.is_post_due(folder.id, at):
            return False
    return True


def _settings(config: Config) -> str:
    rendering = rendering_digest(config, design_digest(config, render_stamp()))
    program = [__version__, cleaning_version(content_settings(config)), rendering]
    return digest([config.model_dump_json(), *program])
