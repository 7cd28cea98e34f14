"""What a person took down stays down: from late mirrors, and when the state was lost."""

import hashlib
import json
import shutil
from asyncio import Runner
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.dedup import removal
from aggregator.dedup.removal import RemovalDigest, Trait, digest_of, traits
from aggregator.errors import OutputError
from aggregator.explain import explain
from aggregator.explain.find_entry import find_entry
from aggregator.merge import removals
from aggregator.overrides.apply import Keeping, keep
from aggregator.publish.output_tree import Tree
from aggregator.recover.removed_json import read_removed
from aggregator.render.removed_json import removed_json
from aggregator.store import RemovalRow
from aggregator.store.fact_names import SIGNATURE_SETTINGS
from aggregator.worker_pool import WorkerPool
from tests.commands.test_recover import learn
from tests.support.planet import NOON, Planet, Upstream, rss

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LATER = NOON + HOUR
YEAR = NOON + 400 * DAY

SECRET = (
    "Last night the council of Lower Thistlewick met behind closed doors and agreed, against the advice of its own"
    " surveyor, to sell the old printing works by the canal to a buyer whose name nobody in the room was willing to"
    " write down; the minutes that we were handed say so plainly, and the clerk has since asked us to forget them."
)
ALTERED = SECRET.replace("Last night", "Yesterday evening")
OTHER = (
    "A short guide to growing beans on a windowsill: choose a deep pot, fill it with loose earth and a handful of sand,"
    " put three seeds a finger deep and a hand apart, water them every other morning but never let them stand in water,"
    " turn the pot a quarter each day, and tie the shoots to a thin stick as soon as they lean over the edge."
)


def entry(n: int, host: str = "blog", **more: str) -> dict[str, str]:
    words = {"title": f"Entry {n}", "link": f"https://{host}.example/{n}", "guid": f"https://{host}.example/{n}"}
    return words | {"pubDate": f"Mon, {n:02d} Nov 2026 08:00:00 GMT", "description": f"Entry {n} says little."} | more


TAKEN = entry(1, title="The printing works are sold", description=SECRET)
MIRROR = {"link": "https://mirror.example/x", "guid": "urn:mirror:7", "pubDate": "Mon, 27 Dec 2027 08:00:00 GMT"}


class Keeper:
    """A planet with a blog and a mirror, which shows nothing of interest at first."""

    def __init__(self, planet: Planet, upstream: Upstream) -> None:
        self.planet, self.upstream = planet, upstream
        planet.config["sources"] = [{"url": upstream.url(f"/{id_}"), "id": id_} for id_ in ("blog", "mirror")]
        self.show(blog=[TAKEN, entry(2)], mirror=[entry(3, "mirror", description=OTHER)])

    @property
    def file(self) -> Path:
        return self.planet.root / "feeds/removed.json"

    def show(self, **sources: Sequence[dict[str, str]]) -> None:
        for id_, ones in sources.items():
            self.upstream.serve(f"/{id_}", rss(*ones, title=id_, link=f"https://{id_}.example/"))

    def run(self, now: Any = LATER) -> set[str]:
        self.planet.run(now, force=True)
        return set(self.planet.titles())

    def act(self, act: Keeping, ref: str, now: Any = LATER) -> None:
        with self.planet.app(now) as app:
            keep(app, act, [ref])

    def state(self, ref: str) -> str:
        with self.planet.app() as app, app.store.read() as tx:
            return find_entry(tx, app, ref).kept_back

    def rows(self) -> list[RemovalRow]:
        with self.planet.app() as app, app.store.read() as tx:
            return tx.removals.all()

    def lose(self) -> None:
        shutil.rmtree(self.planet.root / ".aggregator")


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    """One for all, whose addresses the copied states know."""
    server = Upstream()
    yield server
    server.close()


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory, runner: Runner, pool: WorkerPool, upstream: Upstream) -> Path:
    """The entry is published."""
    one = Keeper(Planet(tmp_path_factory.mktemp("shown"), runner, pool), upstream)
    assert one.run(NOON) == {"The printing works are sold", "Entry 2", "Entry 3"}
    assert not one.file.exists()
    return one.planet.root


