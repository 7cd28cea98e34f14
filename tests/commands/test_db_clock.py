"""`db clock`: finds and repairs stored times in the future, which a wrong clock left."""

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import BigInteger, Boolean, Column, Float, Integer, LargeBinary, String, Table

from aggregator.codec import unpack
from aggregator.maintenance.clock import accept_now, find_later_times
from aggregator.model.published import FeedListing
from aggregator.store.instants import EPOCH
from aggregator.store.schema import metadata
from aggregator.store.times import CLAIMS, PLANS, PROMISES
from aggregator.store.types import Instant, Shaped, Traces
from tests.commands.test_cli import Done, aggregator
from tests.support.planet import NOON, BuiltOnce, Planet, Upstream, rss

WRONG = NOON + timedelta(days=60)
RIGHT = NOON + timedelta(hours=1)
SECOND = timedelta(seconds=1)


def at(now: datetime) -> dict[str, str]:
    return {"AGGREGATOR_NOW": now.isoformat()}


def item(name: str, **more: str) -> dict[str, str]:
    return {"title": name, "guid": f"urn:example:{name}", "link": f"https://blog.example/{name}"} | more


def rfc822(moment: datetime) -> str:
    return f"{moment:%a, %d %b %Y %H:%M:%S GMT}"


def build_jumped(planet: Planet, upstream: Upstream) -> None:
    planet.config["feeds"] = {"limit": 3, "archive": 4}
    planet.config["posts"] = [{"path": "posts"}]
    before = [item(f"old {n}", pubDate=rfc822(NOON - timedelta(days=n + 1)), description="words") for n in range(6)]
    url = upstream.serve("/feed", rss(*before))
    planet.config["sources"] = [{"id": "one", "url": url}, {"id": "two", "url": upstream.serve("/two", rss(item("b")))}]
    planet.post("a.md", "---\ntitle: a post\ndate: 2026-11-01\n---\nwords\n")
    planet.post("later.md", f"---\ntitle: later\ndate: {NOON + timedelta(days=30):%Y-%m-%d}\n---\nwords\n")
    planet.run(NOON)
    for days in range(50, 60):  # until a source counts as broken
        upstream.pages["/two"] = (500, {}, b"")
        planet.run(NOON + timedelta(days=days), force=True)
    before[2] |= {"description": "other words", "category": "Edited"}
    dated = [item(f"dated {n}", pubDate=rfc822(NOON + timedelta(days=40 + n)), description="x") for n in range(3)]
    undated = [item(f"undated {n}", description=f"nothing like the others, {n}") for n in range(3)]
    upstream.serve("/feed", rss(*undated, *reversed(dated), *before))
    planet.run(WRONG, force=True)


@pytest.fixture
def jumped(planet: Planet, built_once: BuiltOnce) -> Planet:
    """A planet that ran at noon, and once with the clock two months ahead: that brought entries with dates and without,
    an edit, a broken source, a page of an archive, and a post whose time had not come."""
    built_once.fill(planet, build_jumped)
    return planet


def command(planet: Planet, *words: str, now: datetime = RIGHT) -> Done:
    return aggregator(planet.root, *words, **at(now))


def rows(planet: Planet, question: str) -> list[Any]:
    with closing(sqlite3.connect(planet.root / ".aggregator/state.db")) as state:
        return state.execute(question).fetchall()


def later_columns(path: Path, now: datetime) -> set[tuple[str, str]]:
    """Those that hold a time after now, as the file has it."""
    micro = (now - EPOCH) // timedelta(microseconds=1)
    found = set()
    with closing(sqlite3.connect(path)) as state:
        for table in metadata.tables.values():
            for column in table.c:
                if isinstance(column.type, Instant):
                    question = f'SELECT count(*) FROM "{table.name}" WHERE "{column.name}" > {micro}'
                    if state.execute(question).fetchone()[0]:
                        found.add((table.name, column.name))
    return found


def pages(planet: Planet) -> dict[str, str]:
    return {path: sha for path, sha in planet.tree().items() if "/archive/" in path}


@pytest.mark.torture
def test_a_refused_run_names_db_clock(jumped: Planet) -> None:
    done = command(jumped, "run")
    assert done.returncode == 4
    assert "`aggregator db clock --accept-now`" in done.stderr
    shown = command(jumped, "db", "clock")
    assert (shown.returncode, shown.stdout) == (0, "")
    assert "entry.published: 7 later than now, the latest 2027-01-22 12:00 UTC" in shown.stderr
    assert "--accept-now" in shown.stderr
    assert command(jumped, "run").returncode == 4  # showing changes nothing


