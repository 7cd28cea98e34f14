"""Posts: read for the first time, unchanged, and as the tree that is made of them."""

import sys
from functools import partial
from pathlib import Path

import pytest

from tests.bench.corpus import write_posts
from tests.bench.measure import Spent, interleaved, run_step, spent
from tests.bench.planets import Folder
from tests.bench.size import ROUNDS, sized
from tests.bench.table import Result, Table

pytestmark = pytest.mark.bench


def test_posts(table: Table, tmp_path: Path) -> None:
    written = tmp_path / "posts"
    write_posts(written, sized(3000, 300))
    table.compare("posts", *interleaved(ROUNDS, partial(_cold, tmp_path, written), partial(_loop, written)))


def _cold(folder: Path, posts: Path, round_: int) -> Spent:
    return Folder(folder / str(round_)).configure(posts=[{"path": str(posts)}]).run()


def _loop(posts: Path, _: int) -> Spent:
    return spent([sys.executable, "-m", "tests.bench.peers.frontmatter_nh3", posts])


def test_unchanged(table: Table, tmp_path: Path) -> None:
    write_posts(tmp_path / "posts", sized(100_000, 5_000))
    ours = partial(run_step, "steps.unchanged_posts", tmp_path)
    walk = partial(run_step, "peers.stat_walk", tmp_path / "posts")
    table.compare("posts_unchanged", *interleaved(ROUNDS, lambda _: ours(), lambda _: walk()))


def test_bytes(table: Table, tmp_path: Path) -> None:
    content = write_posts(tmp_path / "posts", sized(1500, 150))
    planet = Folder(tmp_path).configure()
    planet.run()
    table.results["bytes"] = Result(planet.weight() / content, planet.weight(), content)
