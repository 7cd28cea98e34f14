"""rich consoles for stdout and stderr. Control characters in printed text become visible ones, so that no foreign text
can drive the terminal."""

import sys
from collections.abc import Iterable
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from aggregator.cli.hints import runnable
from aggregator.text.printable import visible

ENDLESS = 2**20  # cells


class SafeConsole(Console):
    """Makes text harmless, also inside tables. Colors and styles are ours and are added afterwards. Opened without
    emoji codes: `:x:` in a title or an address is what it says."""

    def render_str(self, text: str, **more: Any) -> Text:
        return super().render_str(visible(runnable(text)), **more)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        return super().render(_visible_text(renderable) if isinstance(renderable, Text) else renderable, options)


def _visible_text(text: Text) -> Text:
    """Styles keep their places, since `visible` replaces characters one by one."""
    if text.plain.isprintable():
        return text
    copy = text.copy()
    copy.plain = visible(text.plain)
    return copy


def page(**more: Any) -> SafeConsole:
    """stdout, for what the command was asked to print. Where it is no terminal, lines have no end."""
    width = None if sys.stdout.isatty() else ENDLESS
    return SafeConsole(file=sys.stdout, highlight=False, emoji=False, width=width, **more)


def terminal() -> SafeConsole:
    """stderr, for messages and progress. rich honors NO_COLOR."""
    return SafeConsole(stderr=True, highlight=False, emoji=False, soft_wrap=True)
