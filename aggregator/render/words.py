"""The words of pages: whole sentences with named gaps, so that a translation may order them as it likes."""

from typing import Any

from markupsafe import Markup


def sentence(text: str, **values: Any) -> Markup:
    """The sentence with its `{gaps}` filled. Values are escaped, unless they are markup."""
    return Markup(text).format(**values)  # noqa: S704 - a sentence of a template, and values that it escapes


def counted(number: int, one: str, many: str) -> Markup:
    """`one` for the number 1, else `many`; both have the gap `{n}`."""
    return sentence(one if number == 1 else many, n=f"{number:,}")


WORDS: dict[str, Any] = {"sentence": sentence, "counted": counted}
