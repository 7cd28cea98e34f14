"""Pages as people get them, in a real Chromium: `make browser`."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from aggregator import web
from aggregator.model.document import Link
from aggregator.model.entry import Attribution, CleanEntry, Entry, Level
from aggregator.model.feed import ArchiveLinks, Feed, Site
from aggregator.model.published import FeedListing, MovedFeed, PublishedFile, River, SourceListing
from aggregator.render import FEED_STYLE, FILES, PAGE_STYLE, Nearby, Renderer
from aggregator.web import MovedFeeds, ServedFiles, TreeAnswers, application
from tests.support.barriers import OPEN_ALL, barriers
from tests.support.chromium import Browser, opened
from tests.support.planet import NOON
from tests.support.samples import FULL
from tests.support.serving import served

pytestmark = pytest.mark.browser

LONG = "Donaudampfschifffahrtsgesellschaft" * 300
ADDRESS = "https://long.example/" + "x" * 2000
PROSE = f"""<h4>Deep</h4><p>{LONG}</p><h1>High</h1><p><a href="{ADDRESS}">{ADDRESS}</a></p>
<pre><code>{LONG[:3000]}</code></pre><table><tr><th>{LONG[:200]}</th><td>{LONG[:300]}</td><td>{LONG[:300]}</td></tr></table>
<p><img src="https://media.example/wide.png" width="3000" height="20"></p>
<p><a href="https://media.example/"><img src="https://media.example/1.png"></a><a href="https://media.example/2"></a></p>
<blockquote><p>Quoted</p></blockquote><ul><li>{LONG[:500]}</li></ul><p><mark>marked</mark> <kbd>x</kbd></p>
<video controls="" src="https://media.example/1.mp4" width="2000"></video>"""
CHINESE = "有些生成器在文章没有图片时，会随手放一张。"
SOURCE = Attribution("blog", "A blog", "https://blog.example/f", "", "https://blog.example/", NOON)
PAGES = ("index.html", "list.html", "404.html", "all/index.html", "all/archive/1/3/index.html", "a/b/index.html",
    "old/index.html", "entries/long.html", "entries/zh.html", "entries/ar.html", "bare/index.html")  # fmt: skip
WEB = Site("Planet & Co", "https://planet.example/", rights="CC BY")
WIDTHS = (320, 380, 1280)


def entry(name: str, title: str, content: str, language: str = "", **more: Any) -> Entry:
    clean = CleanEntry(title=title, content=content, language=language)
    link = f"https://planet.example/entries/{name}.html"
    return replace(Entry(link, link, NOON, NOON, NOON, NOON, clean), **more)


LONG_ONE = replace(
    entry("long", LONG[:10_000], PROSE, levels=(Level(LONG, LONG, ""),), attribution=replace(SOURCE, title=LONG)),
    clean=CleanEntry(title=LONG[:10_000], content=PROSE, enclosures=(Link(ADDRESS, type="audio/mpeg", length=10**7),)),
)
ENTRIES = (
    LONG_ONE,
    FULL,
    entry("zh", "趣头条：新媒体行业观察与 AT&T 的 2026 年", f"<p>{CHINESE * 9}</p>", "zh-CN"),
    entry("ar", "مرحبا بالعالم: كيف تعمل الخلاصات؟", "<p>هذه تدوينة عن <b>الخلاصات</b> وعن Atom 1.0.</p>", "ar"),
    entry("emoji", "🎉👩‍👩‍👧‍👦 \u202e edited", "<p>🎉</p>", updated=NOON.replace(hour=23), attribution=SOURCE),
)  # fmt: skip


def write_tree(root: Path, site: Site) -> None:
    renderer = Renderer(site)

    def put(path: str, data: bytes) -> None:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)

    def listing(path: str, *category: str, count: int = 3) -> FeedListing:
        editions = tuple((name, PublishedFile(f"{path}/{file}", "", count)) for name, file in FILES.items())
        return FeedListing(path, " › ".join(category) or path, f"{path}/", NOON, count, category or None, "", editions)

    many = [listing(f"c{n}/{LONG[:n]}", f"C{n} {LONG[:n]}", count=n) for n in range(1, 90)]
    nested = [listing("a", "A"), *(listing(f"a/b{n}", "A", f"B{n} {LONG}") for n in range(20))]
    sources = [
        SourceListing("s1", "One", "https://one.example/"),
        SourceListing("s2", LONG, "", "gone", NOON),
    ]
    moved = [MovedFeed("old", ("Old",), "all", NOON), MovedFeed("older", (LONG,), None, NOON)]
    listings = [listing("all"), *many, *nested, listing("both")]
    put("list.html", renderer.index_html(listings, sources, moved))
    put("index.html", renderer.index_html(listings, sources, moved, River(ENTRIES, "all/archive/1/3/index.html")))
    put("404.html", renderer.not_found_page())
    feed = Feed("all", "tag:x:all", site.title, f"{site.url}all/", NOON, None, LONG, entries=ENTRIES)
    around = Nearby((("B", "a/b"), (LONG, "a/long")))
    put("all/index.html", renderer.feed(feed, "html", around).data)
    deep = replace(feed, id="a/b", title=LONG, category=(LONG, "B"), entries=ENTRIES[2:])
    put("a/b/index.html", renderer.feed(deep, "html", around).data)
    past = ArchiveLinks(f"{site.url}all/", f"{site.url}all/archive/1/2/", page=3)
    sealed = replace(feed, id="all/archive/1/3", home=f"{site.url}all/archive/1/3/", history=past)
    put("all/archive/1/3/index.html", renderer.feed(sealed, "html").data)
    put("old/index.html", renderer.feed(replace(feed, old_id="old"), "html").data)
    put("bare/index.html", renderer.feed(replace(feed, id="bare", entries=()), "html").data)
    for one in ENTRIES:
        put(f"entries/{one.link.rpartition('/')[2]}".removesuffix(".html") + ".html", renderer.entry_page(one))
    for form in ("atom", "rss"):
        put(f"a/b/{FILES[form]}", renderer.feed(deep, form).data)
    put(FEED_STYLE, renderer.feed_style())
    put(PAGE_STYLE, renderer.page_style())


class Quiet(SimpleHTTPRequestHandler):
    """Feeds go out as most static hosts send them."""

    def guess_type(self, path: Any) -> str:
        return "application/xml" if str(path).endswith(".xml") else super().guess_type(path)

    def log_message(self, *_: object) -> None:
        """Nothing: the tests say what they saw."""


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address at which the pages are served."""
    root = tmp_path_factory.mktemp("tree")
    write_tree(root, WEB)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(root)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_is_wider_than_its_window(browser: Browser, host: str, path: str, width: int) -> None:
    with opened(browser, host + path, width=width) as page:
        page.value(OPEN_ALL)
        assert page.value("document.documentElement.scrollWidth") <= width
        wide = "[...document.querySelectorAll('img, video, audio')].map(one => one.getBoundingClientRect().right)"
        assert all(edge <= width for edge in page.value(wide))


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(("width", "scheme"), [(380, "light"), (1280, "dark")])
def test_nothing_stands_in_anybodys_way(browser: Browser, host: str, path: str, width: int, scheme: str) -> None:
    with opened(browser, host + path, width=width, scheme=scheme) as page:
        assert barriers(page) == []


