"""An unreadable value of the state is reported and restored from the rest, and never stops a run."""

import asyncio
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import JSON, LargeBinary

from aggregator import pipeline
from aggregator.codec import pack, unpack
from aggregator.dedup.sketch import sketch_of
from aggregator.errors import DamagedError
from aggregator.explain import explain
from aggregator.fetch import Answer, Validators
from aggregator.maintenance.entry_repair import draft_of
from aggregator.maintenance.packed_columns import BY_NAME, COLUMNS, find_damage
from aggregator.model.document import RawEntry
from aggregator.model.entry import CleanEntry
from aggregator.pull.claim import PullScope
from aggregator.pull.feeds import pull_sources
from aggregator.pull.process import clean_again
from aggregator.report import Report
from aggregator.settings import content_settings
from aggregator.status.report import report
from aggregator.store.schema import metadata
from aggregator.store.types import Shaped
from aggregator.worker_pool import WorkerPool
from tests.commands.test_cli import aggregator
from tests.support.planet import NOON, Planet, Upstream, rss
from tests.support.simulation import DAY, HOUR, prose
from tests.unit.daemon.test_batches import Day

FOOTER = "If you liked this then do subscribe to the letter that goes out every other week to all who ask for it."
OVERWRITTEN = {
    "pace",
    "site_memory",
    "about",
    "boilerplate",
    "contents",
    "listing",
}  # by what the run of the test does, before anybody reads it
Damaging = Callable[[Any], Any]


def flip(value: bytes) -> bytes:
    middle = len(value) // 2
    return value[:middle] + bytes([value[middle] ^ 1]) + value[middle + 1 :]


def flip_text(value: str) -> str:
    return chr(ord(value[0]) ^ 1) + value[1:]


BYTES: dict[str, Damaging] = {
    "bit flip": flip,
    "cut": lambda value: value[: len(value) // 2 + 1],
    "empty": lambda _: b"",
    "wrong type": lambda _: "text",
}
TEXTS: dict[str, Damaging] = {
    "bit flip": flip_text,
    "cut": lambda value: value[:-1],
    "empty": lambda _: "",
    "wrong type": lambda _: 7,
}
OFTEN = {
    ("source", "about"),
    ("reading_list", "feeds"),
    ("arrival", "draft"),
    ("sighting", "clean"),
    ("entry", "placements"),
    ("feed", "listing"),
    ("archive_page", "page"),
}
HARMLESS = {("signature", "bands", "empty")}  # it is one of no bands: what is near to it is not found by it


def item(number: int) -> dict[str, str]:
    text = f"<p>{prose(f'subject{number}', 90)}</p><p>{FOOTER}</p>"
    return {
        "title": f"Entry {number}",
        "guid": f"urn:x:{number}",
        "link": f"https://blog.example/{number}",
        "description": text,
        "category": "Programming",
        "pubDate": f"Sun, {number:02} Nov 2026 08:00:00 GMT",
    }


def feed(*numbers: int) -> str:
    return rss(*map(item, numbers)).replace("<item>", "<ttl>90</ttl><item>", 1)


@pytest.fixture
def planet(planet: Planet, upstream: Upstream) -> Planet:
    """A planet with a value in every packed column, and a pull that waits to be merged."""
    planet.config["feeds"] = {"limit": 5, "archive": 5, "min_entries": 1}
    planet.config["sources"] = [
        {"url": f"{upstream.url('/feed.xml')}", "id": "feed"},
        {"opml": "list.opml", "id": "list"},
    ]
    (planet.root / "list.opml").write_text(
        f'<opml version="2.0"><body><outline xmlUrl="{upstream.url("/other.xml")}"/></body></opml>'
    )
    upstream.serve("/feed.xml", feed(*range(17, 0, -1)))
    upstream.serve("/other.xml", rss({"title": "Other", "guid": "urn:o:1", "link": "https://other.example/1"}))
    planet.post("a.md", "---\ntitle: a: b\ndate: 2026-11-01\ncategories: [Top, Leaf]\n---\nA post.\n")
    planet.run()
    upstream.serve("/feed.xml", feed(*range(18, 0, -1)).replace("</channel>", DELETED + "</channel>"))
    with planet.app(NOON + DAY) as app:
        planet.runner.run(leave_unmerged(planet, app))
        answer = Answer(200, "https://elsewhere.example/", "", b"", "", Validators(), {}, 0)
        with app.store.write() as tx:
            tx.first_answers.put(answer.url, NOON, pack(answer))
            tx.sightings.change(1, {"kept_in": "", "sketch": pack(sketch_of(prose("subject1", 90)))})
    return planet


DELETED = (
    '<at:deleted-entry xmlns:at="http://purl.org/atompub/tombstones/1.0" ref="urn:x:none" when="2026-11-01T00:00:00Z"/>'
)


async def leave_unmerged(planet: Planet, app: Any) -> None:
    """Pulls and records, without a merge."""
    report = Report()
    app, at = await pipeline.prepare(app, planet.pool, report, pull_lists=True)
    await pull_sources(app, planet.pool, at, report, PullScope(force=True))


def state_of(planet: Planet) -> Path:
    return planet.root / ".aggregator/state.db"


def damage(planet: Planet, table: str, column: str, how: Damaging, nth: int = 0) -> None:
    with closing(sqlite3.connect(state_of(planet))) as state:
        row = state.execute(
            f"SELECT rowid, {column} FROM {table} WHERE {column} IS NOT NULL"
            f" AND length({column}) > 4 ORDER BY rowid LIMIT 1 OFFSET {nth}"
        ).fetchone()
        assert row, f"nothing is packed in {table}.{column}: the planet of this test must have one"
        state.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (how(row[1]), row[0]))
        state.commit()


