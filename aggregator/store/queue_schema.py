"""The tables of the queue beside those of the state, in PostgreSQL: Procrastinate's own steps, from its package.

A step of the state's schema installs the steps that it names, and no newer ones: so a state's schema does not depend on
which version of Procrastinate is there. A newer version needs a step of ours that names what it adds.
"""

from importlib.resources import files
from typing import Any

from sqlalchemy import Connection

STEPS_OF_3_10 = (
    "00.00.00_01_initial",
    "00.05.00_01_drop_started_at_column",
    "00.05.00_02_drop_started_at_column",
    "00.05.00_03_drop_procrastinate_version_table",
    "00.06.00_01_fix_procrastinate_fetch_job",
    "00.07.01_01_fix_trigger_status_events_insert",
    "00.08.01_01_add_queueing_lock_column",
    "00.10.00_01_close_fetch_job_race_condition",
    "00.10.00_02_add_defer_job_function",
    "00.11.00_03_add_procrastinate_periodic_defers",
    "00.12.00_01_add_foreign_key_index",
    "00.14.00_01_add_locks_to_periodic_defer",
    "00.15.02_01_fix_procrastinate_defer_periodic_job",
    "00.16.00_01_add_finish_job_and_retry_job_functions",
    "00.17.00_01_add_trigger_on_job_deletion",
    "00.17.00_02_delete_finished_jobs",
    "00.17.00_03_add_checks_to_finish_job",
    "00.17.00_04_add_checks_to_retry_job",
    "00.18.01_01_fix_finish_job_compat_issue",
    "00.19.00_01_add_index_on_procrastinate_jobs",
    "00.22.00_01_add_kwargs_to_defer_periodic_job",
    "00.23.00_01_null_locks_excluded",
    "01.00.00_01_remove_old_finish_job_function",
    "01.01.01_01_job_id_bigint",
    "02.00.03_01_add_job_priority",
    "02.05.00_01_add_periodic_job_priority",
    "02.06.00_01_add_cancel_states",
    "02.08.00_01_add_additional_params_to_retry_job",
    "02.14.01_01_add_indexes_for_fetch_job",
    "03.00.00_01_pre_cancel_notification",
    "03.00.00_50_post_cancel_notification",
    "03.01.00_01_pre_add_heartbeat",
    "03.01.00_50_post_add_heartbeat",
    "03.02.00_01_pre_batch_defer_jobs",
    "03.02.00_50_post_batch_defer_jobs",
    "03.03.00_01_pre_priority_lock_fetch_job",
    "03.04.00_01_pre_add_retry_failed_job_procedure",
    "03.04.00_50_post_add_retry_failed_job_procedure",
)

# Rows of these tables come and go all the time. Without fresh statistics taking a job from a queue of some thousands
# takes a second.
BUSY_TABLES = ("procrastinate_jobs", "procrastinate_events", "procrastinate_periodic_defers", "host_lease", "lease")
OFTEN = (
    "autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500,"
    " autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 200"
)
# Each pull changes the row of its source: the new version fits into the same page.
ROOM = "fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02"


def install(connection: Connection, steps: tuple[str, ...] = STEPS_OF_3_10) -> None:
    """Executes steps of Procrastinate, and has its tables vacuumed often. Nothing outside PostgreSQL."""
    if connection.dialect.name != "postgresql":
        return
    raw: Any = connection.connection.dbapi_connection
    folder = files("procrastinate.sql") / "migrations"
    for step in steps:
        raw.execute((folder / f"{step}.sql").read_text(encoding="utf-8"))
    for table in BUSY_TABLES:
        raw.execute(f"ALTER TABLE {table} SET ({OFTEN})")
    raw.execute(f"ALTER TABLE source SET ({ROOM})")
