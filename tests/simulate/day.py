"""A simulated day, minute by minute: rounds, queues at hosts, answers, and the next turn of each source."""

import heapq
from collections import Counter, defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from aggregator.model.poll_hints import NO_HINT
from aggregator.polling import PollState, Schedule, poll_after_answer, poll_after_failure
from aggregator.polling.rounds import most_of_a_host
from aggregator.workers.timing import MOST_OF_A_HOST, Timing
from tests.simulate.population import SampledSource

START = datetime(2026, 11, 30, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
MINUTES = DAY // MINUTE
GAP = timedelta(seconds=1)  # fetch.gap: between two requests to a host
HINTS: dict[str, str] = {}  # no publisher asks for anything
SCHEDULE = Schedule()
TIMING = Timing()


@dataclass(slots=True)
class Waited:
    """How long sources waited beyond their turn, in minutes → how many did."""

    minutes: Counter[int] = field(default_factory=Counter)

    def share(self, part: float) -> int:
        """So many minutes at most waits this part of them."""
        rest = part * self.minutes.total()
        for minutes, count in sorted(self.minutes.items()):
            rest -= count
            if rest <= 0:
                return minutes
        return 0


@dataclass(slots=True)
class Day:
    """What a day came to, for all sources, not for the sample: `requests` and `changed` by minute; `entries`: new ones;
    `waited`: by kind of host; `asked`: requests by platform; `overdue`: sources whose turn has passed, by platform,
    when the day ends; `rounds`: how many minutes each took."""

    weight: int
    requests: list[int] = field(default_factory=lambda: [0] * MINUTES)
    changed: list[int] = field(default_factory=lambda: [0] * MINUTES)
    entries: int = 0
    waited: defaultdict[str, Waited] = field(default_factory=lambda: defaultdict(Waited))
    asked: Counter[str] = field(default_factory=Counter)
    wanted: Counter[str] = field(default_factory=Counter)  # requests a day that would leave nobody late, by platform
    most_asked: int = 0  # requests that one host got in a minute, at most; platforms are asked once a gap anyway
    overdue: Counter[str] = field(default_factory=Counter)
    rounds: Waited = field(default_factory=Waited)


class _Host:
    """Answers one request a gap. `gap`: in seconds; a request of the sample stands for `weight` at a platform."""

    __slots__ = ("free_at", "gap", "queue")

    def __init__(self, gap: float) -> None:
        self.gap = gap
        self.free_at = 0.0
        self.queue: deque[tuple[SampledSource, int]] = deque()  # with the number of the round


def simulate(sources: Sequence[SampledSource], weight: int) -> Day:
    return _Simulation(sources, weight).run()


class _Simulation:
    def __init__(self, sources: Sequence[SampledSource], weight: int) -> None:
        self.day = Day(weight)
        self.weight = weight
        self.hosts: dict[str, _Host] = {}
        self.known: dict[str, PollState] = {}
        self.seen: dict[str, int] = {}  # how many entries each had when it was asked last
        self.due: list[tuple[float, int]] = []  # (seconds of the day, place in `sources`)
        self.sources = sources
        self.places = {one.id: place for place, one in enumerate(sources)}
        self.turns: dict[str, float] = {}
        self.open: dict[int, int] = {}  # round → sources that it waits for
        self.busy: set[str] = set()  # hosts with queues
        self.late: defaultdict[str, list[int]] = defaultdict(list)  # due sources that wait for another round
        for place, one in enumerate(sources):
            self._begin(place, one)

    def _begin(self, place: int, one: SampledSource) -> None:
        """As if it had been asked before, some time within its interval."""
        gap = GAP.total_seconds() * (self.weight if one.kind == "platform" else 1)
        self.hosts.setdefault(one.host, _Host(gap))
        before = _fraction(place)
        self.known[one.id] = PollState(one.id, SCHEDULE)
        self.seen[one.id] = one.published(0)
        interval = self._next_turn(one, 0.0)
        if one.kind == "platform":
            self.day.wanted[one.host] += round(self.weight * DAY.total_seconds() / interval)
        self._plan(one, interval * before)

    def run(self) -> Day:
        for minute in range(MINUTES):
            self._open_round(minute)
            self._answer(minute)
            self._end_rounds(minute)
        end = DAY.total_seconds()
        for one in self.sources:
            if self.turns[one.id] < end and one.kind == "platform":
                self.day.overdue[one.host] += self.weight
        return self.day

    # rounds, as tx.rounds.open and to_merge make them

    def _open_round(self, minute: int) -> None:
        now, taken = minute * 60.0, 0
        while self.due and self.due[0][0] <= now:
            _, place = heapq.heappop(self.due)
            self.late[self.sources[place].host].append(place)
        for name in list(self.late):
            host, places = self.hosts[name], self.late[name]
            most = most_of_a_host(timedelta(seconds=host.gap), TIMING.tick, MOST_OF_A_HOST) - len(host.queue)
            if most <= 0:
                continue
            host.queue.extend((self.sources[place], minute) for place in places[:most])
            taken += len(places[:most])
            self.busy.add(name)
            if rest := places[most:]:
                self.late[name] = rest
            else:
                del self.late[name]
        if taken:
            self.open[minute] = taken

    def _end_rounds(self, minute: int) -> None:
        assert TIMING.round_lasts
        lasts = TIMING.round_lasts // MINUTE
        for number in sorted(self.open):
            if self.open[number] and minute - number < lasts:
                break
            self.day.rounds.minutes[minute - number + 1] += 1
            self._give_back(number)
            del self.open[number]

    def _give_back(self, number: int) -> None:
        """Those that a round could not wait for are due as before."""
        if not self.open[number]:
            return
        for name in list(self.busy):
            host = self.hosts[name]
            left = [one for one, of in host.queue if of == number]
            if left:
                self.late[name][:0] = [self.places[one.id] for one in left]
                host.queue = deque((one, of) for one, of in host.queue if of != number)
                if not host.queue:
                    self.busy.discard(name)

    # answers

    def _answer(self, minute: int) -> None:
        """Every host answers those in its queue, as far as the gap allows."""
        end = (minute + 1) * 60.0
        for name in list(self.busy):
            host, answered = self.hosts[name], 0
            while host.queue and (at := max(host.free_at, minute * 60.0)) < end:
                one, number = host.queue.popleft()
                host.free_at = at + host.gap
                self._ask(one, at, minute)
                answered += 1
                if number in self.open:
                    self.open[number] -= 1
            if host.gap == GAP.total_seconds():
                self.day.most_asked = max(self.day.most_asked, answered)
            if not host.queue:
                self.busy.discard(name)

    def _ask(self, one: SampledSource, at: float, minute: int) -> None:
        day = self.day
        day.requests[minute] += self.weight
        day.waited[one.kind].minutes[int((at - self.turns[one.id]) // 60)] += self.weight
        if one.kind == "platform":
            day.asked[one.host] += self.weight
        if not one.fails:
            new = one.published(at / 86_400) - self.seen[one.id]
            if new:
                day.changed[minute] += self.weight
                day.entries += new * self.weight
                self.seen[one.id] += new
        self._plan(one, at + self._next_turn(one, at))

    def _plan(self, one: SampledSource, at: float) -> None:
        self.turns[one.id] = at
        heapq.heappush(self.due, (at, self.places[one.id]))

    def _next_turn(self, one: SampledSource, at: float) -> float:
        """Seconds until its next turn, as the program decides it."""
        now = START + timedelta(seconds=at)
        known = self.known[one.id]
        if one.fails:
            found = poll_after_failure(known, now)
            self.known[one.id] = PollState(one.id, SCHEDULE, failures=min(found.failures, 20), hints=NO_HINT)
        else:
            found = poll_after_answer(known, now, status=200, headers=HINTS, published=_dates(one, at))
        return (found.next_poll_at - now).total_seconds()


def _dates(one: SampledSource, at: float) -> list[datetime]:
    """Of the newest entries."""
    day, last = at / 86_400, one.published(at / 86_400) - 1
    return [START + timedelta(days=one.phase + (last - n) / one.rate) for n in range(10) if day >= 0]


def _fraction(number: int) -> float:
    """Spread evenly over [0, 1)."""
    return (number * 0.6180339887) % 1
