"""From what stands on the command line to a house to work in."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from aggregator.house import House


@contextmanager
def open_house(context: typer.Context, *, wait: bool = False, engine: bool = False) -> Iterator["House"]:
    """The house of the config named; as the one `engine` at work where asked. Raises what the rooms raise."""
    from aggregator.config import load_config
    from aggregator.house import House, clock_from
    from aggregator.store import Store

    config = load_config(context.obj.config)
    clock = clock_from(os.environ)
    store = Store(config.root / config.state)
    house = House(config, store, clock)
    if not engine:
        store.open()
        try:
            yield house
        finally:
            store.close()
        return
    with store.exclusive(wait=wait):
        store.open()
        try:
            yield house
        finally:
            store.close()
