"""Many feeds published again, and what one changed entry concerns among them."""

import json
from pathlib import Path

import pytest

from tests.bench.categorized import IN_EACH, PER_FEED, address, at, body, categories
from tests.bench.measure import Spent, interleaved, run_step
from tests.bench.size import ROUNDS, sized
from tests.bench.table import Table

pytestmark = pytest.mark.bench

FEEDS = sized(500, 50)


def test_regenerate(table: Table, tmp_path: Path) -> None:
    feeds = tmp_path / "feeds.json"
    feeds.write_text(json.dumps(_as_feedgen_takes_them()))
    ours = tmp_path / "ours"
    ours.mkdir()
    _publish(ours, "first")
    every, loop, anew, one = interleaved(
        ROUNDS,
        lambda _: _publish(ours, "all"),
        lambda round_: run_step("peers.feedgen_loop", feeds, tmp_path / f"loop-{round_}"),
        lambda _: _publish(ours, "anew"),
        lambda round_: _publish(ours, "one", str(200 + 7 * round_)),
    )
    table.compare("regenerate", every, loop)
    table.compare("one_changed", one, anew)
    table.compare("one_changed_rows", one, every)


def _publish(folder: Path, what: str, *words: str) -> Spent:
    return run_step("steps.publish_feeds", folder, str(FEEDS), what, *words)


def _as_feedgen_takes_them() -> object:
    entries = [
        {
            "id": address(n),
            "title": f"Entry {n}",
            "at": at(n).isoformat(),
            "author": f"Author {n % 300}",
            "html": body(n),
            "terms": categories(FEEDS)[n],
        }
        for n in range(FEEDS * PER_FEED)
    ]
    feeds: dict[str, list[int]] = {}
    for n, names in categories(FEEDS).items():
        for name in names:
            feeds.setdefault(name, []).append(n)
    assert {len(some) for some in feeds.values()} == {IN_EACH}
    return {"entries": entries, "feeds": feeds}
