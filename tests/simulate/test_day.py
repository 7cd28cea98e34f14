"""The simulation, with few sources: its counts are those of the rules that it uses."""

from pathlib import Path

from lxml import etree

from tests.simulate.__main__ import lines
from tests.simulate.chart import draw
from tests.simulate.costs import measured
from tests.simulate.day import GAP, simulate
from tests.simulate.population import SampledSource, sample


def test_the_sample_is_made_of_whole_hosts_and_parts_of_platforms() -> None:
    sources = sample(100_000, 100)
    assert 990 < len(sources) < 1010
    assert 190 < sum(one.kind == "platform" for one in sources) < 210
    assert len({one.host for one in sources if one.kind == "shared"}) == 6


def test_a_day_of_a_few_sources(tmp_path: Path) -> None:
    busy = [SampledSource(f"b{n}", f"own {n}", "own", 24.0, -3, validated=True, fails=False) for n in range(3)]
    dead = [SampledSource(f"d{n}", f"own {n}", "own", 0.01, -300, validated=True, fails=False) for n in range(3, 6)]
    day = simulate([*busy, *dead], 1)
    assert 3 * 24 <= sum(day.requests) <= 3 * 100 + 3 * 3
    assert 3 * 20 <= day.entries <= 3 * 24
    assert day.waited["own"].share(1) <= 1
    assert day.rounds.share(1) == 1
    draw(6, day, tmp_path / "day.svg")
    assert etree.parse(tmp_path / "day.svg").getroot().tag.endswith("svg")
    assert lines(6, day, measured())[0] == "6 sources, one of 1 simulated"


def test_a_platform_is_asked_once_a_gap_and_no_round_waits_for_all_of_it() -> None:
    hot = [SampledSource(f"h{n}", "platform 1", "platform", 24.0, -3, validated=True, fails=False) for n in range(40)]
    day = simulate(hot, 100)
    assert day.asked["platform 1"] <= 86_400 // GAP.total_seconds() + 200
    assert day.wanted["platform 1"] > day.asked["platform 1"]
    assert day.rounds.share(1) <= 6
