"""The queue's tables in a state are those of Procrastinate."""

from pathlib import Path

import procrastinate
import psycopg
import pytest

from aggregator.store.queue_schema import STEPS_OF_3_10
from tests.support.postgresql import Server

SQL = Path(procrastinate.__file__).parent / "sql"
QUESTIONS = {
    "columns": "SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns"
    " WHERE table_schema = 'public' AND table_name LIKE 'procrastinate%'",
    "indexes": "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename LIKE 'procrastinate%'",
    "functions": "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
    " AND proname LIKE 'procrastinate%'",
    "triggers": "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname LIKE 'procrastinate%'",
    "constraints": "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
    " WHERE conrelid::regclass::text LIKE 'procrastinate%'",
    "enums": "SELECT typname, enumlabel, rank() OVER (PARTITION BY typname ORDER BY enumsortorder)"
    " FROM pg_enum JOIN pg_type ON pg_type.oid = enumtypid",
}


def answers(server: Server, database: str) -> dict[str, set[tuple[object, ...]]]:
    with server.connect(database) as connection:
        return {name: set(connection.execute(question.encode()).fetchall()) for name, question in QUESTIONS.items()}


def test_a_state_has_the_schema_that_procrastinate_would_install(postgresql: Server, database: str) -> None:
    with psycopg.connect(postgresql.create("procrastinate_alone"), autocommit=True) as connection:
        connection.execute((SQL / "schema.sql").read_bytes())
    assert answers(postgresql, database) == answers(postgresql, "procrastinate_alone")


def test_every_step_of_the_installed_version_is_named() -> None:
    """A newer Procrastinate brings steps: then a step of our schema has to install them, too."""
    assert sorted(file.stem for file in (SQL / "migrations").glob("*.sql")) == sorted(STEPS_OF_3_10)


@pytest.mark.parametrize("table", ["procrastinate_jobs", "procrastinate_events", "lease"])
def test_statistics_of_the_queue_stay_fresh(postgresql: Server, database: str, table: str) -> None:
    with postgresql.connect(database) as connection:
        [(options,)] = connection.execute("SELECT reloptions FROM pg_class WHERE relname = %s", [table]).fetchall()
    assert "autovacuum_analyze_threshold=200" in options
