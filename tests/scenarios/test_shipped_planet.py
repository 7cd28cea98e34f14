"""The config and posts that come with the program work as they say, without network."""

import json
import os
import re
import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import feedparser
import pytest
import yaml

from aggregator.config import Config, load_config
from aggregator.errors import UsageError
from aggregator.posts import Post, PostSettings, list_posts, read_file, read_post
from aggregator.subscriptions.starter import starter, write_starter
from tests.commands import test_cli as command_line
from tests.support import paths

ROOT = paths.PROJECT
NOW = "2026-11-23T12:00:00Z"


@pytest.fixture(scope="module")
def config() -> Config:
    return load_config(ROOT / "config.yaml")


@pytest.fixture(scope="module")
def posts() -> dict[str, Post]:
    folder = ROOT / "posts"
    return {
        file.path: read_post(read_file(folder, file.name), file.path, PostSettings()) for file in list_posts(folder)
    }


@pytest.fixture(scope="module")
def planet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of it that pulls nothing, after one run."""
    folder = tmp_path_factory.mktemp("planet")
    shutil.copytree(ROOT / "posts", folder / "posts")
    without_sources(ROOT / "config.yaml", folder / "config.yaml")
    environment = os.environ | {"AGGREGATOR_NOW": NOW, "AGGREGATOR_CONFIG": str(folder / "config.yaml")}
    command = [sys.executable, "-m", "aggregator", "run", "--strict"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return folder


def aggregator(folder: Path, *words: str) -> str:
    done = command_line.aggregator(folder, *words, AGGREGATOR_NOW=NOW)
    assert done.returncode == 0, done.stderr
    return done.stdout


def without_sources(config: Path, target: Path) -> None:
    settings = yaml.safe_load(config.read_text("utf-8")) | {"sources": []}
    target.write_text(yaml.safe_dump(settings, allow_unicode=True, sort_keys=False), "utf-8")


def index(planet: Path) -> list[dict[str, Any]]:
    feeds: list[dict[str, Any]] = json.loads((planet / "feeds" / "index.json").read_text("utf-8"))["feeds"]
    return feeds


def tree(planet: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(planet)): path.read_bytes() for path in (planet / "feeds").rglob("*") if path.is_file()
    }


def test_the_config_shows_what_a_config_can_say(config: Config) -> None:
    assert len({source.id for source in config.sources}) == len(config.sources) >= 5
    assert all(source.is_remote and source.is_published for source in config.sources)
    assert "excerpt" in {source.republish for source in config.sources}
    patterns = [pattern for patterns in config.categories.aliases.values() for pattern in patterns]
    assert {str, tuple} == {type(pattern) for pattern in patterns}


def test_the_posts_show_every_form_a_post_can_have(posts: dict[str, Post]) -> None:
    assert {path.rpartition(".")[2] for path in posts} == {"md", "html", "txt"}
    openings = {(ROOT / "posts" / path).read_text("utf-8").lstrip()[:3].strip("\n ") for path in posts}
    assert openings == {"---", "+++", "{"}
    assert not [problem for post in posts.values() for problem in post.problems]
    assert not [path for path, post in posts.items() if post.repaired]
    assert sum(post.hidden for post in posts.values()) == 1


def test_every_post_but_the_draft_is_an_entry(planet: Path, posts: dict[str, Post]) -> None:
    items = json.loads((planet / "feeds/all/feed.json").read_text("utf-8"))["items"]
    titles = [post.draft.title.value for post in posts.values() if post.draft.title and not post.hidden]
    assert sorted(item["title"] for item in items) == sorted(titles)


def test_there_is_a_feed_for_everything_and_one_for_each_category(planet: Path) -> None:
    feeds = {feed["id"]: feed for feed in index(planet)}
    paths = [tuple(feed["category"]) for feed in feeds.values() if feed["category"]]
    assert feeds.pop("all")["category"] is None
    assert len(set(paths)) == len(paths) == len(feeds)
    assert {("Planet", "Feeds"), ("新媒体", "订阅通讯"), ("编程", "开源"), ("图片", "图库"), ("Web", "Feeds")} < set(
        paths
    )
    assert not {"首页", "分类", "— Photos", "晨光图库"} & {name for path in paths for name in path}
    assert all(path[:-1] in paths for path in paths if len(path) > 1)


def test_every_feed_can_be_read_in_every_format(planet: Path) -> None:
    for feed in index(planet):
        assert set(feed["formats"]) == {"atom", "rss", "json", "html"}
        for name, edition in feed["formats"].items():
            data = (planet / "feeds" / edition["href"]).read_bytes()
            assert edition["entries"] == feed["entries"] == count(name, data)


def count(name: str, data: bytes) -> int:
    if name == "json":
        return len(json.loads(data)["items"])
    if name == "html":
        return data.count(b"<article")
    parsed = feedparser.parse(data)
    assert not parsed.bozo
    assert parsed.version == {"atom": "atom10", "rss": "rss20"}[name]
    return len(parsed.entries)


def test_a_post_with_a_link_leads_there_and_the_others_to_a_page_of_ours(planet: Path) -> None:
    items = json.loads((planet / "feeds/all/feed.json").read_text("utf-8"))["items"]
    ours = [item["url"] for item in items if item["url"].startswith("https://planet.example/entries/")]
    assert {item["url"] for item in items} - {*ours} == {"https://www.rfc-editor.org/rfc/rfc4287"}
    pages = {path.name for path in (planet / "feeds/entries").iterdir()}
    assert pages == {url.rpartition("/")[2] for url in ours}


def test_the_pages_ask_nothing_of_other_hosts(planet: Path) -> None:
    for path, data in tree(planet).items():
        if path.endswith(".html"):
            assert not re.search(rb"<(img|audio|video|iframe|script)\b", data), path


def test_a_second_run_changes_no_byte(planet: Path) -> None:
    before = tree(planet)
    report = json.loads(aggregator(planet, "run", "--json"))
    assert (report["feeds"]["written"], report["entries"]["new"], report["problems"]) == (0, 0, [])
    aggregator(planet, "regenerate")
    assert tree(planet) == before


def test_a_tree_that_was_deleted_comes_back_to_the_byte(planet: Path) -> None:
    before = tree(planet)
    shutil.rmtree(planet / "feeds")
    aggregator(planet, "run")
    assert tree(planet) == before


# ── what `init` writes ──────────────────────────────────────────────────────────────────────────────────────


def test_what_init_writes_works_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGGREGATOR_NOW", NOW)
    names = ["config.yaml", "posts/hello-planet.md", ".gitignore"]
    now = datetime.fromisoformat(NOW)
    assert write_starter(tmp_path, now, starter(now).config) == [tmp_path / name for name in names]
    assert load_config(tmp_path / "config.yaml").site.since.isoformat() == NOW[:10]
    without_sources(tmp_path / "config.yaml", tmp_path / "config.yaml")
    aggregator(tmp_path, "run", "--strict")
    assert {feed["id"]: feed["entries"] for feed in index(tmp_path)} == {"all": 1, "news": 1}


@pytest.mark.parametrize("there", ["config.yaml", "posts/hello-planet.md"])
def test_init_never_overwrites(tmp_path: Path, there: str) -> None:
    (tmp_path / there).parent.mkdir(exist_ok=True)
    (tmp_path / there).write_text("mine", "utf-8")
    with pytest.raises(UsageError, match="exists already"):
        write_starter(tmp_path, datetime.fromisoformat(NOW), "")
    assert [path.read_text("utf-8") for path in tmp_path.rglob("*") if path.is_file()] == ["mine"]
