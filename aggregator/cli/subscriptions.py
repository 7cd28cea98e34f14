"""import, export: subscriptions of other programs, and for them."""

import os
import sys
from dataclasses import replace
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aggregator.cli.options import Json
from aggregator.cli.output import config_change, show_json, show_line, show_message
from aggregator.cli.progress import show_progress
from aggregator.errors import OutputError, UsageError
from aggregator.text.counts import count_of
from aggregator.text.masking import showable
from aggregator.text.printable import escaped_in_xml

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aggregator.subscriptions.export import Export
    from aggregator.subscriptions.imports.found import Remark
    from aggregator.subscriptions.intake import Import, Incoming

MAX_SHOWN = 20
OPML_HEAD = 2**16  # bytes that tell whether a file is OPML


def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A list of subscriptions; - reads stdin.")],
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="List what would be added, what is there already and what is left out; change nothing.",
        ),
    ] = False,
    json: Json = False,
) -> None:
    """Add the feeds that another program subscribed to.

    FILE is OPML, well-formed or not; config.ini of Planet or Planet Venus; planet.ini of Pluto; urls of newsboat; JSON
    of Miniflux (/v1/feeds); or a list of addresses. Folders and tags become categories. Feeds that the config has
    already stay unchanged. The next run fetches the new ones.
    """
    from aggregator.subscriptions.config_file import ConfigFile
    from aggregator.subscriptions.imports.read import read_subscriptions
    from aggregator.subscriptions.intake import import_found

    body = read_list(file)
    config_file = ConfigFile.open(context.obj.config)
    with show_progress(context, "importing") as progress:
        done = import_found(config_file, read_subscriptions(body, str(file)), dry=dry_run, progress=progress)
    if json:
        show_json(
            {"config": str(context.obj.config), "copy": str(done.copy) if done.copy else None} | document_of(done)
        )
        return
    if dry_run:
        for line in _listed(done, file):
            show_line(line)
    if not context.obj.quiet:
        show_message(*_lines(done, context, file, dry=dry_run))


def export(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="File to write. Default: stdout.", show_default=False)
    ] = None,
    json: Json = False,
) -> None:
    """Write the sources of the config as OPML."""
    from aggregator.subscriptions.config_file import ConfigFile
    from aggregator.subscriptions.export import export_outlines

    done = export_outlines(ConfigFile.open(context.obj.config))
    if file:
        _write(file, done.opml)
    if json:
        left_out = [{"id": id_, "reason": reason} for id_, reason in done.left_out]
        shown = {} if file else {"opml": done.opml}
        secret = {"secret": done.secret} if done.secret else {}
        show_json({"file": str(file) if file else None, "sources": done.count, "left_out": left_out} | secret | shown)
        _show_secret(done)
        return
    if not file:
        sys.stdout.write(escaped_in_xml(done.opml))
    _show_secret(done)
    if not context.obj.quiet:
        _show_exported(done, file)


def read_list(file: Path) -> bytes:
    """Raises UsageError."""
    from aggregator.subscriptions.imports.read import MAX_BYTES

    try:
        if str(file) == "-":
            return sys.stdin.buffer.read(MAX_BYTES + 1)
        with file.open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from error


def _write(file: Path, text: str) -> None:
    """Writes the whole file or nothing, so that a full disk destroys no older one. Raises UsageError if the file exists
    and is not OPML."""
    from aggregator.opml import is_opml

    if file.exists() and not (file.is_file() and is_opml(file.read_bytes()[:OPML_HEAD].decode("utf-8", "replace"))):
        raise UsageError(f"{file} exists already and is not OPML; name another file")
    temporary = file.with_name(f".{file.name}.{os.getpid()}.new")
    try:
        temporary.write_text(text, encoding="utf-8", newline="\n")
        temporary.replace(file)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise OutputError(f"{file} cannot be written: {error.strerror}") from error


def document_of(done: "Import") -> dict[str, Any]:
    return {
        "added": list(map(_added, done.added)),
        "known": [{"id": one.id, "title": one.name, "line": one.line} for one in done.known],
        "left_out": list(map(_remark, done.left_out)),
        "unused": list(map(_remark, done.unused)),
    }


def _added(one: "Incoming") -> dict[str, Any]:
    shown = {"id": one.id, "url": showable(one.url), "title": one.title, "categories": one.categories, "line": one.line}
    return shown | ({"settings": one.settings} if one.settings else {})


def _remark(one: "Remark") -> dict[str, Any]:
    return {"title": one.name, "reason": one.reason, "line": one.line}


def _listed(done: "Import", file: Path) -> "list[str]":
    """A line for every feed and remark, in the order of the file: what would be added, is there already, is left out,
    or is not taken."""
    lines = [(one.line, f"would be added: {_named(one)}") for one in done.added]
    lines += [(one.line, f"known already: {one.name}: source {one.id}") for one in done.known]
    lines += [(line, text) for line, text in _remarks(done)]
    return [f"{file}:{line}: {text}" for line, text in sorted(lines, key=itemgetter(0))]


def _named(one: "Incoming") -> str:
    title = f" ({one.title})" if one.title else ""
    categories = f" in {', '.join(one.categories)}" if one.categories else ""
    settings = f" with {', '.join(one.settings)}" if one.settings else ""
    return f"{one.id}: {showable(one.url)}{title}{categories}{settings}"


def _remarks(done: "Import") -> "list[tuple[int, str]]":
    """What is left out, then what is not taken of a feed or a planet."""
    left_out = [(one.line, f"left out: {_reason(one)}") for one in done.left_out]
    return left_out + [(one.line, f"not taken: {_reason(one)}") for one in done.unused]


def _reason(one: "Remark") -> str:
    return f"{f'{one.name}: ' if one.name else ''}{one.reason}"


def _lines(done: "Import", context: typer.Context, file: Path, *, dry: bool) -> "Iterator[str]":
    if not dry:
        yield from remark_lines(done, str(file), verbose=context.obj.verbose)
    yield f"{counts(done, 'would be added' if dry else 'added')}"
    config = context.obj.config
    yield config_change(config, done.copy) or f"{config} is unchanged"


def remark_lines(done: "Import", file: str, *, verbose: bool) -> "Iterator[str]":
    """What is left out or not taken, in the order of the file; the first MAX_SHOWN of each unless `verbose`."""
    left_out = done.left_out if verbose else done.left_out[:MAX_SHOWN]
    unused = done.unused if verbose else done.unused[:MAX_SHOWN]
    for line, text in _remarks(replace(done, left_out=left_out, unused=unused)):
        yield f"{file}:{line}: {text}"
    hidden = [(len(done.left_out) - len(left_out), "left out"), (len(done.unused) - len(unused), "not taken")]
    if said := ", ".join(f"{count} more {what}" for count, what in hidden if count):
        yield f"… and {said}; -v or --json shows all"


def counts(done: "Import", word: str) -> str:
    unused = f"; settings of {count_of(len(done.unused), 'line')} not taken" if done.unused else ""
    return f"{len(done.added)} {word}, {len(done.known)} known already, {len(done.left_out)} left out{unused}"


def _show_secret(done: "Export") -> None:
    if done.secret:
        warning = "the file holds secrets: the addresses of {} are complete; share it with nobody"
        show_message(warning.format(", ".join(done.secret)))


def _show_exported(done: "Export", file: Path | None) -> None:
    for id_, reason in done.left_out:
        show_message(f"left out: {id_}: {reason}")
    if file:
        show_message(f"{done.count} source{'s' * (done.count != 1)} in {file}")
