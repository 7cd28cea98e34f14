"""Files of the tree that differ from what was written are written again."""

import os
import shutil
from asyncio import Runner
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.errors import OutputError
from aggregator.model.published import FileRow
from aggregator.publish import output_tree as publish
from aggregator.publish.indexes import INDEXES
from aggregator.worker_pool import WorkerPool
from tests.support.planet import NOON, Planet, Upstream, rss

HOUR = timedelta(hours=1)
LATER = NOON + HOUR

Damage = Callable[[Path], None]


def entry(n: int, **more: str) -> dict[str, str]:
    words = {"title": f"Entry {n}", "link": f"https://blog.example/{n}", "description": f"What entry {n} says."}
    return words | {"pubDate": f"Mon, {n:02d} Nov 2026 08:00:00 GMT"} | more


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    """One server for all tests, because the copied state has its addresses."""
    server = Upstream()
    yield server
    server.close()


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory, runner: Runner, pool: WorkerPool, upstream: Upstream) -> Planet:
    """A tree with a file of every kind: feeds, pages, posts, sealed pages, an old address, health, indexes."""
    planet = Planet(tmp_path_factory.mktemp("published"), runner, pool)
    planet.post("a.md", "---\ntitle: A page\ndate: 2026-11-01\ncategories: [Local]\n---\nWords of a\n")
    url = upstream.serve("/a", rss(*(entry(n, category="Old") for n in range(1, 7)), title="A"))
    planet.config |= {
        "posts": [{"path": "posts"}],
        "sources": [{"url": url, "id": "a"}],
        "feeds": {
            "formats": ["atom", "rss", "json", "posts"],
            "archive_formats": ["atom", "json", "html"],
            "limit": 2,
            "archive": 2,
            "window": "0s",
        },
    }
    planet.run()
    planet.config["categories"] = {"aliases": {"New": ["Old"]}}
    planet.run(NOON + timedelta(days=2))
    paths = planet.tree().keys()
    kinds = {"old/atom.xml", "new/rss.xml", "health/atom.xml", "entries/a-page.html", "all/archive/1/1/feed.json"}
    assert paths >= {*kinds, *INDEXES}
    assert any("/posts/" in path for path in paths)
    return planet


@pytest.fixture
def full(planet: Planet, published: Planet) -> Planet:
    """A copy of the tree, with mtimes."""
    shutil.copytree(published.root, planet.root, dirs_exist_ok=True)
    planet.config = deepcopy(published.config)
    return planet


def files(planet: Planet) -> list[Path]:
    return sorted(file for file in (planet.root / "feeds").rglob("*") if file.is_file())


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def empty(file: Path) -> None:
    file.write_bytes(b"")


def overwrite(file: Path) -> None:
    file.write_bytes(b"x" * file.stat().st_size)


def delete(file: Path) -> None:
    file.unlink()


def link_elsewhere(file: Path) -> None:
    file.unlink()
    file.symlink_to("/nowhere/at/all")


def link_to_a_copy(file: Path) -> None:
    copy = file.with_name(f".{file.name}.copy")
    file.rename(copy)
    file.symlink_to(copy.name)


DAMAGES: list[Damage] = [cut, empty, overwrite, delete, link_elsewhere, link_to_a_copy]


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize("damage", DAMAGES)
def test_the_next_run_writes_damaged_files_again(full: Planet, damage: Damage) -> None:
    before = full.tree()
    for file in files(full):
        damage(file)
    full.run(NOON + timedelta(days=2, hours=1))
    tree = {path: sha256 for path, sha256 in full.tree().items() if not path.endswith(".copy")}
    assert tree == before
    assert not any(file.is_symlink() for file in files(full))


def hidden(file: Path) -> None:
    """Damage that changes neither size nor mtime."""
    times = file.stat()
    overwrite(file)
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize(
    ("damage", "feeds"), [(cut, ()), (hidden, ()), (empty, ("local",)), (overwrite, ("local",)), (hidden, ("local",))]
)
def test_regenerate_compares_bytes_of_all_files(full: Planet, damage: Damage, feeds: tuple[str, ...]) -> None:
    before = full.tree()
    for file in files(full):
        damage(file)
    full.regenerate(NOON + timedelta(days=2, hours=1), *feeds)
    assert full.tree() == before


