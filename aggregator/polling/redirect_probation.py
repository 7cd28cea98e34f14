"""When a permanent redirect is believed. It is followed at once, and replaces the config's address only after
`ANSWERS` equal answers over `DAYS`, because a server under repair sends all requests to its front page with 301.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

ANSWERS = 3
DAYS = timedelta(days=3)
GONE = 410
GIVEN_UP = 3  # failures in a row at the new address; a single 410 suffices


@dataclass(frozen=True, slots=True)
class Move:
    """`url`: the address that replaces the config's, "" for none. `target`: where permanent redirects alone have led
    since `since`, `answers` times in a row. `refused`: a target that a person rejected.
    """

    url: str = ""
    target: str = ""
    since: datetime | None = None
    answers: int = 0
    refused: str = ""


def after_answer(move: Move, home: str, target: str, now: datetime) -> Move:
    """After a good answer. `target`: its address, if permanent redirects alone led there, else "". `home`: the config's
    address; a redirect back to it ends the move.
    """
    if not target or target == move.refused:
        return _anew(move)
    if target != move.target or move.since is None:
        return replace(move, target=target, since=now, answers=1)
    if move.answers + 1 < ANSWERS or now - move.since < DAYS:
        return replace(move, answers=move.answers + 1)
    return Move(url="" if target == home else target, refused=move.refused)


def after_fault(move: Move, status: int, failures: int) -> Move:
    """An error status contradicts the redirect; no answer (`status` 0) does not. After `GIVEN_UP` failures or a 410 the
    new address is given up for the config's."""
    if move.url and (failures >= GIVEN_UP or status == GONE):
        return Move(refused=move.refused)
    return _anew(move) if status else move


def refuse(move: Move) -> Move:
    """A person wants the config's address polled again."""
    return Move(refused=move.url or move.target)


def _anew(move: Move) -> Move:
    return replace(move, target="", since=None, answers=0)
