"""What a newer version reads otherwise is no edit of its publisher's."""

from datetime import timedelta

import pytest

from aggregator.clean import fingerprint
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


@pytest.mark.parametrize("in_the_same_run", [True, False])
def test_a_digest_of_another_form_makes_no_entry_an_edit(
    planet: Planet, upstream: Upstream, monkeypatch: pytest.MonkeyPatch, in_the_same_run: bool
) -> None:
    link = "https://blog.example/2026/one/"
    item = {"title": "One", "link": link, "guid": "1", "pubDate": "Fri, 20 Nov 2026 10:00:00 GMT"}
    item |= {"description": f'<p>Words with <a href="{link}#more">a link</a></p>'}
    planet.config["sources"] = [{"url": upstream.serve("/blog/feed", rss(item)), "id": "blog"}]
    planet.post("a.md", "---\ntitle: A\ndate: 2026-11-01\n---\n[Words](https://blog.example/)\n")
    with monkeypatch.context() as older:
        older.setattr("aggregator.clean.fingerprint._path", fingerprint._comparable)
        older.setattr("aggregator.clean.version.CLEANING_VERSION", 8)
        planet.run()
    before = [(entry.id, entry.updated) for entry in planet.atom().entries]
    if not in_the_same_run:
        assert planet.run(NOON + timedelta(hours=2)).entries.updated == 0
    flipped = {name: text.replace("blog.example", "soc.blog.example") for name, text in item.items()}
    upstream.serve("/blog/feed", rss(flipped))
    assert planet.run(NOON + timedelta(hours=3), force=True).entries.updated == 0
    assert [(entry.id, entry.updated) for entry in planet.atom().entries] == before
    assert planet.atom().entries[0].link == flipped["link"]
