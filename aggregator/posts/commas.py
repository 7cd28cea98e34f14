"""Items between commas, also those of Chinese, Japanese and Arabic, which their writers type for the one of ASCII."""

import re

from aggregator.posts.strict_readers import Plain, Value

_OTHERS = re.compile("[，、､،]")


def at_commas(text: str) -> list[str]:
    """The items in a text. Where it has commas of ASCII, these separate, and the others are text."""
    items = text.split(",") if "," in text else _OTHERS.split(text)
    return [item.strip() for item in items if item.strip()]


def items_of(value: list[Value]) -> list[Value]:
    """The items of a list. YAML reads `[编程，网络]` as a list of one; what is in quotes is one."""
    if len(value) == 1 and isinstance(value[0], Plain) and "," not in value[0] and _OTHERS.search(value[0]):
        return [*at_commas(value[0])]
    return value
