"""What commands print with --json is what docs/reference/json.md and its schemas say: no key more, none less."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.commands.test_cli import aggregator
from tests.support import json_reference
from tests.support.planet import Upstream, rss
from tests.support.simulation import prose, story

NAMES = sorted(json_reference.shapes()["documents"])
VALIDATORS = {name: Draft202012Validator(json_reference.schema(name, closed=True)) for name in NAMES}
CONFIG = """\
site: {{title: Planet, url: https://planet.example/, since: 2026-11-23}}
fetch: {{gap: 0s, per_host: 8, allow_networks: [127.0.0.0/8]}}
feeds: {{min_entries: 1, archive: 2, limit: 2, window: 1h, formats: [atom, rss, json, posts]}}
posts: [{{path: posts}}]
sources:
  - {{url: "{base}/a", id: a}}
  - {{url: "{base}/b", id: b}}
  - {{url: "{base}/nowhere", id: lost}}
  - {{url: "{base}/guests", id: guests, approve: true}}
  - {{url: "{base}/private?token=abcdef123456", id: private, paused: true}}
  - {{opml: list.opml}}
"""
POST = "---\ntitle: {title}\ndate: 2026-11-20\ncategories: [News, Local]\n---\nWords of {title}. {words}\n"
RARE = {
    "source-list.sources[].asked",  # after days of redirects
    "status.runs[].pushed",  # a hub delivered something
    "status.left_out",  # an entry breaks a rule of a format
    "status.hubs",  # a source names a hub
    "status.subscriptions",  # the same
    "status.outbox",  # a hub of our feeds: tests/scenarios/test_hub_status.py
    "status.own_hub",  # the same
    "status.workers",  # many machines
    "status.rounds",  # the same
    "status.shards",  # the same
}
DAYS = ("2026-11-23T12:00:00Z", "2026-11-24T12:00:00Z", "2026-11-26T12:00:00Z")


@dataclass
class Keeper:
    """Types commands in `folder`; each document that is printed has to be as its schema says."""

    folder: Path
    seen: dict[str, list[Any]] = field(default_factory=dict)
    now: str = DAYS[0]

    def says(self, name: str, *words: str, status: int = 0) -> Any:
        done = aggregator(self.folder, *words, "--json", AGGREGATOR_NOW=self.now)
        assert done.returncode == status, (words, done)
        return self.has(name, done.stdout)

    def has(self, name: str, text: str) -> Any:
        document = json.loads(text)
        assert [f"{one.json_path}: {one.message}" for one in VALIDATORS[name].iter_errors(document)] == [], name
        self.seen.setdefault(name, []).append(document)
        return document

    def writes(self, path: str, text: str) -> None:
        (self.folder / path).parent.mkdir(exist_ok=True)
        (self.folder / path).write_text(text)


@pytest.fixture
def keeper(tmp_path: Path, upstream: Upstream) -> Keeper:
    both = story("both", 2, category="open source|Python")
    ours = [story(f"a{n}", 3 + n, category="open-source|Linux") for n in range(4)]
    upstream.serve("/a", rss(both, *ours, title="A"))
    upstream.serve("/b", rss(both, story("b", 2, category="OpenSource"), title="B"))
    upstream.serve("/guests", rss(story("guest", 1), story("guest2", 1), title="Guests"))
    upstream.serve("/listed", rss(story("listed", 1), title="Listed"))
    upstream.serve("/late", rss(*(story(f"late{n}", 2 + n / 10) for n in range(20)), title="Late"))
    keeper = Keeper(tmp_path)
    outline = f'<outline type="rss" text="Listed" xmlUrl="{upstream.url("/listed")}"/>'
    keeper.writes("list.opml", f'<opml version="2.0"><head/><body>{outline}</body></opml>')
    keeper.writes("posts/one.md", POST.format(title="One", words=prose("one")))
    keeper.writes("config.yaml", CONFIG.format(base=upstream.url("")))
    return keeper


def test_what_is_asked_every_day(keeper: Keeper) -> None:
    keeper.writes("config.yaml", CONFIG.format(base="").partition("sources:")[0])
    keeper.says("run", "run")
    keeper.says("status", "status")
    keeper.says("explain", "explain", "One")
    keeper.has("index", (keeper.folder / "feeds/index.json").read_text())


@pytest.mark.torture
def test_every_document(keeper: Keeper, upstream: Upstream) -> None:
    begin(keeper, upstream)
    ask(keeper)
    change(keeper, upstream)
    overrule(keeper)
    maintain(keeper)
    assert sorted(keeper.seen) == NAMES
    unseen = {path for name in NAMES for path in unseen_keys(json_reference.schema(name), keeper.seen[name], name)}
    assert unseen == RARE


def begin(keeper: Keeper, upstream: Upstream) -> None:
    keeper.writes("urls", f"{upstream.url('/a')} Tech !\nquery:all:unread\n")
    keeper.says("init", "init", "new")
    keeper.says("init", "init", "from-list", "--from", "urls")
    keeper.says("run", "run", "--dry-run")
    keeper.says("run", "run")
    keeper.now = DAYS[1]
    both = story("both", 2, category="open source|Python")
    upstream.serve("/a", rss(both | {"title": "Another title"}, story("a9", 1), title="A"))
    keeper.says("run", "run", "--force", "--dry-run")
    keeper.says("run", "run", "--force")


def ask(keeper: Keeper) -> None:
    keeper.says("status", "status")
    keeper.says("explain", "explain", "About a1")
    keeper.says("explain", "explain", "Another title")
    keeper.says("categories", "categories")
    keeper.says("feed-list", "feed", "list")
    keeper.says("source-list", "source", "list")
    keeper.says("doctor", "doctor", "--offline")
    keeper.says("version", "version")
    keeper.says("problems", "explain", "no such entry", status=2)
    keeper.says("problems", "entry", "approve", status=2)
    keeper.writes("bad.yaml", "site: {titel: x}\n")
    keeper.says("problems", "-c", "bad.yaml", "run", status=2)
    keeper.says("check", "-c", "bad.yaml", "check", status=2)
    keeper.says("check", "check")


def change(keeper: Keeper, upstream: Upstream) -> None:
    keeper.says("categories-review", "categories", "review")
    keeper.says("categories-review", "categories", "review", "--write", "review.yaml")
    review = (keeper.folder / "review.yaml").read_text().replace('accept: "?"', "accept: yes")
    keeper.writes("review.yaml", review)
    keeper.says("categories-apply", "categories", "apply", "review.yaml")
    keeper.says("plan", "plan")
    upstream.serve("/page", "<html><link rel=alternate type=application/rss+xml href=/late title=Late>"
                            "<link rel=alternate type=application/rss+xml href=/a title=A></html>",
                   headers={"Content-Type": "text/html"})  # fmt: skip
    keeper.says("problems", "source", "add", upstream.url("/page"), status=2)
    keeper.says("source-add", "source", "add", upstream.url("/late"), "--category", "Late")
    keeper.says("run", "run")
    for words in (["pause", "late"], ["resume", "late"], ["rename", "late", "later"], ["remove", "later"]):
        keeper.says("source-change", "source", *words)
    keeper.says("source-trust", "source", "trust", "a")
    keeper.writes("urls", f'{upstream.url("/late")} Tech "~Late" !\n{upstream.url("/a")}\nquery:all:unread\n')
    keeper.says("import", "import", "urls")
    keeper.says("export", "export")
    keeper.says("export", "export", "out.opml")
    keeper.says("run", "run")
    keeper.says("feed-forget", "feed", "forget", "linux")


def overrule(keeper: Keeper) -> None:
    keeper.says("entry", "entry", "hold", "About a1")
    keeper.says("status", "status")
    keeper.says("entry", "entry", "release", "About a1")
    keeper.says("entries", "entry", "hold", "About a1", "About a2")
    keeper.says("entries", "entry", "approve", "--source", "guests")
    keeper.says("entry", "entry", "join", "About a1", "About a2")
    keeper.says("entry", "entry", "remove", "About a3", "--now")
    keeper.says("entry", "entry", "remove", "About a3")
    for _ in range(2):
        keeper.says("entries", "entry", "remove", "About b", "About both", "--now")
    keeper.says("explain", "explain", "About a3")
    keeper.now = DAYS[2]
    keeper.says("run", "run")
    keeper.has("removed", (keeper.folder / "feeds/removed.json").read_text())
    keeper.has("index", (keeper.folder / "feeds/index.json").read_text())


def maintain(keeper: Keeper) -> None:
    keeper.says("db-upgrade", "db", "upgrade")
    keeper.says("db-check", "db", "check")
    keeper.says("db-prune", "db", "prune", "--dry-run")
    keeper.says("db-prune-formats", "db", "prune", "--formats")
    keeper.says("db-backup", "db", "backup", "copy.db")
    keeper.says("db-copy", "db", "copy", "copy.db", "moved.db")
    keeper.says("db-clock", "db", "clock")
    for file in (keeper.folder / ".aggregator").glob("state.db*"):
        file.unlink()
    keeper.says("db-recover", "db", "recover")


def unseen_keys(schema: Any, documents: list[Any], path: str) -> Iterator[str]:
    """Keys of the schema that none of the documents has."""
    for one in schema.get("anyOf", [schema]):
        for key, inner in one.get("properties", {}).items():
            values = [value[key] for value in documents if isinstance(value, dict) and key in value]
            if not values:
                yield f"{path}.{key}"
            else:
                yield from unseen_keys(inner, values, f"{path}.{key}")
        if "items" in one:
            values = [item for value in documents if isinstance(value, list) for item in value]
            if values:
                yield from unseen_keys(one["items"], values, f"{path}[]")
