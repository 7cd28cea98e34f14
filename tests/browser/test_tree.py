"""A whole tree as our server gives it out, every kind of page of it: `make browser`.

html5lib, where it is installed, reads each page as the standard says and complains of what is wrong.
"""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

from tests.commands.test_serve import port_of, serving
from tests.support.barriers import barriers
from tests.support.blogs import Blog, blogs
from tests.support.chromium import Browser, opened
from tests.support.links import dead_links
from tests.support.serving import Client

pytestmark = pytest.mark.browser

POST = """---
title: Hello, <em>planet</em>
date: 2026-11-20
categories: [News, Local]
---
# A heading

Words, a [link](https://example.org/), a picture ![of nothing](https://media.example/1.png) and `code`.
"""
KINDS = {
    "front page": "",
    "all": "all/",
    "category": "python/",
    "nested category": "news/local/",
    "source": "source/blog-1/",
    "archive": "all/archive/1/1/",
    "entry": "entries/*.html",
    "health": "health/",
    "status": "status",
    "not found": "nowhere/at/all",
}


@dataclass(frozen=True)
class Served:
    root: Path
    host: str

    def address(self, kind: str) -> str:
        path = KINDS[kind]
        if "*" in path:
            path = next(self.root.glob(path)).relative_to(self.root).as_posix()
        return self.host + path


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Blogs in several languages, a post, and a source that has never answered."""
    folder = tmp_path_factory.mktemp("planet")
    (folder / "posts").mkdir()
    (folder / "posts/hello.md").write_text(POST)
    followed = sorted(blogs(40), key=lambda one: len(one.entries))[-12:]
    sources = [_source(folder, n, blog) for n, blog in enumerate(followed)]
    config = {
        "site": {"title": "Planet & Co", "url": "https://planet.example/", "since": "2026-11-23"},
        "sources": [*sources, {"url": "missing.xml", "id": "missing"}],
        "feeds": {"per_source": True, "archive": 20, "limit": 20, "window": "1h"},
    }
    (folder / "config.yaml").write_text(yaml.safe_dump(config, allow_unicode=True, sort_keys=False))
    command = [sys.executable, "-m", "aggregator", "-c", str(folder / "config.yaml"), "-q", "run"]
    assert subprocess.run(command, check=False).returncode == 0
    with serving(folder) as (_, line):
        yield Served(folder / "feeds", f"http://127.0.0.1:{port_of(line)}/")


def _source(folder: Path, n: int, blog: Blog) -> dict[str, object]:
    (folder / f"{n}.xml").write_text(blog.document())
    return {"url": f"{n}.xml", "id": f"blog-{n}", "categories": ["Python"] if n % 2 else []}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_stands_in_anybodys_way(browser: Browser, served: Served, kind: str, width: int, scheme: str) -> None:
    with opened(browser, served.address(kind), width=width, scheme=scheme) as page:
        assert barriers(page) == []
        assert page.value("document.documentElement.scrollWidth") <= width
        assert page.complaints() == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_is_written_as_the_standard_says(served: Served, kind: str) -> None:
    html5lib = pytest.importorskip("html5lib", reason="html5lib is not installed; `pip install html5lib`")
    url = urlsplit(served.address(kind))
    with Client(url.port or 0) as client:
        page = client.ask(url.path, Accept="text/html", Sec_Fetch_Dest="document").body.decode()
    parser = html5lib.HTMLParser()
    assert parser.parse(page).find("*//{*}h1") is not None
    assert parser.errors == []


def test_no_link_of_the_tree_is_dead(served: Served) -> None:
    assert len(list(served.root.rglob("archive/*/*/index.html"))) > 5
    assert dead_links(served.root) == []
