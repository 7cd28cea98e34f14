"""`FOLDER BATCH COUNT`: each source of the state in FOLDER shows COUNT entries that nobody has seen; they are merged.
Merging them is measured."""

import sys
from datetime import timedelta
from pathlib import Path

from aggregator.gc_tuning import collect_cycles_rarely
from aggregator.pipeline import merge
from aggregator.report import Report
from tests.bench.large_state import SOURCES, arrive, news, sources_of
from tests.bench.measure import print_spent
from tests.support.planet import NOON


def main(folder: str, batch: int, count: int) -> None:
    collect_cycles_rarely()
    planet = sources_of(Path(folder))
    arrive(planet, {f"s{n}": news(f"s{n}", batch, count) for n in range(SOURCES)}, batch)
    report = Report()
    with planet.app(NOON + timedelta(hours=batch)) as app:
        print_spent(lambda: merge(app, report, app.clock()))
    assert report.entries.new == SOURCES * count


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
