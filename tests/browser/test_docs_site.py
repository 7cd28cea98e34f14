"""The documentation as a site in a browser: it asks no other host, and its search finds words of both languages."""

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote

import pytest

from tests.support.chromium import Browser, opened
from tests.support.docs_site import build, needs_mkdocs
from tests.support.running import eventually

pytestmark = [pytest.mark.browser, needs_mkdocs]
FOUND = "[...document.querySelectorAll('.md-search-result__item h1')].map(one => one.textContent)"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        return


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = build(tmp_path_factory.mktemp("site"))
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("word", "title"), [("tombstone", "Withdrawals and takedowns"), ("别名", "十分钟搭建第一个星球")]
)
def test_the_search_finds_it(browser: Browser, site: str, word: str, title: str) -> None:
    with opened(browser, f"{site}?q={quote(word)}") as page:
        eventually(lambda: title in page.value(FOUND))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["", "tutorials/planet/", "reference/config/"])
def test_it_asks_no_other_host(browser: Browser, site: str, path: str, scheme: str) -> None:
    with opened(browser, site + path, scheme=scheme) as page:
        assert page.complaints() == []
        assert all(url.startswith((site, "data:", "blob:")) for url in page.asked_for())
        dark = page.value("document.body.getAttribute('data-md-color-scheme')")
        assert dark == ("slate" if scheme == "dark" else "default")
