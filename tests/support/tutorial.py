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
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

FENCE = re.compile(r"^```(\w+)(?: title=\"([^\"]+)\")?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
STAYS = re.compile(r"^(?:\S+/)?aggregator (serve|daemon)\b", re.MULTILINE)
INSTEAD = {"make test": "make --dry-run test >/dev/null"}  # the tests do not run themselves
LONGEST = 300  # seconds that a block may take

# Read by Python when it starts: each address leads to the server on loopback, which is told the host that was meant.
STAND_IN = """\
import importlib.util
import sys

NAME = "aggregator.fetch.transport"

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name != NAME:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        load = spec.loader.exec_module
        spec.loader.exec_module = lambda module: (load(module), stand_in(module.Transport))
        return spec

def stand_in(transport):
    import httpx
    from aggregator.fetch.network_guard import Guard

    ask = transport.handle_async_request

    async def ask_stand_in(self, request):
        url = httpx.URL({upstream!r} + "/" + request.url.host + request.url.raw_path.decode())
        return await ask(self, httpx.Request("GET", url, headers=request.headers))

    transport.handle_async_request = ask_stand_in
    Guard.permits = lambda self, address: True

sys.meta_path.insert(0, Finder())
"""
PROGRAM = """\
#!{python}
import sys
sys.path.insert(0, {project!r})
from aggregator.cli import main
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


def here(script: str, _folder: str) -> list[str]:
    """What runs a script of bash on this machine."""
    return ["bash", "-c", script]


@dataclass
class Shell:
    """A terminal of somebody with the environment that the last command left. `folder`: the current one, as the
    machine below `root` knows it; `words`: what runs a script there; `said`: what the last command printed."""

    folder: str
    environment: dict[str, str]
    root: Path = Path("/")
    words: Callable[[str, str], list[str]] = here
    said: str = ""
    staying: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def follow(self, page: Path) -> None:
        for block in blocks(page):
            if block.path:
                self._write(block.path, block.text)
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
        for words, others in INSTEAD.items():
            text = re.sub(rf"^{words}\b", others, text, flags=re.MULTILINE)
        left = self.environment["HOME"] + "/.left"  # the folder and the environment
        script = f"set -e\ncd {shlex.quote(self.folder)}\n{text}\n{{ pwd; env -0; }} >{shlex.quote(left)}\n"
        done = subprocess.run(
            self.words(script, self.folder), env=self.environment, timeout=LONGEST, check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        self.said = done.stdout
        assert done.returncode == 0, f"{text}\n{done.stdout}"
        self.folder, _, names = self.at(left).read_text().partition("\n")
        self.environment = dict(one.split("=", 1) for one in names.split("\0") if one)
        self.at(left).unlink()

    def start(self, text: str) -> None:
        """Goes on as soon as it serves."""
        log = self.at(self.environment["HOME"] + "/.log")
        with log.open("wb") as stream:
            process = subprocess.Popen(
                self.words(f"cd {shlex.quote(self.folder)}\n{text}", self.folder), env=self.environment,
                start_new_session=True, stdin=subprocess.DEVNULL, stdout=stream, stderr=subprocess.STDOUT,
            )  # fmt: skip
        self.staying.append(process)
        until = time.monotonic() + 60
        while "serving " not in (said := log.read_text("utf-8")):
            assert process.poll() is None, f"{text}\n{said}"
            assert time.monotonic() < until, f"{text}\n{said}"
            time.sleep(0.05)
        self.said = said

    def at(self, path: str) -> Path:
        return self.root / path.lstrip("/")

    def _write(self, path: str, text: str) -> None:
        file = self.at(os.path.join(self.folder, path.replace("~", self.environment["HOME"])))  # noqa: PTH118
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")

    def _expect(self, text: str) -> None:
        """Each line stands somewhere in what was printed: stdout and stderr come in no order."""
        for line in filter(None, map(str.strip, text.splitlines())):
            assert re.search(".*".join(map(re.escape, line.split("…"))), self.said), f"{line!r} is not in\n{self.said}"


@contextmanager
def shell(folder: Path, project: Path, upstream: str) -> Iterator[Shell]:
    """Of somebody with an empty home on this machine, and a copy of the project in which `.venv` is there already."""
    clone = folder / "aggregator"
    copy_of(project, clone)
    programs = clone / ".venv" / "bin"
    programs.mkdir(parents=True)
    write_program(programs / "aggregator", PROGRAM.format(python=sys.executable, project=str(project)))
    write_program(programs / "python", f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    for stamp in (".ready", ".ready-dev"):
        (clone / ".venv" / stamp).touch()
    one = Shell(str(clone), environment(folder, "home", upstream))
    try:
        yield one
    finally:
        one.close()


def environment(folder: Path, home: str, upstream: str, root: str = "") -> dict[str, str]:
    """Of a shell whose home is empty; `folder` is below `root`, if one is given."""
    (folder / home).mkdir(parents=True)
    (folder / "stand-in").mkdir(exist_ok=True)
    (folder / "stand-in" / "sitecustomize.py").write_text(STAND_IN.format(upstream=upstream))
    there = str(folder).removeprefix(root)
    return {
        "HOME": f"{there}/{home}",
        "PYTHONPATH": f"{there}/stand-in",
        "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
        "LANG": "C.UTF-8",
        "TERM": "dumb",
        "COLUMNS": "200",
    }


def copy_of(project: Path, clone: Path) -> None:
    """What git knows of the project."""
    words = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(words, cwd=project, capture_output=True, text=True, check=True).stdout
    for name in filter(None, names.split("\0")):
        if (source := project / name).is_file() and not name.startswith("tests/"):
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            (clone / name).write_bytes(source.read_bytes())


def write_program(file: Path, text: str) -> None:
    file.write_text(text)
    file.chmod(0o755)
