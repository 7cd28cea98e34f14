"""The App that a command works with, from its options."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

import typer

from aggregator.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from aggregator.app import App

MAX_KNOWN = 10  # ids that a message names


@contextmanager
def open_app(
    context: typer.Context,
    *,
    wait: bool = False,
    engine: bool = False,
    existing: bool = False,
    sources: Sequence[str] = (),
) -> Iterator["App"]:
    """The app of the config that the options name, with its store open. `engine`: holds the lock of the state. Raises
    UsageError if one of `sources` is not in the config, or if the state must be `existing` and is not.
    """
    app = app_of(context, sources)
    store = app.store
    if existing and not store.exists():
        raise UsageError(f"there is no state {store.name} yet; `aggregator run` creates it")
    with store.exclusive(wait=wait) if engine else nullcontext(), opened(app, sources) as there:
        yield there


@contextmanager
def opened(app: "App", sources: Sequence[str] = ()) -> Iterator["App"]:
    """The app with its store open. Raises UsageError if one of `sources` is not in the config."""
    with app.store.opened():
        if app.config.lists or app.config.former_ids:
            from aggregator.pull.reading_list_sources import with_resolved_sources

            app = with_resolved_sources(app)
            _refuse_unknown_sources(app, sources)
        yield app


def _refuse_unknown_sources(app: "App", ids: Sequence[str]) -> None:
    refuse_unknown("source", ids, [source.id for source in app.sources])


def app_of(context: typer.Context, sources: Sequence[str] = ()) -> "App":
    """The app of the config that the options name, with its store closed. Raises UsageError if one of `sources` is not
    in the config, unless only the state can tell."""
    app = load_app(context.obj.config)
    if not (app.config.lists or app.config.former_ids):
        _refuse_unknown_sources(app, sources)  # before waiting for the lock
    return app


def load_app(file: "Path") -> "App":
    from aggregator.app import App, clock_from
    from aggregator.config import load_config
    from aggregator.store import Store

    config = load_config(file)
    return App(config, Store(config.state_at), clock_from(os.environ))


def refuse_unknown(what: str, ids: Sequence[str], known: Sequence[str]) -> None:
    """Raises UsageError with the nearest known ids for the first of `ids` that is not known."""
    import difflib

    for id_ in ids:
        if id_ not in known:
            close = difflib.get_close_matches(id_, known, n=3, cutoff=0.4)
            hint = f"did you mean {' or '.join(close)}?" if close else f"known ids: {_some(known)}"
            raise UsageError(f"no {what} has the id {id_}; {hint}")


def _some(ids: Sequence[str]) -> str:
    more = f" and {len(ids) - MAX_KNOWN} more" if len(ids) > MAX_KNOWN else ""
    return f"{', '.join(ids[:MAX_KNOWN]) or 'none'}{more}"
