"""A source that answers from elsewhere. A permanent redirect is followed at once, and believed when it has been said
again for days: a server under repair sends everybody to its front page, with 301.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

ANSWERS = 3
DAYS = timedelta(days=3)
GONE = 410
GIVEN_UP = 3  # failures in a row at an address that the config does not name; 410 says it once


@dataclass(frozen=True, slots=True)
class Move:
    """`url`: what is asked in place of the config's, "" while nothing is. `target`: where permanent redirects alone
    have led to since `since`, `answers` times in a row. `refused`: where a person did not want to go.
    """

    url: str = ""
    target: str = ""
    since: datetime | None = None
    answers: int = 0
    refused: str = ""


def after_answer(move: Move, home: str, target: str, now: datetime) -> Move:
    """After a good answer; `target`: where it came from by permanent redirects alone, else "". `home` is the config's
    address: one that leads back there is no longer moved.
    """
    if not target or target == move.refused:
        return _anew(move)
    if target != move.target or move.since is None:
        return replace(move, target=target, since=now, answers=1)
    if move.answers + 1 < ANSWERS or now - move.since < DAYS:
        return replace(move, answers=move.answers + 1)
    return Move(url="" if target == home else target, refused=move.refused)


def after_fault(move: Move, status: int, failures: int) -> Move:
    """What answers, but not with the document, contradicts the redirect; silence does not. An address that fails again
    and again where the config names another is given up for that one."""
    if move.url and (failures >= GIVEN_UP or status == GONE):
        return Move(refused=move.refused)
    return _anew(move) if status else move


def refuse(move: Move) -> Move:
    """A person wants the config's address asked again."""
    return Move(refused=move.url or move.target)


def _anew(move: Move) -> Move:
    return replace(move, target="", since=None, answers=0)
