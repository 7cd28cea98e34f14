"""Restores values of the state that cannot be read from those that can, so that one damaged row does not stop a run.

Only `regenerate`, which reads everything, searches for damage. Another command that meets damage repairs all of it in
one transaction, reports each repair as a problem, and starts its work again (`run_repairing`).
"""

import json
from collections.abc import Iterable
from dataclasses import asdict

from aggregator.app import App
from aggregator.errors import StateError
from aggregator.maintenance.entry_repair import DamagedEntry, damaged_entries, restore
from aggregator.maintenance.packed_columns import BY_NAME, Damage, find_damage
from aggregator.maintenance.table_repair import TableRepair
from aggregator.model.problems import Problem
from aggregator.recover.read_tree import PublishedTree, read_published
from aggregator.recover.recover import source_draft
from aggregator.recover.sources import Origins
from aggregator.store.fact_names import REPAIRS
from aggregator.worker_pool import WorkerPool


async def repair(app: App, pool: WorkerPool, *, report_later: bool = False) -> list[Problem]:
    """Restores every packed value that cannot be read, and returns a problem for each. `report_later`: the next run
    reports them, too."""
    with app.store.read() as tx:
        damages = list(find_damage(tx))
        if not damages:
            return []
        rows = [row for table in ("sighting", "arrival") for row in damaged_entries(tx, table, damages)]
    tree = await _published(app, pool) if _needs_tree(rows, damages) else None
    origins = Origins(app)
    recovered = {}
    for one in tree.entries.values() if tree else ():
        recovered[one.entry.public_id] = source_draft(one, origins.of(one))
    for row in rows:
        await restore(row, recovered, app, pool)
    with app.store.write() as tx:
        problems = TableRepair(app, tx, {(row.table, row.key): row for row in rows}, tree).run(damages)
        if report_later:
            tx.facts.set(REPAIRS, json.dumps([asdict(one) for one in problems]))
    return problems


async def _published(app: App, pool: WorkerPool) -> PublishedTree | None:
    try:
        return await read_published(app, pool)
    except StateError:  # no published tree of ours
        return None


def _needs_tree(rows: Iterable[DamagedEntry], damages: Iterable[Damage]) -> bool:
    """Whether something is left in the published tree alone: an entry, or what a feed says about its source."""
    is_entry_lost = any(row.table == "sighting" and row.is_lost for row in rows)
    return is_entry_lost or any(one.column is BY_NAME["source", "about"] for one in damages)
