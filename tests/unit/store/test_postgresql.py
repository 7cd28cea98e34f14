"""What only a state on PostgreSQL has: a server that may be old, refuse, go away, and serve others, too."""

import sys
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine
from sqlalchemy.exc import OperationalError

from aggregator.errors import AggregatorError, LockedError, StateError
from aggregator.store import SourceRow, Store, Transaction, postgresql, postgresql_engine
from aggregator.store.head import HEAD
from aggregator.store.postgresql_errors import translate
from aggregator.store.schema import metadata
from tests.support.postgresql import Server

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ROW = SourceRow("a", "feed", "https://a.example/", 0)
END_OTHERS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(postgresql_engine.SETTINGS, "lock_timeout", "20ms")
    monkeypatch.setattr(postgresql_engine, "PATIENCE", 2.0)
    monkeypatch.setattr(postgresql, "PAUSE", 0.01)


@pytest.fixture
def address(postgresql: Server, database: str) -> str:
    postgresql.empty(database)
    return postgresql.address(database)


@pytest.fixture
def store(address: str) -> Iterator[Store]:
    with closing(Store(address)) as one:
        one.open()
        yield one


def cut(postgresql: Server, database: str) -> None:
    """Ends every connection to the database, as a restart of the server does."""
    with postgresql.connect() as connection:
        connection.execute(END_OTHERS, [database])


def is_compared(_object: object, name: str | None, kind: str, *_: object) -> bool:
    """References differ by when they are checked: in the end of a transaction here. The queue's tables are those of
    Procrastinate (tests/unit/workers/test_queue_schema.py)."""
    return kind != "foreign_key_constraint" and not (kind == "table" and str(name).startswith("procrastinate"))


def refused(address: str) -> str:
    with pytest.raises(StateError) as refusal:
        Store(address).open()
    return str(refusal.value)


def test_the_migrations_lead_to_the_tables_of_the_schema(address: str) -> None:
    database = create_engine(address.replace("postgresql://", "postgresql+psycopg://"))
    with closing(database.connect()) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False, "include_object": is_compared})
        assert context.get_current_revision() == HEAD
        assert compare_metadata(context, metadata) == []
        kinds = connection.exec_driver_sql(
            "SELECT data_type, collation_name, is_nullable, table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = current_schema() AND table_name <> 'alembic_version'"
            " AND table_name NOT LIKE 'procrastinate%%'"
        ).all()
        references = connection.exec_driver_sql(
            "SELECT conname FROM pg_constraint WHERE contype = 'f' AND condeferrable AND condeferred"
            " AND conrelid::regclass::text NOT LIKE 'procrastinate%%'"
        ).all()
    database.dispose()
    assert {one[0] for one in references} == {
        one.name or f"{table.name}_{'_'.join(one.column_keys)}_fkey"
        for table in metadata.tables.values() for one in table.foreign_key_constraints
    }  # fmt: skip
    columns = {(table.name, one.name): one.nullable for table in metadata.tables.values() for one in table.columns}
    assert {(row.table_name, row.column_name): row.is_nullable == "YES" for row in kinds} == columns
    assert {row.data_type for row in kinds} == {
        "bigint", "boolean", "bytea", "character varying", "double precision", "json"
    }  # fmt: skip
    assert {row.collation_name for row in kinds if row.data_type == "character varying"} == {"C"}


def test_one_engine_works_on_a_state_and_workers_beside_each_other(store: Store, address: str) -> None:
    other = Store(address)
    with store.exclusive():
        for refuse in (other.exclusive, other.shared):
            with (
                pytest.raises(LockedError, match=r"another process \(aggregator, process \d+ on .+\) works on"),
                refuse(),
            ):
                pass
        assert len(store.holders()) == 1
    assert store.holders() == []
    with store.shared(), other.shared():
        assert len(store.holders()) == 2
        with pytest.raises(LockedError), Store(address).exclusive():
            pass
    other.close()


def test_who_waits_gets_the_lock(store: Store, address: str) -> None:
    got = threading.Event()

    def wait() -> None:
        with closing(Store(address)) as other, other.exclusive(wait=True):
            got.set()

    with store.exclusive():
        waiting = threading.Thread(target=wait)
        waiting.start()
        assert not got.wait(0.05)
    assert got.wait(10)
    waiting.join()


def test_another_writer_is_waited_for_and_then_told(store: Store, address: str) -> None:
    with closing(Store(address)) as other:
        other.open()
        with store.write(), pytest.raises(LockedError, match="another process is writing"), other.write():
            pass
        with store.write() as one, other.write(alone=False) as beside:
            one.facts.set("one", "1")
            beside.sources.add(ROW)


def test_nothing_is_stored_of_a_transaction_whose_connection_was_cut(
    store: Store, postgresql: Server, database: str
) -> None:
    def record(tx: Transaction) -> None:
        tx.sources.add(ROW)
        cut(postgresql, database)
        tx.facts.set("one", "1")

    with pytest.raises(StateError, match="was cut"), store.write() as tx:
        record(tx)
    with store.write() as tx:
        assert tx.sources.all() == []
        tx.sources.add(ROW)
    cut(postgresql, database)
    with store.read() as tx:
        assert len(tx.sources.all()) == 1


