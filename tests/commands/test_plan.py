"""plan: what it says would be is what a run then does."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from aggregator.preview.dry_run import app_on_copy
from aggregator.preview.plan import Plan, plan
from aggregator.render import FILES
from aggregator.worker_pool import WorkerPool
from tests.commands.test_cli import aggregator
from tests.support.planet import NOON, Planet, rss

Edit = Callable[[dict[str, Any]], None]


@dataclass(frozen=True)
class Seen:
    """What a reader finds: the entries' ids by feed, old addresses with what they show; and where these moved to."""

    feeds: dict[str, list[str]]
    moved: dict[str, str | None]


def look(planet: Planet) -> Seen:
    index = json.loads((planet.root / "feeds" / "index.json").read_bytes())
    moved = {row["id"]: row["moved_to"] for row in index["moved"]}
    return Seen({id_: planet.ids(id_) for id_ in (*planet.index(), *moved)}, moved)


@pytest.fixture
def planet(planet: Planet) -> Planet:
    """Two feeds and a folder, with categories in both, already published."""
    for name, terms in (("alpha", ("python", "job", "py3")), ("beta", ("Jobs", "rust", "python"))):
        home = f"https://{name}.example/"
        entries = [
            {"title": f"{name} {n}", "guid": f"{home}{n}", "category": term, "pubDate": f"{n + 1:02} Nov 2026"}
            | {"description": f"Words of {name} {n}."}
            for n, term in enumerate(terms)
        ]
        (planet.root / f"{name}.xml").write_text(rss(*entries, title=name, link=home))
    for leaf in ("one", "two"):
        head = f"title: {leaf}\ndate: 2026-11-02\ncategories: [Deep, Deeper, {leaf}]"
        planet.post(f"{leaf}.md", f"---\n{head}\n---\n{leaf}\n")
    planet.config["sources"] = [{"url": "alpha.xml", "id": "alpha"}, {"url": "beta.xml", "id": "beta"}]
    planet.config["categories"] = {"aliases": {"Jobs": ["job"], "Languages/Python": ["python"]}}
    planet.config["feeds"] = {"extra": [{"id": "mix", "any": ["Jobs", "rust"]}]}
    planet.run()
    return planet


def rename(config: dict[str, Any]) -> None:
    config["categories"]["aliases"] = {"Careers": ["job", "jobs"], "Languages/Python": ["python"]}


def merge(config: dict[str, Any]) -> None:
    config["categories"]["aliases"]["Languages/Python"] = ["python", "py3", "rust"]


def split(config: dict[str, Any]) -> None:
    config["posts"] = [{"path": "posts"}]
    config["categories"]["aliases"] |= {"First": [["Deep", "Deeper", "one"]], "Second": [["Deep", "Deeper", "two"]]}


def drop(config: dict[str, Any]) -> None:
    config["categories"]["drop"] = ["rust", "py3"]


def new_alias(config: dict[str, Any]) -> None:
    config["categories"]["aliases"]["Languages/Rust"] = ["rust"]


def depth(config: dict[str, Any]) -> None:
    config["feeds"]["depth"] = 1


def min_entries(config: dict[str, Any]) -> None:
    config["feeds"]["min_entries"] = 2
    config["categories"]["aliases"]["Systems"] = ["rust"]


def extra_feed(config: dict[str, Any]) -> None:
    config["feeds"]["extra"] = [
        {"id": "mix", "any": ["Jobs"]},
        {"id": "alphas", "sources": ["alpha"], "none": ["Jobs"]},
    ]


def no_extra_feed(config: dict[str, Any]) -> None:
    config["feeds"]["extra"] = []


def removed_source(config: dict[str, Any]) -> None:
    del config["sources"][1]


def changed_limit(config: dict[str, Any]) -> None:
    config["feeds"] |= {"limit": 1, "window": "0s"}


def filtered(config: dict[str, Any]) -> None:
    config["sources"][0]["exclude"] = [{"title": "alpha 1"}]


def own_name(config: dict[str, Any]) -> None:
    config["sources"][0]["category_style"] = "path"
    config["feeds"]["about"] = {"all": {"description": "Everything."}}


def excerpts(config: dict[str, Any]) -> None:
    config["sources"][0]["republish"] = "link"


def fewer_formats(config: dict[str, Any]) -> None:
    config["feeds"]["formats"] = ["atom"]


def more_formats(config: dict[str, Any]) -> None:
    config["feeds"]["formats"] = ["atom", "rss", "json", "posts"]


def no_feed_pages(config: dict[str, Any]) -> None:
    config["feeds"]["pages"] = "none"


