"""Feeds that are pulled and published: all new, one new entry in each, none new."""

import shutil
import sys
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from tests.bench.measure import Spent, interleaved, run_step, spent
from tests.bench.planets import Folder
from tests.bench.size import ROUNDS, sized
from tests.bench.table import Table
from tests.bench.upstream import Publishers, files_served, publishers
from tests.support.corpus import FEEDS

pytestmark = pytest.mark.bench

HOUR = timedelta(hours=1)
SFEED = shutil.which("sfeed_update")


@dataclass
class Reader:
    """lemon24/reader with a database of its own."""

    file: Path

    def subscribe(self, urls: Path) -> "Reader":
        self._do("add", str(urls))
        return self

    def update(self) -> Spent:
        return self._do("update")

    def open(self) -> Spent:
        return self._do("open")

    def _do(self, what: str, *words: str) -> Spent:
        return spent([sys.executable, "-m", "tests.bench.peers.reader_update", what, str(self.file), *words])


def written(folder: Path, publishers: Publishers) -> Path:
    """The addresses in a file."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "urls"
    file.write_text("\n".join(publishers.urls))
    return file


def cold(folder: Path, upstream: Publishers, round_: int) -> Spent:
    return Folder(folder / f"ours-{round_}").configure(upstream.urls).run()


def cold_reader(folder: Path, urls: Path, round_: int) -> Spent:
    return Reader(folder / f"reader-{round_}.db").subscribe(urls).update()


def test_cold(table: Table, tmp_path: Path) -> None:
    with publishers(sized(200, 20), 30) as upstream:
        urls = written(tmp_path, upstream)
        peers = [partial(cold_reader, tmp_path, urls), partial(_plain_loop, tmp_path, urls)]
        peers += [partial(_sfeed, tmp_path, upstream)] if SFEED else []
        ours, reader, loop, *sfeed = interleaved(ROUNDS, partial(cold, tmp_path, upstream), *peers)
    table.compare("cold", ours, reader)
    table.compare("cold_loop", ours, loop)
    if sfeed:
        table.compare("cold_sfeed", ours, *sfeed)
    else:
        table.skipped["cold_sfeed"] = "sfeed is not installed (Debian: sfeed)"


def _plain_loop(folder: Path, urls: Path, round_: int) -> Spent:
    command = [sys.executable, "-m", "tests.bench.peers.plain_loop", str(urls), str(folder / f"loop-{round_}")]
    return spent(command)


def _sfeed(folder: Path, upstream: Publishers, round_: int) -> Spent:
    """JSON feeds are no format of sfeed's: it fetches them, and finds nothing in them."""
    root = folder / f"sfeed-{round_}"
    root.mkdir()
    lines = "\n".join(f"  feed source-{n} {url}" for n, url in enumerate(upstream.urls))
    (root / "sfeedrc").write_text(f"sfeedpath={root}/feeds\nfeeds() {{\n{lines}\n}}\n")
    return spent([str(SFEED), root / "sfeedrc"])


def test_news(table: Table, tmp_path: Path) -> None:
    with publishers(sized(200, 20), 30) as upstream:
        planet = Folder(tmp_path / "ours").configure(upstream.urls)
        reader = Reader(tmp_path / "reader.db").subscribe(written(tmp_path, upstream))
        planet.run()
        reader.update()

        def poll(round_: int) -> Spent:
            upstream.show(round_)
            return planet.run(round_ * HOUR, "--force")

        table.compare("news", *interleaved(ROUNDS, poll, lambda _: reader.update()))


def test_not_modified(table: Table, tmp_path: Path) -> None:
    """What a poll adds that finds nothing new: the cost of a run that asks every source, less that of one that asks
    none. aiohttp's share is that of its requests."""
    with publishers(sized(1000, 100), 1) as upstream:
        urls = written(tmp_path, upstream)
        planet = Folder(tmp_path / "ours").configure(upstream.urls)
        reader = Reader(tmp_path / "reader.db").subscribe(urls)
        planet.run()
        reader.update()
        planet.run(HOUR, "--force")
        asked, idle, reader_asked, reader_idle, bare = interleaved(
            ROUNDS,
            lambda round_: planet.run(round_ * 2 * HOUR, "--force"),
            lambda round_: planet.run(round_ * 2 * HOUR),
            lambda _: reader.update(),
            lambda _: reader.open(),
            lambda _: run_step("peers.aiohttp_poll", urls),
        )
    ours = beyond(asked, idle)
    table.compare("not_modified", ours, beyond(reader_asked, reader_idle))
    table.compare("not_modified_bare", ours, bare)


def beyond(costs: list[Spent], base: list[Spent]) -> list[Spent]:
    return [Spent(one.cpu - other.cpu, one.wall - other.wall) for one, other in zip(costs, base, strict=True)]


def test_real(table: Table, tmp_path: Path) -> None:
    if not FEEDS.is_dir():
        table.skipped["real"] = "the corpus of real feeds is not here"
        pytest.skip(table.skipped["real"])
    with files_served(FEEDS) as upstream:
        urls = written(tmp_path, upstream)
        table.compare("real", *interleaved(2, partial(cold, tmp_path, upstream), partial(cold_reader, tmp_path, urls)))
