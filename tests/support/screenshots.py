"""Pictures of the front page and of /status for the README: `python -m tests.support.screenshots` writes docs/images.

A planet of invented blogs, as our server gives it out, in the machine's own Chromium.
"""

import base64
import tempfile
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import yaml

from tests.support.chromium import chromium, found, opened
from tests.support.paths import PROJECT
from tests.support.planet import NOON, Upstream, rss
from tests.support.simulation import Item
from tests.support.tutorial import Shell, shell

IMAGES = PROJECT / "docs" / "images"
WIDTH, HEIGHT, QUALITY = 1180, 860, 70
HOUR = timedelta(hours=1)
BLOGS = yaml.safe_load((Path(__file__).parent / "screenshots.yaml").read_text("utf-8"))


def main() -> None:
    upstream = Upstream()
    with tempfile.TemporaryDirectory() as folder, shell(Path(folder), PROJECT, upstream.url("")) as terminal:
        try:
            published(terminal, upstream)
            terminal.start(f"AGGREGATOR_NOW={stamp(NOON)} aggregator serve --port 8765")
            picture("front", "http://127.0.0.1:8765/")
            picture("status", "http://127.0.0.1:8765/status")
        finally:
            upstream.close()


def published(terminal: Shell, upstream: Upstream) -> None:
    """A planet of ten days, of which one source is broken and one entry stands at two sources."""
    terminal.type('export PATH="$PWD/.venv/bin:$PATH"; cd; mkdir planet; cd planet')
    sources = [
        f"  - {{url: https://{id_}.example/feed.xml, id: {id_}, categories: [{blog['category']}]}}\n"
        for id_, blog in BLOGS.items()
    ]
    lost = "  - {url: https://lighthouse.example/rss, id: lighthouse, title: Lighthouse Weekly}\n"
    site = "site: {title: Harbor Planet, url: https://planet.example/, since: 2026-11-01}\nsources:\n"
    (Path(terminal.folder) / "config.yaml").write_text(site + "".join(sources) + lost + "fetch: {gap: 0s}\n", "utf-8")
    for day in range(10):
        for place, (id_, blog) in enumerate(BLOGS.items()):
            items = [item(id_, n, place, *entry) for n, entry in enumerate(blog["entries"].items())]
            shown = [one for n, one in enumerate(items) if 9 - 3 * n - place % 3 <= day]
            upstream.serve(f"/{id_}.example/feed.xml", rss(*shown, title=blog["title"], link=f"https://{id_}.example/"))
        terminal.type(f"AGGREGATOR_NOW={stamp(NOON - (9 - day) * 24 * HOUR)} aggregator run --force")


def stamp(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def item(id_: str, n: int, place: int, title: str, text: str) -> Item:
    link = f"https://{id_}.example/{n}"
    at = NOON - n * 72 * HOUR - place % 3 * 24 * HOUR - (2 + place) * HOUR
    return {"title": title, "link": link, "guid": link, "pubDate": format_datetime(at), "description": f"<p>{text}</p>"}


def picture(name: str, url: str) -> None:
    with chromium(found()) as browser, opened(browser, url, width=WIDTH) as page:
        browser.ask("Emulation.setScrollbarsHidden", page.session, hidden=True)
        clip = {"x": 0, "y": 0, "width": WIDTH, "height": HEIGHT, "scale": 1}
        shot = browser.ask("Page.captureScreenshot", page.session, format="webp", quality=QUALITY, clip=clip)
    (IMAGES / f"{name}.webp").write_bytes(base64.b64decode(shot["data"]))


if __name__ == "__main__":
    main()
