"""Other sources of an entry, in every format."""

import json
from dataclasses import replace
from typing import Any

import pytest
from lxml import etree

from aggregator.model.document import Link
from aggregator.model.entry import Also, CleanEntry, Entry
from aggregator.render import FILES, Renderer
from tests.support.samples import BARE, FULL, SITE, entry, feed

ATOM = "{http://www.w3.org/2005/Atom}"
ELSEWHERE = (
    Also("https://two.example/1", title="Two & <Co>", source_id="two"),
    Also(FULL.link, title="Three", source_id="three"),
    Also("", title="Four", source_id="four"),
)
LINE = (
    '<p><small>Also published by <a href="https://two.example/1">Two &amp; &lt;Co&gt;</a>,'
    ' <a href="https://blog.example/1">Three</a>, Four</small></p>'
)
MARKED = LINE.replace("<small>", '<small lang="en">')  # on the page of an entry in Chinese
SHARED = replace(FULL, clean=replace(FULL.clean, links=()), also=ELSEWHERE)


def render(item: Entry, form: str, *, footer: bool = True) -> bytes:
    rendered = Renderer(replace(SITE, footer=footer)).feed(feed(item), form)
    assert rendered.problems == ()
    return rendered.data


def related(item: Entry, form: str) -> list[tuple[str | None, str | None]]:
    links = etree.fromstring(render(item, form)).iter(f"{ATOM}link")
    return [(link.get("href"), link.get("title")) for link in links if link.get("rel") == "related"]


def texts(item: Entry, form: str, *tags: str) -> list[str]:
    root = etree.fromstring(render(item, form))
    return [root.findtext(f".//{tag}") or "" for tag in tags]


def in_json(item: Entry, *, footer: bool = True) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(render(item, "json", footer=footer))["items"][0]
    return found


@pytest.mark.parametrize("form", ["atom", "rss"])
def test_every_other_source_with_an_address_is_a_related_link(form: str) -> None:
    assert related(SHARED, form) == [("https://two.example/1", "Two & <Co>"), (FULL.link, "Three")]


def test_the_entry_has_one_alternate_link() -> None:
    links = etree.fromstring(render(SHARED, "atom")).iter(f"{ATOM}entry")
    assert [[link.get("href") for link in one.iterfind(f"{ATOM}link[@rel='alternate']")] for one in links] == [
        [FULL.link]
    ]


@pytest.mark.parametrize("form", ["atom", "rss"])
def test_own_related_links_stay_and_none_is_written_twice(form: str) -> None:
    own = (
        Link("https://two.example/1", "related", hreflang="fr"),
        Link("https://other.example/", "related", title="O"),
    )
    twice = (*ELSEWHERE, replace(ELSEWHERE[1], source_id="five"), replace(ELSEWHERE[1], title="Six"))
    item = replace(SHARED, clean=replace(SHARED.clean, links=own), also=twice)
    assert related(item, form) == [
        ("https://two.example/1", None),
        ("https://other.example/", "O"),
        (FULL.link, "Three"),
        (FULL.link, "Six"),
    ]


def test_json_names_every_other_source() -> None:
    assert in_json(SHARED)["_aggregator"]["also_published_by"] == [
        {"title": "Two & <Co>", "url": "https://two.example/1", "source": "two"},
        {"title": "Three", "url": FULL.link, "source": "three"},
        {"title": "Four", "source": "four"},
    ]
    assert "also_published_by" not in in_json(FULL)["_aggregator"]


def test_the_line_is_at_the_end_of_the_content_and_not_of_the_summary() -> None:
    clean = FULL.clean
    assert texts(SHARED, "atom", f"{ATOM}content", f"{ATOM}summary") == [clean.content + LINE, clean.summary]
    encoded = "{http://purl.org/rss/1.0/modules/content/}encoded"
    assert texts(SHARED, "rss", encoded, "item/description") == [clean.content + LINE, clean.summary]
    item = in_json(SHARED)
    assert (item["content_html"], item["summary"]) == (clean.content + LINE, "A short & sweet account.")
    assert render(SHARED, "html").decode().count(MARKED) == 1


def test_a_summary_without_content_has_the_line() -> None:
    item = replace(SHARED, clean=replace(SHARED.clean, content=""))
    whole = FULL.clean.summary + LINE
    assert texts(item, "atom", f"{ATOM}summary") == texts(item, "rss", "item/description") == [whole]
    assert in_json(item)["content_html"] == whole
    assert "summary" not in in_json(item)
    assert MARKED in render(item, "html").decode()


@pytest.mark.parametrize("form", FILES)
@pytest.mark.parametrize("clean", [CleanEntry(title="No text"), CleanEntry()])
def test_an_entry_without_text_has_no_line(form: str, clean: CleanEntry) -> None:
    assert b"Also published by" not in render(replace(SHARED, clean=clean), form)


@pytest.mark.parametrize("form", FILES)
def test_the_line_can_be_switched_off_and_the_links_stay(form: str) -> None:
    data = render(SHARED, form, footer=False)
    assert b"Also published by" not in data
    assert (b"https://two.example/1" in data) is (form != "html")


def test_sources_of_one_name_and_address_are_named_once() -> None:
    item = replace(SHARED, also=(*ELSEWHERE, replace(ELSEWHERE[0], source_id="five")))
    assert in_json(item)["content_html"].endswith(LINE)


def test_the_headline_of_an_untitled_entry_is_its_own_words() -> None:
    page = render(replace(entry(content="<p>Short.</p>"), also=ELSEWHERE), "html").decode()
    assert '<h2 dir="auto">Short.</h2>' in page
    assert LINE in page


@pytest.mark.parametrize("form", FILES)
def test_an_entry_that_another_source_joins_is_rendered_again(form: str) -> None:
    renderer = Renderer(SITE)
    before = renderer.feed(feed(FULL), form).data
    after = renderer.feed(feed(replace(FULL, also=ELSEWHERE)), form).data
    assert b"Three" not in before
    assert b"Three" in after


def test_the_page_of_a_local_post_names_the_others() -> None:
    assert LINE in Renderer(SITE).entry_page(replace(BARE, also=ELSEWHERE)).decode()


@pytest.mark.parametrize("form", FILES)
def test_a_foreign_title_is_escaped_in_every_format(form: str) -> None:
    evil = """"><script>alert(1)</script>']]>&amp;"""
    data = render(replace(SHARED, also=(Also("https://two.example/?a=1&b=2", title=evil),)), form).decode()
    escaped = "&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&#x27;]]&gt;&amp;amp;</a>"
    if form in {"atom", "rss"}:
        root = etree.fromstring(data.encode())
        assert (related(replace(SHARED, also=(Also("https://x.example/", title=evil),)), form)) == [
            ("https://x.example/", evil)
        ]
        data = "".join(map(str, root.itertext()))
    elif form == "json":
        data = json.loads(data)["items"][0]["content_html"]
    assert escaped in data
    assert "<script>alert" not in data
    assert "?a=1&amp;b=2" in data