def named(planet: Planet) -> list[str]:
    with planet.app() as app, app.store.read() as tx:
        return list(map(str, find_damage(tx)))


FOREIGN = ("delivery", "body")  # as a hub sent it, not packed; what cannot be read in it is a problem of its source


def test_every_packed_column_of_the_schema_is_read() -> None:
    packed = {
        (table.name, column.name)
        for table in metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, LargeBinary | JSON | Shaped)
    }
    assert packed - {FOREIGN} == set(BY_NAME)


def test_damage_of_every_kind_in_every_column_is_found(planet: Planet) -> None:
    assert named(planet) == []
    with planet.app() as app, app.store.read() as tx:
        for one in COLUMNS:
            rows = [(key, value) for key, (value,) in tx.rows.values(one.table, one.name) if value and len(value) > 4]
            _, value = rows[0]
            for name, how in kinds_of(one.table, one.name).items():
                if (one.table, one.name, name) not in HARMLESS | {("signature", "bands", "bit flip")}:
                    with pytest.raises(DamagedError):
                        one.read(how(value))


def kinds_of(table: str, column: str) -> dict[str, Damaging]:
    return TEXTS if isinstance(metadata.tables[table].c[column].type, Shaped) else BYTES


def cases() -> list[Any]:
    """By default one kind of damage in the most important columns; the torture tests run all of them."""
    found = []
    for place, one in enumerate(COLUMNS):
        for kind, (name, how) in enumerate(kinds_of(one.table, one.name).items()):
            if (one.table, one.name, name) in HARMLESS:
                continue
            marks = () if kind == place % 4 and (one.table, one.name) in OFTEN else pytest.mark.torture
            found.append(pytest.param(one.table, one.name, how, id=f"{one.table}.{one.name}-{name}", marks=marks))
    return found


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize(("table", "column", "how"), cases())
def test_one_damaged_value_affects_nothing_else(planet: Planet, table: str, column: str, how: Damaging) -> None:
    assert named(planet) == []
    before = planet.ids()
    damage(planet, table, column, how)
    found = [one for one in named(planet) if f"table {table}," in one]
    assert [f"column {column} cannot be read" in one for one in found] == [True]
    assert "repairs it" in found[0]
    reports = [planet.run(NOON + DAY + HOUR), planet.regenerate(NOON + DAY + HOUR)]
    messages = [problem.message for report in reports for problem in report.problems]
    assert [one for one in messages if f"table {table}," in one and f"column {column}" in one] or column in OVERWRITTEN
    assert set(before) <= {*planet.ids(), *archived(planet)}
    day = Day(planet)
    day.now = NOON + 2 * DAY
    day.run_batches(lambda batches: batches.pull(day.step))
    with planet.app(NOON + 2 * DAY) as app, app.store.read() as tx:
        assert report(app, tx, NOON + 2 * DAY).sources
        assert explain(app, planet.ids()[0])
    assert named(planet) == []


def archived(planet: Planet) -> list[str]:
    return [
        entry.id
        for file in (planet.root / "feeds/all/archive").rglob("atom.xml")
        for entry in planet.heads(str(file.parent.relative_to(planet.root / "feeds")))
    ]


def only(planet: Planet, statement: str, *values: object) -> Any:
    with closing(sqlite3.connect(state_of(planet))) as state:
        found = state.execute(statement, values).fetchone()
        state.commit()
        return found


NEWEST = "https://blog.example/18"


def shown(planet: Planet) -> Any:
    return next(entry for entry in planet.atom().entries if entry.link == NEWEST)


def lose(planet: Planet) -> None:
    """Damages draft and clean entry of the newest entry, whose source is not due."""
    planet.config["sources"][0]["paused"] = True
    planet.run(NOON + DAY + HOUR)
    only(planet, "UPDATE sighting SET draft = 'x', clean = 'y', terms = 'z' WHERE link = ?", NEWEST)


