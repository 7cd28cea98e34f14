"""Every check, in the order in which one failure explains another."""

import os
from collections.abc import Iterator

from aggregator.app import App
from aggregator.doctor.clock import check_clock
from aggregator.doctor.config import check_config
from aggregator.doctor.disk import check_disks
from aggregator.doctor.limits import check_open_files
from aggregator.doctor.network import check_network, check_proxies
from aggregator.doctor.paths import check_paths
from aggregator.doctor.result import CheckResult, problem
from aggregator.doctor.state import (
    check_counts,
    check_damage,
    check_hubs,
    check_lock,
    check_own_feeds,
    check_schema,
    is_missing,
)
from aggregator.doctor.tree import check_tree
from aggregator.doctor.versions import check_versions
from aggregator.errors import DamagedError, LockedError, OutputError, StateError


def examine_machine() -> Iterator[CheckResult]:
    """What needs no config."""
    yield from check_versions()
    yield from check_proxies(os.environ)


def examine(app: App, *, online: bool) -> Iterator[CheckResult]:
    """What needs one. Reads only: a state of an older version is not upgraded. `online`: connects to a few hosts."""
    yield from check_paths(app)
    yield from check_disks(app)
    yield check_open_files(app)
    if online:
        yield from check_network(app)
    yield check_lock(app)
    yield (schema := check_schema(app))
    if schema.state == "ok":
        yield from _examine_state(app)
    else:
        yield from check_clock(app.clock(), None, os.environ)
    if schema.state == "ok" or is_missing(app):
        yield from check_config(app)


def _examine_state(app: App) -> Iterator[CheckResult]:
    """A state that needs no upgrade."""
    try:
        with app.store.opened():
            with app.store.read() as tx:
                newest = tx.facts.newest()
            yield from check_clock(app.clock(), newest, os.environ)
            yield check_damage(app)
            yield from check_counts(app)
            yield check_hubs(app)
            yield from check_own_feeds(app)
            yield check_tree(app)
    except DamagedError as error:
        yield problem("state", str(error), "`aggregator db check` lists the damage; `aggregator regenerate` repairs it")
    except (StateError, LockedError) as error:
        yield problem("state", str(error), "see the checks of paths and disks above; then `aggregator db check`")
    except OutputError as error:
        yield problem("tree", str(error), "let the user of the program read it")
