"""`python -m tests.mutants [--count N] [--seed N] [--slice K/N] [--only TEXT]`: which faults do the tests notice?

Each mutant is a fork of this process, which has loaded the libraries. The fork imports the program with the fault in
it, and runs the tests that run its line until one fails.
"""

import argparse
import importlib
import importlib.abc
import importlib.machinery
import os
import pickle
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from types import CodeType

from tests.mutants.lines import Lines
from tests.mutants.operators import Mutant, mutants, mutated

PROJECT = Path(__file__).parents[2]
SEED = 20261130
LIMIT = 300.0  # seconds for the tests of one mutant; a fault that makes them endless is noticed
TESTS = {
    "dedup": """
        unit/dedup unit/merge unit/clean
        scenarios/test_claimed_ids.py scenarios/test_moved_entries.py scenarios/test_churn.py scenarios/test_crowds.py
        scenarios/test_moved_sources.py scenarios/test_removals.py scenarios/test_no_edits.py
        scenarios/test_complaints.py scenarios/test_mirrors.py scenarios/test_also_published.py
        scenarios/test_copies_corpus.py commands/test_explain.py
    """,
    "categories": """
        unit/categories unit/term_review laws/test_categories.py
        scenarios/test_categories.py scenarios/test_few_feeds.py scenarios/test_feed_quota.py scenarios/test_mirrors.py
        commands/test_categories.py
    """,
    "html": """
        unit/html unit/clean unit/parse laws/test_growth.py scenarios/test_pages.py scenarios/test_fields.py
    """,
    "polling": """
        unit/polling unit/pull laws/test_polling.py
        scenarios/test_floods.py scenarios/test_taken_over.py scenarios/test_manners.py scenarios/test_polite_week.py
        scenarios/test_sources.py commands/test_status.py
    """,
}


class WithFault(importlib.abc.MetaPathFinder):
    """Finds one module as usual, but with the fault."""

    def __init__(self, mutant: Mutant, file: Path) -> None:
        self._mutant, self._file = mutant, file

    def find_spec(self, fullname: str, path: object, target: object = None) -> importlib.machinery.ModuleSpec | None:
        if fullname != self._mutant.module:
            return None
        loader = _Loader(fullname, str(self._file))
        loader.mutant = self._mutant
        folder = [str(self._file.parent)] if self._file.name == "__init__.py" else None
        spec = importlib.machinery.ModuleSpec(fullname, loader, origin=str(self._file), is_package=folder is not None)
        spec.has_location = True
        return spec


class _Loader(importlib.machinery.SourceFileLoader):
    mutant: Mutant

    def get_code(self, fullname: str) -> CodeType:
        return compile(mutated(Path(self.path).read_bytes(), self.mutant), self.path, "exec", dont_inherit=True)


def chosen(count: int, seed: int) -> list[Mutant]:
    """`count` of all mutants of the packages, the same ones for a seed and a text of the program."""
    every = [one for package in TESTS for file in files(package) for one in mutants(name_of(file), file.read_bytes())]
    return sorted(random.Random(seed).sample(every, min(count, len(every))), key=str)


def files(package: str) -> list[Path]:
    return sorted((PROJECT / "aggregator" / package).rglob("*.py"))


def name_of(file: Path) -> str:
    return ".".join(file.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__")


def file_of(mutant: Mutant) -> Path:
    base = PROJECT.joinpath(*mutant.module.split("."))
    return base / "__init__.py" if base.is_dir() else base.with_suffix(".py")


def package_of(mutant: Mutant) -> str:
    return mutant.module.split(".")[1]


def lines_of(package: str) -> Lines:
    """Runs the tests of the package without any fault."""
    with TemporaryDirectory() as folder:
        file = Path(folder, "lines")
        child = os.fork()
        if not child:
            lines = Lines(PROJECT / "aggregator" / package)
            lines.start()
            _pytest([str(PROJECT / "tests" / one) for one in TESTS[package].split()], lines)
            file.write_bytes(pickle.dumps((dict(lines.tests), lines.seconds, lines.failed)))
            os._exit(0)
        os.waitpid(child, 0)
        found = Lines(PROJECT / "aggregator" / package)
        found.tests, found.seconds, found.failed = pickle.loads(file.read_bytes())
        return found


def is_noticed(mutant: Mutant, tests: Sequence[str]) -> bool:
    child = os.fork()
    if not child:
        os.setsid()
        sys.meta_path.insert(0, WithFault(mutant, file_of(mutant)))
        os._exit(_pytest(tests))
    return _status_of(child) != 0


def _status_of(child: int) -> int:
    """Its exit status; -1 where it took too long."""
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.05)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return -1


def _pytest(tests: Sequence[str], *plugins: object) -> int:
    import pytest

    void = os.open(os.devnull, os.O_WRONLY)
    os.dup2(void, 1)
    os.dup2(void, 2)
    once = [] if plugins else ["-x"]
    return int(pytest.main([*tests, *once, "-q", "-n", "0", "-p", "no:cacheprovider", "--hypothesis-seed=0"], plugins))


def told(found: Sequence[tuple[Mutant, bool]]) -> Iterator[str]:
    """A line for each package, and one for all."""
    every, noticed = Counter(package_of(one) for one, _ in found), Counter(package_of(one) for one, was in found if was)
    for package in (*TESTS, ""):
        of = every[package] if package else every.total()
        if of:
            killed = noticed[package] if package else noticed.total()
            yield f"{package or 'all':<12} {killed:>4} of {of:>4} noticed  {killed / of:.0%}"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--slice", default="1/1", help="the first of four quarters: 1/4")
    parser.add_argument("--only", default="", help="mutants whose line has this text")
    options = parser.parse_args()
    number, of = map(int, options.slice.split("/"))
    for library in ("feedparser", "lxml.etree", "pydantic", "sqlalchemy", "typer"):
        importlib.import_module(library)  # once for all
    tried = [one for one in chosen(options.count, options.seed) if options.only in str(one)][number - 1 :: of]
    with TemporaryDirectory() as folder:  # of its own: slices may run beside each other
        os.environ |= {"PYTEST_DEBUG_TEMPROOT": folder, "HYPOTHESIS_STORAGE_DIRECTORY": f"{folder}/examples"}
        print(*told(list(_tried(tried))), sep="\n")


def _tried(mutants_of_slice: Sequence[Mutant]) -> Iterator[tuple[Mutant, bool]]:
    lines: dict[str, Lines] = {}
    for mutant in mutants_of_slice:
        package = package_of(mutant)
        if package not in lines:
            lines[package] = lines_of(package)
        tests = lines[package].of(str(file_of(mutant)), mutant.line, mutant.last)
        was = bool(tests) and is_noticed(mutant, tests)
        print("noticed " if was else "SURVIVES", mutant, f"({len(tests)} tests)", flush=True)
        yield mutant, was


if __name__ == "__main__":
    main()
