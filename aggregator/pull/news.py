"""Whether a pull may change what is published. Where none did, there is nothing to merge and to publish."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from aggregator.codec import unpack_or
from aggregator.model.document import FeedInfo
from aggregator.store import SourceRow

# Columns that only the next poll and the status of a source read.
OF_POLLING = frozenset(
    {
        "etag", "last_modified", "last_attempt_at", "last_success_at", "due_at", "next_poll_at", "poll_reason",
        "retry_at", "failures", "last_status", "gone_since", "fresh_for", "host", "error_kind", "error_message",
        "move_target", "move_since", "move_answers",
    }
)  # fmt: skip


def is_news(row: SourceRow, source: Mapping[str, Any], pull: Mapping[str, Any]) -> bool:
    """`source`: columns of the source after the pull, `row` before it; `pull`: columns of the pull's own row, none
    where nobody was asked."""
    is_changed = pull.get("outcome") == "changed"
    return is_changed or any(name not in OF_POLLING and getattr(row, name) != value for name, value in source.items())


def shown_of(about: bytes | None) -> FeedInfo | None:
    """The part of a source's FeedInfo that published feeds show: all but its update time and hubs."""
    return replace(unpack_or(about, FeedInfo, FeedInfo()), updated=None, hubs=()) if about else None
