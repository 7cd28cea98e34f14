"""Simulates a day of 10,000, 1,000,000 and 10,000,000 sources; prints what it came to, and draws the largest."""

import sys

from tests.simulate.chart import draw
from tests.simulate.costs import CORES, LOAD, SOURCE, Costs, measured
from tests.simulate.day import MINUTES, Day, simulate
from tests.simulate.population import sample

SIZES = ((10_000, 1), (1_000_000, 10), (10_000_000, 100))  # sources, and how many each of the sample stands for
HOUR = 60


def main(*words: str) -> None:
    """`words`: other numbers of sources; of a million, one of ten is simulated."""
    sizes = [(int(word), max(int(word) // 100_000, 1)) for word in words] or SIZES
    costs = measured()
    for count, weight in sizes:
        day = simulate(sample(count, weight), weight)
        print("\n".join(lines(count, day, costs)), end="\n\n", flush=True)
    draw(count, day)


def lines(count: int, day: Day, costs: Costs) -> list[str]:
    requests, changed = sum(day.requests), sum(day.changed)
    pulls = cores_of_pulls(day, costs)
    rate, busiest = requests / 86_400, max(hours(day.requests)) / 3600
    rows = {
        "requests": f"{requests:,} a day, {rate:,.1f} a second, {busiest:,.1f} in the busiest hour",
        "with news": f"{changed / requests:.0%} of them; {day.entries:,} new entries a day",
        "pulling": f"{pulls:.2f} cores in the busiest hour: {machines(pulls)} of {CORES} cores, half of them used",
        "merging": f"{day.entries * costs.merge / 3.6e6:.1f} h a day of one core, of 24",
        "publishing": f"{day.entries * costs.publish / 3.6e6:.1f} h a day of one core, each entry rendered once",
        "each time": f"{count * SOURCE / 60_000:.1f} min of one core, to read all sources before anything is merged",
        "rounds": f"merged after {day.rounds.share(0.5)} min, 99 of 100 after {day.rounds.share(0.99)}",
        "one host": f"gets {day.most_asked} requests a minute at most, a platform one a second",
    }
    return [
        f"{count:,} sources, one of {day.weight} simulated",
        *(f"  {name:<12}{text}" for name, text in rows.items()),
        *(_waits(kind, day) for kind in ("own", "shared", "platform")),
        *(_platform(name, day) for name, _ in day.wanted.most_common(4)),
    ]


def hours(minutes: list[int]) -> list[int]:
    return [sum(minutes[begin : begin + HOUR]) for begin in range(0, MINUTES, HOUR)]


def cores_of_pulls(day: Day, costs: Costs) -> float:
    """Cores that pulling takes in the busiest hour."""
    new = day.entries / max(sum(day.changed), 1)
    spent = zip(hours(day.requests), hours(day.changed), strict=True)
    each = costs.document + new * costs.entry
    return max(asked * costs.answer + news * each for asked, news in spent) / 3.6e6


def machines(cores: float) -> str:
    wanted = max(-int(-cores // (CORES * LOAD)), 1)
    return f"{wanted} machine{'s' * (wanted > 1)}"


def _waits(kind: str, day: Day) -> str:
    """How long sources were late."""
    waited = day.waited[kind]
    shares = ", ".join(f"{part:g} % at most {waited.share(part / 100)} min" for part in (50, 99, 100))
    hosts = {"own": "hosts of their own", "shared": "hosts of fifty", "platform": "platforms"}[kind]
    return f"  late        {hosts}: {shares}"


def _platform(name: str, day: Day) -> str:
    asked, wanted = day.asked[name], day.wanted[name]
    enough = f"{wanted / 86_400:.1f} a second would be enough"
    return f"  {name:<12}{asked:,} requests of {wanted:,}: {enough}; {day.overdue[name]:,} are late at midnight"


if __name__ == "__main__":
    main(*sys.argv[1:])
