"""Where people read: stdout and stderr, with nothing in what is shown that a terminal would obey."""

import sys
from collections.abc import Iterable
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from aggregator.text.printable import visible


class SafeConsole(Console):
    """Whatever is printed, in a table, too. Colors and styles are ours and come after."""

    def render_str(self, text: str, **more: Any) -> Text:
        return super().render_str(visible(text), **more)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        return super().render(_seen(renderable) if isinstance(renderable, Text) else renderable, options)


def _seen(text: Text) -> Text:
    """Its styles stay in their places, since no character more or less is there."""
    if text.plain.isprintable():
        return text
    seen = text.copy()
    seen.plain = visible(text.plain)
    return seen


def page(**more: Any) -> SafeConsole:
    """What was asked for goes to stdout."""
    return SafeConsole(file=sys.stdout, highlight=False, **more)


def terminal() -> SafeConsole:
    """Log and progress go to stderr; rich honors NO_COLOR."""
    return SafeConsole(stderr=True, highlight=False, soft_wrap=True)
