"""docs/reference/commands.md: every command with its arguments, options and examples, as `aggregator help` says."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from typer.main import get_command

from aggregator.cli.app import app
from aggregator.cli.commands import OF_EVERY, SECTIONS, _section
from aggregator.cli.examples import EXAMPLES

HEAD = """# The commands

Made from the program: `aggregator help COMMAND` prints the same. What each prints with `--json` stands in
[JSON](json.md), what an exit status means in [exit status](exit-status.md).

`-c FILE` (the config; else `$AGGREGATOR_CONFIG`, else `./config.yaml`), `-v` (more details), `-q` (problems only),
`--json` (one JSON document on stdout) and `--help` stand anywhere in the line, before or after the command. The log,
messages and progress go to stderr. `NO_COLOR` switches colors off. `AGGREGATOR_NOW` (RFC 3339) is the time for every
command but the daemon. A command that a message names works as it is printed: it names your config, too.

`aggregator --install-completion` completes commands and source ids in your shell. `aggregator --show-completion bash`
(or `zsh`, `fish`) prints the file for all users of a machine:
`/usr/share/bash-completion/completions/aggregator`, `_aggregator` in a folder of zsh's `$fpath`,
`/usr/share/fish/vendor_completions.d/aggregator.fish`.
"""


@cache
def root() -> Any:
    return get_command(app)


@cache
def reference() -> str:
    commands: dict[str, Any] = root().commands
    listed = [name for names in SECTIONS.values() for name in names]
    ordered = sorted(commands, key=lambda name: listed.index(name) if name in listed else len(listed))
    return HEAD + "".join(part for name in ordered for part in _command(name, commands[name]))


def names(command: Any = None, path: str = "") -> Iterator[str]:
    """Every command, groups included."""
    for name, one in getattr(command or root(), "commands", {}).items():
        yield f"{path} {name}".strip()
        yield from names(one, f"{path} {name}".strip())


def _command(path: str, command: Any) -> Iterator[str]:
    subcommands = getattr(command, "commands", {})
    if not subcommands or getattr(command, "invoke_without_command", False):
        yield f"\n## {path}\n\n```\naggregator {' '.join([path, *_usage(command)])}\n```\n\n{_text(command)}\n"
        yield from _table(command)
        yield from _examples(path)
    for name, one in subcommands.items():
        yield from _command(f"{path} {name}", one)


def _usage(command: Any) -> Iterator[str]:
    if _options(command):
        yield "[OPTIONS]"
    for one in _arguments(command):
        name = f"{_name(one)}{'…' if one.nargs == -1 else ''}"
        yield name if one.required else f"[{name}]"


def _text(command: Any) -> str:
    return "\n\n".join(" ".join(part.split()) for part in command.help.strip().split("\n\n"))


def _table(command: Any) -> Iterator[str]:
    context = command.make_context(command.name, [], resilient_parsing=True)
    options = (one.get_help_record(context) for one in _options(command))
    rows = [*((_name(one), one.help) for one in _arguments(command)), *options]
    if rows:
        yield "\n| | |\n|---|---|\n"
        yield from (f"| {_code(name)} | {_cell(text)} |\n" for name, text in rows)


def _examples(path: str) -> Iterator[str]:
    examples = EXAMPLES.get(path, ())
    widest = max((len(words) for words, _ in examples), default=0)
    if examples:
        yield "\n```sh\n"
        yield from (f"{words:{widest}}  # {meaning}\n" for words, meaning in examples)
        yield "```\n"


def _arguments(command: Any) -> list[Any]:
    return [one for one in command.params if one.param_type_name == "argument"]


def _options(command: Any) -> list[Any]:
    """Its own; those of every command stand at the head of the page."""
    return [one for one in command.params if one.param_type_name == "option" and _section(one) != OF_EVERY]


def _name(argument: Any) -> str:
    return str(argument.metavar or argument.name.upper())


def _cell(text: str) -> str:
    return text.replace("|", r"\|").replace("*", r"\*").replace("<", "&lt;")


def _code(text: str) -> str:
    """Python-Markdown shows a backslash before a bar in code; GitHub ends the cell at a bar without one."""
    bar = text.replace("<", "&lt;").replace("|", "&#124;")
    return f"<code>{bar}</code>" if "|" in text else f"`{text}`"
