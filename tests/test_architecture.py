"""The house: who may import whom, and which library lives in which room."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "aggregator"

ROOMS = {
    "words": ["models", "errors"],
    "rules": """
        addresses categories clean elements embeds filters fingerprint identity known likeness links markup matching
        nesting normalize polling rewriting sanitize slugs trackers
    """.split(),
    "edges": ["codec", "config", "fetch", "isolation", "parse", "posts", "publish", "render", "store"],
    "story": """
        checking deciding folders house pipeline publishing pulling recleaning refine report roster selecting settling
        shelf
    """.split(),
    "front": ["cli", "__main__"],
}
ORDER = list(ROOMS)
ROOM_OF = {name: room for room, names in ROOMS.items() for name in names}

# An outside library and the only modules that may speak to it.
LIBRARIES = {
    "aiohttp": {"fetch"},
    "alembic": {"store"},
    "anyascii": {"slugs"},
    "apscheduler": {"polling"},
    "backports": {"fetch"},
    "brotli": {"fetch"},
    "certifi": {"fetch"},
    "compression": {"fetch"},  # of the standard library from 3.14 on
    "feedgen": {"render"},
    "feedparser": {"parse"},
    "frontmatter": {"posts"},
    "httpx": {"fetch"},
    "httpx_aiohttp": {"fetch"},
    "idna": {"addresses", "fetch"},
    "jinja2": {"render"},
    "lxml": {"render"},
    "markdown_it": {"posts"},
    "markupsafe": {"render"},
    "msgspec": {"codec"},
    "nh3": {"sanitize"},
    "pebble": {"isolation"},
    "pydantic": {"config"},
    "pydantic_core": {"config"},
    "pypinyin": {"slugs"},
    "rich": {"cli"},
    "sqlalchemy": {"store"},
    "typer": {"cli"},
    "yaml": {"config", "posts"},
    "yarl": {"fetch"},
}

FILES = sorted(PACKAGE.rglob("*.py"))


def module(file: Path) -> str:
    """The module of the house that a file belongs to: the first name below the package."""
    first = file.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def imports(file: Path) -> Iterator[tuple[str, int]]:
    """Every module that a file imports, inside functions and for type checking too, with its line."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            if node.module == "aggregator":
                yield from ((f"aggregator.{alias.name}", node.lineno) for alias in node.names)
            else:
                yield node.module, node.lineno


def ours(file: Path) -> Iterator[tuple[str, int]]:
    for name, line in imports(file):
        parts = name.split(".")
        if parts[0] == "aggregator" and len(parts) > 1 and parts[1] != "__version__":
            yield parts[1], line


def test_every_module_has_a_room() -> None:
    modules = {module(file) for file in FILES} - {"__init__"}
    assert modules <= ROOM_OF.keys(), f"without a room: {modules - ROOM_OF.keys()}"


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_imports_point_down(file: Path) -> None:
    """Nobody imports from a room above; words and edges do not import each other's neighbors."""
    me = module(file)
    if me == "__init__":
        return
    room = ROOM_OF[me]
    for other, line in ours(file):
        where = f"{file.relative_to(PACKAGE)}:{line} imports {other}"
        assert ORDER.index(ROOM_OF[other]) <= ORDER.index(room), f"{where}, which is above it"
        if room == "edges":
            assert other == me or ROOM_OF[other] != "edges", f"{where}: edges do not know each other"


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_an_outside_library_has_one_door(file: Path) -> None:
    for name, line in imports(file):
        library = name.split(".")[0]
        if library in sys.stdlib_module_names or library == "aggregator":
            continue
        where = f"{file.relative_to(PACKAGE)}:{line} imports {library}"
        assert library in LIBRARIES, f"{where}, which has no door yet"
        assert module(file) in LIBRARIES[library], f"{where}, which belongs to {LIBRARIES[library]}"


def test_rules_neither_wait_nor_touch_the_world() -> None:
    """What decides is plain: no coroutine, no clock, no file, no network."""
    forbidden = {"asyncio", "socket", "subprocess", "time", "pathlib", "os", "random", "threading"}
    for file in FILES:
        if ROOM_OF.get(module(file)) in {"words", "rules"}:
            tree = ast.parse(file.read_text(encoding="utf-8"))
            assert not any(isinstance(node, ast.AsyncFunctionDef) for node in ast.walk(tree)), file
            assert not {name.split(".")[0] for name, _ in imports(file)} & forbidden, file


def test_exceptions_end_in_error() -> None:
    for file in FILES:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and any("Error" in ast.unparse(base) for base in node.bases):
                assert node.name.endswith("Error"), f"{file.name}: {node.name}"


def test_modules_are_small_and_named_for_what_they_hold() -> None:
    for file in FILES:
        assert not {"utils", "util", "helpers", "common", "manager", "misc"} & set(file.stem.split("_")), file
        assert len(file.read_text(encoding="utf-8").splitlines()) <= 400, file
