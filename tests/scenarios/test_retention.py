"""`retention`: old content leaves the state, and readers see no difference."""

import json
import random
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aggregator.app import App
from aggregator.clean.filters import Filter, refusal
from aggregator.codec import encode, unpack
from aggregator.config import load_config
from aggregator.daemon.batches import Batches
from aggregator.explain import explain
from aggregator.maintenance.prune import Pruned, prune
from aggregator.model.document import RawEntry
from aggregator.model.entry import CleanEntry
from aggregator.overrides.apply import Keeping, keep, split
from aggregator.pipeline import merge
from aggregator.publish.publish import publish
from aggregator.recover import recover
from aggregator.report import Report
from aggregator.store.fact_names import LAST_PRUNED_AT
from aggregator.worker_pool import WorkerPool
from tests.commands.test_cli import aggregator
from tests.support.merging import Merger, draft
from tests.support.planet import NOON, BuiltOnce, Planet, Upstream, rss
from tests.support.simulation import DAY, HOUR, dated, prose

YEAR = timedelta(days=365)
OLD = NOON + 2 * YEAR  # when all that came at noon is old


def item(n: int, **more: str) -> dict[str, str]:
    link = f"https://blog.example/{n}"
    item = {"title": f"Entry {n}", "link": link, "guid": link, "pubDate": dated(NOON - 90 * DAY + n * HOUR)}
    return item | {"description": f"<p>Number{n}: {prose(str(n), 30)}</p>", "category": "news"} | more


def serve(planet: Planet, upstream: Upstream, *items: dict[str, str]) -> None:
    upstream.serve("/a", rss(*items, title="A", link="https://blog.example/"))
    planet.config["sources"] = [{"url": upstream.url("/a"), "id": "a"}]


def tree(planet: Planet) -> dict[str, str]:
    """But for the health of sources, which tells of years of silence."""
    return {path: digest for path, digest in planet.tree().items() if not path.startswith(("health/", "index.html"))}


def drop(planet: Planet, at: Any = OLD) -> Pruned:
    with planet.app(at) as app:
        return prune(app, at)


def build_past(planet: Planet, upstream: Upstream) -> None:
    planet.config["feeds"] = {"limit": 10, "archive": 8, "window": "1s"}
    serve(planet, upstream, *map(item, range(44, -1, -1)))
    planet.run()
    planet.config["retention"] = "365d"


@pytest.fixture
def past(planet: Planet, built_once: BuiltOnce) -> Planet:
    """Forty-five entries: five pages of eight, and five that wait; ten in a document."""
    built_once.fill(planet, build_past)
    return planet


def said(planet: Planet) -> dict[str, tuple[str, str]]:
    """By title: what the state holds in each sighting's own row, as (draft, clean) content."""
    with closing(sqlite3.connect(planet.root / ".aggregator/state.db")) as state:
        rows = state.execute("SELECT draft, clean FROM sighting ORDER BY id").fetchall()
    found = {}
    for packed_draft, packed_clean in rows:
        clean, came = unpack(packed_clean, CleanEntry), unpack(packed_draft, RawEntry)
        summary = came.summary.value if came.summary else ""
        found[clean.title] = (summary, clean.summary + clean.fingerprint.text)
    return found


def dropped(planet: Planet) -> set[str]:
    return {title for title, parts in said(planet).items() if parts == ("", "")}


# what goes and what stays


@pytest.mark.torture
def test_old_sealed_content_leaves_the_state_and_the_tree_stays_the_same(past: Planet) -> None:
    before = tree(past)
    assert drop(past, NOON) == Pruned(0, NOON - YEAR)
    assert drop(past).entries == 35
    assert dropped(past) == {f"Entry {n}" for n in range(35)}
    with closing(sqlite3.connect(past.root / ".aggregator/state.db")) as state:
        rows = state.execute("SELECT draft, clean FROM sighting").fetchall()
    texts = [encode(unpack(blob, object)) for row in rows for blob in row]
    assert not any(b"Number3:" in text or b"number3:" in text for text in texts)
    assert sum(b"https://blog.example/3" in text for text in texts) == 2 * 11  # 3 and 30 to 39
    assert drop(past).entries == 0
    assert past.run(OLD + HOUR, force=True).feeds.written == 0
    past.regenerate(OLD + 2 * HOUR)
    assert tree(past) == before
    assert dropped(past) == {f"Entry {n}" for n in range(35)}


