"""Leases sources to a batch, so that no other pulls them at the same time."""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from aggregator.model.problems import Problem
from aggregator.pull.not_asked import as_problem, why_not_asked
from aggregator.pull.outcomes import Recorder
from aggregator.store import SourceRow
from aggregator.threads import in_thread

LEASE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class PullScope:
    """Which sources are pulled. `force`: due or not; `only`: ids, empty for all; `punctual`: jitter is ignored, which
    spreads the turns of a scheduler."""

    force: bool = False
    only: Collection[str] = ()
    punctual: bool = True


@dataclass(frozen=True, slots=True)
class Claimed:
    """`rows`: sources whose turn it is; `skipped`: why sources that a person named are not among them; `paused_hosts`:
    host → end of its pause; `kept`: URLs whose answer is in the store already."""

    rows: list[SourceRow]
    skipped: list[Problem]
    paused_hosts: Mapping[str, datetime]
    kept: frozenset[str]


async def claim_sources(recorder: Recorder, scope: PullScope) -> Claimed:
    """Leases the sources whose turn it is to a batch; one that is canceled meanwhile gives them back."""
    try:
        return await in_thread(partial(_claim, recorder, scope))
    except asyncio.CancelledError:
        await asyncio.to_thread(give_back, recorder)
        raise


def _claim(recorder: Recorder, scope: PullScope) -> Claimed:
    at, force = recorder.batch_at, scope.force
    with recorder.app.store.write() as tx:
        rows = tx.sources.claim(
            at, until=at + LEASE, token=recorder.token, force=force, only=scope.only, punctual=scope.punctual
        )
        left = tx.lookups.sources(set(scope.only) - {row.id for row in rows}).values() if force else ()
        problems = [as_problem(row, why_not_asked(tx, row, at)) for row in left]
        return Claimed(rows, problems, tx.hosts.paused(at, force=force), tx.first_answers.urls())


def give_back(recorder: Recorder) -> None:
    """Ends the leases that are left: these sources are due again."""
    with recorder.app.store.write(alone=False) as tx:
        tx.sources.give_back(recorder.token)
