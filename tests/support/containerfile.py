"""A Containerfile's instructions, carried out in roots of Debian by chroot(8), without a container engine."""

import shlex
import shutil
import subprocess
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

MOUNTS = 'mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && exec chroot "$@"'


@dataclass
class Image:
    """`user` as chroot --userspec takes it; `command`: ENTRYPOINT and CMD."""

    root: Path
    folder: str = "/"
    user: str = "0:0"
    environment: dict[str, str] = field(default_factory=dict)
    entrypoint: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)
    health: list[str] = field(default_factory=list)

    def words(self, command: str) -> list[str]:
        """What runs a command of the shell in the image, in mounts of its own."""
        chroot = [str(self.root), f"--userspec={self.user}", str(self.root), "/bin/sh", "-c"]
        return ["unshare", "--mount", "--fork", "--kill-child", "sh", "-c", MOUNTS, *chroot, self._there(command)]

    def run(self, command: str) -> str:
        done = subprocess.run(
            self.words(command), env=self.environment, capture_output=True, text=True, check=False, timeout=900
        )
        assert done.returncode == 0, (command, done.stdout, done.stderr)
        return done.stdout

    def _there(self, command: str) -> str:
        return f"cd {shlex.quote(self.folder)} && {command}"


def instructions(file: Path) -> list[tuple[str, str]]:
    """Name and rest of each, without comments, its lines joined."""
    lines = [line for line in file.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ").splitlines()
    return [(name, rest.strip()) for name, _, rest in (line.partition(" ") for line in joined)]


def build(file: Path, base: Path, roots: Path, given: dict[str, str]) -> Image:
    """The last stage. `base`: the root for every FROM; `given`: values of ARG, and the environment of RUN."""
    stages: dict[str, Image] = {}
    image = Image(base)
    for name, rest in instructions(file):
        if name == "FROM":
            image = Image(roots / f"stage{len(stages)}", environment=dict(given))
            subprocess.run(["cp", "-a", base, image.root], check=True)
            stages[rest.partition(" AS ")[2] or "last"] = image
        else:
            _apply(name, rest, image, stages, file.parent)
    return image


def _apply(name: str, rest: str, image: Image, stages: dict[str, Image], context: Path) -> None:
    if name == "RUN":
        image.run(rest)
    elif name == "COPY":
        _copy(shlex.split(rest), image, stages, context)
    elif name == "WORKDIR":
        image.folder = rest
        (image.root / rest.lstrip("/")).mkdir(parents=True, exist_ok=True)
    elif name in {"ENV", "ARG"}:
        variable, _, value = rest.partition("=")
        value = value.strip('"').replace("$PATH", image.environment["PATH"])
        image.environment[variable] = image.environment.get(variable, value) if name == "ARG" else value
    elif name == "USER":
        image.user = f"{rest}:{rest}"
    elif name in {"ENTRYPOINT", "CMD", "HEALTHCHECK"}:
        words = [str(word) for word in _json(rest[rest.index("[") :])]
        setattr(image, {"ENTRYPOINT": "entrypoint", "CMD": "command", "HEALTHCHECK": "health"}[name], words)
    else:
        assert name in {"VOLUME", "EXPOSE"}, name


def _json(text: str) -> list[object]:
    import json

    found = json.loads(text)
    assert isinstance(found, list)
    return found


def _copy(words: list[str], image: Image, stages: dict[str, Image], context: Path) -> None:
    source = context
    if words[0].startswith("--from="):
        source = stages[words.pop(0).removeprefix("--from=")].root
    target = image.root / str(Path(image.folder, words[-1])).lstrip("/")
    for word in words[:-1]:
        there = source / word.lstrip("/")
        if there.is_dir():
            shutil.copytree(there, target, symlinks=True, dirs_exist_ok=True, ignore=_ignored)
        else:
            shutil.copy2(there, target / there.name if target.is_dir() else target)


def _ignored(_: str, names: list[str]) -> list[str]:
    return [name for name in names if fnmatch(name, "__pycache__")]
