"""A number with its noun, as sentences have it."""


def count_of(count: int, one: str, several: str = "") -> str:
    """Such as "1 feed" or "1,200 feeds". `several`: default `one` with an s; both may have a verb ("feeds are")."""
    return f"{count:,} {one if count == 1 else several or one + 's'}"
