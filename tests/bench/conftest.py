"""Collects the rows that are measured, prints their table at the end, and stores it."""

from collections.abc import Iterator

import pytest

from tests.bench.chart import draw
from tests.bench.size import IS_SMALL
from tests.bench.table import Table

TABLE = Table()


@pytest.fixture(scope="session")
def table() -> Iterator[Table]:
    yield TABLE
    if TABLE.has_figures and not IS_SMALL:
        TABLE.store()
        draw()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if TABLE.has_figures or TABLE.skipped:
        terminalreporter.write_line("\n" + "\n".join([*TABLE.lines(), "", *TABLE.budget_lines()]))
