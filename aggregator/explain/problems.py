"""Problems that concern one entry."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from aggregator.codec import unpack
from aggregator.explain.case import EntryCase
from aggregator.explain.decided_otherwise import decided_otherwise
from aggregator.model.problems import PostNotes, Problem
from aggregator.settings import placing_digest
from aggregator.store import SourceRow
from aggregator.text.counts import count_of
from aggregator.text.date_formats import to_the_minute

MAX_NAMED = 5


def entry_problems(case: EntryCase, *, unpublished: Iterable[str]) -> tuple[Problem, ...]:
    """`unpublished`: ids of feeds whose files the next run will change."""
    return (
        *_of_sightings(case),
        *decided_otherwise(case),
        *_of_sources(case.sources.values()),
        *_of_posts(case),
        *_of_time(case, unpublished),
    )


def _of_sightings(case: EntryCase) -> Iterator[Problem]:
    for row in case.sightings:
        if why := case.withheld(row):
            yield Problem(row.source_id, "withheld", f"sighting {row.id} is ignored: {why}")
        elif row.recalled:
            yield Problem(row.source_id, "recalled", f"sighting {row.id} was recovered from the published tree only")


def _of_sources(sources: Iterable[SourceRow]) -> Iterator[Problem]:
    for source in sources:
        if source.error_kind:
            since = f" since {to_the_minute(source.state_since)}" if source.state_since else ""
            message = f"{source.error_message} ({source.state}{since}, {source.failures} × in a row)"
            yield Problem(source.id, source.error_kind, message, transient=source.state == "failing")
        if source.repeats_ids:
            yield Problem(source.id, "ids", "repeats its ids, so that ids alone do not tell its entries apart")


def _of_posts(case: EntryCase) -> Iterator[Problem]:
    for file in case.files.values():
        folder = case.sources[file.source_id].url
        notes = unpack(file.notes, PostNotes) if file.notes else PostNotes((), ())
        yield from (replace(one, where=f"{folder}/{one.where}") for one in notes.problems)
        yield from (Problem(f"{folder}/{file.path}", "front-matter", f"repaired: {why}") for why in notes.repaired)


def _of_time(case: EntryCase, unpublished: Iterable[str]) -> Iterator[Problem]:
    """Says if the next run would publish something else: the explanation of feeds describes that run, not the files."""
    config, facts = case.app.config, case.tx.facts
    if facts.get("placing") not in {"", placing_digest(case.app.config)}:
        message = "the config or this program changed since the last run; the decisions shown here are older"
        yield Problem(config.where(), "config", message)
    if waiting := sorted(unpublished):
        names = ", ".join(waiting[:MAX_NAMED]) + (", …" if len(waiting) > MAX_NAMED else "")
        feeds = count_of(len(waiting), "feed waits", "feeds wait")
        yield Problem("", "unpublished", f"{feeds} for the next run: {names}")
