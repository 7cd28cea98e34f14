"""A page of the documentation, followed word by word: commands typed, files written, output compared.

A block of the language `sh` is typed, one of `text` after it is part of what that prints (`…` stands for anything), and
one with `title="path"` is that file. `aggregator serve` and `aggregator daemon` go on until the page ends.
"""

import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

FENCE = re.compile(r"^```(\w+)(?: title=\"([^\"]+)\")?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
STAYS = re.compile(r"^(?:\S+/)?aggregator (serve|daemon)\b", re.MULTILINE)
INSTEAD = {"make test": "make --dry-run test >/dev/null"}  # the tests do not run themselves
LONGEST = 300  # seconds that a block may take

# Stands in for the program: each address leads to the server on loopback, which is told the host that was meant.
PROGRAM = """\
#!{python}
import sys
sys.path.insert(0, {project!r})
import httpx
from aggregator.cli import main
from aggregator.fetch.network_guard import Guard
from aggregator.fetch.transport import Transport

ask = Transport.handle_async_request

async def ask_stand_in(self, request):
    url = httpx.URL({upstream!r} + "/" + request.url.host + request.url.raw_path.decode())
    return await ask(self, httpx.Request("GET", url, headers=request.headers))

Transport.handle_async_request = ask_stand_in
Guard.permits = lambda self, address: True
if __name__ == "__main__":
    main()
"""


@dataclass(frozen=True)
class Block:
    """`language`: sh, text or that of a file; `path`: of the file, else ""."""

    language: str
    path: str
    text: str


def blocks(page: Path) -> list[Block]:
    return [Block(*found) for found in FENCE.findall(page.read_text("utf-8"))]


@dataclass
class Shell:
    """A terminal of somebody with the environment that the last command left. `said`: what that printed."""

    folder: Path
    environment: dict[str, str]
    said: str = ""
    staying: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def follow(self, page: Path) -> None:
        for block in blocks(page):
            if block.path:
                file = self.folder / Path(block.path.replace("~", self.environment["HOME"]))
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(block.text, "utf-8")
            elif block.language == "sh" and STAYS.search(block.text):
                self.start(block.text)
            elif block.language == "sh":
                self.type(block.text)
            elif block.language == "text":
                self._expect(block.text)

    def close(self) -> None:
        for process in self.staying:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(30)

    def type(self, text: str) -> None:
        where, names = self._file("cwd"), self._file("env")
        for words, others in INSTEAD.items():
            text = re.sub(rf"^{words}\b", others, text, flags=re.MULTILINE)
        script = f"set -e\n{text}\npwd >{shlex.quote(str(where))}\nenv -0 >{shlex.quote(str(names))}\n"
        done = subprocess.run(
            ["bash", "-c", script], cwd=self.folder, env=self.environment, timeout=LONGEST, check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        self.said = done.stdout
        assert done.returncode == 0, f"{text}\n{done.stdout}"
        self.folder = Path(where.read_text().removesuffix("\n"))
        self.environment = dict(one.split("=", 1) for one in names.read_text().split("\0") if one)

    def _file(self, name: str) -> Path:
        return Path(self.environment["HOME"]).parent / f".{name}"

    def start(self, text: str) -> None:
        log = self._file("log")
        with log.open("wb") as stream:
            process = subprocess.Popen(
                ["bash", "-c", text], cwd=self.folder, env=self.environment, start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=stream, stderr=subprocess.STDOUT,
            )  # fmt: skip
        self.staying.append(process)
        until = time.monotonic() + 60
        while "serving " not in (said := log.read_text("utf-8")):
            assert process.poll() is None, f"{text}\n{said}"
            assert time.monotonic() < until, f"{text}\n{said}"
            time.sleep(0.05)
        self.said = said

    def _expect(self, text: str) -> None:
        """Each line stands somewhere in what was printed: stdout and stderr come in no order."""
        for line in filter(None, map(str.strip, text.splitlines())):
            assert re.search(".*".join(map(re.escape, line.split("…"))), self.said), f"{line!r} is not in\n{self.said}"


@contextmanager
def shell(folder: Path, project: Path, upstream: str) -> Iterator[Shell]:
    """Of somebody with an empty home and a copy of the project, in which `.venv` is there already."""
    home = folder / "home"
    home.mkdir()
    clone = folder / "aggregator"
    copy_of(project, clone)
    programs = clone / ".venv" / "bin"
    programs.mkdir(parents=True)
    for name in ("aggregator", "python"):
        write_program(programs / name, project if name == "aggregator" else None, upstream)
    for stamp in (".ready", ".ready-dev"):
        (clone / ".venv" / stamp).touch()
    clean = {
        "HOME": str(home),
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "TERM": "dumb",
        "COLUMNS": "200",
    }
    one = Shell(clone, clean)
    try:
        yield one
    finally:
        one.close()


def copy_of(project: Path, clone: Path) -> None:
    """What git knows of the project."""
    words = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(words, cwd=project, capture_output=True, text=True, check=True).stdout
    for name in filter(None, names.split("\0")):
        if (source := project / name).is_file() and not name.startswith("tests/"):
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            (clone / name).write_bytes(source.read_bytes())


def write_program(file: Path, project: Path | None, upstream: str) -> None:
    python = sys.executable
    text = (
        PROGRAM.format(python=python, project=str(project), upstream=upstream)
        if project
        else f'#!/bin/sh\nexec {python} "$@"\n'
    )
    file.write_text(text)
    file.chmod(0o755)
