"""Whatever a source with `approve: true` and its neighbors do, nothing of it shows that no person approved."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aggregator.merge.context import open_context
from aggregator.merge.decide import reconsider
from aggregator.model.document import RawEntry
from aggregator.overrides.apply import approve_all, keep
from aggregator.report import Report
from aggregator.store import SightingRow
from tests.support.merging import Merger, draft
from tests.support.planet import NOON
from tests.support.simulation import DAY, HOUR, prose

HOMES = {"agency": "https://agency.example/", "guests": "https://guests.example/", "more": "https://more.example/"}
ASKED = ("guests", "more")
TOPICS = ("alder", "beech", "cedar")

# How a source shows a topic: which id, link, title and text it has, of two each.
shown = st.dictionaries(st.sampled_from(TOPICS), st.tuples(*[st.integers(0, 1)] * 4), max_size=3)
pulls = st.tuples(st.sampled_from(sorted(HOMES)), shown, st.booleans())
acts = st.tuples(st.sampled_from(["approve", "hold", "release", "remove", "restore"]), st.sampled_from(TOPICS))
steps = st.lists(pulls | acts | st.sampled_from(["guests", "decide"]), min_size=2, max_size=14)


def as_shown(source: str, topic: str, variant: tuple[int, ...]) -> RawEntry:
    """Links are those of one site: sources copy each other's."""
    id_, link, title, text = variant
    return draft(
        f"{topic} of {source} {'again' * title}",
        f"{prose(topic)} {prose(f'{source} {topic} {text}', 3)}",
        link=f"https://guests.example/{topic}{'/moved' * link}",
        guid=f"urn:{source}:{topic}:{id_}",
        at=NOON - DAY,
    )


class History:
    """`approved`: (source, topic) of what a person let out."""

    def __init__(self, merger: Merger) -> None:
        self.merger = merger
        self.approved: set[tuple[str, str]] = set()

    def rows(self) -> list[SightingRow]:
        with self.merger.store.read() as tx:
            return tx.sightings.of_entries(tx.entries.ids(0, 1000))

    def pull(self, source: str, some: dict[str, tuple[int, ...]], complete: bool) -> None:
        self.merger.pull(source, [as_shown(source, *one) for one in some.items()], complete=complete)
        self.merger.merge()

    def act(self, act: str, topic: str) -> None:
        """On every entry that shows the topic, where its state allows it."""
        states = {"approve": ("waiting",), "hold": ("", "waiting"), "release": ("hold",), "restore": ("removed",)}
        rows = [row for row in self.rows() if topic in row.upstream_id]
        with self.merger.store.read() as tx:
            entries = tx.entries.of({row.entry_id for row in rows}).values()
        found = [one for one in entries if one.kept_back in states.get(act, ("", "hold", "waiting"))]
        if act == "approve":
            self._approve({one.id for one in found})
        if found:
            keep(self.merger.app, act, [one.public_id for one in found])  # type: ignore[arg-type]

    def bulk(self) -> None:
        with self.merger.store.read() as tx:
            waiting = {one.id for one in tx.entries.kept_back(["waiting"])}
        self._approve(waiting, ("guests",))
        approve_all(self.merger.app, "guests")

    def _approve(self, entries: set[int], sources: tuple[str, ...] = ASKED) -> None:
        rows = [row for row in self.rows() if row.entry_id in entries and row.source_id in sources]
        self.approved |= {(row.source_id, row.upstream_id.split(":")[2]) for row in rows}

    def decide(self) -> None:
        with self.merger.store.write() as tx:
            reconsider(open_context(self.merger.app, tx, Report()), tx, self.merger.now)

    def check(self) -> None:
        with self.merger.store.read() as tx:
            rows = {row.id: row for row in tx.sightings.of_entries(tx.entries.ids(0, 1000))}
            entries = tx.entries.of({row.entry_id for row in rows.values()}).values()
        for row in rows.values():
            is_asked = row.source_id in ASKED and (row.source_id, row.upstream_id.split(":")[2]) not in self.approved
            assert not is_asked or row.withheld == "waiting", row
        for one in entries:
            mine = [row for row in rows.values() if row.entry_id == one.id]
            waits = [row for row in mine if row.withheld == "waiting"]
            assert one.winner_id is None or not rows[one.winner_id].withheld
            if not one.kept_back:
                assert one.winner_id is not None or not waits, "an entry of which only a waiting sighting is left waits"
            assert one.kept_back != "waiting" or (waits and one.winner_id is None)


@pytest.fixture
def merger(tmp_path: Path, blank_state: Path) -> Iterator[Callable[[], Merger]]:
    """Makes planets that know nothing yet, one after the other."""
    made: list[Merger] = []
    keys = {source: {"approve": True} for source in ASKED}

    def make() -> Merger:
        made.append(Merger(tmp_path / str(len(made)), blank_state, HOMES, keys=keys))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.mark.portions(4)
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=steps)
def test_nothing_shows_that_nobody_approved(merger: Callable[[], Merger], steps: list[object]) -> None:
    history = History(merger())
    for step in steps:
        history.merger.now += HOUR
        match step:
            case (str(source), dict(some), bool(complete)):
                history.pull(source, some, complete)
            case (str(act), str(topic)):
                history.act(act, topic)
            case "guests":
                history.bulk()
            case _:
                history.decide()
        history.check()
