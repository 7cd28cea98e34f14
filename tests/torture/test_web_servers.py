"""The site files for nginx and Caddy in the real programs: what they say of a tree with moved and ended addresses."""

import gzip
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.commands.test_cli import CONFIG, POST, aggregator
from tests.commands.test_serve import port_of, serving
from tests.support.paths import PROJECT
from tests.support.running import eventually
from tests.support.serving import Client, Reply
from tests.support.tutorial import blocks

pytestmark = pytest.mark.torture
FILES = PROJECT / "docs" / "how-to" / "files"
LONG = "Words of a post. " * 100
TYPES = {
    "/all/atom.xml": "application/atom+xml; charset=utf-8",
    "/all/rss.xml": "application/rss+xml; charset=utf-8",
    "/all/feed.json": "application/feed+json; charset=utf-8",
    "/opml.xml": "text/x-opml; charset=utf-8",
    "/index.json": "application/json",
    "/": "text/html; charset=utf-8",
    "/static/pages.css": "text/css; charset=utf-8",
}
NGINX = """\
daemon off;
pid {root}/pid;
error_log {root}/log;
user {user};
events {{ }}
http {{
    include /etc/nginx/mime.types;
    access_log off;
    client_body_temp_path {root}/body;
    proxy_temp_path {root}/proxy;
    fastcgi_temp_path {root}/fastcgi;
    uwsgi_temp_path {root}/uwsgi;
    scgi_temp_path {root}/scgi;
    include {root}/site;
}}
"""


@dataclass
class Site:
    """`root`: where its files and what it writes are."""

    name: str
    root: Path
    port: int

    @property
    def environment(self) -> dict[str, str]:
        """Caddy writes below HOME."""
        return os.environ | {"HOME": str(self.root)}

    def ask(self, path: str, method: str = "GET", **headers: str) -> Reply:
        with Client(self.port) as client:
            return client.ask(path, method, **headers)


