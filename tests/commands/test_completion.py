"""Completion in shells: what typer hands to bash, zsh and fish, with the ids of the config's sources in it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CONFIG = """\
site: {title: P, url: https://p.example/, since: 2026-11-23}
sources: [{url: https://a.example/f, id: apple}, {url: https://b.example/f, id: avocado}, {url: https://c.example/f}]
"""


def run(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "aggregator", *arguments]
    known = {name: value for name, value in os.environ.items() if name in {"PATH", "PYTHONPATH", "LANG"}}
    return subprocess.run(
        command,
        cwd=folder,
        env=known | {"HOME": str(folder)} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def asked(shell: str, words: str) -> dict[str, str]:
    """As each shell's script asks."""
    if shell == "bash":
        return {"COMP_WORDS": words, "COMP_CWORD": str(len(words.split()) - 1)}
    return {"_TYPER_COMPLETE_ARGS": words, "_TYPER_COMPLETE_FISH_ACTION": "get-args"}


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
@pytest.mark.parametrize("words", ["-c mine.yaml source pause a", "source pause -c mine.yaml a"])
def test_ids_of_sources_are_completed(words: str, shell: str, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(CONFIG)
    words = f"aggregator {words}"
    done = run(tmp_path, _AGGREGATOR_COMPLETE=f"complete_{shell}", **asked(shell, words))
    assert (done.returncode, done.stderr) == (0, "")
    found = [word for word in ("apple", "avocado", "c-example-f") if word in done.stdout]
    assert found == ["apple", "avocado"]


@pytest.mark.torture
def test_ids_of_sources_and_folders_with_approval_are_completed(tmp_path: Path) -> None:
    config = CONFIG.replace("id: avocado", "id: avocado, approve: true")
    (tmp_path / "config.yaml").write_text(f"{config}posts: [{{path: a, id: apricots, approve: true}}]\n")
    words = "aggregator entry approve --source a"
    done = run(tmp_path, _AGGREGATOR_COMPLETE="complete_bash", **asked("bash", words))
    assert (done.returncode, done.stdout.split()) == (0, ["apricots", "avocado"])


# What each shell does when somebody types `source pau` and the tab key; FILE is what --show-completion printed.
TAB = {
    "bash": "source FILE; COMP_WORDS=($WORDS); COMP_CWORD=2; _aggregator_completion aggregator; echo ${COMPREPLY[@]}",
    "fish": "source FILE; complete --do-complete 'aggregator source pau'",
    "zsh": "autoload -U compinit; compinit -u; source FILE; functions _aggregator_completion >/dev/null; echo pause",
}


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize("shell", TAB)
def test_the_file_of_a_shell_works_in_that_shell(shell: str, tmp_path: Path) -> None:
    """zsh completes on a terminal alone: there it is only loaded."""
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not on this machine")
    program = tmp_path / "bin/aggregator"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m aggregator "$@"\n')
    program.chmod(0o755)
    (tmp_path / "file").write_text(run(tmp_path, "--show-completion", shell).stdout)
    environment = os.environ | {
        "WORDS": "aggregator source pau",
        "HOME": str(tmp_path),
        "PATH": f"{program.parent}:{os.environ['PATH']}",
    }
    words = [shell, "-c", TAB[shell].replace("FILE", str(tmp_path / "file"))]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.split()[0], done.stderr) == (0, "pause", "")


def test_a_config_that_cannot_be_read_completes_nothing_and_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("site: {")
    done = run(tmp_path, _AGGREGATOR_COMPLETE="complete_bash", **asked("bash", "aggregator source pause a"))
    assert (done.stdout.strip(), done.stderr) == ("", "")


def test_the_script_of_a_shell_that_is_named(tmp_path: Path) -> None:
    marks = {"bash": "complete -o default", "zsh": "compdef", "fish": "complete --command aggregator"}
    for shell, mark in marks.items():
        done = run(tmp_path, "--show-completion", shell)
        assert (done.returncode, done.stderr) == (0, "")
        assert mark in done.stdout
        assert "_AGGREGATOR_COMPLETE=complete_" in done.stdout
    done = run(tmp_path, "--install-completion", "fish")
    assert done.returncode == 0
    assert (tmp_path / ".config" / "fish" / "completions" / "aggregator.fish").read_text().startswith("complete")
