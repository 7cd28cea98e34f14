"""A hub hears of every change, however often the process that tells it is killed."""

import hashlib
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.foreign_servers import Answered, Foreign, Received, foreign

pytestmark = pytest.mark.torture

CONFIG = """\
site: {{title: Planet, url: https://planet.example/, since: 2026-11-23}}
fetch: {{allow_networks: [127.0.0.0/8]}}
posts: [{{path: posts}}]
feeds: {{min_entries: 1, archive: 5, limit: 5, hub: "{hub}"}}
"""
POST = "---\ntitle: Post {0}\ndate: 2026-10-{1:02d}\ncategories: [News, Part {2}]\n---\nWords of {0}.\n"
KILLS = 20


class Listening:
    """A hub that reads each document when it hears of it, and fails now and then."""

    def __init__(self, folder: Path) -> None:
        self.tree = folder / "feeds"
        self.heard: dict[str, str] = {}  # path → digest of the document when the hub heard of it last
        self.chance = random.Random(1)

    def __call__(self, received: Received) -> Answered:
        path = received.form["hub.url"].removeprefix("https://planet.example/")
        digest = hashlib.sha256((self.tree / path).read_bytes()).hexdigest()
        if self.chance.random() < 0.2:
            return Answered(503)
        self.heard[path] = digest
        return Answered(204)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Foreign]:
    with foreign(Listening(tmp_path)) as one:
        yield one


def start(folder: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "aggregator", "-q", "run"]
    return subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE)


def finish(folder: Path) -> float:
    """Returns how many seconds the run took."""
    began = time.monotonic()
    running = start(folder)
    _, said = running.communicate(timeout=120)
    assert running.returncode == 0, said
    return time.monotonic() - began


def save(folder: Path, number: int) -> None:
    (folder / "posts" / f"{number}.md").write_text(POST.format(number, number % 28 + 1, number % 4))


def test_the_hub_hears_of_every_change_over_kills(tmp_path: Path, hub: Foreign) -> None:
    (tmp_path / "config.yaml").write_text(CONFIG.format(hub=hub.url()))
    (tmp_path / "posts").mkdir()
    save(tmp_path, 0)
    took, chance, listening = finish(tmp_path), random.Random(KILLS), hub.answer
    assert isinstance(listening, Listening)
    for number in range(1, KILLS + 1):
        save(tmp_path, number)
        running = start(tmp_path)
        time.sleep(chance.uniform(0.2, 1.0) * took)
        running.kill()
        running.communicate()
    finish(tmp_path)
    end = time.monotonic() + 300
    while (missed := unheard(tmp_path, listening)) and time.monotonic() < end:
        finish(tmp_path)
        time.sleep(1)
    assert not missed
    assert not [path for path in listening.heard if "/archive/" in path]
    print(f"\n{len(hub.received)} requests for {len(listening.heard)} documents, {KILLS} kills")
    hub.received.clear()
    finish(tmp_path)
    assert hub.received == []


def unheard(folder: Path, listening: Listening) -> list[str]:
    """Documents of which the hub did not hear as they stand."""
    tree = folder / "feeds"
    files = [file for name in ("atom.xml", "rss.xml", "feed.json") for file in tree.rglob(name)]
    documents = {file.relative_to(tree).as_posix(): file for file in files if "archive" not in file.parts}
    assert len(documents) > 10
    digests = {path: hashlib.sha256(file.read_bytes()).hexdigest() for path, file in documents.items()}
    return [path for path, digest in digests.items() if listening.heard.get(path) != digest]
