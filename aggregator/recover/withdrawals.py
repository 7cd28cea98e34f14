"""Withdrawals, read from what the feeds of the tree tell, so that they tell it as long as they would have done."""

from collections.abc import Container, Iterator
from html import escape

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
        for place, one in enumerate(withdrawn.values()):
            if one.public_id not in shown:
                yield _row(feed_id, one, place, rss)


def _row(feed_id: str, one: TreeWithdrawal, place: int, rss: bytes) -> WithdrawalRow:
    guid = f'<guid isPermaLink="true">{escape(one.public_id, quote=False)}</guid>'
    return WithdrawalRow(
        feed_id=feed_id,
        public_id=one.public_id,
        entry_id=None,
        kind="removed",
        withdrawn_at=one.at,
        stood=one.is_stub,
        permalink=guid.encode() in rss,
        published=one.published or one.at,
        first_seen_at=one.published or one.at,
        place=place,
    )
