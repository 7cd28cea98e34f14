"""How-tos, followed word by word in a planet that has run once."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.paths import PROJECT
from tests.support.planet import Upstream, rss
from tests.support.simulation import story
from tests.support.tutorial import Shell, shell

pytestmark = pytest.mark.torture
HOW_TO = PROJECT / "docs" / "how-to"
VENUS = PROJECT / "tests" / "commands" / "subscription_lists" / "venus.ini"
CONFIG = """\
site: {title: Example Planet, url: https://planet.example/, since: 2026-11-23}
posts: [{path: posts, id: posts}]
sources:
  - {url: https://blog.python.org/rss.xml, id: python-insider, categories: [Programming/Python]}
"""
POST = "---\ntitle: Hello, planet\ndate: 2026-11-01\ncategories: [Notes]\n---\nWords of a post.\n"


@pytest.fixture(scope="module")
def stand_in() -> Iterator[Upstream]:
    server = Upstream()
    stories = [story(f"python-{n}", n + 1, host="https://blog.python.org", category="python") for n in range(12)]
    for path in ("/rss.xml", "/feeds/posts/default"):
        server.serve(f"/blog.python.org{path}", rss(*stories, title="Python Insider", link="https://blog.python.org/"))
    yield server
    server.close()


@pytest.fixture
def terminal(tmp_path: Path, stand_in: Upstream) -> Iterator[Shell]:
    with shell(tmp_path, PROJECT, stand_in.url("")) as one:
        one.environment["PATH"] = f"{one.folder}/.venv/bin:{one.environment['PATH']}"
        planet = tmp_path / "planet"
        (planet / "posts").mkdir(parents=True)
        (planet / "posts/hello.md").write_text(POST)
        (planet / "config.yaml").write_text(CONFIG)
        one.folder = str(planet)
        one.type("aggregator run")
        yield one


@pytest.mark.parametrize("page", ["backups", "bad-source", "newsroom", "takedown", "web-server"])
def test_every_step_works(page: str, terminal: Shell) -> None:
    terminal.follow(HOW_TO / f"{page}.md")


def test_a_planet_of_venus_is_taken_over(terminal: Shell) -> None:
    shutil.copy(VENUS, Path(terminal.folder) / "config.ini")
    terminal.follow(HOW_TO / "planet-venus.md")
    assert (Path(terminal.folder) / "feeds/index.html").exists()


def test_a_backup_brings_everything_back(terminal: Shell) -> None:
    before = {file: file.read_bytes() for file in (Path(terminal.folder) / "feeds").rglob("*") if file.is_file()}
    terminal.follow(HOW_TO / "backups.md")
    assert {file: file.read_bytes() for file in before} == before
