"""Properties of merging, over generated histories."""

import random
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from aggregator.model.document import RawEntry
from aggregator.report import Report
from aggregator.store.feed_members import FeedPosition
from tests.support.merging import Merger, draft
from tests.support.planet import NOON
from tests.support.simulation import DAY, HOUR, prose

STEPS = 2000
SHARES = 8
LENGTH = 30  # steps of one history
LEEWAY = timedelta(minutes=10)  # by which a publisher's clock may be ahead of ours
NEAR = 12 * DAY  # well inside the window for near-duplicates

BACKLOG = 2
SOURCES = {name: f"https://{name}.example/" for name in ("alder", "beech", "cedar")}
HOSTS = ("example", "example.net", "example.org")


class JoinedMerger(Merger):
    """Its feed stands for days before the first source joins."""

    backlog = BACKLOG


@dataclass(frozen=True)
class Item:
    """One entry as one source shows it. `thing`: what it truly is, which only this model knows."""

    thing: int
    title: str
    text: str
    link: str
    guid: str
    at: datetime | None

    def draft(self) -> RawEntry:
        return draft(self.title, self.text, link=self.link, guid=self.guid, at=self.at)


@dataclass
class Source:
    name: str
    host: str
    scheme: str = "http"
    numbered: bool = False  # its guids are places in the document
    shown: list[Item] = field(default_factory=list)
    dropped: list[Item] = field(default_factory=list)
    things: set[int] = field(default_factory=set)  # that it ever showed

    def address(self, path: str) -> str:
        return f"{self.scheme}://{self.host}/{path}"

    def drafts(self) -> list[RawEntry]:
        return [(replace(item, guid=f"{n}") if self.numbered else item).draft() for n, item in enumerate(self.shown)]


names = st.sampled_from(sorted(SOURCES))
some = st.integers(0, 255)  # which entries of a document are meant, a bit each