def test_the_engine_takes_its_lock_again_after_a_cut(
    store: Store, postgresql: Server, database: str, address: str
) -> None:
    def record(tx: Transaction) -> None:
        cut(postgresql, database)
        tx.facts.set("one", "1")

    with store.exclusive():
        cut(postgresql, database)
        with store.write() as tx:
            tx.sources.add(ROW)
        with pytest.raises(LockedError), Store(address).exclusive():
            pass
        with pytest.raises(StateError, match="was cut"), store.write() as tx:
            record(tx)
        with store.write() as tx:
            assert len(tx.sources.all()) == 1


def test_an_engine_that_lost_its_lock_to_another_writes_nothing(
    store: Store, postgresql: Server, database: str, address: str
) -> None:
    with store.exclusive():
        cut(postgresql, database)
        other = Store(address)
        with other.exclusive(), pytest.raises(LockedError, match="works on the state"), store.write() as tx:
            tx.sources.add(ROW)
        other.close()
        with store.write() as tx:
            assert tx.sources.all() == []


def test_a_server_that_restarts_is_waited_for(store: Store, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    """Also where it lets nobody in for a while."""
    attempts = iter([True, True, False])
    connect = psycopg.connect

    def sometimes(*words: object, **options: object) -> object:
        if next(attempts, False):
            raise psycopg.OperationalError("connection failed: Connection refused")
        return connect(*words, **options)  # type: ignore[arg-type]

    store._database._engine.dispose()  # type: ignore[union-attr]
    monkeypatch.setattr(psycopg, "connect", sometimes)
    with suppress(AttributeError):
        monkeypatch.setattr(store._database._engine.dialect.loaded_dbapi, "connect", sometimes)  # type: ignore[union-attr]
    with store.read() as tx:
        assert tx.sources.all() == []
    assert next(attempts, None) is None


def test_a_state_of_another_version(postgresql: Server, database: str) -> None:
    address = postgresql.create(f"{database}_other", database)
    with postgresql.connect(f"{database}_other") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        assert "written by a newer version of this program" in refused(address)
        connection.execute("DELETE FROM alembic_version")
        assert "should have one row" in refused(address)
        connection.execute("DROP TABLE alembic_version CASCADE")
        assert "another program's database" in refused(address)


def test_a_server_that_cannot_be_used(
    postgresql: Server, database: str, address: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert "does not exist; create it" in refused(postgresql.address("nowhere"))
    assert "cannot be used: connection" in refused(f"postgresql://me:hunter2@/x?host={tmp_path}")
    assert "hunter2" not in refused(f"postgresql://me:hunter2@/x?host={tmp_path}")
    assert "is no address of a database" in refused("postgresql://me:hunter2@h:port/x")
    with postgresql.connect() as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {database}_ascii".encode())
        connection.execute(
            f"CREATE DATABASE {database}_ascii TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'".encode()
        )
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = 'nobody'").fetchone():
            with suppress(psycopg.errors.UniqueViolation):
                connection.execute("CREATE ROLE nobody LOGIN")
    assert "has the encoding SQL_ASCII" in refused(postgresql.address(f"{database}_ascii"))
    assert "lacks a right (permission denied for table" in refused(postgresql.address(database, "nobody"))
    assert "lacks a right" in refused(postgresql.address("postgres", "nobody"))
    monkeypatch.setattr(postgresql_module(), "FIRST_VERSION", 99)
    assert "this program needs 99 or newer" in refused(address)


def postgresql_module() -> object:
    return sys.modules["aggregator.store.postgresql"]


def test_without_its_package_a_state_says_what_to_install(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    assert "pip install 'aggregator[postgres]'" in refused(address)


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (psycopg.errors.DiskFull("no space"), StateError, "no room left on the disk of the server"),
        (psycopg.errors.ReadOnlySqlTransaction("x"), StateError, "read-only, a standby perhaps"),
        (psycopg.errors.TooManyConnections("x"), StateError, "no connection free"),
        (psycopg.errors.QueryCanceled("x"), StateError, "longer than the server may take"),
        (psycopg.errors.DeadlockDetected("x"), LockedError, "try again"),
        (psycopg.errors.InvalidPassword("x"), StateError, "refuses the login"),
        (psycopg.errors.DataCorrupted("x"), StateError, "restore a backup"),
        (psycopg.errors.FeatureNotSupported("a\n  b"), StateError, "cannot be used: a b"),
    ],
)
def test_errors_of_the_server_in_our_words(error: psycopg.Error, kind: type[AggregatorError], said: str) -> None:
    translated = translate(OperationalError("SELECT", {}, error), "postgresql://h/x")
    assert type(translated) is kind
    assert said in str(translated)


def test_a_copy_is_a_file_with_all_rows(store: Store, tmp_path: Path) -> None:
    with store.write() as tx:
        tx.sources.add(ROW)
        tx.facts.set("one", "1")
    store.copy_to(tmp_path / "copy.db")
    with closing(Store(tmp_path / "copy.db")) as copy:
        copy.open()
        with copy.read() as tx:
            assert [row.id for row in tx.sources.all()] == ["a"]
            assert tx.facts.get("one") == "1"
        assert copy.faults() == store.faults() == []


@pytest.mark.torture
def test_numbers_go_on_after_a_copy(store: Store, tmp_path: Path) -> None:
    with closing(Store(tmp_path / "state.db")) as file:
        file.open()
        with file.write() as tx:
            tx.sources.add(ROW)
            for _ in range(3):
                last = tx.pulls.add(source_id="a", batch_at=NOON, outcome="unchanged")
        assert store.copy_from(file)["pull"] == 3
    with store.write() as tx:
        assert tx.pulls.add(source_id="a", batch_at=NOON, outcome="unchanged") == last + 1
