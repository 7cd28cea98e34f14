"""A state in which an earlier version published posts: what it published stays, and is no edit.

`posts_before.db.gz` is the state after `run` at `NOON`, with the config and the posts below, by the version before
paths had dates, Markdown had footnotes and categories had several paths.
"""

import gzip
import hashlib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.planet import NOON, Planet

STATE = Path(__file__).with_name("posts_before.db.gz")
FOLDERS = [{"path": "posts"}, {"path": "linked", "id": "linked", "link": "https://blog.example/{path}/"}]
LATER = NOON + timedelta(hours=1)


def post(title: str, body: str, more: str = "") -> str:
    return f"---\ntitle: {title}\n{more}---\n\n{body}\n"


ENOUGH = "enough of them that one more line leaves most as they were."
DATED = "date: 2026-11-01\n"
POSTS = {
    "posts/README.md": post("Read me", "Words of a file that is no post by its name.", DATED),
    "posts/_drafts/a.md": post("Draft", "Words of a draft that was published.", DATED),
    "posts/blog/index.md": post("Index", "Words of an index.", DATED),
    "posts/20260314-compact.md": post("Compact", "Words under a date of eight digits."),
    "posts/20270314-future.md": post("Future", "Words under a date to come."),
    "posts/2026/03/15/folders.md": post("Folders", "Words in folders of a date."),
    "posts/2026-3-13-short.md": f"Words of a file without front matter, {ENOUGH}",
    "posts/2026-03-16-bundle/index.md": post("", "Words of a bundle.", DATED),
    "posts/embargo.md": post("Embargo", "Words that went out.", f"{DATED}publishDate: 2027-01-01\n"),
    "posts/over.md": post("Over", "Words that are over.", f"{DATED}expiryDate: 2026-11-20\n"),
    "posts/slug.md": post("Slug", "Words with a slug.", f"{DATED}slug: my-slug\n"),
    "posts/lists.md": post("Lists", "Words in lists.", f"{DATED}categories: [[Sports, Baseball], [Food]]\n"),
    "posts/null.md": post("~", f"Words under a title that is none, {ENOUGH}", DATED),
    "posts/tabs.md": "---\ntitle: Tabs\ndate: 2026-11-01\nauthor:\n\tname: Ann\n---\nWords behind tabs.\n",
    "posts/html.txt": post("Markup", "<p>Words in a paragraph.</p>", DATED),
    "posts/notes.md": post("Notes", "One[^1] https://a.example/x\n\n- [ ] todo\n\nTerm\n: Words\n\n[^1]: note", DATED),
    "linked/slug.md": post("Linked", "Words with a link.", f"{DATED}slug: my-slug\n"),
    "linked/2026-11-02-plain.md": post("Plain link", "Other words with a link."),
}


def write(planet: Planet, path: str, text: str) -> None:
    file = planet.root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


@pytest.fixture
def before(planet: Planet) -> Planet:
    """The planet as the earlier version left it, without its tree."""
    planet.config["posts"] = FOLDERS
    planet.config["feeds"] = {"min_entries": 1}
    for path, text in POSTS.items():
        write(planet, path, text)
    state = planet.root / ".aggregator" / "state.db"
    state.parent.mkdir()
    state.write_bytes(gzip.decompress(STATE.read_bytes()))
    return planet


GONE = {"Over"}  # its expiryDate has passed


def stored(planet: Planet) -> dict[str, tuple[Any, ...]]:
    """Dates and the slug of the page, by public id."""
    with planet.app(LATER) as app, app.store.read() as tx:
        rows = tx.entries.of(list(tx.entries.ids(0, 10**6))).values()
        return {row.public_id: (row.published, row.updated, row.first_seen_at, row.slug) for row in rows}


def links(planet: Planet) -> dict[str, str]:
    return {entry.id: entry.link for entry in planet.atom().entries}


def edit(planet: Planet) -> None:
    for path, text in POSTS.items():
        write(planet, path, f"{text}\nA line.\n")


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize("edited", [False, True])
def test_what_was_published_stays_with_id_date_and_address(before: Planet, edited: bool) -> None:
    known = stored(before)
    assert len(known) == len(POSTS)
    if edited:
        edit(before)
    report = before.run(LATER)
    now = stored(before)
    shown = links(before)
    assert now.keys() == known.keys()
    assert {id_: (one[0], *one[2:]) for id_, one in now.items()} == {
        id_: (one[0], *one[2:]) for id_, one in known.items()
    }
    missing = {"Over", "Embargo"} if edited else {"Over"}  # an edited file is believed
    assert len(shown) == len(POSTS) - len(missing)
    assert report.entries.new == 0
    assert not {"Over"} & set(before.titles())
    for id_, link in shown.items():
        assert link in {f"https://planet.example/entries/{known[id_][3]}.html", *LINKS}


LINKS = {"https://blog.example/slug/", "https://blog.example/2026-11-02-plain/"}


@pytest.mark.torture
def test_what_is_read_otherwise_now_is_no_edit(before: Planet) -> None:
    known = stored(before)
    report = before.run(LATER)
    assert (report.entries.updated, report.posts.changed, report.posts.failed) == (0, 0, 0)
    assert stored(before) == known
    assert before.index().keys() == {"all", "sports", "sports/baseball", "food"}
    text = (before.root / "feeds/all/feed.json").read_text(encoding="utf-8")
    assert "<sup>[1]</sup>" in text
    assert "☐ todo" in text
    again = before.run(LATER + timedelta(hours=1))
    assert (again.entries.updated, again.feeds.written) == (0, 0)


def test_a_link_that_was_published_stays_under_a_template_with_slugs(before: Planet) -> None:
    before.config["posts"] = [FOLDERS[0], FOLDERS[1] | {"link": "https://blog.example/{slug}/"}]
    write(before, "linked/new.md", post("New", "New words.", f"{DATED}slug: new-slug\n"))
    report = before.run(LATER)
    shown = {entry.title: entry.link for entry in before.atom().entries}
    assert (shown["Linked"], shown["Plain link"], shown["New"]) == (
        "https://blog.example/slug/",
        "https://blog.example/2026-11-02-plain/",
        "https://blog.example/new-slug/",
    )
    assert report.entries.updated == 0


PELICAN = "Title: Hello\nDate: 2026-11-02\nTags: web\n\nWords.\n"


def test_a_post_that_is_read_as_another_one_now_stays_the_same_entry(planet: Planet) -> None:
    """An earlier version took the lines of Pelican for text, and the file's name for the title."""
    file = planet.post("pelican.md", post("pelican", f"\\{PELICAN}", "date: 2026-11-01\n"))
    planet.run()
    known = stored(planet)
    file.write_text(PELICAN, encoding="utf-8")
    with planet.app(LATER) as app, app.store.write() as tx:
        row = replace(tx.posts.of("posts")["pelican.md"], digest=hashlib.sha256(PELICAN.encode()).hexdigest())
        tx.posts.replace("posts", [row])
        tx.sources.change("posts", read_with="an earlier version")
    report = planet.run(LATER)
    assert (report.entries.new, report.entries.updated) == (0, 0)
    assert stored(planet) == known
    [entry] = planet.atom().entries
    assert (entry.title, [tag.term for tag in entry.tags]) == ("Hello", ["web"])
