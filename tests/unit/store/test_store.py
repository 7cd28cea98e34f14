"""The state: its schema, its leases, its transactions."""

import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config as AlembicConfig
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from aggregator.errors import StateError
from aggregator.polling import Refusals
from aggregator.store import SourceRow, Store, postgresql_engine, sqlite
from aggregator.store import schema as schema_module
from aggregator.store.arrivals import ArrivalRow
from aggregator.store.head import HEAD
from aggregator.store.instants import EPOCH
from aggregator.store.schema import metadata
from aggregator.store.types import Instant

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def store(state_at: Path | str) -> Iterator[Store]:
    with closing(Store(state_at)) as one:
        one.open()
        yield one


@pytest.fixture
def file_store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store(tmp_path / "deep" / "state.db")) as one:
        one.open()
        yield one


def feed(id_: str, **more: object) -> SourceRow:
    return SourceRow(id=id_, kind="feed", url=f"https://{id_}.example/", position=0, **more)  # type: ignore[arg-type]


def test_the_migrations_lead_to_the_tables_of_the_schema(file_store: Store) -> None:
    database = create_engine(f"sqlite:///{file_store.file}")
    with database.connect() as connection:
        context = MigrationContext.configure(connection)
        assert context.get_current_revision() == HEAD
        assert compare_metadata(context, metadata) == []
    database.dispose()


def test_head_is_the_newest_migration() -> None:
    config = AlembicConfig()
    config.set_main_option("script_location", str(Path(schema_module.__file__).parent / "migrations"))
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


@pytest.mark.parametrize(
    "moment", [NOON, NOON.replace(microsecond=1), datetime(900, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)]
)
def test_times_round_trip_to_the_microsecond(moment: datetime) -> None:
    column, dialect = Instant(), create_engine("sqlite://").dialect
    assert column.result_processor(dialect, None)(column.process_bind_param(moment, dialect)) == moment


def test_only_the_token_of_a_lease_writes(store: Store) -> None:
    with store.write() as tx:
        tx.sources.add(feed("a"))
        assert [row.id for row in tx.sources.claim(NOON, until=NOON + MINUTE, token="one")] == ["a"]
        assert tx.sources.claim(NOON, until=NOON + MINUTE, token="two") == []
        assert tx.sources.record("two", {"a": {"state": "ok"}}) == set()
        assert tx.sources.record("one", {"a": {"state": "ok"}}) == {"a"}
        assert tx.sources.record("one", {"a": {"state": "late"}}) == set()
        assert tx.sources.get("a").state == "ok"


def test_an_expired_lease_is_free_and_its_old_holder_writes_nothing(store: Store) -> None:
    with store.write() as tx:
        tx.sources.add(feed("a"))
        tx.sources.claim(NOON, until=NOON + MINUTE, token="one")
        assert tx.sources.claim(NOON + 2 * MINUTE, until=NOON + 3 * MINUTE, token="two")
        assert tx.sources.record("one", {"a": {"state": "ok"}}) == set()


@pytest.mark.variants(quick=4)
@pytest.mark.parametrize(
    ("row", "due", "forced"),
    [
        (feed("a"), True, True),
        (feed("a", next_poll_at=NOON), True, True),
        (feed("a", next_poll_at=NOON + MINUTE), False, True),
        (feed("a", next_poll_at=NOON + MINUTE, retry_at=NOON + MINUTE), False, False),
        (feed("a", next_poll_at=NOON + MINUTE, state="gone"), False, False),
        (feed("a", configured=False), False, False),
    ],
)
def test_which_sources_are_due_and_which_force_claims(store: Store, row: SourceRow, due: bool, forced: bool) -> None:
    with store.write() as tx:
        tx.sources.add(row)
        assert bool(tx.sources.claim(NOON, until=NOON + MINUTE, token="one")) is due
        tx.sources.release()
        assert bool(tx.sources.claim(NOON, until=NOON + MINUTE, token="two", force=True)) is forced


