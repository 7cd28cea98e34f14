"""docs/reference/config.md: every key of the config with its default and what it means, as the JSON Schema says."""

import json
from collections.abc import Iterator
from typing import Any

from aggregator.config.json_schema import config_schema

HEAD = """# The config, key by key

Made from the program: `aggregator check --schema` prints the same as a JSON Schema for editors. What is not written has
its default; an unknown key is an error that names the nearest known one. `${NAME}` in any text is that
variable of the environment.
"""


def reference() -> str:
    schema = config_schema()
    return HEAD + "".join(_section(schema, schema["$defs"], ""))


def _section(part: dict[str, Any], parts: dict[str, Any], above: str) -> Iterator[str]:
    """The keys of a section in a table, then those below it."""
    rows = [f"| `{above}{name}` | {_default(one)} | {_cell(one['description'])} |\n" for name, one in _keys(part)]
    yield "".join([f"\n## {above.rstrip('.') or 'Sections'}\n\n| key | default | |\n|---|---|---|\n", *rows])
    for name, one in _keys(part):
        for inner in dict.fromkeys(_named(one)):
            if inner != "Variable":
                yield from _section(parts[inner], parts, f"{above}{name}.")


def _keys(part: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return list(part["properties"].items())


def _default(one: dict[str, Any]) -> str:
    return f"`{json.dumps(one['default'], ensure_ascii=False)}`" if "default" in one else ""


def _cell(text: str) -> str:
    return text.replace("|", r"\|").replace("*", r"\*").replace("<", "&lt;")


def _named(schema: Any) -> Iterator[str]:
    """The sections that a schema names."""
    if isinstance(schema, dict):
        if isinstance(schema.get("$ref"), str):
            yield schema["$ref"].rpartition("/")[2]
        schema = list(schema.values())
    if isinstance(schema, list):
        for one in schema:
            yield from _named(one)
