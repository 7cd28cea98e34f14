"""The README and the tutorials, followed word by word in an empty home, with one server for every address they name."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.paths import PROJECT
from tests.support.planet import Upstream, rss
from tests.support.simulation import story
from tests.support.tutorial import shell

pytestmark = pytest.mark.torture
PAGES = [PROJECT / "README.md", PROJECT / "README.zh-CN.md", *sorted((PROJECT / "docs/tutorials").rglob("*.md"))]
HOSTS = {
    "/blog.python.org/rss.xml": ("Python Insider", "python"),
    "/planet.debian.org/atom.xml": ("Planet Debian", "debian"),
    "/lwn.net/headlines/rss": ("LWN.net", "security"),
    "/www.kernel.org/feeds/kdist.xml": ("Kernel releases", "stable"),
}


@pytest.fixture(scope="module")
def stand_in() -> Iterator[Upstream]:
    server = Upstream()
    for path, (title, term) in HOSTS.items():
        host = f"https://{path.split('/')[1]}"
        stories = [story(f"{term}-{n}", n + 1, host=host, category=term, title=f"{title} no. {n}") for n in range(12)]
        server.serve(path, rss(*stories, title=title, link=f"{host}/"))
    yield server
    server.close()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(PROJECT).as_posix())
def test_every_step_works(page: Path, tmp_path: Path, stand_in: Upstream) -> None:
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", 8080)) == 0:
            pytest.skip("another program uses port 8080, which the page names")
    with shell(tmp_path, PROJECT, stand_in.url("")) as terminal:
        terminal.follow(page)
