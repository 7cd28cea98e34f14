"""Long work says how far it is, as 3/40: on a terminal, on stderr, and nowhere else."""

import re
from pathlib import Path

import pytest

from aggregator import worker_pool
from tests.commands.test_cli import CONFIG, aggregator, on_terminal
from tests.support.planet import Upstream, rss
from tests.support.same_process import SameProcess

COUNT = 4


@pytest.fixture
def folder(tmp_path: Path, upstream: Upstream, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(worker_pool, "WorkerPool", SameProcess)
    urls = [upstream.serve(f"/{n}", rss({"title": f"Post {n}"})) for n in range(COUNT)]
    (tmp_path / "posts").mkdir()
    (tmp_path / "config.yaml").write_text(CONFIG + "sources:\n" + "".join(f"- url: {url}\n" for url in urls))
    outlines = "".join(f'<outline xmlUrl="https://a.dev/{n}"/>' for n in range(250))
    (tmp_path / "list.opml").write_text(f"<opml><body>{outlines}</body></opml>")
    return tmp_path


LONG = {
    "run": (["run"], "pulled {}/4: "),
    "check": (["check", "--online"], "checked {}/4"),
}


@pytest.mark.parametrize("case", LONG)
def test_every_step_is_counted_with_v(folder: Path, case: str) -> None:
    words, step = LONG[case]
    lines = aggregator(folder, "-v", *words).stderr.splitlines()
    for number in range(1, COUNT + 1):
        assert any(line.startswith(step.format(number)) for line in lines), lines
    assert case != "run" or "published 1/1: all" in lines


def test_reading_a_long_list_is_counted(folder: Path) -> None:
    lines = aggregator(folder, "-v", "import", "list.opml", "--dry-run").stderr.splitlines()
    assert [line for line in lines if line.startswith("reading")] == [f"reading {n}/250" for n in (0, 100, 200)]


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize("words", [["run", "--force"], ["check", "--online"], ["import", "list.opml", "--dry-run"]])
def test_only_a_terminal_shows_it(folder: Path, words: list[str]) -> None:
    step = re.compile("(pulled|published|checked|reading) [0-9]+/[0-9]+")
    piped = aggregator(folder, *words)
    assert not step.search(piped.stdout + piped.stderr)
    shown = on_terminal(folder, *words)
    assert step.search(shown.stderr)
    assert not step.search(shown.stdout)
    assert not step.search(on_terminal(folder, *words, "-q").stderr)