def test_without_retention_nothing_is_pruned(past: Planet) -> None:
    past.config["retention"] = "forever"
    assert drop(past) == Pruned(0, None)
    past.run(OLD, force=True)
    assert dropped(past) == set()


@pytest.mark.torture
def test_a_run_prunes_once_a_day(past: Planet) -> None:
    past.run(NOON + HOUR)
    assert dropped(past) == set()
    past.run(OLD)
    assert len(dropped(past)) == 35
    with past.app(OLD) as app, app.store.write() as tx:
        assert tx.facts.get(LAST_PRUNED_AT) == OLD.isoformat()
    past.run(OLD + HOUR)
    with past.app(OLD) as app, app.store.read() as tx:
        assert tx.facts.get(LAST_PRUNED_AT) == OLD.isoformat()
    past.run(OLD + DAY)
    with past.app(OLD) as app, app.store.read() as tx:
        assert tx.facts.get(LAST_PRUNED_AT) == (OLD + DAY).isoformat()


def test_a_daemon_prunes_too(past: Planet) -> None:
    async def pruned() -> tuple[int, int]:
        with past.app(OLD) as app:
            async with Batches(app, WorkerPool(stay=True)) as batches:
                return await batches.prune_content(lambda _: None), await batches.prune_content(lambda _: None)

    assert past.runner.run(pruned()) == (35, 0)


@pytest.mark.torture
def test_held_waiting_and_local_entries_keep_their_content(past: Planet) -> None:
    past.post("own.md", "---\ntitle: Own\ndate: 2026-08-01\n---\nWords of my own.\n")
    past.post("linked.md", "---\ntitle: Linked\ndate: 2026-08-01\nlink: https://own.example/x\n---\nWords, linked.\n")
    past.run(NOON + HOUR)
    with past.app(NOON + HOUR) as app:
        keep(app, "hold", ["https://blog.example/3"])
    past.run(NOON + 2 * HOUR)
    drop(past)
    titles = dropped(past)
    assert {"Entry 2", "Entry 4"} < titles
    assert not titles & {"Own", "Linked", "Entry 3", *(f"Entry {n}" for n in range(40, 45))}
    with past.app(OLD) as app:
        keep(app, "release", ["https://blog.example/3"])
    past.run(OLD + HOUR)
    assert "Number3:" in (past.root / "feeds/all/atom.xml").read_text()


# what a source shows of it


def test_a_pruned_entry_seen_again_is_neither_new_nor_edited(past: Planet, upstream: Upstream) -> None:
    before = tree(past)
    drop(past)
    words = item(3)["description"]
    other_words = {"description": words.replace(" ", "\n ", 5), "guid": "https://blog.example/3"}
    serve(past, upstream, *(item(n) | (other_words if n == 3 else {}) for n in range(44, -1, -1)))
    report = past.run(OLD + HOUR, force=True)
    assert (report.sources.changed, report.entries.new, report.entries.updated) == (1, 0, 0)
    assert tree(past) == before
    serve(past, upstream, *map(item, range(46)))
    report = past.run(OLD + 2 * HOUR, force=True)
    assert (report.entries.new, report.entries.updated) == (1, 0)


def test_an_edit_is_an_edit_and_brings_the_content_back(past: Planet, upstream: Upstream) -> None:
    drop(past)
    serve(past, upstream, *map(item, range(44, 3, -1)), item(3, description="<p>Said otherwise.</p>"))
    report = past.run(OLD + HOUR, force=True)
    assert (report.entries.new, report.entries.updated) == (0, 1)
    assert said(past)["Entry 3"] == ("<p>Said otherwise.</p>", "<p>Said otherwise.</p>said otherwise.")
    assert "Said otherwise" in (past.root / "feeds/all/atom.xml").read_text()
    assert drop(past, OLD + 2 * HOUR).entries == 0
    past.run(OLD + 3 * YEAR)
    assert "Entry 3" in {*dropped(past), *past.titles()}


@pytest.mark.torture
def test_new_cleaning_rules_do_not_edit_pruned_entries(past: Planet, upstream: Upstream) -> None:
    drop(past)
    past.config["content"] = {"tracking": ["other"]}
    past.run(OLD + HOUR)
    assert len(dropped(past)) == 35
    with past.app(OLD) as app, app.store.read() as tx:
        versions = {row.rules_version for row in tx.sightings.light(range(1, 46))}
    assert len(versions) == 1
    serve(past, upstream, *(item(n, comments=f"https://blog.example/{n}?c") for n in range(44, -1, -1)))
    report = past.run(OLD + 2 * HOUR, force=True)
    assert (report.sources.changed, report.entries.new, report.entries.updated) == (1, 0, 0)
    assert dropped(past) == set()