def another_site(config: dict[str, Any]) -> None:
    config["site"]["url"] = "https://elsewhere.example/"


def another_title(config: dict[str, Any]) -> None:
    config["site"]["title"] = "Another"


def another_language(config: dict[str, Any]) -> None:
    config["site"]["language"] = "de"


def links_of_posts(config: dict[str, Any]) -> None:
    config["posts"] = [{"path": "posts", "link": "https://me.example/{path}/"}]


def archives(config: dict[str, Any]) -> None:
    config["feeds"] |= {"archive": 2, "limit": 1, "window": "0s"}


def templates(config: dict[str, Any]) -> None:
    config["site"]["templates"] = "templates"


def source_feeds(config: dict[str, Any]) -> None:
    config["feeds"]["per_source"] = True


def titles(config: dict[str, Any]) -> None:
    config["feeds"]["titles"] = "{source}: {title}"


def bylines(config: dict[str, Any]) -> None:
    config["feeds"]["byline"] = True


def unpublished(config: dict[str, Any]) -> None:
    config["sources"][1]["publish"] = False


def renamed_source(config: dict[str, Any]) -> None:
    config["sources"][0]["title"] = "Alpha, newly named"


def no_pages(config: dict[str, Any]) -> None:
    config["posts"] = [{"path": "posts", "pages": False}]


def nothing(config: dict[str, Any]) -> None:
    config["fetch"]["timeout"] = "20s"


EDITS: list[Edit] = [
    rename, merge, split, drop, new_alias, depth, min_entries, extra_feed, no_extra_feed, removed_source, changed_limit,
    filtered, own_name, excerpts, fewer_formats, more_formats, no_feed_pages, another_site, another_title,
    another_language, links_of_posts, archives, templates, source_feeds, titles, bylines, unpublished, renamed_source,
    no_pages, nothing,
]  # fmt: skip


def planned(planet: Planet, pool: WorkerPool) -> Plan:
    async def rehearsed() -> Plan:
        with planet.app() as app, app_on_copy(app) as rehearsal:
            return await plan(rehearsal, pool)

    return planet.runner.run(rehearsed())


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.__name__)
def test_a_run_does_what_the_plan_said(planet: Planet, pool: WorkerPool, edit: Edit) -> None:
    (planet.root / "templates").mkdir()
    (planet.root / "templates/style.css").write_text("body { color: #123 }")
    before, tree = look(planet), planet.tree()
    edit(planet.config)
    said = planned(planet, pool)
    assert planet.tree() == tree
    planet.run()
    after = look(planet)
    assert bool(said.feeds) == (edit not in (nothing, no_pages, templates))  # a style is a file of no feed
    assert said.seen_again == 0
    assert {one.id: (one.looks, one.addresses) for one in said.feeds if one.looks or one.addresses} == _files(
        tree, planet.tree()
    )
    assert {one.id for one in said.feeds if one.change != "changes"} == _otherwise(before, after)
    told = {one.id: one for one in said.feeds}
    for id_ in before.feeds.keys() | after.feeds.keys():
        was, now = before.feeds.get(id_, []), after.feeds.get(id_, [])
        came, went = [one for one in now if one not in was], [one for one in was if one not in now]
        assert (came, went) == ((list(told[id_].entries_in), list(told[id_].entries_out)) if id_ in told else ([], []))
    assert {one.id: one.moved_to for one in said.feeds if one.change == "moves"} == {
        id_: to for id_, to in after.moved.items() if to and before.moved.get(id_) != to
    }
    assert planned(planet, pool).feeds == ()


def _files(before: dict[str, str], after: dict[str, str]) -> dict[str, tuple[bool, bool]]:
    """By feed: whether bytes of its files changed, and whether files of it came or went."""
    changed = {_feed(path) for path in before.keys() & after.keys() if before[path] != after[path]}
    moved = {_feed(path) for path in before.keys() ^ after.keys()}
    return {id_: (id_ in changed, id_ in moved) for id_ in (changed | moved) - {""}}


def _feed(path: str) -> str:
    """The feed in whose folder the file is, "" for pages, indexes and the health feed."""
    folder = path.partition("/archive/")[0] if "/archive/" in path else path.rpartition("/")[0]
    folder = folder.removesuffix("/posts") if not path.endswith(tuple(FILES.values())) else folder
    return "" if folder.split("/")[0] in ("entries", "health", "static") else folder