def test_a_punctual_claim_ignores_jitter(store: Store) -> None:
    with store.write() as tx:
        tx.sources.add(feed("a", due_at=NOON, next_poll_at=NOON + MINUTE))
        assert tx.sources.claim(NOON, until=NOON + MINUTE, token="one") == []
        assert tx.sources.claim(NOON, until=NOON + MINUTE, token="one", punctual=True)


def test_the_earliest_turn_waits_for_the_pause_of_its_host(store: Store) -> None:
    with store.write() as tx:
        assert tx.sources.earliest(NOON) is None
        tx.sources.add(feed("gone", state="gone", next_poll_at=NOON - MINUTE))
        tx.sources.add(feed("later", next_poll_at=NOON + 9 * MINUTE))
        tx.sources.add(feed("held", next_poll_at=NOON, host="b.example:443"))
        assert tx.sources.earliest(NOON) == NOON
        tx.hosts.put("b.example:443", Refusals("held", NOON, 1, NOON + 5 * MINUTE))
        assert tx.sources.earliest(NOON) == NOON + 5 * MINUTE
        assert tx.sources.claim(NOON + 4 * MINUTE, until=NOON + HOUR, token="one") == []
        assert tx.sources.claim(NOON + 4 * MINUTE, until=NOON + HOUR, token="one", force=True, only=["held"])
        assert tx.sources.earliest(NOON) == NOON + 9 * MINUTE, "claimed sources are under way"
        tx.sources.add(feed("new"))
        assert tx.sources.earliest(NOON) == EPOCH


def test_force_respects_the_retry_after_of_a_host(store: Store) -> None:
    with store.write() as tx:
        tx.sources.add(feed("held", next_poll_at=NOON, host="b.example:443"))
        tx.hosts.put("b.example:443", Refusals("held", NOON, 1, NOON + 5 * MINUTE, NOON + 3 * MINUTE))
        assert tx.hosts.paused(NOON) == {"b.example:443": NOON + 5 * MINUTE}
        assert tx.hosts.paused(NOON, force=True) == {"b.example:443": NOON + 3 * MINUTE}
        assert tx.sources.claim(NOON + 2 * MINUTE, until=NOON + HOUR, token="one", force=True) == []
        assert tx.sources.claim(NOON + 3 * MINUTE, until=NOON + HOUR, token="one", force=True)
        assert tx.hosts.get("b.example:443") == Refusals("held", NOON, 1, NOON + 5 * MINUTE, NOON + 3 * MINUTE)


def test_first_answers_are_kept_for_a_day(store: Store) -> None:
    with store.write() as tx:
        tx.first_answers.put("https://a.example/", NOON, b"one")
        tx.first_answers.put("https://a.example/", NOON + MINUTE, b"two")
        tx.first_answers.put("https://b.example/", NOON + 23 * HOUR, b"three")
        assert tx.first_answers.get("https://a.example/") == (NOON + MINUTE, b"two")
        tx.first_answers.put("https://b.example/", NOON + 25 * HOUR, b"four")
        assert tx.first_answers.urls() == {"https://b.example/"}


def test_pending_pulls_wait_in_merge_order_whichever_came_first(store: Store) -> None:
    with store.write() as tx:
        for position, id_ in enumerate(("first", "second")):
            tx.sources.add(SourceRow(id=id_, kind="feed", url=id_, position=position))
        for id_ in ("second", "first"):
            pull = tx.pulls.add(source_id=id_, batch_at=NOON, outcome="changed", merged=False)
            tx.arrivals.add((pull, ArrivalRow(place, f"{id_} {place}", b"", b"")) for place in (0, 1))
        pending = tx.arrivals.pending()
        assert [pull.source_id for pull in pending] == ["first", "second"]
        assert [row.item for row in tx.arrivals.of(pending[0].id)] == ["first 0", "first 1"]
        tx.arrivals.merge(pending[0].id, new=0)
        assert [pull.source_id for pull in tx.arrivals.pending()] == ["second"]