@pytest.fixture(scope="module")
def planet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tree in which `old` is `new` now, `ended` was forgotten, and the page of a post was withdrawn."""
    root = tmp_path_factory.mktemp("planet")
    config = CONFIG + "feeds: {min_entries: 1, archive: 2, limit: 2, window: 1s}\n"
    (root / "config.yaml").write_text(config)
    (root / "posts").mkdir()
    for n, term in enumerate(("Old", "Old", "Old", "Old", "Ended", "Stays")):
        post = POST.replace("News", term).format(title=f"{term} {n}") + LONG
        (root / f"posts/{n}.md").write_text(post)
    done(root, "run")
    (root / "config.yaml").write_text(config + "categories: {aliases: {New/Name: [Old]}, drop: [Ended]}\n")
    done(root, "run", days=2)
    done(root, "feed", "forget", "ended", days=2)
    done(root, "entry", "remove", "Stays 5", "--now", days=2)
    for folder in (root, *root.parents):
        if folder.stat().st_uid == os.geteuid() and folder != Path("/tmp"):
            folder.chmod(folder.stat().st_mode | 0o055)
    return root


def done(root: Path, *words: str, days: int = 0) -> str:
    one = aggregator(root, *words, AGGREGATOR_NOW=f"2026-11-{23 + days}T12:00:00Z")
    assert one.returncode == 0, one.stderr
    return one.stdout


@pytest.fixture(scope="module", params=["nginx", "caddy"])
def site(request: pytest.FixtureRequest, planet: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    name: str = request.param
    if not shutil.which(name):
        pytest.skip(f"{name} is not installed here")
    root = tmp_path_factory.mktemp(name)
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port: int = free.getsockname()[1]
    (root / "planet-redirects.map").write_text(done(planet, "feed", "redirects", "--for", name, days=2))
    (root / "site").write_text(here(FILES / {"nginx": "nginx.conf", "caddy": "Caddyfile"}[name], planet, root, port))
    words = ["nginx", "-c", str(root / "main")]
    if name == "nginx":
        (root / "main").write_text(NGINX.format(root=root, user="root" if os.geteuid() == 0 else "nobody"))
    else:
        words = ["caddy", "run", "--config", str(root / "site"), "--adapter", "caddyfile"]
    one = Site(name, root, port)
    with (root / "output").open("wb") as output:
        process = subprocess.Popen(words, stdout=output, stderr=output, env=one.environment)
    try:
        eventually(lambda: answers(port) or process.poll() is not None)
        assert process.poll() is None, (root / "output").read_text()
        yield one
    finally:
        process.terminate()
        process.wait(20)


def here(file: Path, planet: Path, root: Path, port: int) -> str:
    """The file with the paths and the address of this test."""
    text = file.read_text("utf-8")
    for said, meant in {
        "/var/lib/aggregator": str(planet),
        "/etc/nginx/": f"{root}/",
        "/etc/caddy/": f"{root}/",
        "listen 80;": f"listen 127.0.0.1:{port};",
        "\nplanet.example {": f"\n{{\n\tadmin off\n}}\nhttp://127.0.0.1:{port}, http://x:{port} {{",
    }.items():
        text = text.replace(said, meant)
    return text


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


@pytest.mark.parametrize(("path", "media_type"), TYPES.items())
def test_each_file_has_its_media_type(site: Site, path: str, media_type: str) -> None:
    reply = site.ask(path)
    assert (reply.status, reply.headers["content-type"].removesuffix("; charset=utf-8")) == (
        200,
        media_type.removesuffix("; charset=utf-8"),
    )
    assert "charset=utf-8" in reply.headers["content-type"] or media_type == TYPES["/index.json"]
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in reply.headers["content-security-policy"]
    assert reply.headers["cache-control"] == "public, max-age=300"


def test_a_reader_that_has_the_file_gets_304(site: Site) -> None:
    first = site.ask("/all/atom.xml")
    assert first.headers["etag"].startswith('"')
    assert site.ask("/all/atom.xml", If_None_Match=first.headers["etag"]).status == 304
    assert site.ask("/all/atom.xml", If_Modified_Since=first.headers["last-modified"]).status == 304
    assert site.ask("/all/atom.xml", "HEAD").headers["etag"] == first.headers["etag"]
    packed = site.ask("/all/atom.xml", "HEAD", Accept_Encoding="gzip")
    assert site.ask("/all/atom.xml", If_None_Match=packed.headers["etag"], Accept_Encoding="gzip").status == 304


@pytest.mark.parametrize("path", ["/all/atom.xml", "/all/rss.xml", "/all/feed.json", "/", "/static/pages.css"])
def test_what_shrinks_is_packed_for_who_takes_it(site: Site, path: str) -> None:
    plain = site.ask(path)
    packed = with_chunks(site, path)
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert "accept-encoding" in packed.headers["vary"].lower()
    assert gzip.decompress(packed.body) == plain.body


def with_chunks(site: Site, path: str) -> Reply:
    """A packed answer comes in chunks of unknown number."""
    with closing(HTTPConnection("127.0.0.1", site.port)) as connection:
        connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
        answer = connection.getresponse()
        return Reply(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())


@pytest.mark.parametrize(
    ("path", "leads_to"),
    [
        ("/old/atom.xml", "/new/name/atom.xml"),
        ("/old/rss.xml", "/new/name/rss.xml"),
        ("/old/feed.json", "/new/name/feed.json"),
        ("/old/index.html", "/new/name/index.html"),
        ("/old/", "/new/name/"),
        ("/old", "/new/name/"),
        ("/old/archive/1/1/atom.xml", "/new/name/atom.xml"),
    ],
)
def test_a_renamed_category_leads_to_its_new_address(site: Site, path: str, leads_to: str) -> None:
    reply = site.ask(path)
    assert reply.status == 301
    location = reply.headers["location"]
    assert location in {leads_to, f"http://x{leads_to}", f"http://x:{site.port}{leads_to}"}
    assert site.ask(leads_to).status == 200


@pytest.mark.parametrize("path", ["/ended/atom.xml", "/ended/", "/ended", "/entries/stays-5.html"])
def test_what_ended_is_gone(site: Site, path: str) -> None:
    assert site.ask(path).status == 410


def test_what_is_not_there_shows_the_page_of_the_tree(site: Site, planet: Path) -> None:
    reply = site.ask("/nothing")
    assert (reply.status, reply.body) == (404, (planet / "feeds/404.html").read_bytes())
    assert site.ask("/older/atom.xml").status == 404
    (planet / "feeds/.secret").write_text("x")
    assert site.ask("/.secret").status == 404


def test_it_says_of_the_same_addresses_what_our_server_says(site: Site, planet: Path) -> None:
    with serving(planet) as (_, line), Client(port_of(line)) as ours:
        for path in ("/old/atom.xml", "/ended/atom.xml", "/entries/stays-5.html", "/all/atom.xml", "/nothing"):
            assert site.ask(path).status == ours.ask(path).status


@pytest.mark.parametrize("page", ["web-server", "planet-venus"])
def test_what_the_pages_say_of_a_server_is_understood_by_it(site: Site, page: str, tmp_path: Path) -> None:
    parts = [block.text for block in blocks(PROJECT / f"docs/how-to/{page}.md") if block.language == site.name]
    assert parts
    for part in parts:
        if site.name == "nginx":
            (tmp_path / "site").write_text(f"server {{ listen 127.0.0.1:{site.port}; {part} }}")
            (tmp_path / "main").write_text(NGINX.format(root=tmp_path, user="root" if os.geteuid() == 0 else "nobody"))
            words = ["nginx", "-t", "-c", str(tmp_path / "main")]
        else:
            (tmp_path / "site").write_text(part if "{" in part else f"planet.example {{\n{part}}}\n")
            words = ["caddy", "adapt", "--config", str(tmp_path / "site"), "--adapter", "caddyfile"]
        checked = subprocess.run(words, capture_output=True, text=True, check=False, env=site.environment)
        assert checked.returncode == 0, checked.stderr


def test_a_site_starts_before_the_first_file_of_redirects(site: Site) -> None:
    words = ["nginx", "-t", "-c", str(site.root / "main")]
    if site.name == "caddy":
        words = ["caddy", "validate", "--config", str(site.root / "site"), "--adapter", "caddyfile"]
    redirects = site.root / "planet-redirects.map"
    kept = redirects.rename(site.root / "kept")
    try:
        checked = subprocess.run(words, capture_output=True, text=True, check=False, env=site.environment)
        assert checked.returncode == 0, checked.stderr
    finally:
        kept.rename(redirects)