def _otherwise(before: Seen, after: Seen) -> set[str]:
    """Feeds that appear, disappear or move."""
    stood, stand = before.feeds.keys() - before.moved, after.feeds.keys() - after.moved
    return (stood ^ stand) | {id_ for id_, to in after.moved.items() if to and before.moved.get(id_) != to}


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize(
    "edit", [titles, fewer_formats, no_feed_pages, excerpts, another_title, own_name, removed_source, nothing]
)
def test_in_a_large_state_digests_find_every_change_that_rendering_finds(
    planet: Planet, pool: WorkerPool, edit: Edit, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(planet.config)
    exact = {one.id: one for one in planned(planet, pool).feeds}
    monkeypatch.setattr("aggregator.preview.plan.MOST_RENDERED", 1)
    by_digests = planned(planet, pool)
    assert not by_digests.is_exact
    rough = {one.id: one for one in by_digests.feeds}
    assert rough.keys() >= exact.keys()
    assert all(rough[id_].entries_out == one.entries_out for id_, one in exact.items())
    assert {id_ for id_, one in rough.items() if one.addresses} == {id_ for id_, one in exact.items() if one.addresses}
    assert {id_ for id_, one in rough.items() if one.looks} >= {id_ for id_, one in exact.items() if one.looks}


def test_each_change_has_its_name(planet: Planet, pool: WorkerPool) -> None:
    rename(planet.config)
    planet.config["categories"]["drop"] = ["py3"]
    said = {one.id: one for one in planned(planet, pool).feeds}
    assert {id_: one.change for id_, one in said.items()} == {
        "all": "changes", "mix": "changes", "jobs": "moves", "py3": "disappears", "careers": "appears",
    }  # fmt: skip
    assert said["jobs"].moved_to == "careers"
    assert said["careers"].category == ("Careers",)
    assert said["mix"].entries_out == ("https://alpha.example/1", "https://beta.example/0")


@pytest.mark.torture
def test_a_post_that_is_new_is_in_the_plan(planet: Planet, pool: WorkerPool) -> None:
    planet.post("three.md", "---\ntitle: three\ndate: 2026-11-03\ncategories: [Deep]\n---\nthree\n")
    said = {one.id: len(one.entries_in) for one in planned(planet, pool).feeds}
    assert said == {"all": 1, "deep": 1}


@pytest.mark.torture
def test_readers_who_would_see_entries_again_are_counted(planet: Planet, pool: WorkerPool) -> None:
    """A folder under another name and another path is another source: its posts would get new ids."""
    (planet.root / "posts").rename(planet.root / "texts")
    planet.config["posts"] = [{"path": "texts", "id": "texts"}]
    said = planned(planet, pool)
    assert said.seen_again == 2
    assert next(one for one in said.feeds if one.id == "all").seen_again == 2


@pytest.mark.torture
def test_the_command_tells_of_another_config_as_if_it_stood_in_place(planet: Planet, tmp_path: Path) -> None:
    other = yaml.safe_load((planet.root / "config.yaml").read_text("utf-8"))
    rename(other)
    file = tmp_path / "elsewhere.yaml"
    file.write_text(yaml.safe_dump(other, allow_unicode=True))
    state = (planet.root / ".aggregator" / "state.db").read_bytes()
    tree = planet.tree()
    later = {"AGGREGATOR_NOW": (NOON + timedelta(days=2)).isoformat()}  # addresses stay from their second day on
    done = aggregator(planet.root, "plan", "--config", str(file), "--json", **later)
    document = json.loads(done.stdout)
    row = next(row for row in document["feeds"] if row["id"] == "jobs")
    assert list(row) == [
        "id",
        "category",
        "change",
        "entries_in",
        "entries_out",
        "moved_to",
        "looks",
        "addresses",
        "seen_again",
    ]
    assert (row["change"], row["moved_to"], row["category"]) == ("moves", "careers", ["Jobs"])
    assert document["seen_again"] == 0
    shown = aggregator(planet.root, "plan", "--config", str(file), **later).stdout
    assert "jobs  moves to careers" in shown
    first = shown.splitlines()[0]
    assert (
        first
        == "1 feed appears, 1 feed moves, 1 feed loses entries, 2 feeds change their looks, nobody sees anything twice"
    )
    assert "    + alpha 1\n" in shown
    assert "nothing would change" in aggregator(planet.root, "plan").stdout
    assert (planet.root / ".aggregator" / "state.db").read_bytes() == state
    assert planet.tree() == tree


def test_a_config_that_is_wrong_is_refused_by_its_own_name(planet: Planet, tmp_path: Path) -> None:
    file = tmp_path / "new.yaml"
    file.write_text("site: {titel: X}\n")
    done = aggregator(planet.root, "plan", "--config", str(file))
    assert done.returncode == 2
    assert "new.yaml:1" in done.stderr