def test_outcomes_of_many_pulls_are_stored_at_once(store: Store) -> None:
    with store.write() as tx:
        for id_ in ("a", "b", "c", "lost"):
            tx.sources.add(feed(id_))
        tx.sources.claim(NOON, until=NOON + MINUTE, token="one")
        tx.sources.change("lost", lease="two")
        outcomes: dict[str, dict[str, object]] = {
            "b": {"etag": "1"},
            "lost": {"etag": "2"},
            "a": {"etag": "3"},
            "c": {"state": "ok", "failures": 4},
        }
        assert tx.sources.record("one", outcomes) == {"a", "b", "c"}
        stored = {row.id: (row.etag, row.state, row.failures) for row in tx.sources.all()}
        assert stored == {"a": ("3", "new", 0), "b": ("1", "new", 0), "c": ("", "ok", 4), "lost": ("", "new", 0)}
        assert tx.sources.claim(NOON, until=NOON + MINUTE, token="three", only=["lost"]) == []


def test_many_pulls_are_stored_at_once(store: Store) -> None:
    sources = [f"s{n}" for n in range(700)]
    with store.write() as tx:
        for id_ in sources:
            tx.sources.add(feed(id_))
        ids = tx.pulls.add_alike([{"source_id": id_, "batch_at": NOON, "outcome": "changed"} for id_ in sources])
        assert len(set(ids.values())) == 700
        assert {id_: [one.id for one in tx.pulls.of(id_)] for id_ in sources} == {id_: [ids[id_]] for id_ in sources}


def test_a_transaction_counts_where_it_changed_something(store: Store) -> None:
    with store.write() as tx:
        assert (tx.facts.revision, store.changes) == (0, 0)
        tx.sources.add(feed("a"))
    with store.write() as tx:
        assert (tx.facts.revision, store.changes) == (1, 1)
        tx.sources.change("nobody", state="ok")
        tx.sources.all()
    with store.write() as tx:
        assert (tx.facts.revision, store.changes) == (1, 1)
        tx.sources.change("a", state="ok")
    assert store.changes == 2
    before = store.version()
    with store.write(alone=False) as tx:
        tx.sources.change("a", state="gone")
    assert store.version() != before


def test_a_reader_sees_one_snapshot(store: Store) -> None:
    with store.read() as reading:
        assert reading.sources.all() == []
        with store.write() as writing:
            writing.sources.add(feed("a"))
        assert reading.sources.all() == []
    with store.read() as reading:
        assert [row.id for row in reading.sources.all()] == ["a"]


def test_rows_that_refer_to_each_other_are_written_in_any_order(store: Store) -> None:
    with store.write() as tx:
        tx.arrivals.add([(7, ArrivalRow(0, "item", b"", b""))])
        tx.sources.add(feed("a"))
        tx.pulls.add(id=7, source_id="a", batch_at=NOON, outcome="changed", merged=False)
    with store.read() as tx:
        assert [row.item for row in tx.arrivals.of(7)] == ["item"]

    def lack_pull() -> None:
        with store.write() as tx:
            tx.arrivals.add([(8, ArrivalRow(0, "item", b"", b""))])

    with pytest.raises(StateError):
        lack_pull()


def test_texts_come_in_the_order_of_their_characters(store: Store) -> None:
    names = [
        "a b",
        "a-b",
        "ab",
        "aB",
        "Ab",
        "AB",
        "a",
        "ä",
        "a\u0308",
        "z",
        "Z",
        "é",
        "ß",
        "ss",
        "新",
        "\U0001f600",
        "\uffee",
        "_",
    ]
    with store.write() as tx:
        for name in names:
            tx.sources.add(SourceRow(name, "feed", "https://a.example/", 0))
    with store.read() as tx:
        assert [row.id for row in tx.sources.all()] == sorted(names)


