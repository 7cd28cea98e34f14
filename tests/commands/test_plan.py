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


EDITS: list[Edit] = [
    rename, merge, split, drop, new_alias, depth, min_entries, extra_feed, no_extra_feed, removed_source, changed_limit,
    filtered, own_name,
]  # fmt: skip


def planned(planet: Planet, pool: WorkerPool) -> Plan:
    async def rehearsed() -> Plan:
        with planet.app() as app, app_on_copy(app) as rehearsal:
            return await plan(rehearsal, pool)

    return planet.runner.run(rehearsed())


@pytest.mark.variants(quick=3)
@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.__name__)
def test_a_run_does_what_the_plan_said(planet: Planet, pool: WorkerPool, edit: Edit) -> None:
    before, tree = look(planet), planet.tree()
    edit(planet.config)
    said = planned(planet, pool)
    assert planet.tree() == tree
    planet.run()
    after = look(planet)
    assert said.feeds
    assert said.seen_again == 0
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


def _otherwise(before: Seen, after: Seen) -> set[str]:
    """Feeds that appear, disappear or move."""
    stood, stand = before.feeds.keys() - before.moved, after.feeds.keys() - after.moved
    return (stood ^ stand) | {id_ for id_, to in after.moved.items() if to and before.moved.get(id_) != to}


def test_each_change_has_its_name(planet: Planet, pool: WorkerPool) -> None:
    rename(planet.config)
    planet.config["categories"]["drop"] = ["py3"]
    said = {one.id: one for one in planned(planet, pool).feeds}
    assert {id_: one.change for id_, one in said.items()} == {
        "mix": "changes", "jobs": "moves", "py3": "disappears", "careers": "appears",
    }  # fmt: skip
    assert said["jobs"].moved_to == "careers"
    assert said["careers"].category == ("Careers",)
    assert said["mix"].entries_out == ("https://alpha.example/1", "https://beta.example/0")


def test_a_post_that_is_new_is_in_the_plan(planet: Planet, pool: WorkerPool) -> None:
    planet.post("three.md", "---\ntitle: three\ndate: 2026-11-03\ncategories: [Deep]\n---\nthree\n")
    said = {one.id: len(one.entries_in) for one in planned(planet, pool).feeds}
    assert said == {"all": 1, "deep": 1}


def test_readers_who_would_see_entries_again_are_counted(planet: Planet, pool: WorkerPool) -> None:
    """A folder under another name and another path is another source: its posts would get new ids."""
    (planet.root / "posts").rename(planet.root / "texts")
    planet.config["posts"] = [{"path": "texts", "id": "texts"}]
    said = planned(planet, pool)
    assert said.seen_again == 2
    assert next(one for one in said.feeds if one.id == "all").seen_again == 2


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
    assert list(row) == ["id", "category", "change", "entries_in", "entries_out", "moved_to", "seen_again"]
    assert (row["change"], row["moved_to"], row["category"]) == ("moves", "careers", ["Jobs"])
    assert document["seen_again"] == 0
    shown = aggregator(planet.root, "plan", "--config", str(file), **later).stdout
    assert "jobs  moves to careers" in shown
    assert shown.endswith("readers will see 0 entries again\n")
    assert "nothing would change" in aggregator(planet.root, "plan").stdout
    assert (planet.root / ".aggregator" / "state.db").read_bytes() == state
    assert planet.tree() == tree


def test_a_config_that_is_wrong_is_refused_by_its_own_name(planet: Planet, tmp_path: Path) -> None:
    file = tmp_path / "new.yaml"
    file.write_text("site: {titel: X}\n")
    done = aggregator(planet.root, "plan", "--config", str(file))
    assert done.returncode == 2
    assert "new.yaml:1" in done.stderr
