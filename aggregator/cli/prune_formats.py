"""db prune --formats: shows which files of archive pages nothing names any more, and deletes them."""

from typing import TYPE_CHECKING

import typer

from aggregator.cli.open_app import open_app
from aggregator.cli.output import is_confirmed, show_json, show_line, show_message
from aggregator.text.counts import count_of

if TYPE_CHECKING:
    from aggregator.maintenance.prune_formats import PrunedFormats


def prune_formats(context: typer.Context, *, dry_run: bool, wait: bool, json: bool) -> None:
    from aggregator.maintenance.prune_formats import prune_formats as delete

    with open_app(context, existing=True) as app:
        found = delete(app, only_count=True)
        if not json and not context.obj.quiet:
            _show(found)
    is_wanted = bool(found.files) and not dry_run
    if is_done := is_wanted and (json or is_confirmed("Delete these files for good?")):
        with open_app(context, wait=wait, engine=True, existing=True) as app:
            found = delete(app)
            app.store.compact()
    if json:
        files = {name: {"files": count, "bytes": found.sizes[name]} for name, count in sorted(found.files.items())}
        show_json({"state": app.store.name, "formats": files, "deleted": is_done, "dry_run": dry_run})
    elif not context.obj.quiet:
        show_message(_message(found, is_done=is_done, dry_run=dry_run))


def _show(found: "PrunedFormats") -> None:
    for name, count in sorted(found.files.items()):
        show_line(f"{name}: {count_of(count, 'archive page')}, {found.sizes[name]:,} bytes")


def _message(found: "PrunedFormats", *, is_done: bool, dry_run: bool) -> str:
    if not found.files:
        return "nothing to delete: archive pages are in the formats of feeds.archive_formats alone"
    if dry_run:
        return "nothing was changed (--dry-run)"
    files = count_of(found.files.total(), "file")
    return f"deleted {files}, {found.sizes.total():,} bytes" if is_done else "nothing was deleted"
