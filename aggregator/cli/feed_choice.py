"""source add: finds the feed of an address. Where a page names several, a person at the terminal chooses one."""

import os
from typing import TYPE_CHECKING

import typer

from aggregator.cli.output import is_interactive, show_json, show_line, show_message
from aggregator.errors import UsageError
from aggregator.text.masking import showable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aggregator.parse.autodiscovery import Found
    from aggregator.subscriptions.config_file import ConfigFile
    from aggregator.subscriptions.discover import Discovery


def discover_feed(config_file: "ConfigFile", address: str, *, guess: bool, plain: bool = False) -> "Discovery":
    """The feed at the URL or in the file, or the feeds that a page names. `guess`: tries common paths, too;
    `plain`: asks by http where https gives no connection."""
    from aggregator.app import clock_from
    from aggregator.settings import fetch_settings
    from aggregator.subscriptions.discover import Discovery, discover, read_local_feed
    from aggregator.worker_pool import run_with_pool

    clock_from(os.environ)  # refuses a wrong AGGREGATOR_NOW, as every command does
    config = config_file.config
    if "://" in address:
        fetching = fetch_settings(config)
        return run_with_pool(lambda pool: discover(fetching, pool, address, guess=guess, plain=plain), processes=1)
    file, most = config.root / address, config.fetch.max_bytes
    feed = run_with_pool(lambda pool: read_local_feed(file, pool, most), processes=1)
    return Discovery(feed=type(feed)(address, feed.title))


def fetch_chosen(config_file: "ConfigFile", named: "Sequence[Found]", *, json: bool) -> "Discovery | None":
    """The feed that the page names. Of several, a person at the terminal chooses one; without a terminal, None."""
    from aggregator.settings import fetch_settings
    from aggregator.subscriptions.add import refuse_known
    from aggregator.subscriptions.discover import fetch_named
    from aggregator.worker_pool import run_with_pool

    if len(named) > 1 and (json or not is_interactive()):
        return None
    one = named[0] if len(named) == 1 else named[_prompt(named) - 1]
    refuse_known(config_file, one.url)
    fetching = fetch_settings(config_file.config)
    return run_with_pool(lambda pool: fetch_named(fetching, pool, one), processes=1)


def _prompt(named: "Sequence[Found]") -> int:
    from aggregator.subscriptions.discover import numbered

    show_message(*numbered(named))
    while True:
        number = int(typer.prompt(f"Which one, 1 to {len(named)}?", type=int, err=True))
        if 1 <= number <= len(named):
            return number


def show_choice(address: str, named: "Sequence[Found]", *, json: bool) -> int:
    """Lists the feeds that a page names, because none was chosen; returns the exit status."""
    from aggregator.subscriptions.discover import numbered

    address = showable(address)
    message = f"{address} names {len(named)} feeds; `aggregator source add URL` adds one of them"
    if json:
        problem = {"where": address, "kind": "usage", "message": message, "transient": False}
        feeds = [{"url": showable(one.url), "title": one.title, "kind": one.kind} for one in named]
        show_json({"problems": [problem], "feeds": feeds})
    else:
        for line in numbered(named):
            show_line(line)
    show_message(message)
    return UsageError.exit_status
