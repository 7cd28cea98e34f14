"""What is removed, restored, withdrawn or shown again: a feed tells what it does not show, and only for its time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from aggregator.overrides.apply import keep
from tests.scenarios.test_withdrawals import Gazette, atom, entry, stone
from tests.support.planet import NOON, Planet, Upstream

HOUR, WEEK, MONTH = timedelta(hours=1), timedelta(days=7), timedelta(days=30)
NUMBERS = range(11, 17)
STEPS = st.tuples(
    st.sampled_from(["remove", "restore", "bury", "show"]),
    st.sampled_from(NUMBERS),
    st.sampled_from([HOUR, WEEK - HOUR, WEEK, MONTH]),
)


@dataclass
class Fate:
    """What is true of one entry. `told_at`: since when it is told, None where it is not."""

    is_buried: bool = False
    is_removed: bool = False
    told_at: datetime | None = None
    has_stub: bool = False

    @property
    def is_shown(self) -> bool:
        return not (self.is_buried or self.is_removed)

    def remove(self, at: datetime) -> None:
        if self.is_shown or (self.told_at and not self.is_removed):
            self.has_stub |= self.is_shown
            self.told_at = at
        self.is_removed = True

    def restore(self, _: datetime) -> None:
        if self.is_removed:
            self.is_removed, self.told_at, self.has_stub = False, None, False

    def bury(self, at: datetime) -> None:
        if self.is_shown:
            self.told_at, self.has_stub = at, True
        self.is_buried = True

    def show(self, _: datetime) -> None:
        self.is_buried = False
        if self.is_shown:
            self.told_at, self.has_stub = None, False

    def age(self, at: datetime) -> None:
        if self.told_at and self.told_at <= at - WEEK:
            self.has_stub = False
        if self.told_at and self.told_at <= at - MONTH:
            self.told_at = None


@pytest.fixture
def fresh(planet: Planet, upstream: Upstream, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Gazette]:
    def make() -> Gazette:
        one = Planet(tmp_path_factory.mktemp("law"), planet.runner, planet.pool)
        one.config["sources"] = [{"url": upstream.serve("/blog", atom(*map(entry, NUMBERS))), "id": "blog"}]
        one.run(NOON)
        return Gazette(one, upstream)

    return make


@pytest.mark.portions(8)
@settings(max_examples=2, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, min_size=1, max_size=7))
@example(steps=[("bury", 15, HOUR), ("remove", 15, HOUR), ("restore", 15, HOUR)])
@example(steps=[("bury", 15, HOUR), ("remove", 15, HOUR)])
def test_a_feed_tells_what_it_does_not_show_and_only_for_its_time(
    fresh: Callable[[], Gazette], steps: list[tuple[str, int, timedelta]]
) -> None:
    gazette, at = fresh(), NOON
    fates = {f"https://blog.example/{n}": Fate() for n in NUMBERS}
    for act, number, pause in steps:
        at += pause
        id_ = f"https://blog.example/{number}"
        fate = fates[id_]
        if act == "remove" or (act == "restore" and fate.is_removed):
            with gazette.planet.app(at) as app:
                keep(app, "remove" if act == "remove" else "restore", [id_])
        getattr(fate, act)(at)
        buried = {n for n in NUMBERS if fates[f"https://blog.example/{n}"].is_buried}
        gazette.show(*(entry(n) for n in NUMBERS if n not in buried), *map(stone, sorted(buried)))
        gazette.run(at)
        for one in fates.values():
            one.age(at)
        assert set(gazette.planet.ids()) == {name for name, one in fates.items() if one.is_shown}
        told = {name: one.told_at for name, one in fates.items() if one.told_at}
        assert {name: datetime.fromisoformat(when) for name, when in gazette.stones().items()} == told
        stubs = {name for name, one in fates.items() if one.has_stub}
        assert [set(some) for some in gazette.stubs().values()] == [stubs, stubs] or len(stubs) > 5
    tree = gazette.planet.tree()
    gazette.run(at)
    gazette.planet.regenerate(at)
    assert gazette.planet.tree() == tree
