"""The classes of commands and groups: global options anywhere, help in sections, examples."""

import shutil
from collections.abc import Callable, Collection
from itertools import chain
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.models import CommandFunctionType

from aggregator.cli.examples import EXAMPLES
from aggregator.cli.global_options import NAMES, Options, global_parameters

NARROWEST, MARGIN = 30, 2  # cells
OTHERS = "Other commands"
SECTIONS = {
    "Begin": ("init", "check", "import"),
    "Publish": ("run", "regenerate", "daemon", "worker", "serve"),
    "Ask": ("status", "explain", "plan"),
    "Change": ("source", "categories", "feed", "entry", "export"),
    "Maintain": ("db", "doctor"),
    "Help": ("help", "version"),
}  # of the first help
OF_EVERY = "Options of every command"


class _Everywhere:
    """What commands and groups share."""

    params: list[Any]

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.params = [*self.params, *global_parameters(word for one in self.params for word in one.opts)]

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        rest: list[str] = super().parse_args(ctx, args)  # type: ignore[misc]
        if isinstance(ctx.obj, Options):  # a shell that completes words has none
            ctx.obj.take(ctx.params)
        return rest

    def format_help(self, ctx: Any, formatter: Any) -> None:
        formatter.width = min(formatter.width, max(shutil.get_terminal_size().columns - MARGIN, NARROWEST))
        super().format_help(ctx, formatter)  # type: ignore[misc]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Arguments, then the command's own options, then those of every command."""
        records = [(one, one.get_help_record(ctx)) for one in self.get_params(ctx)]  # type: ignore[attr-defined]
        sections: dict[str, list[tuple[str, str]]] = {"Arguments": [], "Options": [], OF_EVERY: []}
        for one, record in sorted(records, key=lambda pair: pair[0].name == "json"):
            if record:
                sections[_section(one)].append(record)
        for name, rows in sections.items():
            if rows:
                with formatter.section(name):
                    formatter.write_dl(rows)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        if examples := EXAMPLES.get(path_of(ctx)):
            with formatter.section("Examples"):
                for words, meaning in examples:
                    formatter.write(f"{'':{formatter.current_indent}}{words}\n")
                    with formatter.indentation():
                        formatter.write_text(meaning)


class Command(_Everywhere, TyperCommand):
    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        rest = super().parse_args(ctx, args)
        if isinstance(ctx.obj, Options):
            ctx.obj.pass_json(ctx.params, path_of(ctx))
        return rest


class Group(_Everywhere, TyperGroup):
    """One that is a command, too, may print JSON itself."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        rest = super().parse_args(ctx, args)
        if isinstance(ctx.obj, Options) and "json" in ctx.params:
            ctx.obj.pass_json(ctx.params, path_of(ctx))
        return rest

    def invoke(self, ctx: Any) -> Any:
        """Raises Abort for Ctrl+C, since of KeyboardInterrupt typer leaves only an exit status."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as stop:
            raise typer.Abort from stop

    def format_options(self, ctx: Any, formatter: Any) -> None:
        self.format_commands(ctx, formatter)
        super().format_options(ctx, formatter)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """In sections, if it is the first help."""
        widest = max(map(len, self.commands), default=0)
        for title, names in (_sections(self.commands) if ctx.parent is None else {"Commands": self.commands}).items():
            helps = (self.commands[name].get_short_help_str(formatter.width - widest - MARGIN) for name in names)
            with formatter.section(title):
                formatter.write_dl([(name.ljust(widest), help_) for name, help_ in zip(names, helps, strict=True)])


class Commands(typer.Typer):
    """A group of commands of these classes."""

    def __init__(self, **more: Any) -> None:
        super().__init__(cls=Group, rich_markup_mode=None, **more)

    def command(self, name: str | None = None, **more: Any) -> Callable[[CommandFunctionType], CommandFunctionType]:
        return super().command(name, cls=Command, **more)

    def add(self, *commands: Callable[..., Any]) -> "Commands":
        """Each by its own name, without the _ that tells it from a built-in one."""
        for one in commands:
            self.command(one.__name__.removesuffix("_"))(one)
        return self


def _sections(names: Collection[str]) -> dict[str, list[str]]:
    found = {title: [name for name in listed if name in names] for title, listed in SECTIONS.items()}
    listed = set(chain.from_iterable(SECTIONS.values()))
    found[OTHERS] = [name for name in names if name not in listed]
    return {title: ones for title, ones in found.items() if ones}


def path_of(ctx: Any) -> str:
    """The words of the command, without the program's name."""
    return f"{path_of(ctx.parent)} {ctx.info_name}".strip() if ctx.parent else ""


def _section(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return "Arguments"
    return OF_EVERY if parameter.name in {*NAMES, "json", "help"} else "Options"
