"""The line that would be right, for a value of another shape than the key takes."""

import json
from typing import Any

from aggregator.config.yaml_lines import Keys
from aggregator.config.yaml_scalars import in_line, value

SHAPES = frozenset(
    {"tuple_type", "model_type", "dict_type", "value_error", "string_type"}
)  # kinds of errors of pydantic
LONGEST = 200  # characters
_FIRST = {"sources": "url", "posts": "path"}  # lists of mappings, and the key that an item needs


def right_line(keys: Keys, given: Any) -> str:
    """In backticks; "" where it cannot be told. `given`: what stands in the file at `keys`."""
    line = _line(keys, given)
    return f"`{line}`" if line and len(line) <= LONGEST else ""


def _line(keys: Keys, given: Any) -> str:
    first = _FIRST.get(str(keys[0])) if keys else None
    if first and len(keys) <= 2:
        return _item(first, given)
    if isinstance(given, dict) and len(given) == 1 and isinstance(keys[-1], int):
        [(key, inner)] = given.items()
        return json.dumps(f"{key}: {inner}", ensure_ascii=False) if isinstance(inner, str) else ""
    if isinstance(given, str) and given and _is_list(keys):
        return in_line([one.strip() for one in given.split(",") if one.strip()], value)
    return ""


def _item(first: str, given: Any) -> str:
    """An item of `sources` or `posts`."""
    if isinstance(given, str) and given:
        return f"- {first}: {value(given)}"
    if isinstance(given, dict) and isinstance(inner := given.get(first), str):
        return f"- {first}: {value(inner)}"
    return ""


def _is_list(keys: Keys) -> bool:
    """Whether the mistake is that a value is no list; texts are refused for other reasons."""
    return keys[-1] in {"categories", "drop", "generic", "formats", "include", "exclude"} or "aliases" in keys[:-1]
