"""The JSON Schema of config.yaml, for editors: pydantic's schema, changed to describe what people may write.

This program reads every scalar as text, also `no` and `010`; an editor sees numbers and booleans as YAML does. So each
key allows both, and `${NAME}` wherever a value has a format.
"""

from typing import Any

from aggregator.config.model import Config
from aggregator.text.slugs import RESERVED

DRAFT = "https://json-schema.org/draft/2020-12/schema"
VARIABLE = {"$ref": "#/$defs/Variable"}
NOTHING = {"type": "null"}
FLAG = r"^([Tt]([Rr][Uu][Ee])?|[Yy]([Ee][Ss])?|[Oo][Nn]|1|[Ff]([Aa][Ll][Ss][Ee])?|[Nn][Oo]?|[Oo][Ff][Ff]|0)$"
NUMBER = {"integer": r"^\s*[+-]?[0-9][0-9_]*(\.0*)?\s*$", "number": r"^\s*[+-]?[0-9._]+([eE][+-]?[0-9]+)?\s*$"}


def config_schema() -> dict[str, Any]:
    schema = Config.model_json_schema()
    parts = {name: _section(part) for name, part in schema["$defs"].items()}
    parts["SourceConfig"]["required"] = []
    parts["SourceConfig"]["oneOf"] = [{"required": ["url"]}, {"required": ["opml"]}]
    parts["ExtraConfig"]["properties"]["id"]["not"] = {"enum": sorted(RESERVED)}
    parts["Variable"] = {
        "description": "An environment variable.",
        "type": "string",
        "pattern": r"\$\{\w+\}",
    }
    head = {"$schema": DRAFT, "title": "config.yaml of aggregator"}
    return head | _section(schema) | {"$defs": dict(sorted(parts.items()))}


def _section(part: dict[str, Any]) -> dict[str, Any]:
    required = part.get("required", [])
    keys = {name: _key(schema, is_required=name in required) for name, schema in part["properties"].items()}
    return {"type": "object", "additionalProperties": False, "required": required, "properties": keys}


def _key(schema: dict[str, Any], *, is_required: bool) -> dict[str, Any]:
    """The schema of a key. A key without a value means its default."""
    described: dict[str, Any] = {"description": schema["description"]}
    if not is_required and not isinstance(schema.get("default", {}), dict):
        described["default"] = schema["default"]
    allowed = _value({name: one for name, one in schema.items() if name not in {"default", "description", "title"}})
    return described | (allowed if is_required else _either(allowed, NOTHING))


def _value(schema: dict[str, Any]) -> dict[str, Any]:
    match schema:
        case {"$ref": _}:
            return schema
        case {"anyOf": options}:
            return _either(*map(_value, options))
        case {"type": "array", "items": items}:
            return schema | {"items": _value(items)}
        case {"type": "object", "additionalProperties": dict() as values}:
            return schema | {"additionalProperties": _value(values)}
        case {"type": "object", "patternProperties": patterns}:
            named = {pattern: _value(values) for pattern, values in patterns.items()}
            return {"type": "object", "patternProperties": named, "additionalProperties": False}
        case {"type": "boolean"}:
            return _either(schema, {"enum": [0, 1]}, {"type": "string", "pattern": FLAG}, VARIABLE)
        case {"type": "integer" | "number" as kind}:
            return _either(schema, {"type": "string", "pattern": NUMBER[kind]}, VARIABLE)
        case {"pattern": _} | {"enum": _} | {"format": _}:
            return _either(schema, VARIABLE)
    return schema


def _either(*options: dict[str, Any]) -> dict[str, Any]:
    """`anyOf` the options, flattened and without repetitions."""
    flat = [one for option in options for one in (option["anyOf"] if option.keys() == {"anyOf"} else [option])]
    found = [one for i, one in enumerate(flat) if one not in flat[:i]]
    return found[0] if len(found) == 1 else {"anyOf": found}
