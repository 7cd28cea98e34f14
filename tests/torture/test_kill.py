"""kill -9 at any instant: nothing lost, nothing twice, nothing half-written."""

import hashlib
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.planet import Upstream, rss

CONFIG = """\
site: {title: Planet, url: https://planet.example/, since: 2026-11-23}
fetch: {gap: 0s, per_host: 64, allow_networks: [127.0.0.0/8]}
posts: [{path: ../posts}]
feeds: {limit: 4, archive: 7}
sources:
"""


def prepare(root: Path, upstream: Upstream, sources: int = 12) -> str:
    """Ten entries a source, and three posts for each; returns the config."""
    posts = root / "posts"
    posts.mkdir()
    for n in range(3 * sources + 4):
        head = f"title: Post {n}\ndate: 2026-10-{n % 28 + 1:02d}\ncategories: [Posts, Part {n % 4}]"
        (posts / f"{n}.md").write_text(f"---\n{head}\n---\nWords of {n}.\n")
    urls = []
    for source in range(sources):
        entries = [
            {
                "title": f"Entry {n} of {source}",
                "link": f"https://blog{source}.example/{n}",
                "guid": f"urn:example:{source}:{n}",
                "description": f"Entry {n} of source {source} has these words to say.",
                "category": f"Topic {n % 5}|Source {source}",
            }
            for n in range(10)
        ]
        urls.append(upstream.serve(f"/{source}", rss(*entries, title=f"Source {source}")))
    return CONFIG + "".join(f"  - {{id: source-{i}, url: {url}}}\n" for i, url in enumerate(urls))


def start(folder: Path) -> subprocess.Popen[bytes]:
    environment = os.environ | {"AGGREGATOR_NOW": "2026-11-23T12:00:00Z"}
    command = [sys.executable, "-m", "aggregator", "-q", "run"]
    return subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.PIPE)


def finish(folder: Path) -> None:
    running = start(folder)
    _, said = running.communicate(timeout=60)
    assert running.returncode == 0, said


def tree(folder: Path) -> dict[str, str]:
    files = (file for file in (folder / "feeds").rglob("*") if file.is_file())
    return {str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def killed_and_undisturbed(root: Path, upstream: Upstream, kills: int, sources: int) -> tuple[Path, Path]:
    config = prepare(root, upstream, sources)
    undisturbed, killed = root / "undisturbed", root / "killed"
    for folder in (undisturbed, killed):
        folder.mkdir()
        (folder / "config.yaml").write_text(config)
    began = time.monotonic()
    finish(undisturbed)
    took = time.monotonic() - began
    chance = random.Random(kills)
    for _ in range(kills):
        running = start(killed)
        time.sleep(chance.uniform(0.2, 1.0) * took)
        running.kill()
        running.communicate()
    finish(killed)
    return killed, undisturbed


@pytest.mark.parametrize(("kills", "sources"), [(1, 2), pytest.param(60, 12, marks=pytest.mark.torture)])
def test_runs_that_were_killed_end_in_the_tree_of_one_that_was_not(
    tmp_path: Path, upstream: Upstream, kills: int, sources: int
) -> None:
    killed, undisturbed = killed_and_undisturbed(tmp_path, upstream, kills, sources)
    assert tree(killed) == tree(undisturbed)