@pytest.mark.torture
def test_after_the_repair_ids_pages_and_order_are_the_same(jumped: Planet) -> None:
    ids, sealed, order = jumped.ids(), pages(jumped), rows(jumped, FEED_ORDER)
    public_ids = rows(jumped, "SELECT id, public_id, slug FROM entry ORDER BY id")
    assert sealed
    done = command(jumped, "db", "clock", "--accept-now")
    assert done.returncode == 0, done.stderr
    run = command(jumped, "run", "--json")
    assert run.returncode == 0, run.stderr
    report = json.loads(run.stdout)
    assert (report["entries"]["new"], report["entries"]["updated"], report["entries"]["held"]) == (0, 0, 0)
    assert [id_ for id_ in jumped.ids() if id_ in ids] == ids  # and what else is of this day, by the right clock
    assert rows(jumped, "SELECT id, public_id, slug FROM entry ORDER BY id") == public_ids
    assert rows(jumped, FEED_ORDER)[:7] == order[:7]
    assert {path: pages(jumped).get(path) for path in sealed} == sealed
    for days in range(1, 4):
        report = json.loads(command(jumped, "run", "--json", now=RIGHT + timedelta(days=days)).stdout)
        assert (report["entries"]["new"], report["entries"]["updated"], report["entries"]["held"]) == (0, 0, 0)
        assert jumped.ids()[:7] == [row[0] for row in order[:7]]


FEED_ORDER = "SELECT public_id FROM entry ORDER BY published DESC, first_seen_at DESC, place, id"


def test_entries_from_the_future_are_dated_a_second_apart(jumped: Planet) -> None:
    published = {row[0]: row[1] for row in rows(jumped, "SELECT id, published FROM entry")}
    before = [row[0] for row in rows(jumped, f"SELECT id FROM entry WHERE published > {micro(RIGHT)} {BY_DATE}")]
    assert len(before) == 7
    command(jumped, "db", "clock", "--accept-now")
    after = {row[0]: row[1] for row in rows(jumped, "SELECT id, published FROM entry")}
    assert [after[id_] for id_ in before] == [micro(RIGHT - place * SECOND) for place in range(7)]
    assert {id_: when for id_, when in after.items() if id_ not in before} == {
        id_: when for id_, when in published.items() if id_ not in before
    }
    never_edited = rows(
        jumped, f"SELECT count(*) FROM entry WHERE id IN ({','.join(map(str, before))}) AND updated = published"
    )
    assert never_edited == [(7,)]


BY_DATE = "ORDER BY published DESC, first_seen_at DESC, place, id"