@pytest.mark.parametrize("path", PAGES)
def test_a_page_asks_nobody_but_for_pictures_of_its_entries(browser: Browser, host: str, path: str) -> None:
    with opened(browser, host + path) as page:
        assert page.complaints() == []
        foreign = {url for url in page.asked_for() if not url.startswith((host, "data:"))}
        icons = {FULL.attribution.icon} if FULL.attribution else set()
        assert {url for url in foreign if not url.startswith("https://media.example/")} <= {FULL.clean.image, *icons}
        assert not {url for url in foreign if url.endswith((".mp3", ".mp4"))}


def test_the_style_is_admitted_and_follows_the_scheme(browser: Browser, host: str) -> None:
    colors = []
    for scheme in ("light", "dark"):
        with opened(browser, host + "all/index.html", scheme=scheme) as page:
            colors.append(page.value("getComputedStyle(document.body).backgroundColor"))
    assert colors == ["rgb(253, 253, 252)", "rgb(23, 24, 26)"]


def test_a_tree_that_is_opened_from_the_disk_has_its_style(browser: Browser, tmp_path: Path) -> None:
    write_tree(tmp_path, Site("Planet & Co", "https://planet.example/"))
    for path in ("index.html", "all/index.html", "all/archive/1/3/index.html", "entries/zh.html"):
        with opened(browser, f"file://{tmp_path}/{path}") as page:
            assert page.value("getComputedStyle(document.body).backgroundColor") == "rgb(253, 253, 252)"
            assert page.complaints() == []


