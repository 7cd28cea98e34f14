"""Where a source moved permanently, as its row says, and the URL to fetch."""

from dataclasses import replace
from typing import Any

from aggregator.config import SourceConfig
from aggregator.fetch import origin
from aggregator.polling import Move
from aggregator.settings import secret_headers
from aggregator.store import SourceRow
from aggregator.text.urls import LONGEST


def poll_url(row: SourceRow, source: SourceConfig) -> str:
    """The URL to fetch: where the source moved permanently, else the config's. Stored URLs that are too long are
    ignored: former versions followed such redirects."""
    moved_url = move_of(row).url
    return moved_url if moved_url and may_follow(source, moved_url) else source.url


def may_follow(source: SourceConfig, url: str) -> bool:
    """Whether `url` may replace the config's: secrets are sent only to the origin that the config names."""
    return not secret_headers(source) or origin(source.url) == origin(url)


def move_of(row: SourceRow) -> Move:
    move = _recorded(row)
    move = replace(move, url="") if len(move.url) > LONGEST else move
    return replace(move, target="", since=None, answers=0) if len(move.target) > LONGEST else move


def _recorded(row: SourceRow) -> Move:
    return Move(row.moved_url, row.move_target, row.move_since, row.move_answers, row.move_refused)


def move_values(row: SourceRow, move: Move) -> dict[str, Any]:
    """Only if the move changed: a person may have changed it meanwhile. Validators and `gone_since` belong to one
    address, and end with it."""
    if move == _recorded(row):
        return {}
    values: dict[str, Any] = {
        "moved_url": move.url,
        "move_target": move.target,
        "move_since": move.since,
        "move_answers": move.answers,
        "move_refused": move.refused,
    }
    return values | ({"etag": "", "last_modified": "", "gone_since": None} if row.moved_url and not move.url else {})