@pytest.mark.torture
def test_an_entry_without_draft_and_clean_stays_as_it_was_published(planet: Planet) -> None:
    lose(planet)
    before, tree = shown(planet), planet.tree()
    problems = [one.message for one in planet.regenerate(NOON + DAY + HOUR).problems]
    assert any("taken from the published tree" in one for one in problems)
    assert (shown(planet).summary, shown(planet).updated) == (before.summary, before.updated)
    assert FOOTER in shown(planet).summary
    assert planet.tree().keys() == tree.keys()
    del planet.config["sources"][0]["paused"]
    planet.run(NOON + 2 * DAY)
    planet.run(NOON + 3 * DAY, force=True)
    assert (shown(planet).summary, shown(planet).updated) == (before.summary, before.updated)
    assert named(planet) == []


@pytest.mark.torture
def test_an_entry_in_no_document_keeps_its_title_and_link(planet: Planet) -> None:
    lose(planet)
    for file in (planet.root / "feeds").rglob("*.*"):
        if file.name in {"atom.xml", "rss.xml", "feed.json"}:
            file.unlink()
    problems = [one.message for one in planet.regenerate(NOON + DAY + HOUR).problems]
    assert any("its title and its link are shown until its source shows it again" in one for one in problems)
    assert (shown(planet).title, shown(planet).link) == ("entry 18", "https://blog.example/18")
    del planet.config["sources"][0]["paused"]
    planet.run(NOON + 2 * DAY)
    planet.run(NOON + 3 * DAY, force=True)
    assert shown(planet).title == "Entry 18"


@pytest.mark.torture
def test_a_draft_made_from_a_clean_entry_cleans_to_the_same(planet: Planet) -> None:
    planet.run(NOON + DAY + HOUR)
    with planet.app() as app, app.store.read() as tx:
        packed = [bytes(clean) for _, (clean,) in tx.rows.values("sighting", "clean")]
        settings = content_settings(app.config)
    for one in packed:
        clean = unpack(one, CleanEntry)
        again = unpack(clean_again([(0, pack(draft_of(clean)))], settings)[0][1], CleanEntry)
        assert again == clean
    assert unpack(pack(draft_of(CleanEntry(title="x"))), RawEntry).title


@pytest.mark.torture
def test_a_reading_command_repairs_damage_and_the_next_run_reports_it(planet: Planet) -> None:
    planet.run(NOON + DAY + HOUR)
    only(planet, "UPDATE sighting SET clean = 'x' WHERE link = ?", NEWEST)
    done = aggregator(planet.root, "explain", NEWEST, "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["entry"]["title"] == "Entry 18"
    assert "table sighting, row" in done.stderr
    again = aggregator(planet.root, "run", "--json", "--strict", AGGREGATOR_NOW="2026-11-25T12:00:00Z")
    assert again.returncode == 1
    assert any("made again from its draft" in one["message"] for one in json.loads(again.stdout)["problems"])
    assert aggregator(planet.root, "db", "check").returncode == 0


@pytest.fixture
def small(tmp_path: Path, runner: asyncio.Runner, pool: WorkerPool) -> Planet:
    planet = Planet(tmp_path, runner, pool)
    planet.post("a.md", "---\ntitle: a\ndate: 2026-11-01\ncategories: [Top, Leaf]\n---\nA post.\n")
    planet.run()
    return planet


@pytest.mark.torture
@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE sighting SET clean = 'x' WHERE id = 1", "table sighting, row 1: column clean cannot be read"),
        ("UPDATE entry SET published = 'noon' WHERE id = 1", "table entry, row 1: column published holds no time"),
        ("UPDATE entry SET published = 1e30 WHERE id = 1", "table entry, row 1: column published holds no time"),
        ("UPDATE source SET url = x'00'", "column url holds no text"),
        ("UPDATE source SET title = CAST(x'ff' AS TEXT)", "holds text that is not UTF-8"),
        ("UPDATE sighting SET source_id = 'nobody'", "its source is missing"),
        ("DROP TABLE health_event", "table health_event is not there"),
        ("ALTER TABLE source DROP COLUMN opt_out", "table source has no column opt_out"),
        ("DELETE FROM alembic_version", "alembic_version should have one row"),
        ("UPDATE alembic_version SET version_num = '9999'", "newer version of this program"),
        ("DROP TABLE alembic_version", "another program's database"),
    ],
)
def test_db_check_names_what_stops_a_run(small: Planet, statement: str, said: str) -> None:
    with closing(sqlite3.connect(state_of(small))) as state:
        state.execute(statement)
        state.commit()
    done = aggregator(small.root, "db", "check")
    assert done.returncode == 4
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: path.write_bytes(b""), "is an empty file"),
        (lambda path: path.write_bytes(b"PNG" * 99), "not an SQLite database"),
        (lambda path: sqlite3.connect(path).execute("CREATE TABLE moz_places (id)"), "another program's database"),
    ],
)
def test_check_refuses_a_file_that_is_no_state(small: Planet, make: Callable[[Path], object], said: str) -> None:
    for file in state_of(small).parent.iterdir():
        file.unlink()
    make(state_of(small))
    done = aggregator(small.root, "db", "check", "--json")
    assert done.returncode == 4
    assert said in json.loads(done.stdout)["problems"][0]["message"]
    assert "Traceback" not in done.stderr