@pytest.mark.torture
@pytest.mark.parametrize(
    ("title", "words", "new"),
    [
        ("Entry 3", prose("3", 30), 0),
        ("Entry 3", prose("3", 24), 0),
        ("Another title", prose("3", 24), 0),
        ("Entry 3", prose("of another day", 30), 1),
        ("Another title", prose("of another day", 30), 1),
    ],
)
def test_churning_ids_match_pruned_entries(past: Planet, upstream: Upstream, title: str, words: str, new: int) -> None:
    """By half of the text, of which a sketch is left: a page that is new each time keeps its link, and its title."""
    drop(past)
    more = {"guid": "tag:blog.example,2026:new-3", "pubDate": dated(NOON - 80 * DAY)}
    churned = item(3, title=title, description=f"<p>Number3: {words}</p>", **more)
    serve(past, upstream, *(churned if n == 3 else item(n) for n in range(44, -1, -1)))
    assert past.run(OLD + HOUR, force=True).entries.new == new


@pytest.mark.torture
def test_a_page_with_new_text_each_time_is_new_each_time(planet: Planet, upstream: Upstream) -> None:
    """Neither id nor link nor date: the words alone tell it from the one that was dropped."""
    planet.config["feeds"] = {"limit": 2, "archive": 2, "window": "1s"}
    bulletins = [{"title": "Today", "description": prose(str(n))} for n in range(9)]
    for n, one in enumerate(bulletins):
        upstream.serve("/a", rss(one, title="A"))
        planet.config["sources"] = [{"url": upstream.url("/a"), "id": "a"}]
        planet.run(NOON + n * DAY)
    planet.config["retention"] = "30d"
    assert drop(planet, NOON + YEAR).entries == 7
    upstream.serve("/a", rss({"title": "Today", "description": prose("another")}, title="A"))
    assert planet.run(NOON + YEAR + DAY, force=True).entries.new == 1
    upstream.serve("/a", rss(bulletins[0], title="A"))
    assert planet.run(NOON + YEAR + 2 * DAY, force=True).entries.new == 0


# archives that begin anew


def archives(planet: Planet, name: str = "*") -> str:
    return "".join(file.read_text() for file in sorted(planet.root.glob(f"feeds/all/archive/*/*/{name}")))


@pytest.mark.torture
@pytest.mark.parametrize("formats", [["atom", "rss", "json"], ["rss"], ["json"]])
def test_a_new_archive_generation_has_all_content(past: Planet, formats: list[str]) -> None:
    past.config["feeds"]["formats"] = formats
    past.run(NOON + HOUR)
    drop(past)
    with past.app(OLD) as app:
        keep(app, "remove", ["https://blog.example/44"])
        keep(app, "remove", ["https://blog.example/3"])
    past.run(OLD + HOUR)
    pages = archives(past)
    assert all(f"Number{n}:" in pages for n in range(32) if n != 3)
    assert all(prose(str(n), 30) in pages for n in range(32) if n != 3)
    assert "Number3:" not in pages
    assert drop(past, OLD + 2 * HOUR).entries > 30
    before = tree(past)
    past.regenerate(OLD + 3 * HOUR)
    assert tree(past) == before


@pytest.mark.torture
def test_new_archive_pages_equal_those_of_an_unpruned_state(past: Planet) -> None:
    before = past.root / "before"
    for folder in (".aggregator", "feeds"):
        shutil.copytree(past.root / folder, before / folder)

    def begin_anew() -> str:
        past.config["site"]["url"] = "https://other.example/"
        past.run(OLD + HOUR)
        return archives(past)

    drop(past)
    pruned = begin_anew()
    for folder in (".aggregator", "feeds"):
        shutil.rmtree(past.root / folder)
        shutil.copytree(before / folder, past.root / folder)
    past.config["retention"] = "forever"
    assert begin_anew() == pruned
    assert pruned.count("https://other.example/all/archive/2/") > 10


