"""Commands in messages, as they work from where the user stands: with the config that was given, and by the name under
which the program was started.

Messages name commands as `aggregator …` in backticks, since the packages that write them know no command line.
"""

import os
import shlex
import shutil
import sys
from contextvars import ContextVar
from pathlib import Path

_NAME = "aggregator"
_WRITTEN = f"`{_NAME} "
_config: ContextVar[Path | None] = ContextVar("config", default=None)


def remember_config(file: Path | None) -> None:
    """`file`: as -c named it; None if it did not."""
    _config.set(file)


def runnable(message: str) -> str:
    """The message with its commands as the user can run them."""
    if _WRITTEN not in message:
        return message
    before, *commands = message.split(_WRITTEN)
    return before + "".join(f"`{_begin(command)} {command}" for command in commands)


def _begin(command: str) -> str:
    """`init` and `help` read no config."""
    first = command.partition("`")[0].partition(" ")[0]
    return program_name() if first in {"init", "help"} else command_words()


def command_words(config: Path | None = None) -> str:
    """The words that begin a command. `config`: another config than the one given."""
    file = config or _config.get()
    return program_name() if file is None else f"{program_name()} -c {shlex.quote(str(file))}"


def program_name() -> str:
    """`aggregator` if the shell finds this program under that name, else how it was started."""
    started = Path(sys.argv[0])
    if started.name == "__main__.py":
        return f"{shlex.quote(_shortest(Path(sys.executable)))} -m {_NAME}"
    if os.sep not in sys.argv[0]:
        return _NAME
    return _NAME if _found(_NAME) == started.absolute() else shlex.quote(_shortest(started.absolute()))


def _shortest(program: Path) -> str:
    """Its name if the shell finds it by that, else its path, from here if it is below."""
    if _found(program.name) == program:
        return program.name
    return str(program.relative_to(Path.cwd())) if program.is_relative_to(Path.cwd()) else str(program)


def _found(name: str) -> Path | None:
    path = shutil.which(name)
    return Path(path).absolute() if path else None
