"""`run` with nothing to do: what it imports, asks and reports, and what ends it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator import pipeline
from aggregator.one_shot.batch import RunOptions
from aggregator.one_shot.idle_run import HOLDS_FOR
from aggregator.report import Report
from aggregator.store import idle_reads
from aggregator.store.idle_reads import IdleReads
from tests.support.planet import NOON, Planet, Upstream, report_of_idle_run, rss

SOON = NOON + timedelta(minutes=5)
NOT_IMPORTED = """aiohttp httpx feedparser feedgen lxml jinja2 frontmatter markdown_it alembic opencc
    procrastinate psycopg sqlalchemy aggregator.websub
    aggregator.pipeline aggregator.fetch aggregator.parse aggregator.posts aggregator.render aggregator.merge""".split()
PROGRAM = """
import atexit, json, sys
from aggregator.cli import main
atexit.register(lambda: print(json.dumps(sorted(sys.modules))))
main()
"""


def subscribed(planet: Planet, upstream: Upstream, count: int) -> None:
    planet.config["sources"] = [
        {"id": f"s{n}", "url": upstream.serve(f"/{n}", rss({"title": f"{n}", "guid": f"https://x.example/{n}"}))}
        for n in range(count)
    ]
    planet.post("a.md", "---\ntitle: A\ndate: 2026-11-01\n---\nText\n")
    planet.post("b.md", "---\ntitle: [\n---\nText")
    planet.run()


@pytest.fixture
def idle(planet: Planet, upstream: Upstream) -> Planet:
    subscribed(planet, upstream, 3)
    planet.is_settled = False  # no test changes the state by the way
    return planet


def asked(planet: Planet, at: object = SOON) -> Report | None:
    with planet.app(at) as app:  # type: ignore[arg-type]
        return report_of_idle_run(app)


def test_it_imports_nothing_that_fetches_parses_or_renders(idle: Planet) -> None:
    with idle.app():
        pass  # writes the config
    command = [sys.executable, "-c", PROGRAM, "-q", "-c", str(idle.root / "config.yaml"), "run"]
    environment = os.environ | {"AGGREGATOR_NOW": SOON.isoformat()}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    modules = json.loads(done.stdout)
    assert "aggregator.one_shot.idle_run" in modules
    assert not {name for name in modules if any(f"{name}.".startswith(f"{one}.") for one in NOT_IMPORTED)}


def test_a_run_of_unchanged_answers_loads_nothing_that_parses_or_renders(planet: Planet, upstream: Upstream) -> None:
    text = rss({"title": "One", "guid": "https://x.example/1"})
    planet.config["sources"] = [{"id": "s", "url": upstream.serve("/feed", text, headers={"ETag": '"1"'})}]
    planet.run()
    planet.run(SOON, force=True)
    command = [sys.executable, "-c", PROGRAM, "-q", "-c", str(planet.root / "config.yaml"), "run", "--force"]
    environment = os.environ | {"AGGREGATOR_NOW": (SOON + timedelta(hours=2)).isoformat()}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    heavy = {"feedparser", "feedgen", "jinja2", "lxml", "markdown_it", "nh3", "pygments", "rich"}
    heavy |= {"aggregator.render.renderer", "aggregator.validate", "aggregator.posts", "aggregator.pull.process"}
    heavy |= {"aggregator.pipeline", "aggregator.merge", "aggregator.dedup", "aggregator.publish.publish", "pebble"}
    modules = set(json.loads(done.stdout))
    assert "aggregator.fetch.client" in modules
    assert not modules & heavy


def test_it_asks_no_question_for_each_source(
    planet: Planet, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[str] = []

    def noted(reads: IdleReads, _: str) -> IdleReads:
        return IdleReads(lambda *words: found.append(words[0]) or reads.ask(*words))  # type: ignore[func-returns-value]

    def statements() -> int:
        found.clear()
        assert asked(planet)
        return len(found)

    monkeypatch.setattr(idle_reads, "checked", noted)

    planet.is_settled = False
    subscribed(planet, upstream, 2)
    few = statements()
    subscribed(planet, upstream, 30)
    assert 0 < statements() == few <= 8


def whole_run(planet: Planet) -> Report:
    """With all stages, at SOON."""
    with planet.app(SOON) as app:
        return planet.runner.run(pipeline.run(app, planet.pool, RunOptions()))


@pytest.mark.torture
def test_it_reports_what_a_whole_run_reports(idle: Planet) -> None:
    told = asked(idle)
    whole = whole_run(idle)
    assert told
    assert replace(told, seconds=0.0).as_json() == replace(whole, seconds=0.0).as_json()
    assert whole.posts.read == 2


def _edited_post(planet: Planet) -> None:
    planet.post("a.md", "---\ntitle: A\ndate: 2026-11-01\n---\nOther\n")


def _new_post(planet: Planet) -> None:
    planet.post("sub/c.md", "---\ntitle: C\n---\nText\n")


def _missing_file(planet: Planet) -> None:
    (planet.root / "feeds/all/atom.xml").unlink()


def _edited_file(planet: Planet) -> None:
    (planet.root / "feeds/all/atom.xml").write_text("other")


def _other_config(planet: Planet) -> None:
    planet.config["site"]["title"] = "Another"


def _other_template(planet: Planet) -> None:
    planet.config["site"]["templates"] = "templates"
    (planet.root / "templates").mkdir()


def _decision_of_a_person(planet: Planet) -> None:
    with planet.app() as app, app.store.write() as tx:
        tx.feeds.mark_all_dirty()


@pytest.mark.variants(quick=3)
@pytest.mark.parametrize(
    "change",
    [_edited_post, _new_post, _missing_file, _edited_file, _other_config, _other_template, _decision_of_a_person],
    ids=lambda change: change.__name__,
)
def test_any_change_ends_it(idle: Planet, change: Callable[[Planet], None]) -> None:
    assert asked(idle)
    change(idle)
    assert asked(idle) is None


def test_a_source_that_is_due_ends_it_and_so_does_time(idle: Planet) -> None:
    assert asked(idle, NOON + HOLDS_FOR) is None
    assert asked(idle, NOON - timedelta(minutes=1)) is None
    with idle.app() as app, app.store.read() as tx:
        due = min(row.due_at for row in tx.sources.all() if row.due_at)
    if due < NOON + HOLDS_FOR:
        assert asked(idle, due) is None


@pytest.mark.torture
def test_a_change_by_another_process_during_a_run_is_no_reason_to_rest(
    idle: Planet, monkeypatch: pytest.MonkeyPatch
) -> None:
    def prune(*_: object, **__: object) -> int:
        command = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute(sys.argv[2]); c.commit()"
        bump = "UPDATE fact SET value = value + 1 WHERE name = 'revision'"
        subprocess.run([sys.executable, "-c", command, str(idle.root / ".aggregator/state.db"), bump], check=True)
        return 0

    monkeypatch.setattr("aggregator.pipeline.prune_daily", prune)
    whole_run(idle)
    assert asked(idle, SOON + timedelta(minutes=1)) is None


def test_a_run_that_has_work_to_do_does_it(idle: Planet, capsys: pytest.CaptureFixture[str]) -> None:
    _new_post(idle)
    report = idle.run(SOON)
    assert (report.posts.read, report.entries.new) == (3, 1)
    again = asked(idle, SOON + timedelta(minutes=1))
    assert again
    assert (again.posts.changed, again.entries.new, again.posts.read) == (0, 0, 3)


def test_nothing_is_recorded_before_a_run_ended(planet: Planet) -> None:
    with planet.app() as app:
        assert report_of_idle_run(app) is None
    assert not (Path(planet.root) / "feeds").exists()