@pytest.mark.torture
def test_a_new_feed_of_old_entries_has_their_content(past: Planet) -> None:
    drop(past)
    past.config["feeds"]["per_source"] = True
    past.config["categories"] = {"aliases": {"Renamed": ["news"]}}
    past.config["feeds"]["limit"] = 40
    past.run(OLD + HOUR)
    for feed in ("source/a", "renamed", "all"):
        text = (past.root / "feeds" / feed / "atom.xml").read_text()
        assert all(f"Number{n}:" in text for n in range(5, 45)), feed


def test_dropped_content_comes_back_as_title_link_and_date(past: Planet) -> None:
    sources = past.config["sources"]
    before = past.heads("all"), past.atom("all").entries
    past.config["sources"] = []
    past.run(NOON + HOUR)
    assert past.ids() == []
    assert drop(past).entries == 45
    past.config["sources"] = sources
    past.run(OLD + HOUR)
    assert past.heads("all") == before[0]
    for now, then in zip(past.atom("all").entries, before[1], strict=True):
        assert (now.id, now.link, now.published, now.title) == (then.id, then.link, then.published, then.title)
        assert not now.get("summary")
    assert "Number3:" not in archives(past)
    assert "Entry 3<" in archives(past)


@pytest.mark.torture
def test_republish_applies_to_pruned_entries(past: Planet) -> None:
    drop(past)
    past.config["sources"][0]["republish"] = "link"
    past.run(OLD + HOUR)
    assert "Number" not in archives(past)
    past.config["sources"][0]["republish"] = "full"
    past.run(OLD + 2 * HOUR)
    assert all(f"Number{n}:" in archives(past) for n in range(35))


@pytest.mark.torture
def test_a_pruned_entry_can_be_split(past: Planet, upstream: Upstream) -> None:
    upstream.serve("/b", rss(*map(item, range(44, -1, -1)), title="B", link="https://blog.example/"))
    past.config["sources"] = [*past.config["sources"], {"url": upstream.url("/b"), "id": "b"}]
    past.run(NOON + HOUR)
    drop(past)
    with past.app(OLD) as app:
        split(app, "https://blog.example/3", "b")
    assert past.run(OLD + HOUR).entries.total == 46
    assert archives(past, "atom.xml").count("Number3:") == 2


# who asks for it


def test_explain_says_where_the_content_is(past: Planet) -> None:
    drop(past)
    with past.app(OLD) as app:
        explained, young = explain(app, "Entry 3"), explain(app, "Entry 44")
    assert explained.sightings[0].dropped == (
        "retention dropped its content; page 1 of the archive of all still holds it"
    )
    assert "page 1 of the archive holds it" in {one.id: one.why for one in explained.feeds}["all"]
    assert young.sightings[0].dropped is None


@pytest.mark.torture
def test_a_lost_state_is_recovered_from_the_tree_with_all_content(past: Planet, pool: WorkerPool) -> None:
    past.config["feeds"]["formats"] = ["atom"]
    past.run(NOON + HOUR)
    drop(past)
    before = tree(past)
    (past.root / ".aggregator" / "state.db").unlink()
    with past.app(OLD + HOUR) as app:
        past.runner.run(recover(app, pool))
    report = past.run(OLD + 2 * HOUR)
    assert (report.entries.new, report.entries.updated) == (0, 0)
    assert tree(past) == before


@pytest.mark.parametrize("before", ["", "excluded: content matches Number3", "excluded: no filter of include holds"])
def test_a_filter_result_stays_after_pruning(before: str) -> None:
    clean = CleanEntry(title="A title", link="https://a.example/")
    content: Filter = {"content": "Number3"}
    title: Filter = {"title": "title"}
    assert refusal(clean, (), (content,), reason_before=before) == ("" if "matches" not in before else before)
    assert refusal(clean, (content,), (), reason_before=before) == (before if "include" in before else "")
    assert refusal(clean, (), (title,), reason_before=before) == "excluded: title matches title"
    assert refusal(clean, (title,), (), reason_before=before) == ""
    assert refusal(clean, (), (), reason_before=before) == ""


@pytest.mark.torture
def test_filters_see_content_beside_a_page(past: Planet) -> None:
    drop(past)
    past.config["sources"][0]["exclude"] = [{"content": "Number3:"}]
    past.run(OLD + HOUR)
    assert "Number3:" not in archives(past)
    assert "Number4:" in archives(past)


