"""Which tests run a line: only these can notice a fault in it. A plugin of pytest, for one run without any fault."""

import functools
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

AT_IMPORT = ""  # lines that ran outside of a test: every test depends on them


class Lines:
    """`tests`: file and line → the tests that run it; `seconds`: how long each test takes; `failed`: those that fail
    without any fault, and so prove nothing."""

    def __init__(self, folder: Path) -> None:
        self._folder = f"{folder}/"
        self._test = AT_IMPORT
        self.tests: dict[tuple[str, int], set[str]] = defaultdict(set)
        self.seconds: dict[str, float] = {}
        self.failed: set[str] = set()

    def start(self) -> None:
        sys.settrace(self._called)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self._test, began = item.nodeid, time.perf_counter()
        self._forget_results()
        self.start()  # some tests leave without it
        result = yield
        self.seconds[item.nodeid] = time.perf_counter() - began
        self._test = AT_IMPORT
        return result

    def _forget_results(self) -> None:
        """A result that an earlier test left in a cache would hide the lines that compute it."""
        for module in list(sys.modules.values()):
            if (getattr(module, "__file__", None) or "").startswith(self._folder):
                for value in vars(module).values():
                    if isinstance(value, functools._lru_cache_wrapper):
                        value.cache_clear()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed.add(report.nodeid)

    def _called(self, frame: FrameType, event: str, arg: Any) -> Any:
        return self._ran if frame.f_code.co_filename.startswith(self._folder) else None

    def _ran(self, frame: FrameType, event: str, arg: Any) -> Any:
        if event == "line":
            self.tests[frame.f_code.co_filename, frame.f_lineno].add(self._test)
        return self._ran

    def of(self, file: str, first: int, last: int) -> list[str]:
        """The tests that run one of the lines, the quickest first. A line that runs at import concerns every test that
        runs any line of the file."""
        found = set().union(*(self.tests.get((file, line), ()) for line in range(first, last + 1)))
        if AT_IMPORT in found or not found:
            found = set().union(*(tests for (one, _), tests in self.tests.items() if one == file))
        return sorted(found - {AT_IMPORT} - self.failed, key=lambda test: self.seconds.get(test, 0))
