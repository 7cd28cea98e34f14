"""The workflow for GitHub Pages, step by step as its runner would: a new machine each day, and what it publishes."""

import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import feedparser
import pytest
import yaml

from tests.support.paths import PROJECT
from tests.support.planet import NOON, Upstream, rss

FILES = PROJECT / "docs" / "how-to" / "files" / "github"
WORKFLOW: dict[str, Any] = yaml.load((FILES / "publish.yml").read_text("utf-8"), yaml.BaseLoader)
STEPS = WORKFLOW["jobs"]["publish"]["steps"]
LINES = [step["run"] for step in STEPS if "run" in step]
INSTALL, RUN = 0, 3
DAY = timedelta(days=1)
POST = "---\ntitle: %s\ndate: 2026-11-01\ncategories: [Notes]\n---\nWords of a post.\n"


@dataclass
class Repository:
    """`origin`: the bare one that the runners fetch and push."""

    folder: Path
    origin: Path
    home: Path

    def git(self, *words: str, cwd: Path | None = None) -> str:
        done = subprocess.run(
            ["git", *words], cwd=cwd or self.origin, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, (words, done.stderr)
        return done.stdout.strip()

    @property
    def environment(self) -> dict[str, str]:
        author = {f"GIT_{who}_{what}": "tester" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        path = f"{self.home}/bin:{os.environ['PATH']}"
        return {"PATH": path, "HOME": str(self.home), "GIT_CONFIG_NOSYSTEM": "1", "PYTHONPATH": str(PROJECT)} | author

    def commit(self, files: dict[str, str]) -> None:
        """Somebody pushes to the branch main."""
        work = self.folder / "work"
        if not work.exists():
            self.git("clone", "--quiet", str(self.origin), str(work))
        for name, text in files.items():
            (work / name).parent.mkdir(parents=True, exist_ok=True)
            (work / name).write_text(text, encoding="utf-8")
        self.git("add", "--all", cwd=work)
        self.git("commit", "--quiet", "--message", "change", cwd=work)
        self.git("push", "--quiet", "origin", "HEAD:refs/heads/main", cwd=work)

    def runner(self, day: int, *, until: int = len(LINES)) -> Path:
        """A new machine; it is lost after `until` of its lines of the shell. Returns its folder."""
        folder = self.folder / f"runner-{day}-{until}"
        url = f"file://{self.origin}"
        self.git("clone", "--quiet", "--depth", "1", "--branch", "main", "--single-branch", url, str(folder))
        environment = self.environment | {
            "GITHUB_OUTPUT": str(folder.with_suffix(".output")),
            "AGGREGATOR_NOW": (NOON + day * DAY).isoformat(),
            "AGGREGATOR": "the program",
        }
        for line in LINES[:until]:
            words = ["bash", "-e", "-c", line]
            done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, check=False)
            assert done.returncode == 0, (line, done.stdout, done.stderr)
        return folder

    def entries(self) -> dict[str, tuple[str, str]]:
        """id → title and published, of the branch pages."""
        document = feedparser.parse(self.git("show", "pages:all/atom.xml").encode())
        ids = [one.id for one in document.entries]
        assert len(ids) == len(set(ids))
        return {one.id: (one.title, one.published) for one in document.entries}

    def commits(self) -> int:
        return int(self.git("rev-list", "--count", "pages"))


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    home = tmp_path / "home"
    (home / "bin").mkdir(parents=True)
    for name, line in (("aggregator", f'exec {sys.executable} -m aggregator "$@"'), ("pipx", 'test "$1" = install')):
        (home / "bin" / name).write_text(f"#!/bin/sh\n{line}\n")
        (home / "bin" / name).chmod(0o755)
    one = Repository(tmp_path, tmp_path / "origin.git", home)
    one.git("init", "--quiet", "--bare", "--initial-branch", "main", str(one.origin), cwd=tmp_path)
    return one


def item(n: int, **more: str) -> dict[str, str]:
    page = f"https://blog.example/{n}"
    dated = {"pubDate": f"Fri, {n + 10:02} Nov 2026 10:00:00 GMT"}
    return {"title": f"Entry {n}", "link": page, "guid": page, "description": f"Words of {n}."} | dated | more


UNDATED = {"title": "Undated", "link": "https://blog.example/undated", "description": "No date, no id."}


def begin(repository: Repository, upstream: Upstream) -> None:
    config = yaml.safe_load((FILES / "config.yaml").read_text("utf-8"))
    config["sources"] = [{"url": upstream.serve("/feed", rss(item(1), item(2), UNDATED)), "id": "blog"}]
    config |= {"posts": [{"path": "posts"}], "fetch": {"gap": "0s", "allow_networks": ["127.0.0.0/8"]}}
    ignored = ".aggregator/\nfeeds/\n"
    repository.commit({"config.yaml": yaml.safe_dump(config), "posts/a.md": POST % "A post", ".gitignore": ignored})


@pytest.mark.torture
def test_three_days_with_a_lost_runner_each(repository: Repository, upstream: Upstream) -> None:
    begin(repository, upstream)
    repository.runner(0)
    first = repository.entries()
    assert sorted(title for title, _ in first.values()) == ["A post", "Entry 1", "Entry 2", "Undated"]

    upstream.serve("/feed", rss(item(3), item(1), item(2), UNDATED))
    repository.runner(1)
    second = repository.entries()
    assert {id_: second[id_] for id_ in first} == first
    assert [title for id_, (title, _) in second.items() if id_ not in first] == ["Entry 3"]
    assert repository.commits() == 2

    repository.runner(2)  # nothing is new
    assert repository.entries() == second
    assert repository.commits() == 2


@pytest.mark.torture
def test_a_runner_that_is_lost_before_it_pushes_changes_nothing(repository: Repository, upstream: Upstream) -> None:
    begin(repository, upstream)
    repository.runner(0)
    first = repository.entries()
    upstream.serve("/feed", rss(item(3), item(1), item(2), UNDATED))
    repository.runner(1, until=RUN + 1)
    assert (repository.entries(), repository.commits()) == (first, 1)
    repository.commit({"posts/b.md": POST % "Another"})
    repository.runner(2)
    found = repository.entries()
    assert {id_: found[id_] for id_ in first} == first
    assert sorted(title for id_, (title, _) in found.items() if id_ not in first) == ["Another", "Entry 3"]
    assert repository.commits() == 2


@pytest.mark.torture
def test_the_state_of_the_same_tree_goes_on(repository: Repository, upstream: Upstream) -> None:
    begin(repository, upstream)
    before = repository.runner(0)
    outputs = dict(line.split("=", 1) for line in before.with_suffix(".output").read_text().splitlines())
    assert outputs["commit"] == repository.git("rev-parse", "pages")
    assert not {".aggregator", "state.db"} & set(repository.git("ls-tree", "-r", "--name-only", "pages").split("\n"))
    later = repository.runner(1, until=2)
    (before / ".aggregator").rename(later / ".aggregator")
    asked = len(upstream.asked)
    for line in LINES[2:]:
        environment = repository.environment | {
            "GITHUB_OUTPUT": str(later.with_suffix(".output")),
            "AGGREGATOR_NOW": (NOON + DAY).isoformat(),
        }
        subprocess.run(["bash", "-e", "-c", line], cwd=later, env=environment, check=True, capture_output=True)
    assert repository.commits() == 1
    assert len(upstream.asked) == asked + 1


def test_the_workflow_is_what_it_says() -> None:
    """The state is restored for the tree that it belongs to, and each step that asks another knows it."""
    ids = {step["id"] for step in STEPS if "id" in step}
    text = (FILES / "publish.yml").read_text("utf-8")
    assert all(f"steps.{one}." in text for one in ids)
    assert WORKFLOW["permissions"] == {"contents": "write", "pages": "write", "id-token": "write"}
    assert (LINES[INSTALL].split()[0], LINES[RUN]) == ("pipx", "aggregator run")
