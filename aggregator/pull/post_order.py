"""The order in which posts are stored and merged."""

from collections.abc import Sequence
from datetime import UTC, datetime

from aggregator.pull.process import ProcessedPost
from aggregator.store.arrivals import ArrivalRow
from aggregator.text.normalize import acceptable

FAR = datetime.max.replace(tzinfo=UTC)


def in_order(posts: Sequence[ProcessedPost], batch_at: datetime) -> list[ArrivalRow]:
    """By claimed date, oldest first, undated last, then by path. Undated posts are counted from 0 again, because their
    date depends on their place among the undated."""
    claims = {post.path: acceptable(post.claimed, batch_at) for post in posts}
    ordered = sorted(posts, key=lambda post: (claims[post.path] or FAR, post.path))
    dated = sum(claim is not None for claim in claims.values())
    return [
        ArrivalRow(i if i < dated else i - dated, one.item, one.draft, one.clean, one.comparable)
        for i, post in enumerate(ordered)
        if (one := post.entry)
    ]
