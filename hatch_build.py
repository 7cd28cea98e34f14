"""Puts the commit of a build into it, for `aggregator --version`: an installed program has no git to ask."""

import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NAME = "aggregator/commit.txt"  # an sdist has it, and so has a wheel made of an sdist
COMMIT = ("git", "describe", "--always", "--dirty", "--exclude", "*")


class CommitHook(BuildHookInterface):  # type: ignore[misc]
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """`version`: "editable" for a working tree, whose commit changes."""
        if version == "editable" or not (Path(self.root) / ".git").exists():
            return
        done = subprocess.run(COMMIT, cwd=self.root, capture_output=True, text=True, check=False)  # noqa: S603 - fixed words
        if done.returncode == 0:
            self._folder = TemporaryDirectory()
            file = Path(self._folder.name) / "commit.txt"
            file.write_text(done.stdout)
            build_data["force_include"][str(file)] = NAME

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        if folder := getattr(self, "_folder", None):
            folder.cleanup()