def test_a_failed_transaction_leaves_nothing(store: Store) -> None:
    def fail() -> None:
        with store.write() as tx:
            tx.sources.add(feed("a"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with store.read() as tx:
        assert tx.facts.is_empty()


def test_the_state_and_its_copies_are_for_their_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        with closing(Store(tmp_path / "state.db")) as store:
            store.open()
            store.copy_to(tmp_path / "copy.db")
            modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    finally:
        os.umask(before)
    assert {"state.db", "state.db-wal", "copy.db"} <= modes.keys()
    assert set(modes.values()) == {0o600}


@pytest.mark.torture
def test_a_state_of_the_first_migration_is_upgraded_with_its_rows(tmp_path: Path) -> None:
    """With rows that refer to each other, and a copy of what was there."""
    path = tmp_path / "state.db"
    config = AlembicConfig()
    config.set_main_option("script_location", str(Path(schema_module.__file__).parent / "migrations"))
    database = create_engine(f"sqlite:///{path}")
    with database.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        values = {
            "entry": "id=1, public_id='urn:x:1', published=1, updated=1, first_seen_at=1, changed_at=1, fresh_at=1,"
            " place=0, digest='', placements='[]', page_dirty=0, winner_id=1",
            "sighting": "id=1, source_id='a', entry_id=1, upstream_id='', link='', canonical='', path='', item='',"
            " digest='', whole='', body='', title='', draft='', clean='', rules_version='', matched_by='new',"
            " reason='', place=0, first_seen_at=1, last_seen_at=1, withheld=''",
            "pull": "id=1, source_id='a', batch_at=1, outcome='changed', kind='', message='', received=0, complete=1,"
            " settled=1",
        }
        for table, row in values.items():
            names, literals = zip(*(one.strip().split("=") for one in row.split(",")), strict=True)
            connection.exec_driver_sql(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join(literals)})")
    database.dispose()
    store = Store(path)
    store.open()
    with store.read() as tx:
        assert tx.entries.of([1])[1].kept_back == ""
        assert not tx.sightings.light([1])[0].echo
        assert tx.pulls.habits("a", NOON) == (1, 0)
    store.close()
    database = create_engine(f"sqlite:///{path}")
    with database.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    database.dispose()
    assert (tmp_path / f"state.db.before-{HEAD}").exists()


COUNT_SOURCES = (
    "import sqlite3, sys; print(*sqlite3.connect(sys.argv[1]).execute('SELECT count(*) FROM source').fetchone())"
)


def test_a_second_connection_in_one_process_keeps_the_locks(file_store: Store) -> None:
    """Closing a file drops every lock that the process has on it: another process would remove the log beside it."""

    def count() -> int:
        return int(
            subprocess.run([sys.executable, "-c", COUNT_SOURCES, file_store.at], capture_output=True, check=True).stdout
        )

    with file_store.write() as tx:
        tx.sources.add(feed("a"))
    other = Store(file_store.at)
    other.open()
    with other.read() as tx:
        assert tx.sources.get("a").id == "a"
    other.close()
    other.copy_to(Path(file_store.at).with_name("copy.db"))
    assert count() == 1
    with file_store.write() as tx:
        tx.sources.add(feed("b"))
    assert count() == 2


def test_threads_of_one_process_wait_for_each_other_without_limit(
    state_at: Path | str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hundreds of pulls may end at once. They are recorded one after another, and none raises LockedError."""
    monkeypatch.setattr(sqlite, "BUSY", 0.01)
    monkeypatch.setitem(postgresql_engine.SETTINGS, "lock_timeout", "10ms")
    store = Store(state_at)
    store.open()
    writing, waited = threading.Event(), threading.Event()

    def first() -> None:
        with store.write() as tx:
            tx.facts.set("first", "written")
            writing.set()
            waited.wait(20 * sqlite.BUSY)

    def second() -> str:
        assert writing.wait(10)
        try:
            with store.write() as tx:
                return tx.facts.get("first")
        finally:
            waited.set()

    with ThreadPoolExecutor(2) as threads:
        threads.submit(first)
        assert threads.submit(second).result() == "written"
    store.close()