@pytest.mark.torture
def test_the_longest_sighting_stays_the_winner(past: Planet, upstream: Upstream) -> None:
    short = [item(n, description=f"<p>Brief {n}.</p>") for n in range(44, -1, -1)]
    upstream.serve("/b", rss(*short, title="B", link="https://blog.example/"))
    past.config["sources"] = [*past.config["sources"], {"url": upstream.url("/b"), "id": "b"}]
    past.config["duplicates"] = {"prefer": "longest"}
    past.run(NOON + HOUR)
    drop(past)
    past.regenerate(OLD)
    with past.app(OLD) as app:
        explained = explain(app, "https://blog.example/3")
    assert {one.source: one.winner for one in explained.sightings} == {"a": True, "b": False}


# the command


@pytest.mark.torture
def test_prune_reports_a_dry_run_and_prunes(past: Planet) -> None:
    with past.app():
        pass  # writes the config
    folder, now = past.root, {"AGGREGATOR_NOW": OLD.isoformat()}
    done = aggregator(folder, "db", "prune", "--dry-run", **now)
    assert done.stderr == (
        "would drop the content of 35 entries older than 2027-11-23 12:00 UTC; nothing was changed (--dry-run)\n"
    )
    assert dropped(past) == set()
    report = json.loads(aggregator(folder, "db", "prune", "--json", **now).stdout)
    assert (report["entries"], report["before"], report["dry_run"]) == (35, "2027-11-23T12:00:00Z", False)
    assert len(dropped(past)) == 35
    assert aggregator(folder, "db", "check", **now).returncode == 0
    assert aggregator(folder, "db", "prune", **now).stderr.startswith("dropped the content of 0 entries")


def test_prune_without_retention_says_how_to_set_it(past: Planet) -> None:
    del past.config["retention"]
    with past.app():
        pass
    assert "`retention: 365d` in config.yaml keeps content for a year" in aggregator(past.root, "db", "prune").stderr


def test_prune_needs_a_state_and_the_engine_lock(tmp_path: Path, past: Planet) -> None:
    (tmp_path / "config.yaml").write_text("site: {title: P, url: https://p.example/, since: 2026-11-23}\n")
    with past.app() as app, app.store.write():
        assert aggregator(past.root, "db", "prune").returncode == 3
    (past.root / ".aggregator" / "state.db").unlink()
    assert aggregator(past.root, "db", "prune").returncode == 2


@pytest.mark.torture
def test_check_reports_a_lost_page_and_runs_continue(past: Planet) -> None:
    drop(past)
    assert aggregator(past.root, "db", "check").stderr.endswith("no damage found\n")
    with closing(sqlite3.connect(past.root / ".aggregator/state.db")) as state:
        state.execute("DELETE FROM archive_page WHERE feed_id = 'all' AND number = 1")
        state.commit()
    done = aggregator(past.root, "db", "check")
    assert (done.returncode, done.stderr.count("\n")) == (4, 1)
    assert "is kept with the sealed page all/1, which is missing" in done.stderr
    with past.app(OLD) as app:
        keep(app, "remove", ["https://blog.example/20"])
    past.run(OLD + HOUR)
    assert "Entry 3<" in archives(past)
    assert "Number13:" in archives(past)


@pytest.mark.torture
def test_a_pruned_entry_that_is_removed_is_recognized_by_its_text_after_a_lost_state(
    planet: Planet, upstream: Upstream
) -> None:
    """removed.json tells how long its text was, as for any other entry."""
    planet.config["feeds"] = {"limit": 1, "archive": 2, "window": "1s"}
    text = prose("long", 50)
    serve(planet, upstream, item(2), item(1), item(0, description=text))
    planet.run()
    planet.config["retention"] = "365d"
    assert drop(planet).entries == 2
    with planet.app(OLD) as app:
        keep(app, "remove", ["https://blog.example/0"])
    planet.run(OLD + HOUR)
    removed = json.loads((planet.root / "feeds/removed.json").read_bytes())["removed"]
    assert [one["length"] for group in removed for one in group["texts"]] == [len(text)]


# the law


