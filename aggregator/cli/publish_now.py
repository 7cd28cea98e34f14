"""Publishes what a person decided at once, instead of with the next run."""

import time
from typing import TYPE_CHECKING

from aggregator.errors import LockedError

if TYPE_CHECKING:
    from aggregator.app import App

RETRY_INTERVAL, MAX_WAIT = 0.2, 20.0  # seconds, while another process holds the state


def publish_at_once(app: "App", done: str) -> None:
    """Publishes as soon as no other process holds the state, unless that one publishes first, as a daemon does within
    seconds. `done`: what was stored, such as `…: removed`. Raises LockedError after MAX_WAIT seconds."""
    deadline = time.monotonic() + MAX_WAIT
    while True:
        try:
            with app.store.exclusive():
                _publish(app)
        except LockedError as error:
            if _is_published(app):
                return
            if time.monotonic() >= deadline:
                raise LockedError(f"{done}, but not published yet: {error}") from error
        else:
            return
        time.sleep(RETRY_INTERVAL)


def publish_unless_locked(app: "App") -> bool:
    """Publishes at once if no other process holds the state. Returns whether it did."""
    try:
        with app.store.exclusive():
            _publish(app)
    except LockedError:
        return False
    return True


def _publish(app: "App") -> None:
    from aggregator.pipeline import publish_now
    from aggregator.worker_pool import run_with_pool

    run_with_pool(lambda pool: publish_now(app, pool))


def _is_published(app: "App") -> bool:
    with app.store.read() as tx:
        return not (any(tx.lookups.published_feeds().values()) or tx.entries.dirty_pages())
