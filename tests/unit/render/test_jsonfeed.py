"""JSON Feed 1.1."""

import json
from dataclasses import replace
from typing import Any

from aggregator.model.document import Person
from aggregator.model.entry import Entry
from aggregator.render import Renderer
from tests.support.samples import BARE, FEED, FULL, SITE, SOURCE, entry, feed


def document(*entries: Entry) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(Renderer(SITE).feed(feed(*entries), "json").data)
    return loaded


def only(item: Entry) -> dict[str, Any]:
    loaded: dict[str, Any] = document(item)["items"][0]
    return loaded


def test_the_head() -> None:
    head = document()
    assert list(head) == [
        "version", "title", "home_page_url", "feed_url", "description", "icon", "authors", "language", "hubs",
        "_aggregator", "items",
    ]  # fmt: skip
    assert head["feed_url"] == "https://planet.example/jobs/feed.json"
    assert head["authors"] == [
        {
            "name": "Ann Editor",
            "url": "https://planet.example/about",
            "_aggregator": {"email": "ann@planet.example"},
        }
    ]
    assert head["hubs"] == [{"type": "WebSub", "url": "https://hub.example/"}]


def test_a_full_item() -> None:
    item = only(FULL)
    assert item["content_html"] == FULL.clean.content
    assert item["summary"] == "A short & sweet account."
    assert item["tags"] == ["Jobs", "Remote work"]
    assert item["authors"] == [
        {"name": "Bo", "url": "mailto:bo@blog.example"},
        {"name": "https://cy.example/", "url": "https://cy.example/"},
    ]
    assert item["attachments"][0] == {
        "url": "https://blog.example/1.mp3",
        "mime_type": "audio/mpeg",
        "title": "Episode",
        "size_in_bytes": 1234,
        "duration_in_seconds": 60,
    }
    assert item["_aggregator"]["source"] == {
        "id": SOURCE.id,
        "title": SOURCE.title,
        "url": "https://blog.example/feed.xml",
        "link": SOURCE.link,
        "feed": SOURCE.source_id,
    }


def test_a_minimal_item_has_only_required_keys() -> None:
    assert list(only(BARE)) == ["id", "content_html", "date_published", "date_modified"]
    assert only(entry(content=""))["content_text"] == ""


def test_a_summary_alone_is_the_content() -> None:
    item = only(entry(content="", summary="<p>Short</p>"))
    assert item["content_html"] == "<p>Short</p>"
    assert "summary" not in item


def test_the_feeds_authors_are_never_those_of_a_republished_item() -> None:
    anonymous = replace(FULL, clean=replace(FULL.clean, authors=()), attribution=replace(SOURCE, authors=()))
    assert only(anonymous)["authors"] == [{"name": SOURCE.title}]
    assert "authors" not in only(BARE)


def test_a_site_without_author_is_its_own_author() -> None:
    data = Renderer(replace(SITE, author=Person())).feed(FEED, "json").data
    assert json.loads(data)["authors"] == [{"name": SITE.title}]


def test_each_item_has_its_line_and_other_scripts_stay_readable() -> None:
    data = Renderer(SITE).feed(FEED, "json").data
    assert sum(line.startswith(b'{"id"') for line in data.splitlines()) == 2
    assert "趣头条".encode() in data
    assert data.endswith(b"]\n}\n")
