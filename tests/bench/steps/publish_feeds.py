"""`FOLDER FEEDS WHAT [N]`: publishes the categories of `categorized.py`; publishing is measured.

WHAT: `first` fills the state in FOLDER and publishes all; `all` publishes every feed again; `anew` does so as
`aggregator regenerate` does, which renders every entry; `one` publishes what the change of entry N concerns.
"""

import sys
from pathlib import Path

from aggregator.gc_tuning import collect_cycles_rarely
from aggregator.pipeline import merge
from aggregator.publish.publish import publish
from aggregator.render import Renderer
from aggregator.report import Report
from tests.bench.categorized import PER_FEED, categories, draft
from tests.bench.large_state import SOURCES, arrive, sources_of, subscribed
from tests.bench.measure import print_spent


def main(folder: str, feeds: int, what: str, n: int = 0) -> None:
    collect_cycles_rarely()
    assert Renderer.__name__  # loaded before anything is measured
    planet = sources_of(Path(folder))
    planet.config |= {"feeds": {"formats": ["atom", "rss"]}, "categories": {"most_new": 2 * feeds}}
    if what == "first":
        subscribed(planet)
        arrived = {f"s{s}": range(s, feeds * PER_FEED, SOURCES) for s in range(SOURCES)}
        arrive(planet, {id_: [draft(i, feeds) for i in some] for id_, some in arrived.items()})
    elif what == "one":
        arrive(planet, {f"s{n % SOURCES}": [draft(n, feeds, " changed")]})
    report = Report()
    with planet.app() as app:
        merge(app, report, app.clock())
        if what in {"all", "anew"}:
            with app.store.write() as tx:
                tx.feeds.mark_all_dirty()
        print_spent(lambda: publish(app, report, app.clock(), anew=what == "anew"))
    assert not report.problems
    assert what == "first" or report.entries.new == 0
    assert what != "one" or report.feeds.written == len(categories(feeds)[n])


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3], *map(int, sys.argv[4:]))
