"""What relative references of an entry become, in each format."""

import json
from typing import Any

import pytest

from aggregator.model.entry import CleanEntry
from tests.support.republishing import cleaned

URL = "https://feeds.example/blog/feed.xml"
SITE = "https://site.example/en/"
MEDIA = 'xmlns:media="http://search.yahoo.com/mrss/" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'


def entry(body: str, url: str = URL) -> CleanEntry:
    (found,) = cleaned(body.encode(), url)
    return found


def rss(inner: str, home: str = SITE, attributes: str = "") -> CleanEntry:
    link = f"<link>{home}</link>" if home else ""
    channel = f"<channel><title>T</title>{link}<item>{inner}</item></channel>"
    return entry(f'<rss version="2.0" {MEDIA} {attributes}>{channel}</rss>')


def picture(inner: str, home: str = SITE, attributes: str = "", written: str = "p.png") -> str:
    text = f'<description>&lt;img src="{written}"&gt;</description>'
    return rss(inner + text, home, attributes).summary.partition('src="')[2].partition('"')[0]


def json_item(home: str = SITE, **fields: Any) -> CleanEntry:
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "T", "home_page_url": home, "items": [fields]}
    return entry(json.dumps(feed))


@pytest.mark.parametrize(
    ("home", "link", "found"),
    [
        (SITE, "https://other.example/x", "https://other.example/x"),
        (SITE, "post/1", "https://site.example/en/post/1"),
        (SITE, "/post/1", "https://site.example/post/1"),
        (SITE, "/?ts=1", "https://site.example/?ts=1"),
        (SITE, "?p=1", "https://site.example/en/?p=1"),
        (SITE, "../post", "https://site.example/post"),
        (SITE, "//other.example/x", "https://other.example/x"),
        ("https://site.example/index.html", "post", "https://site.example/post"),
        ("/en/", "post", "https://feeds.example/en/post"),
        ("mailto:a@site.example", "post", "https://feeds.example/blog/post"),
        ("", "post", "https://feeds.example/blog/post"),
        ("", "/post", "https://feeds.example/post"),
    ],
)
def test_the_link_of_an_item_resolves_against_the_channel_then_the_feed(home: str, link: str, found: str) -> None:
    assert rss(f"<link>{link}</link>", home).link == found
    assert rss(f"<guid>{link}</guid>", home).link == (found if link.startswith(("/", "https:")) else "")
    assert json_item(home, id="1", url=link, content_text="x").link == found


@pytest.mark.parametrize(
    ("home", "link", "written", "found"),
    [
        (SITE, "https://site.example/2026/post/", "p.png", "https://site.example/2026/post/p.png"),
        (SITE, "https://site.example/2026/post.html", "img/p.png", "https://site.example/2026/img/p.png"),
        (SITE, "https://site.example/2026/post.html", "/p.png", "https://site.example/p.png"),
        (SITE, "https://site.example/2026/post/", "//cdn.example/p.png", "https://cdn.example/p.png"),
        (SITE, "https://site.example/2026/post/?p=1#top", "p.png", "https://site.example/2026/post/p.png"),
        (SITE, "/2026/post/", "p.png", "https://site.example/2026/post/p.png"),
        (SITE, "https://cors.zfour.workers.dev/?https://site.example/a/", "p.png", "https://site.example/a/p.png"),
        (SITE, "", "p.png", "https://site.example/en/p.png"),
        (SITE, "mailto:a@site.example", "p.png", "https://site.example/en/p.png"),
        ("", "https://site.example/2026/post/", "p.png", "https://site.example/2026/post/p.png"),
        ("", "", "p.png", "https://feeds.example/blog/p.png"),
        ("", "", "/p.png", "https://feeds.example/p.png"),
        (SITE, "https://site.example/2026/post/", "https://x.example/p.png", "https://x.example/p.png"),
    ],
)
def test_all_else_resolves_against_the_item_then_the_channel_then_the_feed(
    home: str, link: str, written: str, found: str
) -> None:
    inner = f"<link>{link}</link>" if link else ""
    assert picture(inner, home, written=written) == found
    item = rss(
        f'{inner}<enclosure url="{written}" type="image/png" length="9"/><itunes:image href="{written}"/>'
        f'<comments>{written}</comments><media:content url="{written}"/>',
        home,
    )
    assert [one.href for one in item.enclosures] == [found]
    assert (item.image, item.comments) == (found, found)
    fields: dict[str, Any] = {"id": "1", "image": written, "content_html": f'<img src="{written}">'}
    item = json_item(home, **fields, **({"url": link} if link else {}), attachments=[{"url": written}])
    assert (item.image, [one.href for one in item.enclosures]) == (found, [found])
    assert f' src="{found}"' in item.content


