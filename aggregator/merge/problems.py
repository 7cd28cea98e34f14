"""What a merge tells about a source."""

from collections.abc import Iterator
from datetime import datetime

from aggregator.model.problems import Problem
from aggregator.polling.flood_guard import SEALED_AFTER
from aggregator.store import SourceRow

HELD = (
    "{count} new entries are held, because they are undated or older than its newest one: `aggregator entry release"
    " --source {source}` publishes them, `aggregator entry remove ENTRY` removes one; from {until} on they are in"
    " archives and on pages only"
)
WAITING = (
    "{count} new {entries} for a person, because this source has `approve: true`: `aggregator entry approve` lists all"
    " that wait and asks, `aggregator entry remove` removes"
)
OTHER_SITE = (
    "it seems to be another site ({evidence}): {count} new entries are held; `aggregator source trust {id}` publishes"
    " them, `aggregator source pause {id}` stops pulling it"
)
ASKED = (
    "its publisher asks not to be republished ({words}), so its entries were taken out of all feeds;"
    " `publish: true` overrules that"
)
OWN_LOOP = "this is one of our own feeds; {count} unknown entries in it were left out"
REPEATS_IDS = "it uses one id for different entries; from now on its entries are matched by link, date or text as well"

TAKES_OVER = (
    "it takes over the entries of {old}, which left the config: {agreeing} of the {standing} that {old} showed last are"
    " in it, by {evidence}"
)


def takes_over(source_id: str, old_id: str, *, agreeing: int, standing: int, evidence: str) -> Problem:
    message = TAKES_OVER.format(old=old_id, agreeing=agreeing, standing=standing, evidence=evidence)
    return Problem(source_id, "moved", message)


def opt_out(source_id: str, words: str) -> Problem:
    return Problem(source_id, "opt-out", ASKED.format(words=words))


def pull_problems(
    source: SourceRow, at: datetime, *, held: int, waiting: int, ignored: int, repeats_ids: bool
) -> Iterator[Problem]:
    """`held`: entries held since `at`; `waiting`: new entries that wait for approval; `ignored`: unknown entries in a
    feed of ours; `repeats_ids`: seen since now."""
    if held and source.site_changed_at:
        yield Problem(source.id, "held", OTHER_SITE.format(count=held, id=source.id, evidence=source.site_evidence))
    elif held:
        until = f"{at + SEALED_AFTER:%Y-%m-%d %H:%M} UTC"
        yield Problem(source.id, "held", HELD.format(count=held, source=source.id, until=until))
    if waiting:
        entries = "entry waits" if waiting == 1 else "entries wait"
        yield Problem(source.id, "held", WAITING.format(count=waiting, entries=entries))
    if ignored:
        yield Problem(source.id, "own-loop", OWN_LOOP.format(count=ignored))
    if repeats_ids:
        yield Problem(source.id, "ids", REPEATS_IDS)