@pytest.fixture(scope="module")
def removed(
    tmp_path_factory: pytest.TempPathFactory, runner: Runner, pool: WorkerPool, upstream: Upstream, shown: Path
) -> Path:
    """The entry was removed, and a run has told the tree."""
    root = tmp_path_factory.mktemp("removed")
    shutil.copytree(shown, root, dirs_exist_ok=True)
    one = Keeper(Planet(root, runner, pool), upstream)
    one.act("remove", TAKEN["guid"])
    assert one.run() == REST
    return root


@pytest.fixture
def publisher(planet: Planet, upstream: Upstream, shown: Path) -> Keeper:
    """A copy of what `shown` says."""
    shutil.copytree(shown, planet.root, dirs_exist_ok=True)
    return Keeper(planet, upstream)


@pytest.fixture
def gate(planet: Planet, upstream: Upstream, removed: Path) -> Keeper:
    """A copy of what `removed` says."""
    shutil.copytree(removed, planet.root, dirs_exist_ok=True)
    return Keeper(planet, upstream)


REST = {"Entry 2", "Entry 3"}


# the file


def test_the_file_says_that_something_was_removed_and_nothing_of_it(gate: Keeper) -> None:
    text = gate.file.read_text()
    document = json.loads(text)
    assert document["generator"] == "aggregator"
    [group] = document["removed"]
    assert {key: len(some) for key, some in group.items()} == {"ids": 2, "links": 1, "titles": 1, "texts": 1}
    words = {word.strip(",.;:").lower() for word in f"{SECRET} {TAKEN['title']}".split() if len(word) > 4}
    assert not [word for word in words if word in text.lower()]
    assert "blog.example" not in text


@pytest.mark.torture
def test_it_is_the_same_to_the_byte_whenever_and_wherever_it_is_made(gate: Keeper) -> None:
    before = gate.file.read_bytes()
    gate.run(LATER + HOUR)
    gate.planet.regenerate(LATER + 2 * HOUR)
    assert gate.file.read_bytes() == before
    gate.lose()
    shutil.rmtree(gate.planet.root / "feeds")
    gate.run(NOON)
    gate.act("remove", TAKEN["guid"])
    gate.run()
    assert gate.file.read_bytes() == before


def test_what_is_restored_leaves_the_file_and_comes_back(gate: Keeper) -> None:
    gate.act("remove", "https://blog.example/2")
    gate.run(LATER + HOUR)
    assert len(json.loads(gate.file.read_bytes())["removed"]) == 2
    gate.act("restore", "https://blog.example/2")
    gate.run(LATER + 2 * HOUR)
    assert len(json.loads(gate.file.read_bytes())["removed"]) == 1
    gate.act("restore", TAKEN["guid"])
    assert gate.run(LATER + 3 * HOUR) == REST | {TAKEN["title"]}
    assert not gate.file.exists()
    assert gate.rows() == []


