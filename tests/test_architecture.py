"""The structure that ARCHITECTURE.md describes. `make lint` checks the import order (import-linter, pyproject.toml)."""

import ast
import importlib
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from aggregator.errors import AggregatorError
from tests.support import paths
from tests.support.program import FILES, PACKAGE, modules, name_of

PAGE = paths.PROJECT / "ARCHITECTURE.md"

# One outside library, one module, or one package where a library is a matter of all of it.
LIBRARIES = {
    "aiohttp": "fetch",
    "alembic": "store",
    "anyascii": "text.slugs",
    "apscheduler": "polling.cron daemon.scheduler",
    "backports": "codec fetch.decoding",
    "brotli": "fetch.decoding web",
    "cachetools": "publish.rendered_entries web.tree",
    "certifi": "fetch",
    "feedgen": "render",
    "feedparser": "parse",
    "frontmatter": "posts",
    "httpx": "fetch",
    "httpx_aiohttp": "fetch.transport",
    "idna": "text.urls fetch",
    "jinja2": "render",
    "lxml": "validate render",
    "markdown_it": "posts.markdown",
    "markupsafe": "render",
    "mdit_py_plugins": "posts.markdown",
    "msgspec": "codec render",
    "nh3": "html.sanitize",
    "opencc": "categories.variants.spellings",
    "pebble": "worker_pool",
    "procrastinate": "workers.queue",
    "prometheus_client": "metrics",
    "psycopg": "store.postgresql_copy workers.queue",
    "publicsuffixlist": "text.registrable_domain",
    "py3langid": "text.language",
    "pydantic": "config",
    "pypinyin": "text.slugs",
    "rapidfuzz": "categories.variants.typos",
    "re2": "text.regex",
    "rensa": "dedup.minhash",
    "rich": "cli",
    "ruamel": "config",
    "sqlalchemy": "store",
    "starlette": "web",
    "structlog": "daemon.log",
    "typer": "cli",
    "uvicorn": "web",
    "uvloop": "web",
    "watchfiles": "daemon.file_watch",
    "webencodings": "text.encoding_labels",
    "yaml": "config posts",
    "yarl": "fetch",
}
PURE = "model text html clean dedup polling categories errors events"
OURS = sys.stdlib_module_names | {"aggregator", "__future__", "compression"}


def is_in(module: str, places: str) -> bool:
    """Whether a module is one of the places, or stands in one that is a package."""
    return any(f"{module}.".startswith(f"{place}.") for place in places.split())


@cache
def imports(file: Path) -> list[tuple[str, int]]:
    """Modules that a file imports, anywhere in it, with their lines."""
    return list(_imports(modules()[name_of(file)], file))


def _imports(tree: ast.Module, file: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{file}:{node.lineno}: write the whole name of what is imported"
            yield str(node.module), node.lineno


def test_each_outside_library_is_used_where_it_belongs() -> None:
    found: dict[str, list[str]] = {}
    for file in FILES:
        for name, line in imports(file):
            if (library := name.partition(".")[0]) not in OURS:
                assert is_in(name_of(file), LIBRARIES.get(library, "")), f"{file}:{line} imports {library}"
                found.setdefault(library, []).append(name_of(file))
    for library, places in LIBRARIES.items():
        for place in places.split():
            assert any(is_in(module, place) for module in found.get(library, [])), f"{place} does not import {library}"


@pytest.mark.parametrize("package", PURE.split())
def test_rules_neither_wait_nor_touch_the_world(package: str) -> None:
    """Rules and words are plain: no coroutine, no clock, no file, no network, no chance."""
    world = {"asyncio", "os", "pathlib", "random", "secrets", "socket", "subprocess", "threading", "time", "uuid"}
    clock = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "open", "print", "input"}
    files = [file for file in FILES if is_in(name_of(file), package)]
    assert files
    for file in files:
        assert not {name.partition(".")[0] for name, _ in imports(file)} & world, file
        nodes = list(ast.walk(modules()[name_of(file)]))
        assert not {ast.unparse(node.func) for node in nodes if isinstance(node, ast.Call)} & clock, file
        assert not any(isinstance(node, ast.AsyncFunctionDef) for node in nodes), file


def test_every_error_is_one_of_ours_by_its_name_and_its_class() -> None:
    found = 0
    for name_here in [f"aggregator.{name_of(file)}".rstrip(".") for file in FILES if "migrations" not in file.parts]:
        if name_here.endswith("__main__"):
            continue
        for name, kind in vars(importlib.import_module(name_here)).items():
            if isinstance(kind, type) and issubclass(kind, BaseException) and kind.__module__ == name_here:
                assert name.endswith("Error"), name_here
                assert issubclass(kind, AggregatorError) or name.startswith("_"), name_here
                found += 1
    assert found > 10


def test_no_module_is_a_drawer_for_odds_and_ends() -> None:
    words = {word for file in FILES for word in file.stem.strip("_").split("_")}
    assert not words & {"util", "utils", "helper", "helpers", "common", "manager", "managers", "misc", "base"}


def test_no_module_is_too_long_to_be_read_at_once() -> None:
    lengths = {name_of(file): len(file.read_text(encoding="utf-8").splitlines()) for file in FILES}
    assert not {name: length for name, length in lengths.items() if length > 300}


def test_few_modules_stand_beside_the_packages() -> None:
    assert len([file for file in PACKAGE.glob("*.py") if file.stem != "__init__"]) <= 14


def test_the_page_names_every_package_and_no_other() -> None:
    described = set(re.findall(r"^\| `aggregator/([\w/]+)/` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    packages = {
        str(file.parent.relative_to(PACKAGE)) for file in PACKAGE.rglob("__init__.py") if file.parent != PACKAGE
    } - {"store/migrations", "store/migrations/versions"}
    assert described == packages


def test_every_module_that_the_page_names_exists() -> None:
    named = set(re.findall(r"`((?:[a-z_0-9]+/)*[a-z_0-9]+)\.py`", PAGE.read_text(encoding="utf-8")))
    assert len(named) > 20
    assert not {name for name in named if not (PACKAGE / f"{name}.py").is_file()}
