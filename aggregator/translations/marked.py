"""Marks texts that are translated where they are shown, so that `make translations` finds them where they stand."""


def msgid(text: str) -> str:
    return text


def msgids(one: str, many: str) -> tuple[str, str]:
    """`one`: for the number 1; `many`: for other numbers. Both have the gap `{n}`."""
    return one, many
