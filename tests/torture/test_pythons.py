"""The same planet under each Python that we support: every file of the tree is the same, byte for byte.

PYTHONS names interpreters, separated by `:`, each of which has what requirements.lock asks for: `make pythons`.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.support import corpus, paths
from tests.support.planet import NOON, Planet

pytestmark = pytest.mark.torture

PROJECT = paths.PROJECT
PYTHONS = [str(Path(python).absolute()) for python in os.environ.get("PYTHONS", "").split(":") if python]
KNOWS = (
    "import feedgen, feedparser, lxml, nh3, pydantic, sqlalchemy; print(*__import__('sys').version_info[:2], sep='.')"
)


def version(python: str) -> str:
    """ "" where it lacks a library."""
    done = subprocess.run([python, "-c", KNOWS], capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def run_there(folder: Path, python: str, *words: str) -> None:
    command = [python, "-m", "aggregator", "-c", str(folder / "config.yaml"), "-q", *words]
    environment = os.environ | {"AGGREGATOR_NOW": NOON.isoformat(), "PYTHONPATH": str(PROJECT)}
    done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def config() -> dict[str, object]:
    files = sorted(file for file in corpus.FEEDS.rglob("*") if file.is_file())
    return {
        "site": {"title": "Planet", "url": "https://planet.example/", "since": "2026-11-23"},
        "posts": [{"path": str(corpus.POSTS), "gone": "keep"}],
        "sources": [{"url": str(file), "id": f"source-{n}"} for n, file in enumerate(files)],
    }


@pytest.mark.skipif(not corpus.FEEDS.is_dir(), reason="the corpus of real feeds is not here")
def test_every_python_publishes_the_same_bytes(tmp_path: Path, planet: Planet) -> None:
    pythons = {found: python for python in [sys.executable, *PYTHONS] if (found := version(python))}
    if len(pythons) < 2:
        pytest.skip("PYTHONS names no other interpreter that has the libraries")
    trees = {}
    for name, python in pythons.items():
        planet.root = tmp_path / name
        planet.root.mkdir()
        (planet.root / "config.yaml").write_text(yaml.safe_dump(config()), encoding="utf-8")
        run_there(planet.root, python, "run")
        trees[name] = planet.tree()
        run_there(planet.root, python, "regenerate")
        assert planet.tree() == trees[name]
    first, *others = trees.values()
    assert len(first) > 100
    assert others == [first] * len(others)
    print(f"\n{len(first)} files, the same under {', '.join(trees)}", end="")
