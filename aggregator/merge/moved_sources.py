"""Recognizes a source whose address was edited in the config, where it has no id: it takes over the old entries.

Only a source that left the config can be taken over, and only by the first document of a new one. So a source that
copies a neighbor takes nothing from it.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from functools import partial

from aggregator.app import App
from aggregator.codec import unpack
from aggregator.config.source_ids import source_id as derived_id
from aggregator.dedup import Arriving, Known
from aggregator.dedup.moved_source import MovedSource
from aggregator.merge.context import MergeContext
from aggregator.merge.decide import decide
from aggregator.merge.hidden_secrets import follow_rename
from aggregator.merge.known_sightings import known_sighting
from aggregator.merge.problems import takes_over
from aggregator.model.entry import CleanEntry
from aggregator.store import PendingPull, SourceRow, Transaction
from aggregator.store.entry_content import known_text


def recognize_moved(context: MergeContext, tx: Transaction, pull: PendingPull) -> None:
    """Lets the source of the pull take over the entries of one that left the config, where its id is derived from its
    address, and it shows at least half of what that one showed last."""
    source = context.sources[pull.source_id]
    left = context.left
    is_derived = source.kind == "feed" and source.id.startswith(_derived_id(context.app, source))
    if not left or not is_derived or tx.sightings.any(source.id):
        return
    arriving = [_arriving(unpack(row.clean, CleanEntry)) for row in tx.arrivals.of(pull.id) if row.clean]
    for old_id, known in _shown_by(tx, left, arriving).items():
        agreement = MovedSource(arriving, known, partial(known_text, tx)).agreement()
        agreeing, standing = agreement.total(), tx.sightings.standing_count(old_id)
        if 2 * agreeing >= standing:
            evidence = ", ".join(agreement)
            problem = takes_over(source.id, old_id, agreeing=agreeing, standing=standing, evidence=evidence)
            context.report.add_problems([problem])
            _take_over(context, tx, pull, old_id)
            return


def _derived_id(app: App, row: SourceRow) -> str:
    return app.feed_source(row.id).derived_id if app.knows(row.id) else derived_id(row.url)


def _shown_by(tx: Transaction, left: Collection[str], arriving: Sequence[Arriving]) -> dict[str, list[Known]]:
    """The standing sightings that may agree with the document, by source; the source with most of them first."""
    keys = {"upstream_id": [one.upstream_id for one in arriving], "canonical": [one.canonical for one in arriving]}
    titled = tx.sightings.with_titles(sorted(left), {one.title for one in arriving})
    rows = {row.id: row for row in (*tx.sightings.elsewhere("", keys), *titled)}
    found: defaultdict[str, list[Known]] = defaultdict(list)
    for row in rows.values():
        if row.source_id in left and row.gone_at is None:
            found[row.source_id].append(known_sighting(row))
    return dict(sorted(found.items(), key=lambda one: -len(one[1])))


def _take_over(context: MergeContext, tx: Transaction, pull: PendingPull, old_id: str) -> None:
    tx.sources.take_over(pull.source_id, old_id)
    follow_rename(tx, old_id, pull.source_id)
    del context.sources[old_id]
    context.left.discard(old_id)
    context.sources[pull.source_id] = tx.sources.get(pull.source_id)
    # Its entries left the feeds with the old source; one that arrives unchanged would not be decided again.
    decide(context, tx, tx.sightings.entries_of_sources([pull.source_id]), pull.batch_at, edits=False)


def _arriving(clean: CleanEntry) -> Arriving:
    return Arriving(
        item="",
        upstream_id=clean.id,
        canonical=clean.canonical,
        title=clean.fingerprint.title,
        text=clean.fingerprint.text,
        claimed=clean.published or clean.updated,
    )
