"""How far long work is, as `17/40`: one line on stderr that is replaced, on a terminal only; with -v a line for each
step."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from aggregator.cli.output import terminal

if TYPE_CHECKING:
    from aggregator.report import Progress


@contextmanager
def show_progress(context: typer.Context, what: str) -> Iterator["Progress"]:
    """`what` is shown until the first step ends."""
    if context.obj.quiet and not context.obj.verbose:
        yield lambda _: None
        return
    console = terminal()
    if context.obj.verbose:
        yield lambda step: console.print(step, style="dim", markup=False) if step else None
    elif console.is_terminal:
        from rich.markup import escape

        with console.status(what) as status:
            yield lambda step: status.update(escape(step)) if step else None
    else:
        yield lambda _: None
