"""What a merge tells about a source."""

from collections.abc import Iterator
from datetime import datetime

from aggregator.model.problems import Problem
from aggregator.polling.flood_guard import SEALED_AFTER
from aggregator.store import SourceRow
from aggregator.text.counts import count_of

HELD = (
    "{entries} undated or older than its newest one: `aggregator entry release --source {source}` publishes what is"
    " held, `aggregator entry remove ENTRY` removes one; from {until} on it is in archives and on pages only"
)
WAITING = (
    "{entries} for a person, because this source has `approve: true`: `aggregator entry approve` lists all"
    " that wait and asks, `aggregator entry remove` removes"
)
OTHER_SITE = (
    "it seems to be another site ({evidence}): {entries} held; `aggregator source trust {id}` publishes what is held,"
    " `aggregator source pause {id}` stops pulling it"
)
ASKED = (
    "its publisher asks not to be republished ({words}), so its entries were taken out of all feeds;"
    " `publish: true` overrules that"
)
OWN_LOOP = "this is one of our own feeds; {entries} left out"
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
        entries = count_of(held, "new entry is", "new entries are")
        message = OTHER_SITE.format(entries=entries, id=source.id, evidence=source.site_evidence)
        yield Problem(source.id, "held", message)
    elif held:
        entries = count_of(held, "new entry is held, because it is", "new entries are held, because they are")
        until = f"{at + SEALED_AFTER:%Y-%m-%d %H:%M} UTC"
        yield Problem(source.id, "held", HELD.format(entries=entries, source=source.id, until=until))
    if waiting:
        entries = count_of(waiting, "new entry waits", "new entries wait")
        yield Problem(source.id, "held", WAITING.format(entries=entries))
    if ignored:
        entries = count_of(ignored, "unknown entry in it was", "unknown entries in it were")
        yield Problem(source.id, "own-loop", OWN_LOOP.format(entries=entries))
    if repeats_ids:
        yield Problem(source.id, "ids", REPEATS_IDS)
