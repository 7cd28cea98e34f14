"""The dates that the next polls depend on, of one source and of many."""

from datetime import timedelta
from pathlib import Path

from tests.support.merging import Merger, draft
from tests.support.planet import NOON


def test_many_sources_have_the_dates_that_each_has(tmp_path: Path, blank_state: Path) -> None:
    homes = {id_: f"https://{id_}.example/" for id_ in ("many", "one", "none")}
    merger = Merger(tmp_path, blank_state, homes)
    for source, count in (("many", 14), ("one", 1)):
        drafts = [
            draft(f"{source} {n}", f"text {n}", guid=f"{source}-{n}", at=NOON - timedelta(hours=n * 7 % 11, minutes=n))
            for n in range(count)
        ]
        merger.pull(source, drafts)
    merger.merge()
    with merger.store.read() as tx:
        found = tx.entries.newest_dates_of(["one", "none", "many"])
        assert found == {id_: tx.entries.newest_dates(id_) for id_ in ("one", "many")}
        assert len(found["many"]) == 10
        assert found["many"] == sorted(found["many"], reverse=True)
    merger.close()
