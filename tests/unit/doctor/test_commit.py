"""The commit that `aggregator --version` names."""

import subprocess
from pathlib import Path

import pytest

from aggregator.doctor.commit import commit

DIGITS = "0123456789abcdef" * 2 + "01234567"


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """The package in a clone of ours, with one commit."""
    (tmp_path / "clone/aggregator").mkdir(parents=True)
    (tmp_path / "clone/hatch_build.py").touch()
    git(tmp_path / "clone", "init", "--quiet", "--initial-branch", "main")
    git(tmp_path / "clone", "commit", "--quiet", "--allow-empty", "--message", "first")
    return tmp_path / "clone/aggregator"


def git(folder: Path, *words: str) -> str:
    settings = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
    done = subprocess.run(["git", *settings, *words], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_a_clone_names_what_is_checked_out(package: Path) -> None:
    head = git(package, "rev-parse", "HEAD")
    assert commit(package) == head[:7]
    git(package, "pack-refs", "--all")
    assert commit(package) == head[:7]
    git(package, "checkout", "--quiet", "--detach")
    assert commit(package) == head[:7]
    git(package, "worktree", "add", "--quiet", "-b", "other", "../../beside")
    other = package.parents[1] / "beside"
    (other / "hatch_build.py").touch()
    (other / "aggregator").mkdir()
    git(other, "commit", "--quiet", "--allow-empty", "--message", "second")
    assert commit(other / "aggregator") == git(other, "rev-parse", "HEAD")[:7]


def test_a_build_names_what_it_was_built_of(package: Path) -> None:
    (package / "commit.txt").write_text("24cda03-dirty\n")
    assert commit(package) == "24cda03-dirty"


def test_a_clone_of_something_else_around_it_says_nothing(package: Path) -> None:
    (package.parent / "hatch_build.py").unlink()
    assert commit(package) == ""


@pytest.mark.parametrize("head", [b"", b"\xff\xfe", b"ref: refs/heads/none\n", b"zz" * 20, b"ref: ../../x\n"])
def test_what_cannot_be_read_says_nothing(tmp_path: Path, head: bytes) -> None:
    (tmp_path / "aggregator").mkdir()
    assert commit(tmp_path / "aggregator") == ""
    (tmp_path / "hatch_build.py").touch()
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git/HEAD").write_bytes(head)
    assert commit(tmp_path / "aggregator") == ""
    (tmp_path / ".git/HEAD").write_text(DIGITS)
    assert commit(tmp_path / "aggregator") == DIGITS[:7]