def micro(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


def test_no_stored_time_is_in_the_future_any_more(jumped: Planet) -> None:
    state = jumped.root / ".aggregator/state.db"
    assert len(later_columns(state, RIGHT)) > 15
    command(jumped, "db", "clock", "--accept-now")
    assert later_columns(state, RIGHT) <= CLAIMS
    with jumped.app(RIGHT) as app, app.store.read() as tx:
        listings = [unpack(row.listing, FeedListing) for row in tx.feeds.all().values() if row.listing]
        assert listings
        assert all(one.updated <= RIGHT for one in listings)
    command(jumped, "run")
    assert all(row["updated"] <= "2026-11-23T13:00:00Z" for row in jumped.index().values())
    for entry in jumped.atom().entries:
        assert entry.updated <= "2026-11-23T13:00:00Z"
    assert jumped.atom().feed.updated == "2026-11-23T13:00:00Z"  # no further back than its newest entry
    happened = jumped.atom("health").entries
    assert happened
    assert all(one.published <= "2026-11-23T13:00:00Z" for one in happened)


@pytest.mark.torture
def test_json_reports_the_times_and_the_change(jumped: Planet) -> None:
    shown = json.loads(command(jumped, "db", "clock", "--json").stdout)
    assert (shown["state"], shown["now"], shown["copy"]) == (".aggregator/state.db", "2026-11-23T13:00:00Z", None)
    published = next(one for one in shown["later"] if (one["table"], one["column"]) == ("entry", "published"))
    assert published == {
        "table": "entry", "column": "published", "count": 7, "latest": "2027-01-22T12:00:00Z", "plan": False
    }  # fmt: skip
    assert {"source.due_at", "source.next_poll_at"} <= {
        f"{one['table']}.{one['column']}" for one in shown["later"] if one["plan"]
    }
    done = json.loads(command(jumped, "db", "clock", "--accept-now", "--json").stdout)
    assert done == shown | {"copy": ".aggregator/state.db.before-clock"}
    after = json.loads(command(jumped, "db", "clock", "--json").stdout)
    assert (after["later"], after["copy"]) == ([], None)


def test_the_copy_is_the_old_state_and_overwrites_no_other(jumped: Planet) -> None:
    folder = jumped.root / ".aggregator"
    (folder / "state.db.before-clock").write_bytes(b"of somebody else")
    before = list(dump(folder / "state.db"))
    command(jumped, "db", "clock", "--accept-now")
    assert (folder / "state.db.before-clock").read_bytes() == b"of somebody else"
    assert list(dump(folder / "state.db.before-clock-2")) == before


def dump(path: Path) -> Iterator[str]:
    with closing(sqlite3.connect(path)) as state:
        yield from state.iterdump()


def test_without_times_in_the_future_nothing_is_done(planet: Planet, upstream: Upstream) -> None:
    """A plan may lie there: it is left as it is."""
    planet.config["sources"] = [{"id": "one", "url": upstream.serve("/feed", rss(item("a")))}]
    planet.run(NOON)
    before = list(dump(planet.root / ".aggregator/state.db"))
    for words in (["db", "clock"], ["db", "clock", "--accept-now"]):
        done = command(planet, *words, now=NOON)
        assert done.returncode == 0
        assert "no stored time lies after now" in done.stderr
    assert list(dump(planet.root / ".aggregator/state.db")) == before
    assert not list((planet.root / ".aggregator").glob("*before-clock*"))


def test_it_needs_the_lock_of_the_state(jumped: Planet) -> None:
    with jumped.app(RIGHT):
        assert command(jumped, "db", "clock", "--accept-now").returncode == 3
        assert command(jumped, "db", "clock").returncode == 0


@pytest.mark.torture
def test_without_a_state_db_clock_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("site: {title: P, url: https://p.example/, since: 2026-11-23}\n")
    for words in (["db", "clock"], ["db", "clock", "--accept-now"]):
        done = aggregator(tmp_path, *words)
        assert (done.returncode, "there is no state" in done.stderr) == (2, True)


# every column, also one that is added later


FILLED = {String: "x", Integer: 1, BigInteger: 1, Boolean: False, Float: 1.0, Shaped: "[]", Traces: "[]"}


def fill(path: Path, when: datetime) -> None:
    """A row in every table, in which each time is `when`."""
    with closing(sqlite3.connect(path)) as state:
        state.execute("PRAGMA foreign_keys = OFF")
        for table in metadata.sorted_tables:
            values = {column.name: _value(table, column, when) for column in table.c}
            marks = ", ".join("?" for _ in values)
            state.execute(f'INSERT INTO "{table.name}" VALUES ({marks})', list(values.values()))
        state.commit()


def _value(table: Table, column: Column[Any], when: datetime) -> Any:
    kind = type(column.type)
    if kind is Instant:
        return micro(when)
    if kind is LargeBinary:
        return None if column.nullable else b""
    return when.isoformat() if (table.name, column.name) == ("fact", "value") else FILLED[kind]


def test_every_column_of_times_is_lowered(planet: Planet, blank_state: Path) -> None:
    planet.is_settled = False
    state = planet.root / ".aggregator/state.db"
    state.parent.mkdir()
    state.write_bytes(blank_state.read_bytes())
    fill(state, WRONG)
    times = {(t.name, c.name) for t in metadata.tables.values() for c in t.c if isinstance(c.type, Instant)}
    assert later_columns(state, RIGHT) == times
    with planet.app(RIGHT) as app:
        shown = {(one.table, one.column) for one in find_later_times(app).later}
        assert shown == times - CLAIMS - PROMISES | {("fact", "x")}
        accept_now(app)
        assert find_later_times(app).later == []
    assert later_columns(state, RIGHT) == CLAIMS | PROMISES
    assert times >= CLAIMS | PLANS | PROMISES
    assert rows(planet, "SELECT value FROM fact WHERE name = 'x'") == [(RIGHT.isoformat(),)]


def test_a_column_named_after_a_time_is_one() -> None:
    """Every column with a time is known, so that none is overlooked."""
    for table in metadata.tables.values():
        for column in table.c:
            name = f"{table.name}.{column.name}"
            is_named_so = bool(TIME.search(column.name)) and name not in NO_TIMES
            assert is_named_so == isinstance(column.type, Instant), name


TIME = re.compile(r"(^|_)(at|since|until|published|updated|claimed)$")
NO_TIMES = {"source.published"}  # whether it is


# What packed and JSON columns know of times. maintenance/clock.py must know of every column that is added here.
PACKED = {
    "what publishers claim": {
        "source.about", "kept_answer.answer", "arrival.draft", "arrival.clean", "arrival.comparable", "sighting.draft",
        "sighting.clean",
    },
    "brought down": {"feed.listing"},
    "dropped, and learned again": {"source.site_memory"},
    "bytes as they came or stand": {"archive_page.page", "delivery.body"},
    "none": {
        "source.pace", "source.boilerplate", "reading_list.feeds", "reading_list.ids", "pull.deleted",
        "post_file.notes", "sighting.terms",
        "sighting.sketch", "entry.placements", "signature.bands", "entry_category.terms",
        "feed.contents", "rendered.pieces", "read_markup.markup",
    },
}  # fmt: skip


def test_all_packed_columns_are_known() -> None:
    packed = {
        f"{table.name}.{column.name}"
        for table in metadata.tables.values()
        for column in table.c
        if isinstance(column.type, LargeBinary | Shaped)
    }
    assert packed == set.union(*PACKED.values())


def test_times_a_few_hours_ahead_are_repaired_too(planet: Planet) -> None:
    """Less than a day is not refused; who wants the times right has them right."""
    planet.post("a.md", "---\ntitle: a post\n---\nwords\n")
    planet.run(NOON + timedelta(hours=20))
    assert planet.run(NOON).entries.new == 0
    assert command(planet, "db", "clock", "--accept-now", now=NOON).returncode == 0
    state = planet.root / ".aggregator/state.db"
    assert later_columns(state, NOON) == set()
