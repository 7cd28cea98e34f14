"""The README and the tutorials, followed word by word in an empty home, with one server for every address they name."""

import os
import shlex
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.containerfile import Image
from tests.support.paths import PROJECT
from tests.support.planet import Upstream, rss
from tests.support.simulation import story
from tests.support.tutorial import Shell, copy_of, environment, shell
from tests.torture import test_container as container
from tests.torture.test_container import NEEDS, debian

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


def name_of(page: Path) -> str:
    return page.relative_to(PROJECT).as_posix()


def refuse_busy_port() -> None:
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", 8080)) == 0:
            pytest.skip("another program uses port 8080, which the pages name")


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_step_works(page: Path, tmp_path: Path, stand_in: Upstream) -> None:
    refuse_busy_port()
    with shell(tmp_path, PROJECT, stand_in.url("")) as terminal:
        terminal.follow(page)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory, stand_in: Upstream) -> Iterator[Image]:
    """A plain Debian with Python, make, newsboat and a clone, in which `make run` did its work."""
    missing = [name for name in NEEDS if not shutil.which(name)]
    if missing or os.geteuid() != 0:
        pytest.skip(f"a plain root needs root's rights and {', '.join(NEEDS)}; missing: {', '.join(missing) or 'root'}")
    root = debian(tmp_path_factory.mktemp("roots") / "debian", "make", "newsboat")
    copy_of(PROJECT, root / "srv" / "aggregator")
    image = Image(root, folder="/srv/aggregator", environment=container.environment())
    image.run("make .venv/.ready")
    yield image
    shutil.rmtree(root)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_step_works_on_a_plain_debian(page: Path, plain: Image, stand_in: Upstream) -> None:
    def there(script: str, _folder: str) -> list[str]:
        return plain.words(f"exec bash -c {shlex.quote(script)}")

    refuse_busy_port()
    given = environment(plain.root / "srv", page.stem + page.parent.name, stand_in.url(""), str(plain.root))
    terminal = Shell("/srv/aggregator", given | network(), plain.root, there)
    try:
        terminal.follow(page)
    finally:
        terminal.close()


def test_the_documentation_is_built_on_a_plain_debian(plain: Image) -> None:
    plain.run("make docs")
    assert (plain.root / "srv/aggregator/build/docs/index.html").exists()


def network() -> dict[str, str]:
    """The machine's own way to its package index."""
    return {name: value for name, value in container.environment().items() if name not in {"PATH", "HOME", "COMMIT"}}
