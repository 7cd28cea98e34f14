"""The program's own source: every module with its syntax tree, parsed once."""

import ast
from functools import cache
from pathlib import Path

import aggregator

PACKAGE = Path(aggregator.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))


def name_of(file: Path) -> str:
    """`posts.body` for its file, `posts` for that package; "" for the package itself."""
    return ".".join(file.relative_to(PACKAGE).with_suffix("").parts).removesuffix("__init__").removesuffix(".")


def names() -> list[str]:
    """Every module's name; nothing is parsed."""
    return [name_of(file) for file in FILES]


@cache
def modules() -> dict[str, ast.Module]:
    """Every module by its name."""
    return {name_of(file): ast.parse(file.read_bytes()) for file in FILES}
