"""docs/reference/config.md: every key of the config with type, default and example, as the JSON Schema says."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from aggregator.config.json_schema import config_schema

EXAMPLES = Path(__file__).parent / "config_examples.yaml"
HEAD = """# The config, key by key

Made from the program: `aggregator check --schema` prints the same as a JSON Schema for editors
(`# yaml-language-server: $schema=…` as the first line of `config.yaml`). What is not written has its default; an
unknown key is an error that names the nearest known one. `${NAME}` in any text is that variable of the environment.
Relative paths start at the folder of the config. A duration is a number with `s`, `m`, `h`, `d` or `w`, also several of
them: `1h30m`.
"""
PATTERNS = {  # part of a pattern: what people call it
    "[smhdw]": "duration",
    "[KMG]": "size",
    "[0-9]{4}-": "date",
    "[Hh][Tt][Tt][Pp]": "web address",
    "[^/]*(/": "category",
    "[a-z0-9-]{0,99}": "id",
}

PLURALS = {"section": "sections", "map": "maps", "category": "categories", "duration": "durations"}
FIXED = {"adaptive", "forever", "keep", "tag", "drop"}  # words that are values of their own beside a pattern


def reference() -> str:
    schema = config_schema()
    return HEAD + "".join(_section(schema, schema["$defs"], "", examples()))


def examples() -> dict[str, Any]:
    """A config in which keys have the values that the reference shows."""
    found: dict[str, Any] = yaml.safe_load(EXAMPLES.read_text("utf-8"))
    return found


def _section(part: dict[str, Any], parts: dict[str, Any], above: str, shown: Any) -> Iterator[str]:
    """The keys of a section in a table, then those below it."""
    rows = [_row(f"{above}{name}", one, _example(shown, name)) for name, one in _keys(part)]
    yield f"\n## {above.rstrip('.') or 'Sections'}\n\n| key | type | default | example | |\n|---|---|---|---|---|\n"
    yield from rows
    for name, one in _keys(part):
        for inner in dict.fromkeys(_named(one)):
            if inner != "Variable":
                yield from _section(parts[inner], parts, f"{above}{name}.", _one(_example(shown, name), parts[inner]))


def _row(key: str, one: dict[str, Any], example: Any) -> str:
    default = f"`{json.dumps(one['default'], ensure_ascii=False)}`" if "default" in one else ""
    written = "" if any(_named(one, beside="Variable")) or example is None else _code(_flow(example))
    return f"| `{key}` | {_type(one)} | {default} | {written} | {_cell(one['description'])} |\n"


def lacking() -> list[str]:
    """Keys that have neither an example nor keys of their own; of `hub` only one value is allowed."""
    rows = [line.split(" | ") for line in reference().splitlines() if line.startswith("| `")]
    return [row[0] for row in rows if not row[3].strip() and row[1] not in {"", "section", "list of sections", "map"}]


def _example(shown: Any, name: str) -> Any:
    return shown.get(name) if isinstance(shown, dict) else None


def _one(example: Any, section: dict[str, Any]) -> Any:
    """The values of a section that stands in a list, or under names of the user's own."""
    if isinstance(example, list):
        return {key: value for one in reversed(example) for key, value in one.items()}
    if isinstance(example, dict) and not example.keys() & section["properties"].keys():
        return _one(list(example.values()), section)
    return example


def _flow(example: Any) -> str:
    text = yaml.safe_dump(example, default_flow_style=True, allow_unicode=True, width=1000, sort_keys=False)
    return text.removesuffix("\n").removesuffix("\n...")


def _keys(part: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return list(part["properties"].items())


def _type(schema: dict[str, Any]) -> str:
    """In words: `text`, `duration`, `list of categories`."""
    options = schema.get("anyOf", [schema])
    words = [_kind(one) for one in options if one.get("type") != "null" and one.get("$ref") != "#/$defs/Variable"]
    return " or ".join(dict.fromkeys(filter(None, words)))


def _kind(schema: dict[str, Any]) -> str:
    if "anyOf" in schema:
        return _type(schema)
    if "enum" in schema:
        names = [one for one in schema["enum"] if isinstance(one, str) and not one.isdigit()]
        return ", ".join(f"`{one}`" for one in names if one)
    pattern = schema.get("pattern", "")
    match schema.get("type"):
        case "boolean":
            return "`true`, `false`"
        case "integer":
            return "whole number"
        case "number":
            return "number"
        case "array":
            items = _type(schema["items"])
            return f"list of {PLURALS.get(items, items)}" if items else "list"
        case "object":
            return "section" if "properties" in schema else "map"
        case None if "$ref" in schema:
            return "section"
        case "string" if "[Tt]([Rr]" in pattern or pattern.startswith(r"^\s*[+-]?[0-9"):
            return ""  # the text of a boolean or a number
    name = next((name for part, name in PATTERNS.items() if part in pattern), "text")
    words = [f"`{one}`" for one in schema.get("examples", ()) if one in FIXED]
    return ", ".join([*words, name, *(["`cron: …`"] if "cron:" in pattern else [])])


def _cell(text: str) -> str:
    return text.replace("|", r"\|").replace("*", r"\*").replace("<", "&lt;")


def _code(text: str) -> str:
    """Python-Markdown shows a backslash before a bar in code; GitHub ends the cell at a bar without one."""
    bar = text.replace("&", "&amp;").replace("<", "&lt;").replace("|", "&#124;")
    return f"<code>{bar}</code>" if "|" in text else f"`{text}`"


def _named(schema: Any, *, beside: str = "") -> Iterator[str]:
    """The sections that a schema names."""
    if isinstance(schema, dict):
        if isinstance(schema.get("$ref"), str) and (name := schema["$ref"].rpartition("/")[2]) != beside:
            yield name
        schema = list(schema.values())
    if isinstance(schema, list):
        for one in schema:
            yield from _named(one, beside=beside)
