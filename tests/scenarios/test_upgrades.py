"""What a newer version reads otherwise is no edit of its publisher's."""

from datetime import timedelta

import pytest

from aggregator.model.document import RawEntry
from tests.support.planet import NOON, Planet, Upstream, rss


def _without_page_base(draft: RawEntry, *_: str) -> RawEntry:
    return draft


def test_a_picture_that_resolves_elsewhere_is_shown_without_being_an_edit(
    planet: Planet, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = {
        "title": "One",
        "link": "https://blog.example/2026/one/",
        "guid": "https://blog.example/2026/one/",
        "pubDate": "Fri, 20 Nov 2026 10:00:00 GMT",
        "description": '<p>One picture</p><img src="p.png">',
    }
    planet.config["sources"] = [{"url": upstream.serve("/blog/feed", rss(item)), "id": "blog"}]
    with monkeypatch.context() as older:
        older.setattr("aggregator.parse.feed.with_page_base", _without_page_base)
        planet.run()
    before = planet.atom().entries[0]
    assert f'src="{upstream.url("/blog/p.png")}"' in before.summary
    upstream.serve("/blog/feed", rss(item) + "\n")  # the same, asked anew
    planet.run(NOON + timedelta(hours=3), force=True)
    after = planet.atom().entries[0]
    assert 'src="https://blog.example/2026/one/p.png"' in after.summary
    assert (after.id, after.updated, after.published) == (before.id, before.updated, before.published)
    upstream.serve("/blog/feed", rss(item | {"description": '<p>Another text</p><img src="p.png">'}))
    planet.run(NOON + timedelta(hours=6), force=True)
    assert planet.atom().entries[0].updated > after.updated