@pytest.mark.parametrize(
    ("attributes", "inner", "found"),
    [
        ('xml:base="https://base.example/a/"', "<link>https://site.example/1/</link>", "https://base.example/a/p.png"),
        ('xml:base="/a/"', "<link>https://site.example/1/</link>", "https://feeds.example/a/p.png"),
    ],
)
def test_xml_base_counts_in_rss_too(attributes: str, inner: str, found: str) -> None:
    assert picture(inner, attributes=attributes) == found


def test_a_loosely_read_document_resolves_alike() -> None:
    assert picture("<link>post/</link><pubDate>1 & 2 <b></pubDate>") == "https://site.example/en/post/p.png"


ATOM = "https://t.example/ongoing/"
XHTML = 'type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"'


@pytest.mark.parametrize(
    ("feed", "of_entry", "content", "link", "found"),
    [
        ("", "", 'type="html">&lt;img src="p.png"/>', "1", "https://feeds.example/blog/p.png"),
        ("", "", f'{XHTML}><img src="p.png"/></div>', "1", "https://feeds.example/blog/p.png"),
        (ATOM, "", 'type="html">&lt;img src="p.png"/>', "1", f"{ATOM}p.png"),
        (ATOM, "When/14/", 'type="html">&lt;img src="p.png"/>', "1", f"{ATOM}When/14/p.png"),
        (ATOM, "When/14/", f'{XHTML}><img src="p.png"/></div>', "1", f"{ATOM}When/14/p.png"),
        (ATOM, "When/14/", f'{XHTML} xml:base="img/"><img src="p.png"/></div>', "1", f"{ATOM}When/14/img/p.png"),
        (
            ATOM,
            "",
            f'{XHTML} xml:base="https://cdn.example/"><img src="p.png"/></div>',
            "1",
            "https://cdn.example/p.png",
        ),
        (ATOM, "", f'xml:base="c/" {XHTML} xml:base="d/"><img src="p.png"/></div>', "1", f"{ATOM}c/d/p.png"),
        ("", "", f'{XHTML}><p><img src="p.png"/></p></div>', "https://x.example/", "https://feeds.example/blog/p.png"),
    ],
)
def test_atom_resolves_by_xml_base_else_the_document(
    feed: str, of_entry: str, content: str, link: str, found: str
) -> None:
    own = f'<entry xml:base="{of_entry}"><link href="{link}"/><content {content}</content></entry>'
    clean = entry(f'<feed xmlns="http://www.w3.org/2005/Atom" xml:base="{feed}"><link href="/home/"/>{own}</feed>')
    assert f' src="{found}"' in clean.content


def test_the_base_of_a_text_ends_with_it() -> None:
    content = f'<content {XHTML} xml:base="img/"><img src="p.png"/></div></content>'
    clean = entry(
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:base="{ATOM}"><entry>{content}'
        '<link href="1"/><summary type="html">&lt;img src="q.png"/></summary></entry></feed>'
    )
    assert (clean.link, clean.summary.partition('src="')[2].partition('"')[0]) == (f"{ATOM}1", f"{ATOM}q.png")


@pytest.mark.parametrize(
    ("href", "link"), [("", f"{ATOM}1"), ("#", ""), ("N/A", ""), ("2", f"{ATOM}2"), ("?x", f"{ATOM}1?x")]
)
def test_a_link_to_its_own_base(href: str, link: str) -> None:
    inner = f'<entry xml:base="{ATOM}1"><link href="{href}"/></entry>'
    assert entry(f'<feed xmlns="http://www.w3.org/2005/Atom">{inner}</feed>').link == link
