"""`aggregator feed redirects`."""

import json
from pathlib import Path

import pytest

from tests.commands.test_cli import CONFIG, POST, aggregator

RENAMED = "categories: {aliases: {New: [Old]}}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "posts").mkdir()
    for n, term in enumerate(("Old", "Ended")):
        (tmp_path / f"posts/{n}.md").write_text(POST.replace("News", term).format(title=f"{term} post"))
    for more, day in (("", 23), (RENAMED, 25)):
        (tmp_path / "config.yaml").write_text(f"{CONFIG}{more}feeds: {{min_entries: 1}}\n")
        command(tmp_path, "run", day=day)
    return tmp_path


def command(folder: Path, *words: str, day: int = 25) -> str:
    done = aggregator(folder, *words, AGGREGATOR_NOW=f"2026-11-{day}T12:00:00Z")
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_lists_what_moved_and_what_ended(folder: Path) -> None:
    assert command(folder, "feed", "redirects") == "old → new\n"
    command(folder, "entry", "remove", "Ended post", "--now")
    (folder / "posts/1.md").unlink()
    command(folder, "feed", "forget", "ended")
    assert command(folder, "feed", "redirects").splitlines() == [
        "ended: gone",
        "old → new",
        "entries/ended-post.html: gone",
    ]
    assert json.loads(command(folder, "feed", "redirects", "--json")) == {
        "moved": {"ended": None, "old": "new"},
        "gone_pages": ["entries/ended-post.html"],
    }
    assert command(folder, "feed", "redirects", "--for", "nginx").splitlines()[1].startswith('"~^/ended(?:')


def test_a_planet_without_moves_gives_the_head_of_the_file_alone(tmp_path: Path) -> None:
    """Caddy reads no empty file."""
    (tmp_path / "posts").mkdir()
    (tmp_path / "config.yaml").write_text(CONFIG)
    command(tmp_path, "run")
    assert command(tmp_path, "feed", "redirects") == ""
    for server in ("nginx", "caddy"):
        [line] = command(tmp_path, "feed", "redirects", "--for", server).splitlines()
        assert line.startswith("# ")
