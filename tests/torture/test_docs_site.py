"""The documentation as a site: no warning, no dead link, and no page asks another host.

`make docs` installs what builds it.
"""

import re
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin

import pytest
from lxml import html

from tests.support.docs_site import build, needs_mkdocs

pytestmark = [pytest.mark.torture, needs_mkdocs]
HOST = "https://docs.example/"
LOADED = "//script/@src | //img/@src | //source/@src | //iframe/@src | //link[@rel != 'canonical']/@href"
STYLE = re.compile(r"""(?:url\(|@import)\s*["']?([^"')]+)""")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("site"))


def pages(site: Path) -> dict[str, html.HtmlElement]:
    """Each page by its address."""
    return {address(site, file): html.fromstring(file.read_bytes()) for file in sorted(site.rglob("*.html"))}


def address(site: Path, file: Path) -> str:
    return HOST + file.relative_to(site).as_posix().removesuffix("index.html")


def test_every_link_leads_to_a_page_and_to_a_heading_of_it(site: Path) -> None:
    every = pages(site)
    ids = {at: {"", *page.xpath("//@id | //a/@name")} for at, page in every.items()}
    for at, page in every.items():
        for link in page.xpath("//@href | //@src"):
            target, anchor = urldefrag(urljoin(at, link))
            if target.startswith(HOST):
                path = unquote(target.removeprefix(HOST))
                assert (site / path).exists(), (at, link)
                assert target not in ids or unquote(anchor) in ids[target], (at, link)


def test_pages_load_nothing_from_other_hosts(site: Path) -> None:
    for at, page in pages(site).items():
        for link in page.xpath(LOADED):
            assert urljoin(at, link).startswith((HOST, "data:")), (at, link)
    for file in site.rglob("*.css"):
        for link in STYLE.findall(file.read_text("utf-8")):
            assert urljoin(address(site, file), link).startswith((HOST, "data:")), (file, link)


def test_lists_are_lists(site: Path) -> None:
    """A list without a blank line before it is one on GitHub, and a paragraph on the site."""
    for at, page in pages(site).items():
        for paragraph in page.xpath("//article//p"):
            text = paragraph.text_content()
            assert not re.search(r"^(- |\d+\. |\| )", text, re.MULTILINE), (at, text)
