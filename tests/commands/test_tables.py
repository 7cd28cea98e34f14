"""Tables on terminals of any width, and without one."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from aggregator.cli.table import GAP, NARROWEST, Column, fit
from tests.commands.test_cli import aggregator, on_terminal

SITE = "site: {title: Planet, url: https://planet.example/, since: 2026-11-23}\n"
SOURCES = {
    "a-blog-of-somebody": "https://blogs.example.org/somebody/feeds/posts/default",
    "short": "https://x.example/",
    "a-very-long-id-of-a-source-that-somebody-gave-to-it": "https://y.example/feed?category=all&format=atom",
}
TITLE = "A title of some length, as publishers like them"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows = [f"  - {{url: '{url}', id: {id_}, title: '{TITLE}'}}\n" for id_, url in SOURCES.items()]
    (tmp_path / "config.yaml").write_text(SITE + "sources:\n" + "".join(rows))
    return tmp_path


@pytest.mark.parametrize("width", [30, 40, 80, 120, 200])
def test_no_id_or_address_is_cut(width: int, folder: Path) -> None:
    lines = on_terminal(folder, "source", "list", width=width).stdout.splitlines()
    assert max(map(cell_len, lines)) <= width
    whole = "".join("".join(line.split()) for line in lines)
    for id_, url in SOURCES.items():
        assert width < 120 or f"{id_} " in "\n".join(lines)
        assert width < 120 or url in whole
    columns = lines[0].split()
    assert {"source", "url"} <= set(columns)
    assert width < 200 or columns == ["source", "state", "title", "url", "entries"]


def test_without_a_terminal_each_row_is_one_line(folder: Path) -> None:
    lines = aggregator(folder, "source", "list", COLUMNS="40").stdout.splitlines()
    assert len(lines) == 1 + len(SOURCES)
    for line, (id_, url) in zip(lines[1:], SOURCES.items(), strict=True):
        assert line.split()[0] == id_
        assert url in line
        assert TITLE in line
        assert line == line.rstrip()


columns = st.lists(st.builds(Column, st.just("x"), st.integers(0, 3), st.sampled_from([0, 12])), min_size=1, max_size=6)


@given(columns, st.data(), st.integers(1, 250))
def test_columns_that_never_leave_stay_and_all_fit(columns: list[Column], data: st.DataObject, width: int) -> None:
    natural = data.draw(st.lists(st.integers(1, 300), min_size=len(columns), max_size=len(columns)))
    shown = fit(columns, natural, width)
    assert {i for i, one in enumerate(columns) if not one.leaves} <= shown.keys()
    total = sum(shown.values()) + len(GAP) * (len(shown) - 1)
    assert total <= width or all(cells <= max(NARROWEST, 0) for cells in shown.values())
    assert all(cells <= natural[i] for i, cells in shown.items())
    if sum(natural) + len(GAP) * (len(natural) - 1) <= width:
        assert list(shown.values()) == natural
