"""The first change that CONTRIBUTING.md shows: its test fails, its rule makes it pass, and the linter agrees."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.paths import PROJECT
from tests.support.tutorial import blocks, copy_of

FORMS = PROJECT / ".github" / "ISSUE_TEMPLATE"
TEST = "tests/unit/dedup/test_generic_titles.py"


def is_passing(clone: Path) -> bool:
    words = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", TEST]
    environment = os.environ | {"PYTHONPATH": str(clone)}
    return subprocess.run(words, cwd=clone, env=environment, capture_output=True, check=False).returncode == 0


@pytest.mark.torture
def test_the_example_is_a_change(tmp_path: Path) -> None:
    if not shutil.which("patch"):
        pytest.skip("patch(1) is not installed here")
    clone = tmp_path / "clone"
    copy_of(PROJECT, clone)
    shutil.copytree(PROJECT / "tests", clone / "tests", ignore=shutil.ignore_patterns("__pycache__", "*.gz", "*.xz"))
    test, rule = [block.text for block in blocks(PROJECT / "CONTRIBUTING.md") if block.language == "diff"]
    assert is_passing(clone)
    for change, passes in ((test, False), (rule, True)):
        subprocess.run(
            ["patch", "-p1", "--fuzz=0"], cwd=clone, input=change, text=True, check=True, capture_output=True
        )
        assert is_passing(clone) is passes
    ruff = [sys.executable, "-m", "ruff"]
    subprocess.run([*ruff, "check", TEST, "aggregator/dedup"], cwd=clone, check=True, capture_output=True)
    subprocess.run([*ruff, "format", "--check", TEST, "aggregator/dedup"], cwd=clone, check=True, capture_output=True)


@pytest.mark.parametrize("form", ["bug.yml", "source.yml"])
def test_a_report_has_what_a_test_needs(form: str) -> None:
    text = (FORMS / form).read_text("utf-8")
    assert "aggregator doctor --json" in text
    assert "The smallest" in text
