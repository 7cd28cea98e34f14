"""The house: who may import whom. Imports point down, and each outside library has one door."""

import ast
import importlib
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import aggregator
from aggregator.errors import AggregatorError

PACKAGE = Path(aggregator.__file__).parent

# From the cellar to the roof. A part is a module, or a package with all that is in it.
ROOMS = {
    "words": "models document listings vitals meter pace errors",
    "rules": (
        " normalize addresses links markup nesting rewriting elements trackers embeds sanitize plaintext"
        " fingerprint extras clean steady expressions categories slugs likeness near matching variants holding"
        " polling paging identity filters outlines discovery history rhythm optout overlong globs generator"
        " removal sketch footer visible masking scrubbing"
    ),
    "edges": (
        "config fetch parse posts store render gate publish codec isolation metrics processes systemd watching"
        " collecting"
    ),
    "story": (
        "house report hiding ledger refine recording pulling listed lists folders shelf naming signing incoming moving"
        " placing deciding settling roster recleaning publishing pipeline batches checking overruling referring"
        " clock unasked explain rehearsing reviewing planning recovering subscribing health removals packed"
        " repairing contents pruning named_source"
    ),
    "engines": "server scheduler journal daemon",
    "front": "cli __main__",
}
ROOM_OF = {part: room for room, parts in ROOMS.items() for part in parts.split()}
HEIGHT = {room: height for height, room in enumerate(ROOMS)}

DOORS = {
    "aiohttp": "fetch",
    "alembic": "store",
    "anyascii": "slugs",
    "apscheduler": "polling scheduler",
    "backports": "codec fetch",
    "brotli": "fetch server",
    "certifi": "fetch",
    "feedgen": "render",
    "feedparser": "parse",
    "frontmatter": "posts",
    "httpx": "fetch",
    "httpx_aiohttp": "fetch",
    "idna": "addresses fetch",
    "jinja2": "render",
    "lxml": "gate render",
    "markdown_it": "posts",
    "markupsafe": "render",
    "msgspec": "codec render",
    "nh3": "sanitize",
    "opencc": "variants",
    "pebble": "isolation",
    "prometheus_client": "metrics",
    "pydantic": "config",
    "pypinyin": "slugs",
    "rapidfuzz": "variants",
    "re2": "expressions",
    "rensa": "near",
    "rich": "cli",
    "ruamel": "config",
    "sqlalchemy": "store",
    "starlette": "server",
    "structlog": "journal",
    "typer": "cli",
    "uvicorn": "server",
    "uvloop": "server",
    "watchfiles": "watching",
    "yaml": "config posts",
    "yarl": "fetch",
}
FILES = sorted(PACKAGE.rglob("*.py"))


def name_of(file: Path) -> str:
    """`aggregator.posts.dates` for its file."""
    return ".".join(["aggregator", *file.relative_to(PACKAGE).with_suffix("").parts]).removesuffix(".__init__")


def part_of(module: str) -> str:
    """`posts` for `aggregator.posts.dates`; "" for the package itself, which holds nothing but its version."""
    return module.partition(".")[2].partition(".")[0]


@cache
def imports(file: Path) -> list[tuple[str, int]]:
    """Modules that a file imports, anywhere in it, with their lines."""
    return list(_imports(ast.parse(file.read_bytes()), file))


def _imports(tree: ast.Module, file: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{file}:{node.lineno}: say the whole name of what is imported"
            yield from ((module_of(f"{node.module}.{alias.name}"), node.lineno) for alias in node.names)


def module_of(name: str) -> str:
    """`a.b` for `a.b.c` where `c` is no module of ours."""
    path = PACKAGE.parent.joinpath(*name.split("."))
    return name if path.is_dir() or path.with_suffix(".py").is_file() else name.rpartition(".")[0]


def ours() -> list[tuple[str, str, str]]:
    """(who imports, what of ours, where)."""
    return [
        (name_of(file), name, f"{file}:{line}")
        for file in FILES
        for name, line in imports(file)
        if name.startswith("aggregator.")
    ]


def foreign() -> list[tuple[str, str, str]]:
    """(who imports, which outside library, where)."""
    return [
        (name_of(file), top, f"{file}:{line}")
        for file in FILES
        for name, line in imports(file)
        if (top := name.partition(".")[0]) not in sys.stdlib_module_names | {"aggregator", "__future__", "compression"}
    ]


def test_every_module_has_its_room() -> None:
    parts = {part_of(name_of(file)) for file in FILES} - {""}
    assert parts == set(ROOM_OF)


def test_imports_point_down() -> None:
    for importer, imported, where in ours():
        room, other = ROOM_OF[part_of(importer)], ROOM_OF[part_of(imported)]
        assert HEIGHT[room] >= HEIGHT[other], f"{where}: {importer} ({room}) imports {imported} ({other})"


def test_words_import_nothing_but_words() -> None:
    words = ROOMS["words"].split()
    assert {part_of(imported) for importer, imported, _ in ours() if part_of(importer) in words} <= set(words)


def test_edges_do_not_know_each_other() -> None:
    """Nor the config: they are handed plain values."""
    for importer, imported, where in ours():
        part, other = part_of(importer), part_of(imported)
        if ROOM_OF[part] == ROOM_OF[other] == "edges":
            assert part == other, f"{where}: {importer} imports {imported}"


def test_nothing_imports_in_circles() -> None:
    needs: dict[str, set[str]] = {name_of(file): set() for file in FILES}
    for importer, imported, _ in ours():
        needs[importer].add(imported)
    while free := {module for module, needed in needs.items() if not needed & needs.keys() - {module}}:
        needs = {module: needed for module, needed in needs.items() if module not in free}
    assert not needs


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_what_decides_neither_waits_nor_touches_the_world(file: Path) -> None:
    """Words and rules are plain: no coroutine, no clock, no file, no network, no chance."""
    if ROOM_OF.get(part_of(name_of(file))) in {"words", "rules"}:
        world = {"asyncio", "os", "pathlib", "random", "secrets", "socket", "subprocess", "threading", "time", "uuid"}
        assert not {name.partition(".")[0] for name, _ in imports(file)} & world
        nodes = list(ast.walk(ast.parse(file.read_bytes())))
        calls = {ast.unparse(node.func) for node in nodes if isinstance(node, ast.Call)}
        assert not calls & {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "open", "print", "input"}
        assert not any(isinstance(node, ast.AsyncFunctionDef) for node in nodes)


def test_each_outside_library_has_one_door() -> None:
    found = foreign()
    for importer, library, where in found:
        assert part_of(importer) in DOORS.get(library, "").split(), f"{where}: {importer} imports {library}"
    assert {library for _, library, _ in found} == set(DOORS)


@pytest.mark.parametrize("module", [name_of(file) for file in FILES if "migrations" not in file.parts])
def test_every_error_is_one_of_ours_by_its_name_and_its_birth(module: str) -> None:
    if module.endswith("__main__"):
        return
    for name, kind in vars(importlib.import_module(module)).items():
        if isinstance(kind, type) and issubclass(kind, BaseException) and kind.__module__ == module:
            assert name.endswith("Error")
            assert issubclass(kind, AggregatorError) or name.startswith("_")


def test_no_module_is_a_drawer_for_odds_and_ends() -> None:
    words = {word for file in FILES for word in file.stem.strip("_").split("_")}
    assert not words & {"util", "utils", "helper", "helpers", "common", "manager", "managers", "misc", "base"}


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_no_file_is_too_long_to_be_read_at_once(file: Path) -> None:
    assert len(file.read_text(encoding="utf-8").splitlines()) <= 400
