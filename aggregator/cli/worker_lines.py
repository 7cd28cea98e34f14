"""Many workers, in lines of `status`."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from aggregator.text.counts import count_of

if TYPE_CHECKING:
    from aggregator.model.status import Status

MOST = 5  # shards that are named
LATE = timedelta(minutes=10)  # a source that waits for longer is late


def worker_lines(found: "Status") -> Iterator[str]:
    for one in found.workers:
        jobs = f"{count_of(one.jobs, 'job')}, {count_of(one.pulls, 'pull')} since {one.since:%Y-%m-%d %H:%M}"
        yield f"worker {one.name} ({one.roles}): {jobs}"
    for each in found.rounds:
        end = f", merged at {each.ends:%H:%M:%S} at the latest" if each.ends else ""
        yield f"round {each.number} of {each.at:%Y-%m-%d %H:%M:%S}: waits for {count_of(each.waiting, 'source')}{end}"
    yield from _shards(found, found.at)


def _shards(found: "Status", now: datetime) -> Iterator[str]:
    """How old the queue is, and the shards that are late."""
    if found.shards:
        waiting, age = sum(one.waiting for one in found.shards), max(now - found.shards[0].since, timedelta(0))
        yield f"queue: {count_of(waiting, 'source')}, the first due for {age.total_seconds() / 60:.0f} min"
    late = [one for one in found.shards if now - one.since > LATE]
    for one in late[:MOST]:
        who = f"; {one.worker} pulls" if one.worker else ""
        since = f"{one.since:%Y-%m-%d %H:%M}"
        yield f"shard {one.shard}: {count_of(one.waiting, 'source')}, the first due since {since}{who}"
    if len(late) > MOST:
        more = count_of(len(late) - MOST, "more shard that is late", "more shards that are late")
        yield f"  … and {more}; --json shows all"