class Publishers(RuleBasedStateMachine):
    """Each step is one kind of change to one source, perhaps to many of its entries, and a pull that is settled."""

    blank: ClassVar[Path]
    steps: ClassVar[int] = 0
    things: ClassVar[int] = 0  # that were added after the first pulls

    @initialize()
    def found(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self.merger = JoinedMerger(Path(self._folder.name), self.blank, SOURCES)
        self.sources = {name: Source(name, f"{name}.example") for name in SOURCES}
        self.serial = 0
        self.id_of: dict[int, str] = {}
        self.thing_of: dict[str, int] = {}
        self.feed: list[tuple[FeedPosition, str]] = []
        for source in self.sources.values():
            self._write(source, 2, 1)
            self._pull(source)
        type(self).steps -= len(SOURCES)

    def teardown(self) -> None:
        type(self).things += len(self.id_of) - 2 * len(SOURCES)
        self.merger.close()
        self._folder.cleanup()

    # what publishers do

    @rule(
        name=names, count=st.sampled_from([1, 1, 2, 3, 8]), age=st.sampled_from([0, 0, 3, 40, None]), own=st.booleans()
    )
    def add(self, name: str, count: int, age: int | None, own: bool) -> None:
        """`own`: guids are permalinks, else numbers. Some titles come again and again."""
        self._write(self.sources[name], count, age, own=own)
        self._pull(self.sources[name])

    def _write(self, source: Source, count: int, age: int | None, *, own: bool = True) -> None:
        for _ in range(count):
            n = self.serial = self.serial + 1
            link = source.address(f"{n}")
            title = f"Links of the week from {source.name}" if n % 4 == 0 else f"About {prose(f'title {n}', 4)}"
            at = None if age is None else self.now - age * DAY
            item = Item(n, title, prose(f"thing {n}", 70), link, link if own else f"{source.name}-{n}", at)
            source.shown.insert(0, item)
            source.things.add(n)

    @rule(name=names, which=some, everything=st.booleans())
    def edit(self, name: str, which: int, everything: bool) -> None:
        n = self.serial = self.serial + 1
        words = prose(f"edit {n}", 70 if everything else 3)

        def edited(item: Item) -> Item:
            return replace(item, text=f"{words} {item.thing}" if everything else f"{item.text} {words}")

        self._change(name, which, edited)

    @rule(name=names, which=some, everything=st.booleans())
    def edit_what_the_guid_is_made_of(self, name: str, which: int, everything: bool) -> None:
        """Some software hashes the text: each edit of it is a new guid."""
        n = self.serial = self.serial + 1
        words = prose(f"edit {n}", 70 if everything else 3)

        def edited(item: Item) -> Item:
            text = f"{words} {item.thing}" if everything else f"{item.text} {words}"
            return replace(item, text=text, guid=f"sha-{n}-{item.thing}")

        self._change(name, which, edited)

    @rule(name=names, which=some)
    def retitle(self, name: str, which: int) -> None:
        n = self.serial = self.serial + 1
        self._change(name, which, lambda item: replace(item, title=prose(f"retitled {n} {item.thing}", 5)))

    @rule(name=names, which=some)
    def reguid(self, name: str, which: int) -> None:
        n = self.serial = self.serial + 1
        self._change(name, which, lambda item: replace(item, guid=f"urn:new:{n}:{item.thing}" if item.guid else ""))

    @rule(name=names)
    def drop_or_bring_guids(self, name: str) -> None:
        n = self.serial = self.serial + 1
        had = any(item.guid for item in self.sources[name].shown)
        self._change(name, 255, lambda item: replace(item, guid="" if had else f"{n}-{item.thing}"))

    @rule(name=names)
    def number_places(self, name: str) -> None:
        """Or stop it: then the guids are again what they were."""
        self.sources[name].numbered = not self.sources[name].numbered
        self._pull(self.sources[name])

    @rule(name=names, which=st.integers(0, 7))
    def put_right(self, name: str, which: int) -> None:
        """Title, permalink and a few words are edited at once; its date and all other entries stay."""
        source = self.sources[name]
        n = self.serial = self.serial + 1
        dates = [item.at for item in source.shown]
        if which < len(dates) > 2 and dates[which] and dates.count(dates[which]) == 1 and not source.numbered:
            link, item = source.address(f"right-{n}"), source.shown[which]
            text = f"{item.text} {prose(f'right {n}', 3)}"
            source.shown[which] = replace(item, title=prose(f"right {n}", 5), text=text, link=link, guid=link)
        self._pull(source)

    @rule(name=names, to=st.sampled_from(["https", *HOSTS]))
    def move(self, name: str, to: str) -> None:
        """To another host, or from http to https and back."""
        source = self.sources[name]
        old = source.address("")
        if to == "https":
            source.scheme = {"http": "https", "https": "http"}[source.scheme]
        else:
            source.host = f"{name}.{to}"
        self._readdress(source, old, source.address(""))

    def _readdress(self, source: Source, old: str, new: str) -> None:
        def moved(item: Item) -> Item:
            return replace(item, link=item.link.replace(old, new), guid=item.guid.replace(old, new))

        self._change(source.name, 255, moved)

    @rule(name=names, which=some)
    def drop(self, name: str, which: int) -> None:
        source = self.sources[name]
        gone = [item for i, item in enumerate(source.shown) if which >> i % 8 & 1]
        source.shown = [item for item in source.shown if item not in gone]
        source.dropped += gone
        self._pull(source)

    @precondition(lambda self: any(source.dropped for source in self.sources.values()))
    @rule(which=some)
    def restore(self, which: int) -> None:
        source = max(self.sources.values(), key=lambda source: len(source.dropped))
        back = [item for i, item in enumerate(source.dropped) if which >> i % 8 & 1]
        source.dropped = [item for item in source.dropped if item not in back]
        source.shown += back
        self._pull(source)

    @rule(name=names, which=some, to=st.sampled_from(["now", "none", "a day on", "years ago"]))
    def redate(self, name: str, which: int, to: str) -> None:
        def dated(item: Item) -> Item:
            later = min(item.at + DAY, self.now) if item.at else self.now
            dates = {"now": self.now, "none": None, "a day on": later, "years ago": self.now - 2000 * DAY}
            return replace(item, at=dates[to])

        self._change(name, which, dated)

    @rule(name=names, seed=st.integers(0, 3))
    def reorder(self, name: str, seed: int) -> None:
        source = self.sources[name]
        random.Random(seed).shuffle(source.shown)
        self._pull(source)

    @rule(name=names, of=names, which=some, how=st.sampled_from(["syndicates", "quotes", "teases"]))
    def copy(self, name: str, of: str, which: int, how: str) -> None:
        """A site publishes an entry again at an address of its own; a planet links to it, perhaps with a few words."""
        source, origin = self.sources[name], self.sources[of]
        fresh = [item for item in origin.shown if item.thing not in source.things]
        if how == "syndicates":
            fresh = [item for item in fresh if self._is_near(item) and len(item.text.split()) > 60]
        for i, item in enumerate(fresh):
            if which >> i % 8 & 1:
                n = self.serial = self.serial + 1
                link = source.address(f"copy-{n}") if how == "syndicates" else item.link
                text = " ".join(item.text.split()[:12]) if how == "teases" else item.text
                source.shown.insert(0, replace(item, link=link, text=text, guid=f"{name}-copy-{n}"))
                source.things.add(item.thing)
        self._pull(source)

    def _is_near(self, item: Item) -> bool:
        """Published, and not so long ago that nobody could tell a copy from another edition."""
        published = {id_: row.published for row, id_ in self.feed}.get(self.id_of[item.thing])
        return bool(published and published > self.now - NEAR and abs((item.at or self.now) - published) < NEAR)

    @rule(name=names, days=st.sampled_from([0, 0, 2]))
    def wait(self, name: str, days: int) -> None:
        """The same document again; new bytes, perhaps, but nothing new in them."""
        self.merger.now += days * DAY
        self.merger.release()
        report = self._pull(self.sources[name])
        assert (report.entries.new, report.entries.updated) == (0, 0)

    # the step that follows each

    @property
    def now(self) -> datetime:
        """When the next pull will be."""
        return self.merger.now + HOUR

    def _change(self, name: str, which: int, change: Callable[[Item], Item]) -> None:
        source = self.sources[name]
        source.shown = [change(item) if which >> i % 8 & 1 else item for i, item in enumerate(source.shown)]
        self._pull(source)

    def _pull(self, source: Source) -> Report:
        merger = self.merger
        merger.now = self.now
        merger.pull(source.name, source.drafts())
        report = merger.merge()
        self._holds_identity(source)
        before, self.feed = self.feed, merger.all()
        self._holds_order(before, self.feed)
        type(self).steps += 1
        return report

    def _holds_identity(self, source: Source) -> None:
        """One thing, one public id, for ever; and one public id, one thing."""
        placed = self.merger.shown_by(source.name)
        assert [one.place for one in placed] == list(range(len(source.shown))), "an entry of the document was lost"
        for item, one in zip(source.shown, placed, strict=True):
            why = f"thing {item.thing}, {item.title!r}, at place {one.place}: {one.rule}, {one.reason}"
            assert self.id_of.setdefault(item.thing, one.public_id) == one.public_id, f"published twice: {why}"
            assert self.thing_of.setdefault(one.public_id, item.thing) == item.thing, f"two things in one: {why}"

    @staticmethod
    def _holds_order(before: list[tuple[FeedPosition, str]], after: list[tuple[FeedPosition, str]]) -> None:
        """What was known keeps its order, and stands below what was published after it was first seen."""
        known, shown = [id_ for _, id_ in before], {id_ for _, id_ in after}
        kept = set(known)
        assert [id_ for id_ in known if id_ in shown] == [id_ for _, id_ in after if id_ in kept]
        newest_below: datetime | None = None
        for row, id_ in reversed(after):
            if id_ in kept and newest_below is not None:
                assert newest_below <= row.first_seen_at + LEEWAY, f"{id_} stands above what is newer than it"
            newest_below = max(newest_below or row.published, row.published)


@pytest.mark.parametrize(
    "share", [pytest.param(one, marks=() if one == 0 else pytest.mark.torture) for one in range(SHARES)]
)
def test_an_entry_keeps_its_id_and_its_place_whatever_publishers_do(share: int, blank_state: Path) -> None:
    """Portions run beside each other. A portion whose histories are about few things goes on with more of them."""

    class Portion(Publishers):
        blank = blank_state

    histories = settings(
        max_examples=STEPS // SHARES // 25,  # of each run the first is the simplest: one rule, again and again
        stateful_step_count=LENGTH,
        phases=[Phase.generate],  # Phase.shrink takes minutes: add it when there is something to find
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )

    def is_varied() -> bool:
        return Portion.things > Portion.steps / 20

    for number in count(share, SHARES):
        run_state_machine_as_test(seed(number)(Portion), settings=histories)
        is_long = Portion.steps >= STEPS // SHARES
        if (is_long and is_varied()) or Portion.steps >= 4 * STEPS // SHARES:
            break
    assert is_varied(), "its histories are about too few things"


# the same pulls in any order

Shown = dict[str, list[RawEntry]]


@st.composite
def documents(choose: st.DrawFn) -> Shown:
    """What each source shows, out of a common stock: the same stories, in each source's own clothes."""
    shown: Shown = {}
    for name, home in SOURCES.items():
        stock = choose(st.lists(st.integers(0, 7), unique=True, max_size=6))
        shown[name] = [choose(dressed(name, home, number, place)) for place, number in enumerate(stock)]
    return shown


@st.composite
def dressed(choose: st.DrawFn, name: str, home: str, number: int, place: int) -> RawEntry:
    own = f"{home}{number}"
    words = prose(f"stock {number}", choose(st.sampled_from([10, 60, 60])))
    return draft(
        choose(st.sampled_from([f"About {prose(f'title {number}', 3)}", "News", ""])),
        f"{words} {choose(st.sampled_from(['', '', name, f'via {home}']))}",
        link=choose(st.sampled_from([own, own, "https://origin.example/" + str(number), "https://hub.example/", ""])),
        guid=choose(st.sampled_from([own, f"{number}", f"{place}", "0", f"https://origin.example/{number}", ""])),
        at=choose(st.sampled_from([NOON - number * DAY, NOON - DAY, None])),
        terms=choose(st.lists(st.sampled_from(["Tea", "tea", "Ships", name]), max_size=2)),
    )


@pytest.fixture
def merger(tmp_path: Path, blank_state: Path) -> Iterator[Callable[[], Merger]]:
    """Makes planets that know nothing yet, one after the other."""
    made: list[Merger] = []

    def make() -> Merger:
        made.append(JoinedMerger(tmp_path / str(len(made)), blank_state, SOURCES))
        return made[-1]

    yield make
    for one in made:
        one.close()


LAW = settings(
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def law(**drawn: st.SearchStrategy[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """A law of what is drawn: its first three examples are a fast test, all of them torture."""

    def decorated(check: Callable[..., None]) -> Callable[..., None]:
        def holds_for(merger: Callable[[], Merger], examples: int) -> None:
            @settings(LAW, max_examples=examples)
            @given(**drawn)
            def holds(**values: Any) -> None:
                check(merger, **values)

            holds()

        holds_for.__doc__ = check.__doc__
        return pytest.mark.parametrize("examples", [3, pytest.param(12, marks=pytest.mark.torture)])(holds_for)

    return decorated


def merged(merger: Merger, shown: Shown, order: Sequence[str], later: Shown | None = None) -> Merger:
    """Every source pulled in `order` and all settled at once; an hour later once more with `later`."""
    for document in filter(None, (shown, later)):
        for name in order:
            merger.pull(name, document[name])
        merger.merge()
        merger.now += HOUR
    return merger


@law(shown=documents(), later=documents(), order=st.permutations(sorted(SOURCES)))
def test_the_order_of_answers_does_not_matter(
    merger: Callable[[], Merger], shown: Shown, later: Shown, order: list[str]
) -> None:
    one = merged(merger(), shown, list(SOURCES), later)
    other = merged(merger(), shown, order, later)
    assert one.whole() == other.whole()
    assert one.all() == other.all()


@law(shown=documents(), cut=st.integers(0, len(SOURCES)))
def test_two_batches_give_the_ids_that_one_gives(merger: Callable[[], Merger], shown: Shown, cut: int) -> None:
    together = merged(merger(), shown, list(SOURCES))
    apart = merger()
    for part in (list(SOURCES)[:cut], list(SOURCES)[cut:]):
        before = apart.all()
        merged(apart, shown, part)
        after = {id_: (row.published, row.first_seen_at) for row, id_ in apart.all()}
        assert all(after[id_] == (row.published, row.first_seen_at) for row, id_ in before)
    assert {id_ for _, id_ in apart.all()} == {id_ for _, id_ in together.all()}


@law(shown=documents(), later=documents(), order=st.permutations(sorted(SOURCES)))
def test_a_source_that_joins_tells_subscribers_of_its_newest_entries_only(
    merger: Callable[[], Merger], shown: Shown, later: Shown, order: list[str]
) -> None:
    """Also where another source shows the same; and what it showed at first never becomes news by itself."""
    one = merger()
    for name in order:
        before = one.news()
        merged(one, shown, [name])
        assert len(one.news() - before) <= BACKLOG
    past = {id_ for _, id_ in one.all()} - one.news()
    merged(one, shown, order, later)
    assert past.isdisjoint(one.news())


@law(shown=documents(), complete=st.booleans())
def test_merging_again_changes_nothing(merger: Callable[[], Merger], shown: Shown, complete: bool) -> None:
    one = merged(merger(), shown, list(SOURCES))
    before, feed = one.whole(), one.all()
    for name in reversed(SOURCES):
        one.pull(name, shown[name], complete=complete)
        report = one.merge()
        assert (report.entries.new, report.entries.updated) == (0, 0)
    assert (one.whole(), one.all()) == (before, feed)
