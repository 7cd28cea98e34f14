"""--dry-run: the report of a run, and nothing of the run."""

import asyncio
import fcntl
import itertools
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from copy import deepcopy
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from aggregator import pipeline
from aggregator.app import App
from aggregator.config import load_config
from aggregator.errors import AggregatorError, ClockError, OutputError, StateError
from aggregator.one_shot.batch import RunOptions
from aggregator.preview.dry_run import DryRunResult, app_on_copy, compare, take_snapshot
from aggregator.report import Report
from aggregator.store import Store
from aggregator.store.fact_names import PLACEMENT_SETTINGS
from aggregator.worker_pool import WorkerPool
from tests.commands.test_cli import aggregator, report
from tests.support.planet import NOON, Planet, Upstream, rss

HOUR = timedelta(hours=1)
POST = "---\ntitle: {title}\ndate: 2026-11-01\ncategories: [{category}]\n---\nWords of {title}.\n"


@pytest.fixture(autouse=True)
def temporary(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where copies are made; nothing may be left there, whatever the test does."""
    folder = tmp_path_factory.mktemp("temporary")
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    yield folder
    assert list(folder.iterdir()) == []


@pytest.fixture(scope="module")
def built(
    tmp_path_factory: pytest.TempPathFactory, runner: asyncio.Runner, pool: WorkerPool
) -> Iterator[tuple[Planet, Upstream]]:
    """A planet that ran an hour ago: two posts and a feed of two entries."""
    upstream, planet = Upstream(), Planet(tmp_path_factory.mktemp("built"), runner, pool)
    planet.config["posts"] = [{"path": "posts"}]
    planet.post("a.md", POST.format(title="A post", category="News"))
    planet.post("b.md", POST.format(title="Another", category="Old"))
    planet.config["sources"] = [{"url": upstream.serve("/feed", rss(item(1), item(2))), "id": "feed"}]
    planet.run(NOON - HOUR)
    yield planet, upstream
    upstream.close()


@pytest.fixture
def upstream(built: tuple[Planet, Upstream]) -> Upstream:
    upstream = built[1]
    upstream.asked.clear()
    upstream.serve("/feed", rss(item(1), item(2)))
    return upstream


@pytest.fixture
def standing(built: tuple[Planet, Upstream], upstream: Upstream, tmp_path: Path) -> Planet:
    planet = built[0]
    shutil.copytree(planet.root, tmp_path / "planet")
    return replace(planet, root=tmp_path / "planet", config=deepcopy(planet.config))


def item(n: int, **more: str) -> dict[str, str]:
    link = f"https://blog.example/{n}"
    date, text = f"Mon, {n:02d} Nov 2026 08:00:00 GMT", f"What number {n} says."
    return {"title": f"Entry {n}", "link": link, "guid": link, "pubDate": date, "description": text} | more


def disk(root: Path) -> dict[str, tuple[int, bytes]]:
    """Everything below: when it was changed, and what it holds (for a folder: nothing)."""
    paths = [root, *root.rglob("*")]
    return {str(p): (p.stat().st_mtime_ns, b"" if p.is_dir() else p.read_bytes()) for p in paths}


def house_of(planet: Planet, now: datetime) -> App:
    """As a command would have it before anything is opened."""
    file = planet.root / "config.yaml"
    text = yaml.safe_dump(planet.config, allow_unicode=True, sort_keys=False)
    if file.read_text(encoding="utf-8") != text:
        file.write_text(text, encoding="utf-8")
    config = load_config(file, {})
    return App(config, Store(config.root / config.state), lambda: now)


def rehearsed(
    planet: Planet, now: datetime = NOON, *, again: bool = False, **options: Any
) -> tuple[Report, DryRunResult]:
    """`again`: regenerate instead of run. Checks for every dry run that nothing is changed by it."""
    given = house_of(planet, now)
    before = disk(planet.root)
    try:
        with app_on_copy(given) as app:
            there = take_snapshot(app)
            if again:
                report = planet.runner.run(pipeline.regenerate(app, planet.pool))
            else:
                report = planet.runner.run(pipeline.run(app, planet.pool, RunOptions(**options)))
            return report, compare(app, there)
    finally:
        assert disk(planet.root) == before


def counted(report: Report) -> dict[str, Any]:
    return report.as_json() | {"seconds": 0.0}


# ── the report is that of a run ─────────────────────────────────────────────────────────────────────────────────


def nothing(planet: Planet, upstream: Upstream) -> None:
    pass


def news(planet: Planet, upstream: Upstream) -> None:
    upstream.serve("/feed", rss(item(3, category="Fresh"), item(2, description="Something else now."), item(1)))
    planet.post("a.md", POST.format(title="A post", category="News") + "More words.\n")
    planet.post("c.md", POST.format(title="The third", category="News"))
    (planet.root / "posts" / "b.md").unlink()


def a_source_that_fails(planet: Planet, upstream: Upstream) -> None:
    upstream.serve("/feed", "<html></html>")


def another_config(planet: Planet, upstream: Upstream) -> None:
    planet.config["feeds"] = {"formats": ["atom"], "per_source": True}
    planet.config["categories"] = {"aliases": {"Newer": ["News"]}}
    planet.config["sources"] = []


def a_damaged_tree(planet: Planet, upstream: Upstream) -> None:
    (planet.root / "feeds" / "all" / "atom.xml").unlink()
    shutil.rmtree(planet.root / "feeds" / "news")
    (planet.root / "feeds" / ".aggregator-staging").mkdir()
    (planet.root / "feeds" / ".aggregator-staging" / "0").write_bytes(b"half")


def no_output_at_all(planet: Planet, upstream: Upstream) -> None:
    shutil.rmtree(planet.root / "feeds")


@pytest.mark.variants(quick=2)
@pytest.mark.parametrize(
    "change", [nothing, news, a_source_that_fails, another_config, a_damaged_tree, no_output_at_all]
)
def test_it_changes_nothing_and_reports_what_the_run_after_it_does(
    standing: Planet, upstream: Upstream, change: Callable[[Planet, Upstream], None]
) -> None:
    change(standing, upstream)
    said, _ = rehearsed(standing, force=True)
    assert counted(standing.run(force=True)) == counted(said)


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize("change", [news, another_config])
def test_so_does_a_dry_run_of_regenerate(
    standing: Planet, upstream: Upstream, change: Callable[[Planet, Upstream], None]
) -> None:
    change(standing, upstream)
    said, _ = rehearsed(standing, again=True)
    assert counted(standing.regenerate()) == counted(said)


@pytest.mark.torture
def test_the_run_after_it_still_finds_what_is_new(standing: Planet, upstream: Upstream) -> None:
    validator = upstream.pages["/feed"][1]["ETag"]
    upstream.serve("/feed", rss(item(3), item(2), item(1)))
    assert rehearsed(standing, force=True)[0].entries.new == 1
    assert "Entry 3" not in standing.titles()
    standing.run(force=True)
    assert [headers["if-none-match"] for _, headers in upstream.asked] == [validator, validator]
    assert "Entry 3" in standing.titles()


# ── what would become of entries ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.torture
@pytest.mark.parametrize("now", [NOON, NOON - HOUR], ids=["later", "at-the-same-time"])
def test_it_names_what_would_be_new_and_updated(standing: Planet, upstream: Upstream, now: datetime) -> None:
    upstream.serve("/feed", rss(item(4, title="<i>Fine</i> &amp; good"), item(2, description="Else."), item(1)))
    standing.post("c.md", POST.format(title="The third", category="News"))
    _, would = rehearsed(standing, now, force=True)
    assert [(one.title, one.source) for one in would.new] == [("The third", "posts"), ("Fine & good", "feed")]
    assert [asdict(one) for one in would.updated] == [
        {"id": "https://blog.example/2", "title": "Entry 2", "source": "feed"}
    ]
    assert would.held == ()
    standing.run(now, force=True)
    assert {one.id for one in would.new} <= set(standing.ids())
    assert rehearsed(standing, now, force=True)[1] == DryRunResult((), (), (), ())


@pytest.mark.torture
def test_it_names_what_would_be_held_and_what_would_come_onto_pages(standing: Planet, upstream: Upstream) -> None:
    for n in range(3, 9):
        upstream.serve("/feed", rss(item(n), item(n - 1)))
        standing.run(NOON + n * HOUR, force=True)
    flood = [item(8)] + [item(n, pubDate="Mon, 04 Nov 2024 08:00:00 GMT") for n in range(100, 140)]
    upstream.serve("/feed", rss(*flood))
    later = NOON + 9 * HOUR
    said, would = rehearsed(standing, later, force=True)
    assert (said.entries.held, len(would.held), would.new) == (40, 40, ())
    assert would.held[0].id == "https://blog.example/100"
    assert standing.run(later, force=True).entries.held == 40
    said, would = rehearsed(standing, later + timedelta(days=2), force=True)
    assert (said.entries.archived, len(would.archived), would.new, would.held) == (40, 40, (), ())


@pytest.mark.torture
def test_of_many_the_first_200_are_named(standing: Planet, upstream: Upstream) -> None:
    upstream.serve("/feed", rss(*(item(1, guid=f"urn:x:{n}", link=f"https://blog.example/x/{n}", title=f"Number {n}",
                                       description=f"Words {n}.") for n in range(300))))  # fmt: skip
    said, would = rehearsed(standing, force=True)
    assert (said.entries.new, len(would.new)) == (300, 200)


# ── what it refuses ─────────────────────────────────────────────────────────────────────────────────────────────


def empty_state(root: Path) -> None:
    shutil.rmtree(root / ".aggregator")


def foreign_state(root: Path) -> None:
    (root / ".aggregator/state.db").write_bytes(b"not a database" * 99)


def cut_state(root: Path) -> None:
    state = root / ".aggregator/state.db"
    state.write_bytes(state.read_bytes()[:5000])


def folder_for_state(root: Path) -> None:
    empty_state(root)
    (root / ".aggregator/state.db").mkdir(parents=True)


def newer_state(root: Path) -> None:
    with closing(sqlite3.connect(root / ".aggregator/state.db")) as state, state:
        state.execute("UPDATE alembic_version SET version_num = '9999'")


def file_for_output(root: Path) -> None:
    shutil.rmtree(root / "feeds")
    (root / "feeds").write_text("mine")


def foreign_file(root: Path) -> None:
    (root / "posts/d.md").write_text(POST.format(title="D", category="Theirs"))
    (root / "feeds/theirs").mkdir()
    (root / "feeds/theirs/atom.xml").write_text("mine")


REFUSED = {
    empty_state: (StateError, "is empty"),
    foreign_state: (StateError, "not an SQLite database"),
    cut_state: (StateError, "state.db"),
    folder_for_state: (StateError, "is a folder"),
    newer_state: (StateError, "newer version"),
    file_for_output: (OutputError, "a file stands where a folder must be"),
    foreign_file: (OutputError, "feeds/theirs/atom.xml was not written by this program"),
}


@pytest.mark.variants(quick=3)
@pytest.mark.parametrize(("damage", "kind", "said"), [(one, *told) for one, told in REFUSED.items()])
def test_what_a_run_refuses_it_refuses(
    standing: Planet, damage: Callable[[Path], None], kind: type[AggregatorError], said: str
) -> None:
    damage(standing.root)
    with pytest.raises(kind, match=said) as refused:
        rehearsed(standing)
    assert str(standing.root) in str(refused.value)
    with pytest.raises(kind, match=said):
        standing.run()


def test_a_clock_that_went_back_is_refused(standing: Planet) -> None:
    with pytest.raises(ClockError):
        rehearsed(standing, NOON - timedelta(days=2))


@pytest.mark.torture
def test_what_fresh_would_do_can_be_seen_first(standing: Planet) -> None:
    empty_state(standing.root)
    said, _ = rehearsed(standing, fresh=True)
    assert said.entries.new == 4
    assert counted(standing.run(fresh=True)) == counted(said)


def test_an_error_in_the_middle_leaves_nothing(standing: Planet, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(pipeline, "publish", fail)
    with pytest.raises(ZeroDivisionError):
        rehearsed(standing)


# ── beside others ───────────────────────────────────────────────────────────────────────────────────────────────


def test_it_works_beside_who_holds_the_lock_and_sees_what_was_committed(standing: Planet) -> None:
    standing.post("c.md", POST.format(title="The third", category="News"))
    with standing.app() as busy, busy.store.write() as tx:
        tx.facts.set(PLACEMENT_SETTINGS, "half a transaction")
        beside = {path: held for path, held in disk(standing.root).items() if not path.endswith("-shm")}
        with app_on_copy(house_of(standing, NOON)) as app:
            report = standing.runner.run(pipeline.run(app, standing.pool, RunOptions()))
        assert (report.entries.new, report.feeds.written) == (1, 2)
        assert {path: held for path, held in disk(standing.root).items() if not path.endswith("-shm")} == beside
    with standing.app() as after, after.store.read() as tx:
        assert tx.facts.get(PLACEMENT_SETTINGS) == "half a transaction"


def test_what_a_killed_run_left_beside_the_state_is_seen_and_stays(standing: Planet) -> None:
    state = standing.root / ".aggregator" / "state.db"
    with standing.app() as app:
        with app.store.write() as tx:
            tx.facts.set("left", "behind")
        left = {path.name: path.read_bytes() for path in state.parent.glob("state.db*")}
    for name, data in left.items():
        (state.parent / name).write_bytes(data)
    assert left["state.db-wal"]
    with app_on_copy(house_of(standing, NOON)) as app, app.store.read() as tx:
        assert tx.facts.get("left") == "behind"
    assert {name: (state.parent / name).read_bytes() for name in left if not name.endswith("-shm")} == {
        name: data for name, data in left.items() if not name.endswith("-shm")
    }


def test_a_copy_is_of_one_moment_however_busy_the_state_is(tmp_path: Path, blank_state: Path) -> None:
    path, done = tmp_path / "state.db", threading.Event()
    shutil.copy(blank_state, path)

    def work() -> None:
        numbers = itertools.count()
        while not done.is_set():
            store = Store(path)  # opened and closed each time: the files beside it come and go
            store.open()
            for n in itertools.islice(numbers, 3):
                with store.write() as tx:
                    tx.facts.set("one", f"{n}" * 3000)
                    tx.facts.set("other", f"{n}" * 3000)
            store.close()

    busy = threading.Thread(target=work)
    busy.start()
    try:
        for n in range(15):
            Store(path).copy_to(tmp_path / f"copy-{n}")
    finally:
        done.set()
        busy.join()
    for n in range(15):
        with closing(sqlite3.connect(tmp_path / f"copy-{n}")) as copy:
            assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert copy.execute("SELECT count(DISTINCT value) FROM fact WHERE name LIKE 'o%'").fetchone()[0] <= 1


@pytest.mark.parametrize("name", ["state.db", "a b", "q?mode=memory", "h#1", "100%25", "ü"])
def test_a_state_of_any_name_is_copied(tmp_path: Path, blank_state: Path, name: str) -> None:
    store = Store(tmp_path / name)
    shutil.copy(blank_state, store.at)
    store.open()
    with store.write() as tx:
        tx.facts.set("name", name)
    store.close()
    before = disk(tmp_path)
    store.copy_to(tmp_path.parent / f"{tmp_path.name}-copy")
    assert disk(tmp_path) == before
    with closing(sqlite3.connect(tmp_path.parent / f"{tmp_path.name}-copy")) as copy:
        assert copy.execute("SELECT value FROM fact WHERE name = 'name'").fetchall() == [(name,)]


# ── the commands ────────────────────────────────────────────────────────────────────────────────────────────────

CONFIG = "site: {title: Planet, url: https://planet.example/, since: 2026-11-23}\nposts: [{path: posts}]\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "config.yaml").write_text(CONFIG)
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts/a.md").write_text(POST.format(title="First", category="News"))
    return tmp_path


@pytest.mark.torture
def test_on_a_fresh_folder_the_command_leaves_nothing_behind(folder: Path) -> None:
    before = disk(folder)
    document = report(aggregator(folder, "run", "--dry-run", "--json"))
    assert disk(folder) == before
    (new,) = document["would"].pop("new")
    assert (new["title"], new["source"], document["would"]) == (
        "First",
        "posts",
        {"updated": [], "held": [], "archived": []},
    )
    assert document.pop("dry_run") is True
    del document["would"]
    done = report(aggregator(folder, "run", "--json"))
    assert document | {"seconds": 0} == done | {"seconds": 0}


@pytest.mark.torture
def test_the_command_says_on_a_terminal_that_nothing_was_done(folder: Path, blank_state: Path) -> None:
    (folder / ".aggregator").mkdir()
    shutil.copy(blank_state, folder / ".aggregator" / "state.db")
    for n in range(8):
        (folder / f"posts/{n}.md").write_text(POST.format(title=f"[red]Post {n}", category="More"))
    before = disk(folder)
    done = aggregator(folder, "regenerate", "--dry-run")
    assert (done.returncode, done.stdout) == (0, "")
    lines = done.stderr.splitlines()
    assert "would be new: [red]Post 0 (posts)" in lines
    assert "… and 4 more that would be new; -v or --json shows all" in lines
    assert lines[-1].endswith("nothing was stored or written (--dry-run)")
    assert "would be new: [red]Post 7 (posts)" in aggregator(folder, "-v", "run", "--dry-run").stderr
    assert disk(folder) == before


def test_the_command_needs_no_lock_and_ends_as_a_run_does(folder: Path) -> None:
    aggregator(folder, "run")
    with (folder / ".aggregator/state.db.lock").open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        before = disk(folder)
        done = aggregator(folder, "-q", "run", "--dry-run")
        assert (done.returncode, done.stderr) == (0, "")
        assert aggregator(folder, "run", "--dry-run", "--source", "nobody").returncode == 2
        assert aggregator(folder, "regenerate", "--dry-run", "nothing").returncode == 2
        assert aggregator(folder, "run", "--dry-run", AGGREGATOR_NOW="2026-11-20T00:00:00Z").returncode == 4
        assert disk(folder) == before


@pytest.mark.torture
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_command_leaves_nothing(folder: Path, upstream: Upstream, temporary: Path, number: int) -> None:
    feeds = [upstream.serve("/a", rss()), upstream.serve("/b", rss())]
    polite = "fetch: {gap: 20s, per_host: 1, allow_networks: [127.0.0.0/8]}\nsources:\n"
    (folder / "config.yaml").write_text(CONFIG + polite + "".join(f"  - url: {url}\n" for url in feeds))
    before = disk(folder)
    running = subprocess.Popen(
        [sys.executable, "-m", "aggregator", "run", "--dry-run"],
        cwd=folder,
        env=os.environ | {"TMPDIR": str(temporary)},
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - ignored here, perhaps
    )
    while not upstream.asked:
        assert running.poll() is None
        time.sleep(0.05)
    assert list(temporary.iterdir()) != []
    running.send_signal(number)
    _, said = running.communicate(timeout=20)
    assert running.returncode == 128 + number
    assert "Traceback" not in said
    assert "nothing was stored or written" in said or number == signal.SIGTERM
    assert disk(folder) == before


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")
def test_a_disk_too_small_for_the_copy_is_named(standing: Planet, tmp_path_factory: pytest.TempPathFactory) -> None:
    small = tmp_path_factory.mktemp("small")
    mount = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=60k", "tmpfs", small], check=False)
    if mount.returncode:
        pytest.skip("this machine does not let us mount")
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(tempfile, "tempdir", str(small))
            with pytest.raises(StateError, match=rf"no room left on the disk for a copy of the state: {small}"):
                rehearsed(standing)
        assert list(small.iterdir()) == []
    finally:
        subprocess.run(["umount", small], check=True)