@pytest.mark.torture
def test_what_else_is_shown_of_it_is_added_and_slow_digests_are_made_once(
    gate: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[bytes] = []
    removal._slow.cache_clear()
    scrypt = hashlib.scrypt

    def counted(data: bytes, **more: Any) -> bytes:
        made.append(data)
        return scrypt(data, **more)

    monkeypatch.setattr(hashlib, "scrypt", counted)
    gate.run(LATER + HOUR)
    assert made == []
    gate.show(mirror=[TAKEN | MIRROR | {"link": TAKEN["link"]}])
    gate.run(LATER + 2 * HOUR)
    [group] = json.loads(gate.file.read_bytes())["removed"]
    assert {key: len(some) for key, some in group.items()} == {"ids": 4, "links": 1, "titles": 1, "texts": 1}
    assert made == []


def test_a_damaged_file_is_written_again_and_a_foreign_one_is_named(gate: Keeper) -> None:
    before = gate.file.read_bytes()
    gate.file.write_bytes(before[:50])
    gate.run(LATER + HOUR)
    assert gate.file.read_bytes() == before


@pytest.mark.torture
def test_another_programs_file_in_its_place_is_named(publisher: Keeper) -> None:
    publisher.file.write_text('{"removed": ["of somebody else"]}')
    publisher.act("remove", TAKEN["guid"])
    with pytest.raises(OutputError, match=r"removed\.json was not written by this program"):
        publisher.run()


@pytest.mark.torture
def test_an_upgrade_notes_what_was_removed_before(gate: Keeper) -> None:
    """A state of the version before has neither digests nor the signatures that left the window."""
    with gate.planet.app() as app, app.store.write() as tx:
        removed = [row.id for row in tx.removals.sightings()]
        tx.removals.forget([find_entry(tx, app, TAKEN["guid"]).id])
        tx.signatures.forget(removed)
        tx.facts.set(SIGNATURE_SETTINGS, "as it was")
    gate.file.unlink()
    gate.show(mirror=[TAKEN | MIRROR | {"title": "Elsewhere", "description": ALTERED}])
    assert gate.run(YEAR) == {"Entry 2", "Entry 3"}
    assert gate.file.exists()


# while the state stands


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize(
    ("text", "title"), [(SECRET, "Part 2 of 7"), (ALTERED, TAKEN["title"]), (ALTERED, "Something else altogether")]
)
def test_a_late_mirror_does_not_bring_it_back(gate: Keeper, text: str, title: str) -> None:
    gate.run(NOON + 30 * DAY)  # by now signatures have left the window
    gate.show(mirror=[TAKEN | MIRROR | {"title": title, "description": text}])
    assert gate.run(YEAR) == REST
    gate.planet.regenerate(YEAR + HOUR)
    assert set(gate.planet.titles()) == REST
    with gate.planet.app(YEAR + HOUR) as app:
        assert len(explain(app, TAKEN["guid"]).sightings) == 2


def test_the_source_itself_does_not_bring_it_back_under_another_id_and_link(gate: Keeper) -> None:
    gate.show(blog=[TAKEN, TAKEN | MIRROR | {"title": "Again"}, entry(2)])
    assert gate.run(YEAR) == REST


@pytest.mark.torture
def test_what_its_source_makes_of_it_afterwards_does_not_let_the_first_text_in(gate: Keeper) -> None:
    """Neither while the state stands nor when it was lost."""
    copy = TAKEN | MIRROR | {"title": "Else"}
    gate.show(blog=[TAKEN | {"description": OTHER}, entry(2)])
    assert gate.run(LATER + HOUR) == REST
    gate.show(mirror=[copy, entry(3, "mirror")])
    assert gate.run(YEAR) == REST
    gate.lose()
    learn(gate.planet, YEAR)
    gate.show(blog=[entry(2)], mirror=[copy | {"guid": "urn:m:9", "link": "https://mirror.example/z"}])
    assert gate.run(YEAR + HOUR) == REST


@pytest.mark.torture
def test_edits_of_what_was_removed_do_not_add_up_for_ever(gate: Keeper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(removals, "MOST", 6)
    for n in range(1, 4):
        gate.show(blog=[TAKEN | {"title": f"Edit {n}"}, entry(2)])
        assert gate.run(LATER + n * HOUR) == REST
    assert len(gate.rows()) == 6


def test_another_text_of_the_mirror_is_as_welcome_as_ever(gate: Keeper) -> None:
    gate.show(mirror=[entry(4, "mirror", title="New", description=SECRET.replace("e", "o"))])
    assert gate.run(YEAR) == REST | {"New"}


@pytest.mark.torture
def test_a_copy_that_is_shown_already_takes_its_copies_in(planet: Planet, upstream: Upstream) -> None:
    """One of two equal entries was removed because it was one too many: the other goes on as it was."""
    planet.config["duplicates"] = {"across_sources": "off"}
    one = Keeper(planet, upstream)
    copy = TAKEN | {"link": "https://mirror.example/x", "guid": "urn:mirror:7", "title": "The copy"}
    one.show(mirror=[copy])
    one.run(NOON)
    one.act("remove", TAKEN["guid"])
    assert one.run() == {"Entry 2", "The copy"}
    one.show(mirror=[copy, copy | {"guid": "urn:mirror:8", "link": "https://mirror.example/y", "title": "Weekly"}])
    assert one.run(LATER + HOUR) == {"Entry 2", "The copy", "Weekly"}


# when the state was lost


def test_it_stays_down_when_the_state_was_lost(gate: Keeper) -> None:
    tree = gate.planet.tree()
    for _ in range(2):  # what is learned is told again
        gate.lose()
        recovery = learn(gate.planet)
        assert (recovery.entries, recovery.removed, recovery.problems) == (2, 1, ())
        assert gate.run() == REST
        assert gate.planet.tree() == tree
        assert gate.state(TAKEN["guid"]) == "removed"
        assert gate.planet.run(LATER + HOUR, force=True).entries.new == 0


@pytest.mark.torture
def test_it_is_no_new_entry_and_its_story_says_why(gate: Keeper) -> None:
    gate.lose()
    learn(gate.planet)
    report = gate.planet.run(LATER, force=True)
    assert (report.entries.new, report.entries.held, report.entries.total) == (0, 0, 2)
    with gate.planet.app() as app:
        story = explain(app, TAKEN["guid"])
    assert story.entry.state == "removed"
    assert [one.reason for one in story.sightings] == ["its id is that of an entry that a person removed"]


SHAPES = {
    "text under another title": ({"title": "Else", "description": SECRET} | MIRROR, REST),
    "link and title": (MIRROR | {"link": TAKEN["link"], "title": TAKEN["title"], "description": "Short."}, REST),
    "id": (MIRROR | {"guid": TAKEN["guid"], "title": "Else", "description": "Short."}, REST),
    "a comment on the same link": (
        MIRROR | {"link": TAKEN["link"], "title": "What I think of it", "description": OTHER},
        REST | {"What I think of it"},
    ),
    "an altered text": (MIRROR | {"title": "Else", "description": ALTERED}, REST | {"Else"}),
}


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize("shape", SHAPES)
def test_after_a_lost_state_a_late_mirror_is_known_by(gate: Keeper, shape: str) -> None:
    """Only an altered text is not: what would tell it again would tell what it said, too."""
    shown, expected = SHAPES[shape]
    gate.lose()
    learn(gate.planet)
    gate.show(blog=[entry(2)], mirror=[shown, entry(3, "mirror", description=OTHER)])
    assert gate.run(YEAR) == expected
    gate.show(blog=[TAKEN, entry(2)])
    assert gate.run(YEAR + HOUR) == expected


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize("guid", ["17", ""], ids=["no address", "none"])
def test_an_entry_whose_id_is_minted_stays_down(planet: Planet, upstream: Upstream, guid: str) -> None:
    one = Keeper(planet, upstream)
    taken = {name: value for name, value in (TAKEN | {"guid": guid, "description": "Short."}).items() if value}
    one.show(blog=[taken, entry(2)])
    one.run(NOON)
    one.act("remove", TAKEN["link"])
    one.run()
    one.lose()
    learn(planet)
    assert one.run() == REST


@pytest.mark.torture
def test_an_id_that_is_no_address_is_its_sources_own(planet: Planet, upstream: Upstream) -> None:
    one = Keeper(planet, upstream)
    taken = TAKEN | {"guid": "17", "description": "Short."}
    one.show(blog=[taken, entry(2)])
    one.run(NOON)
    one.act("remove", TAKEN["link"])
    one.run()
    one.lose()
    learn(planet)
    one.show(
        blog=[taken | {"link": "https://blog.example/moved", "title": "Moved"}, entry(2)],
        mirror=[entry(3, "mirror", description=OTHER), entry(4, "mirror", guid="17")],
    )
    assert one.run() == REST | {"Entry 4"}


@pytest.mark.torture
def test_a_post_without_a_link_stays_down(planet: Planet, upstream: Upstream) -> None:
    one = Keeper(planet, upstream)
    planet.config["posts"] = [{"path": "posts"}]
    planet.post("a.md", "---\ntitle: A post\ndate: 2026-11-01\n---\nWords.\n")
    one.run(NOON)
    one.act("remove", "https://planet.example/entries/a-post.html")
    one.run()
    one.lose()
    learn(planet)
    assert "A post" not in one.run()


@pytest.mark.torture
def test_what_is_learned_can_be_restored(gate: Keeper) -> None:
    gate.lose()
    learn(gate.planet)
    gate.run()
    gate.act("restore", TAKEN["guid"])
    assert gate.run(LATER + HOUR) == REST | {TAKEN["title"]}
    assert not gate.file.exists()


@pytest.mark.torture
def test_the_mirror_that_shows_it_first_is_joined_by_all_that_show_it_later(gate: Keeper) -> None:
    """Learned digests are of one thing: once it is an entry, each of them leads to it."""
    gate.lose()
    learn(gate.planet)
    gate.show(blog=[entry(2)], mirror=[MIRROR | {"title": "Else", "description": SECRET}])
    gate.run()
    gate.show(blog=[TAKEN | {"description": "Short."}, entry(2)])
    assert gate.run(LATER + HOUR) == {"Entry 2", "Entry 3"}
    with gate.planet.app(LATER + HOUR) as app:
        assert len(explain(app, "urn:mirror:7").sightings) == 2


@pytest.mark.torture
def test_a_new_start_forgets_what_was_published_and_not_what_was_taken_down(gate: Keeper) -> None:
    gate.lose()
    gate.planet.run(LATER, fresh=True)
    assert set(gate.planet.titles()) == REST
    assert gate.file.exists()


@pytest.mark.torture
def test_an_old_feed_in_the_tree_does_not_bring_it_back(gate: Keeper, shown: Path) -> None:
    shutil.copy(shown / "feeds/all/atom.xml", gate.planet.root / "feeds/all/atom.xml")
    gate.lose()
    assert learn(gate.planet).entries == 3
    assert gate.run(LATER + HOUR) == REST


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is damaged"),
        ("{", "is damaged"),
        ("[" * 100_000, "is damaged"),
        ('{"generator": "aggregator"}', "is damaged"),
        ('{"generator": "aggregator", "salt": "x", "removed": [{"ids": ["x"]}, 7, {}]}', "3 removals cannot be read"),
        ('{"generator": "aggregator", "salt": "x", "removed": [{"texts": [{"digest": 7}, null]}]}', "1 removal cannot"),
        ('{"removed": []}', "not written by this program"),
        ("null", "not written by this program"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "removed.json").write_text(text)
    read = read_removed(Tree(tmp_path))
    [problem] = read.problems
    assert (problem.where, read.groups) == ("removed.json", ())
    assert said in problem.message


def test_recovery_tells_of_it_and_does_the_rest(gate: Keeper) -> None:
    gate.lose()
    gate.file.write_text("{")
    recovery = learn(gate.planet)
    assert [problem.where for problem in recovery.problems] == ["removed.json"]
    assert (recovery.entries, recovery.removed) == (2, 0)


# digests


def test_what_is_written_is_read_as_the_same(tmp_path: Path) -> None:
    ones = traits(["urn:x:1", ""], [("a.example/1", "title"), ("", "x"), ("b.example", "")], ["f" * 64, ""])
    group = [digest_of(one._replace(length=300 if one.kind == "text" else 0), "salt") for one in ones]
    assert [one.kind for one in group] == ["id", "link", "link", "text", "title"]
    (tmp_path / "removed.json").write_bytes(removed_json("salt", [group, group[:1]]))
    read = read_removed(Tree(tmp_path))
    assert (read.salt, read.problems) == ("salt", ())
    assert sorted(map(sorted, read.groups)) == sorted([sorted(group), group[:1]])


def test_the_order_of_removals_tells_nothing() -> None:
    groups = [[RemovalDigest("id", letter * 32)] for letter in "cab"]
    assert removed_json("s", groups) == removed_json("s", sorted(groups)) == removed_json("s", groups[::-1])


@pytest.mark.torture
def test_digests_differ_by_kind_and_by_site() -> None:
    made = {digest_of(Trait(kind, "x"), salt).digest for kind in ("id", "link", "title", "text") for salt in "ab"}
    assert len(made) == 8
    assert all(len(one) == 32 for one in made)


def test_what_can_be_guessed_by_trying_costs_a_lot_for_each_guess(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, Any]] = []
    removal._slow.cache_clear()

    def counted(_: bytes, **more: Any) -> bytes:
        asked.append(more)
        return bytes(16)

    monkeypatch.setattr(hashlib, "scrypt", counted)
    for kind in ("id", "link", "title", "text"):
        digest_of(Trait(kind, "guess"), "salt")
    removal._slow.cache_clear()
    assert [(one["n"], one["r"]) for one in asked] == [(2**14, 8)] * 2