@dataclass
class History:
    """One state with retention and one without, to which the same happens."""

    root: Path
    blank: Path
    choice: random.Random
    at: Any = NOON
    shown: dict[int, int] = field(default_factory=dict)  # what source a shows: number → edition
    copied: list[int] = field(default_factory=list)  # what source b took from it
    count: int = 0
    twins: list[Merger] = field(default_factory=list)
    reports: list[tuple[int, int]] = field(default_factory=list)  # new and updated entries, of either

    def __post_init__(self) -> None:
        for name, retention in (("never", "forever"), ("pruned", "6d")):
            homes = {"a": "https://a.example/", "b": "https://b.example/"}
            one = Merger(self.root / name, self.blank, homes)
            file = self.root / name / "config.yaml"
            feeds = "{limit: 3, archive: 3, window: 1s, formats: [atom, json]}"
            file.write_text(f"{file.read_text()}feeds: {feeds}\nretention: {retention}\nduplicates: {{window: 4d}}\n")
            one.app = App(load_config(file, {}), one.store, lambda: self.at)
            self.twins.append(one)

    def step(self) -> None:
        self.at += timedelta(days=self.choice.randint(1, 3), minutes=self.choice.randint(1, 600))
        act = self.choice.choice((*["add"] * 4, "edit", "retouch", "lose", "bring back", "copy", "remove"))
        numbers = sorted(self.shown)
        match act:
            case "edit" if numbers:
                self.shown[self.choice.choice(numbers)] += 2
            case "retouch" if numbers:
                self.shown[self.choice.choice(numbers)] ^= 1
            case "lose" if numbers:
                del self.shown[self.choice.choice(numbers)]
            case "bring back" if self.count:
                self.shown.setdefault(self.choice.randrange(self.count), 0)
            case "copy" if numbers:
                self.copied.append(self.choice.choice(numbers))
            case _:
                for _ in range(self.choice.randint(2, 5)):
                    self.shown[self.count] = 0
                    self.count += 1
        removed = f"https://a.example/{self.choice.choice(numbers)}" if act == "remove" and numbers else ""
        prunes = self.choice.random() < 0.6
        for one in self.twins:
            self._happen(one, removed)
            if prunes and one.app.config.retention:
                prune(one.app, self.at)
        self._compare()

    def _happen(self, one: Merger, removed: str) -> None:
        one.now = self.at
        one.pull("a", [self._draft(n, edition) for n, edition in sorted(self.shown.items(), reverse=True)])
        one.pull("b", [self._copy(n) for n in dict.fromkeys(reversed(self.copied))])
        report = Report()
        merge(one.app, report, self.at)
        if removed:
            with one.store.read() as tx:
                rows = tx.entries.of(tx.entries.with_public_ids([removed])).values()
            acts: list[Keeping] = ["remove"] if any(row.kept_back == "" for row in rows) else []
            for act in acts:
                keep(one.app, act, [removed])
        publish(one.app, report, self.at)
        self.reports = [*self.reports[-1:], (report.entries.new, report.entries.updated)]

    def _draft(self, n: int, edition: int) -> RawEntry:
        """Editions that differ by two differ in words; by one, in white space alone."""
        text = f"<p>{prose(f'{n} {edition // 2}', 50)}</p>".replace(" ", "  " if edition % 2 else " ")
        guid = f"https://a.example/{n}"
        return draft(f"Entry {n}", text, link=guid, guid=guid, at=NOON + n * HOUR, terms=[f"t{n % 2}"])

    def _copy(self, n: int) -> RawEntry:
        one = self._draft(n, 0)
        return replace(one, id=f"b{n}", links=())

    def _compare(self) -> None:
        never, pruned = (_tree(self.root / name / "feeds") for name in ("never", "pruned"))
        assert pruned == never
        assert self.reports[0] == self.reports[1]

    def close(self) -> None:
        for one in self.twins:
            one.close()


def _tree(root: Path) -> dict[str, bytes]:
    return {str(file.relative_to(root)): file.read_bytes() for file in root.rglob("*") if file.is_file()}


def _go_through(history: History, steps: int) -> int:
    """How many sightings of the pruned state are without their content in the end."""
    try:
        for _ in range(steps):
            history.step()
        with history.twins[1].store.read() as tx:
            return sum(row.kept_in is not None for row in tx.sightings.light(range(1, 500)))
    finally:
        history.close()


@pytest.mark.torture
def test_pruned_and_unpruned_states_publish_the_same(tmp_path: Path, blank_state: Path) -> None:
    assert _go_through(History(tmp_path, blank_state, random.Random(3)), 10) > 3


@pytest.mark.torture
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(min_value=100))
def test_pruned_and_unpruned_states_publish_the_same_for_long(
    tmp_path_factory: pytest.TempPathFactory, blank_state: Path, seed: int
) -> None:
    _go_through(History(tmp_path_factory.mktemp("history"), blank_state, random.Random(seed)), 40)
