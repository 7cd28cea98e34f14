"""docs/reference/json.md, and a JSON Schema for each document, made of json_shapes.yaml."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

DRAFT = "https://json-schema.org/draft/2020-12/schema"
TYPES: dict[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "int": {"type": "integer"},
    "number": {"type": "number"},
    "bool": {"type": "boolean"},
    "time": {"type": "string", "format": "date-time"},
}
HEAD = """# JSON

What commands print with `--json`, and what the tree holds as JSON. A command prints one document on stdout and nothing
else there. Keys may be added by later versions, and none of these goes away or changes its meaning. A key in *italics*
may be absent, or stand in something that may; `?` behind a type allows null. Times are RFC 3339 in UTC.
"""
KINDS = "\n## Kinds of problems\n\n| kind | means |\n|---|---|\n"


@cache
def shapes() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "json_shapes.yaml").read_text("utf-8"))
    return found


def schema(name: str, *, closed: bool = False) -> dict[str, Any]:
    """`closed`: keys that it does not name are errors, for tests."""
    one = shapes()["documents"][name]
    return {"$schema": DRAFT, "title": one["of"], **_schema(one["shape"], closed)}


def schemas() -> dict[str, str]:
    """File name → text."""
    names = shapes()["documents"]
    return {f"{name}.schema.json": json.dumps(schema(name), indent=1, ensure_ascii=False) + "\n" for name in names}


def reference() -> str:
    documents = (_section(name, one) for name, one in shapes()["documents"].items())
    parts = (f"\n## Part: {name}\n{_table(one)}" for name, one in shapes()["parts"].items())
    kinds = (f"| {kind} | {means} |\n" for kind, means in shapes()["kinds"].items())
    return HEAD + "".join([*documents, *parts, KINDS, *kinds])


def _section(name: str, one: dict[str, Any]) -> str:
    says = f"{one['says']} " if "says" in one else ""
    return f"\n## {one['of']}\n\n{says}[Schema](schemas/{name}.schema.json)\n{_table(one['shape'])}"


def _table(shape: Any) -> str:
    rows = "".join(f"| {key} | {kind} | {meaning} |\n" for key, kind, meaning in _rows(shape, ""))
    return f"\n| key | type | |\n|---|---|---|\n{rows}"


def _schema(shape: Any, closed: bool) -> dict[str, Any]:
    match shape:
        case str():
            return _scalar(shape)
        case [item]:
            return {"type": "array", "items": _schema(item, closed)}
        case {"$": part}:
            return _schema(shapes()["parts"][part], closed)
        case {"$?": part}:
            return {"anyOf": [_schema(part, closed), {"type": "null"}]}
    named = {key.rstrip("?"): _schema(one, closed) for key, one in shape.items() if not key.startswith("<")}
    free = [_schema(one, closed) for key, one in shape.items() if key.startswith("<")]
    required = [key for key in shape if not key.endswith("?") and not key.startswith("<")]
    more = {"additionalProperties": free[0]} if free else {"additionalProperties": False} if closed else {}
    return {"type": "object", "properties": named, "required": required} | more


def _scalar(shape: str) -> dict[str, Any]:
    kind, _, meaning = shape.partition(": ")
    name = kind.removesuffix("?")
    found = TYPES.get(name) or {"enum": name.split("|")}
    described = {"description": meaning} if meaning else {}
    return described | ({"anyOf": [found, {"type": "null"}]} if kind != name else found)


def _rows(shape: Any, path: str) -> Iterator[tuple[str, str, str]]:
    match shape:
        case str():
            kind, _, meaning = shape.partition(": ")
            yield _key(path), ", ".join(f"`{one}`" for one in kind.split("|")) if "|" in kind else kind, meaning
        case [item]:
            yield from _rows(item, f"{path}[]")
        case {"$": part}:
            yield _key(path), f"[{part}](#part-{part})", ""
        case {"$?": part}:
            yield from ((key, f"{kind}, or null at `{path}`", says) for key, kind, says in _rows(part, path))
        case _:
            for key, one in shape.items():
                yield from _rows(one, f"{path}.{key}" if path else key)


def _key(path: str) -> str:
    name = path.replace("?", "")
    return f"*`{name}`*" if "?" in path else f"`{name}`"
