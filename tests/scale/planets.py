"""Planets of the scale tests: many sources on loopback hosts."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from tests.scale.upstream import Publishers
from tests.support import paths
from tests.support.planet import NOON

DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def configure(folder: Path, state: str, urls: list[str], **fetch: Any) -> None:
    config = {
        "site": {"title": "Planet", "url": "https://planet.example/", "since": "2026-11-23"},
        "state": state,
        "fetch": {"allow_networks": ["127.0.0.0/8"]} | fetch,
        "feeds": {"limit": 50, "formats": ["atom"], "pages": "none"},
        "sources": [{"id": f"s{n}", "url": url} for n, url in enumerate(urls)],
    }
    folder.mkdir()
    (folder / "config.yaml").write_text(yaml.dump(config, Dumper=DUMPER, sort_keys=False))


def urls_of(upstream: Publishers, sources: int, *, moved: int = 0) -> list[str]:
    """`moved`: one of so many redirects to another host, 0 for none."""
    return [upstream.url(n, moved=bool(moved) and n % moved == 0) for n in range(sources)]


def run_alone(folder: Path, *more: str) -> float:
    """One process on the planet in `folder`; returns its seconds of processor time."""
    environment = os.environ | {"AGGREGATOR_NOW": NOON.isoformat()}
    command = [sys.executable, "-m", "aggregator", "-q", "--config", str(folder / "config.yaml"), "run", *more]
    before = sum(os.times()[2:4])
    subprocess.run(command, cwd=paths.PROJECT, env=environment, check=True)
    return sum(os.times()[2:4]) - before


def tree(folder: Path) -> dict[str, str]:
    files = (file for file in (folder / "feeds").rglob("*") if file.is_file())
    return {str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