@pytest.mark.torture
def test_a_copy_with_other_mtimes_is_not_written_again(full: Planet, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after a checkout or rsync. From then on the new mtimes are compared."""
    for file in files(full):
        os.utime(file, ns=(1, 1))
    reads: list[str] = []
    digest = publish.Tree.sha256

    def reading(tree: publish.Tree, path: str) -> str:
        reads.append(path)
        return digest(tree, path)

    monkeypatch.setattr(publish.Tree, "sha256", reading)
    full.run(NOON + timedelta(days=2, hours=1))
    assert {file.stat().st_mtime_ns for file in files(full)} == {1}
    assert sorted(reads) == sorted(full.tree())
    reads.clear()
    full.run(NOON + timedelta(days=2, hours=2))
    assert reads == []


def test_a_state_without_mtimes_records_them_and_writes_nothing(full: Planet) -> None:
    """As an older version left it."""
    with full.app(NOON + timedelta(days=2)) as app, app.store.write() as tx:
        tx.files.change({path: FileRow(row.sha256) for path, row in tx.files.rows().items()})
    times = {file: file.stat().st_mtime_ns for file in files(full)}
    cut(full.root / "feeds/all/rss.xml")
    before = full.tree() | {"all/rss.xml": ""}
    full.run(NOON + timedelta(days=2, hours=1))
    after = full.tree()
    assert after.keys() == before.keys()
    assert [path for path in after if after[path] != before[path]] == ["all/rss.xml"]
    times.pop(full.root / "feeds/all/rss.xml")
    assert {file: file.stat().st_mtime_ns for file in times} == times
    with full.app(NOON + timedelta(days=2)) as app, app.store.read() as tx:
        assert all(row.stamp for row in tx.files.rows().values())


def test_a_folder_in_place_of_a_file_is_reported_and_stays(full: Planet) -> None:
    file = full.root / "feeds/all/rss.xml"
    file.unlink()
    file.mkdir()
    (file / "mine.txt").write_text("mine")
    with pytest.raises(OutputError, match=r"all/rss\.xml is a folder where a file of ours must be"):
        full.run(NOON + timedelta(days=2, hours=1))
    assert (file / "mine.txt").read_text() == "mine"
    shutil.rmtree(file)
    full.run(NOON + timedelta(days=2, hours=2))
    assert file.is_file()


def test_the_target_of_a_link_is_not_changed(full: Planet, tmp_path: Path) -> None:
    theirs = tmp_path / "theirs.xml"
    theirs.write_text("theirs")
    file = full.root / "feeds/all/rss.xml"
    file.unlink()
    file.symlink_to(theirs)
    full.run(NOON + timedelta(days=2, hours=1))
    assert theirs.read_text() == "theirs"
    assert not file.is_symlink()


def test_a_linked_feed_folder_is_written_through_the_link_once(full: Planet, tmp_path: Path) -> None:
    """A part of the tree may be on another disk."""
    folder, elsewhere = full.root / "feeds/local", tmp_path / "elsewhere"
    folder.rename(elsewhere)
    folder.symlink_to(elsewhere, target_is_directory=True)
    assert full.run(NOON + timedelta(days=2, hours=1)).feeds.written == 0
    cut(elsewhere / "atom.xml")
    assert full.run(NOON + timedelta(days=2, hours=2)).feeds.written == 1


@pytest.mark.parametrize("text", ["", "{", "<html>"])
def test_an_index_that_is_not_json_is_written_again(full: Planet, text: str) -> None:
    before = full.tree()
    (full.root / "feeds/index.json").write_text(text)
    full.run(NOON + timedelta(days=2, hours=1))
    assert full.tree() == before


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize("text", ["null", '{"name": "aggregator"}', '{"feeds": [], "site": {"url": "x"}}'])
def test_another_programs_index_ends_the_run_before_anything_is_stored(full: Planet, text: str) -> None:
    index = full.root / "feeds/index.json"
    index.write_text(text)
    full.post("b.md", "---\ntitle: Another\n---\nWords of b\n")
    for work in (full.run, full.regenerate):
        with pytest.raises(OutputError, match=r"index\.json was not written by this program"):
            work(NOON + timedelta(days=2, hours=1))
    assert index.read_text() == text
    with full.app(NOON + timedelta(days=2)) as app, app.store.read() as tx:
        assert tx.facts.newest() == NOON + timedelta(days=2)