def test_headings_go_down_one_level_at_a_time(browser: Browser, host: str) -> None:
    for path in PAGES:
        with opened(browser, host + path) as page:
            levels = page.value("[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(one => +one.localName[1])")
            assert levels[0] == 1
            assert all(after <= before + 1 for before, after in pairwise(levels)), (path, levels)


def test_a_language_is_written_its_own_way(browser: Browser, host: str) -> None:
    look = "(s => [s.direction, s.textAlign])(getComputedStyle(document.querySelector('.content')))"
    with opened(browser, host + "entries/ar.html") as page:
        assert page.value("document.documentElement.dir") == "rtl"
        assert page.value(look) == ["rtl", "start"]
    with opened(browser, host + "entries/zh.html") as page:
        assert page.value(look) == ["ltr", "start"]
        assert page.value("getComputedStyle(document.querySelector('.content')).lineBreak") == "strict"


@pytest.mark.parametrize(("language", "way"), [("zh-CN", "ltr"), ("ja", "ltr"), ("de", "ltr"), ("ar", "rtl")])
def test_a_site_in_another_language_fits_its_windows(browser: Browser, tmp_path: Path, language: str, way: str) -> None:
    write_tree(tmp_path, replace(WEB, language=language))
    words = "document.querySelector('#subscribe h2, .subscribe')"
    for path, width in (("index.html", 390), ("index.html", 1280), ("list.html", 390), ("a/b/index.html", 390)):
        with opened(browser, f"file://{tmp_path}/{path}", width=width) as page:
            page.value(OPEN_ALL)
            assert page.value("document.documentElement.scrollWidth") <= width
            assert page.value(f"getComputedStyle({words}).direction") == way
            assert page.complaints() == []


def test_the_first_key_leads_to_the_text(browser: Browser, host: str) -> None:
    with opened(browser, host + "all/index.html") as page:
        for kind in ("rawKeyDown", "keyUp"):
            browser.ask(
                "Input.dispatchKeyEvent", page.session, type=kind, key="Tab", code="Tab", windowsVirtualKeyCode=9
            )
        assert page.value("document.activeElement.hash") == "#main"
        assert page.value("document.activeElement.getBoundingClientRect().top") >= 0
        assert page.value("document.querySelector('#main').localName") == "main"


@pytest.mark.parametrize("file", ["atom.xml", "rss.xml"])
@pytest.mark.parametrize("width", WIDTHS)
def test_a_feed_that_is_opened_can_be_read(browser: Browser, host: str, file: str, width: int) -> None:
    with opened(browser, host + "a/b/" + file, width=width) as page:
        title = "document.querySelector('entry > title, item > title')"
        assert page.value(f"getComputedStyle({title}).display") != "none"
        assert page.value("getComputedStyle(document.querySelector('id, guid')).display") == "none"
        assert page.value("document.documentElement.scrollWidth") <= width
        assert page.complaints() == []


@pytest.mark.parametrize("file", ["atom.xml", "rss.xml"])
def test_a_feed_of_our_server_can_be_read(browser: Browser, tmp_path: Path, file: str) -> None:
    write_tree(tmp_path, WEB)
    tree = TreeAnswers(web.Site(WEB.url), ServedFiles(tmp_path), MovedFeeds(dict, pause=9), lambda: 9)
    with (
        served(application(tree, trouble=str)) as port,
        opened(browser, f"http://127.0.0.1:{port}/a/b/{file}") as page,
    ):
        title = "document.querySelector('entry > title, item > title')"
        assert page.value(f"getComputedStyle({title}).fontWeight") == "600"
        address = "document.querySelector('channel > link, feed > link[type=\"text/html\"]')"
        assert page.value(f"getComputedStyle({address}).display") == "block"


def test_a_missing_address_of_our_server_shows_the_page_for_it(browser: Browser, tmp_path: Path) -> None:
    write_tree(tmp_path, WEB)
    tree = TreeAnswers(web.Site(WEB.url), ServedFiles(tmp_path), MovedFeeds(dict, pause=9), lambda: 9)
    with (
        served(application(tree, trouble=str)) as port,
        opened(browser, f"http://127.0.0.1:{port}/deep/down/nothing") as page,
    ):
        assert page.value("document.querySelector('h1').textContent") == "Page not found"
        assert page.value("getComputedStyle(document.body).backgroundColor") == "rgb(253, 253, 252)"
