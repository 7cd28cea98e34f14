"""Public ids of ours that arriving entries show, or that the published tree holds of them."""

from collections.abc import Iterable, Mapping, Sequence

from aggregator.dedup import Arriving
from aggregator.merge.context import MergeContext
from aggregator.merge.public_ids import candidates, minting_prefix
from aggregator.model.entry import CleanEntry
from aggregator.store import Transaction
from aggregator.text.canonical_url import canonical_link

PAGE = "entries/x.html"


def shown_ids(tx: Transaction, arriving: Iterable[Arriving], *, site: str, is_ours: bool) -> dict[str, str]:
    """Item → the public id of ours that it may show: one that we minted, under any site.url; the id of a page of ours
    that it links to; in a feed of ours (`is_ours`), any id."""
    pages = canonical_link(f"{site}{PAGE}").removesuffix("x.html")
    found: dict[str, str] = {}
    for one in arriving:
        may_show = is_ours or one.is_ours or one.may_be_ours
        if one.upstream_id.startswith("tag:") or (may_show and one.upstream_id):
            found[one.item] = one.upstream_id
        elif one.canonical.startswith(pages):
            slug = one.canonical.removeprefix(pages).removesuffix(".html")
            found[one.item] = tx.entries.public_id_of_page(slug)
    return found


def recovered_ids(
    context: MergeContext, tx: Transaction, source_id: str, new: Sequence[tuple[Arriving, CleanEntry]]
) -> Mapping[str, str]:
    """Item → the id that we would give it, where the published tree holds an entry under that id."""
    prefix = minting_prefix(context.app)
    names = {one.item: [name for name in candidates(prefix, source_id, one, clean) if name] for one, clean in new}
    rows = tx.sightings.find(source_id, {"upstream_id": {name for some in names.values() for name in some}})
    known = {row.upstream_id for row in rows if row.recalled}
    best = {item: next((name for name in some if name in known), "") for item, some in names.items()}
    return {item: name for item, name in best.items() if name}
