"""init: a commented starter config and one post. Existing files are never overwritten."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aggregator.cli.hints import command_words
from aggregator.cli.options import Json
from aggregator.cli.output import show_json, show_message
from aggregator.cli.subscriptions import document_of, read_list, remark_lines
from aggregator.errors import UsageError
from aggregator.text.counts import count_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aggregator.subscriptions.imports.found import Found
    from aggregator.subscriptions.intake import Import


def init(
    context: typer.Context,
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder to write to. Default: the current one.", show_default=False)
    ] = Path(),
    from_: Annotated[
        str,
        typer.Option(
            "--from",
            metavar="FILE|URL",
            help="Begin with these sources: a list as `import` reads it, or a feed, or a page that names one.",
        ),
    ] = "",
    json: Json = False,
) -> None:
    """Write a commented starter config.yaml and a first post.

    Never overwrites a file. A .gitignore that is there already stays as it is.
    """
    from aggregator.app import clock_from
    from aggregator.subscriptions.starter import refuse_existing, starter, write_starter

    now = clock_from(os.environ)()
    refuse_existing(directory)
    begun = starter(now, _found(from_) if from_ else None)
    written = write_starter(directory, now, begun.config)
    if json:
        show_json(_document(written, begun.taken))
    elif not context.obj.quiet:
        for path in written:
            show_message(f"wrote {path}")
        if begun.taken:
            show_message(*_taken(begun.taken, from_, verbose=context.obj.verbose))
        _show_next(written, directory, is_named=begun.is_named)


def _found(given: str) -> "Found":
    """The list in a file, on stdin or at an address. Raises UsageError and NoFeedError."""
    from aggregator.config.url_input import as_address
    from aggregator.subscriptions.imports.read import read_subscriptions

    if "://" in given:
        return _fetched(as_address(given, Path()))
    if given != "-" and not Path(given).exists():
        raise UsageError(f"{given} is no file here; an address begins with https://")
    return read_subscriptions(read_list(Path(given)), given)


def _fetched(address: str) -> "Found":
    from aggregator import __version__
    from aggregator.fetch import FetchSettings
    from aggregator.subscriptions.discover import list_or_feed
    from aggregator.worker_pool import run_with_pool

    fetching = FetchSettings(user_agent=f"aggregator/{__version__}")
    return run_with_pool(lambda pool: list_or_feed(fetching, pool, address), processes=1)


def _document(written: list[Path], taken: "Import | None") -> dict[str, Any]:
    return {"written": [str(path) for path in written]} | (document_of(taken) if taken else {})


def _taken(taken: "Import", given: str, *, verbose: bool) -> "Iterator[str]":
    from aggregator.text.masking import showable

    shown = showable(given)
    yield from remark_lines(taken, shown, verbose=verbose)
    yield f"{count_of(len(taken.added), 'source')} from {shown}, {len(taken.left_out)} left out"


def _show_next(written: list[Path], directory: Path, *, is_named: bool) -> None:
    from aggregator.subscriptions.starter import STATE_FOLDER

    config = directory / "config.yaml"
    command = command_words(None if directory == Path() else config)
    ignore = directory / ".gitignore"
    if ignore not in written and not _ignores(STATE_FOLDER, ignore):
        show_message(f"{ignore} stays as it is; add {STATE_FOLDER} to it")
    show_message(
        f"next: {'look over' if is_named else 'set'} title and url in {config}, then",
        f"  {command} check   finds mistakes",
        f"  {command} run     pulls and publishes",
    )


def _ignores(folder: str, ignore: Path) -> bool:
    """Whether the .gitignore names the folder; also if it cannot be read."""
    try:
        lines = ignore.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return True
    return any(line.strip().strip("/") == folder.strip("/") for line in lines)
