"""A run that met damage in the state starts again after a repair."""

from collections.abc import Callable
from inspect import isawaitable

from aggregator.app import App
from aggregator.errors import DamagedError
from aggregator.model.problems import Problem
from aggregator.report import Report
from aggregator.worker_pool import WorkerPool


async def run_repairing(app: App, pool: WorkerPool, report: Report, work: Callable[[], object]) -> None:
    """Runs `work`, which may be async. If it meets damage, repairs the state, resets `report` to what it was before,
    adds the repairs and runs `work` once more. Raises DamagedError where that does not help."""
    before = report.copy()
    try:
        await _finish(work())
    except DamagedError:
        problems = await repaired(app, pool)
        if not problems:
            raise
        report.restore(before)
        report.add_repairs(problems)
        await _finish(work())


async def _finish(result: object) -> None:
    if isawaitable(result):
        await result


async def repaired(app: App, pool: WorkerPool) -> list[Problem]:
    """What `repair` restored. Its module imports parsers, which takes 0.2 s: only damage is worth that."""
    from aggregator.maintenance.repair import repair

    return await repair(app, pool)
