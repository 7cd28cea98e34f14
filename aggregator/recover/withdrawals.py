"""Withdrawals, read from what the feeds of the tree tell, so that they tell it as long as they would have done."""

from collections.abc import Container, Iterable, Iterator
from datetime import datetime
from html import escape
from itertools import groupby

from aggregator.publish.output_tree import Tree
from aggregator.recover.read_document import TreeWithdrawal
from aggregator.recover.read_tree import PublishedTree
from aggregator.render import FILES
from aggregator.store import WithdrawalRow


def withdrawal_rows(files: Tree, tree: PublishedTree, shown: Container[str]) -> Iterator[WithdrawalRow]:
    """`shown`: public ids of entries that a document shows all the same. The kind is no longer known; that of all is
    one that may have a stub."""
    for feed_id, withdrawn in tree.withdrawn.items():
        has_stubs = any(one.is_stub for one in withdrawn.values())
        rss = (files.read(f"{feed_id}/{FILES['rss']}") if has_stubs else None) or b""
        for place, (one, published) in enumerate(_dated(withdrawn.values())):
            if one.public_id not in shown:
                yield _row(feed_id, one, published, place, rss)


def _dated(withdrawn: Iterable[TreeWithdrawal]) -> Iterator[tuple[TreeWithdrawal, datetime]]:
    """Each with a date of publication. A tombstone has none: it gets the latest that leaves it in its place."""
    for at, some in groupby(withdrawn, lambda one: one.at):
        published = at
        for one in some:
            published = one.published or published
            yield one, published


def _row(feed_id: str, one: TreeWithdrawal, published: datetime, place: int, rss: bytes) -> WithdrawalRow:
    guid = f'<guid isPermaLink="true">{escape(one.public_id, quote=False)}</guid>'
    return WithdrawalRow(
        feed_id=feed_id,
        public_id=one.public_id,
        entry_id=None,
        kind="removed",
        withdrawn_at=one.at,
        stood=one.is_stub,
        permalink=guid.encode() in rss,
        published=published,
        first_seen_at=published,
        place=place,
    )
