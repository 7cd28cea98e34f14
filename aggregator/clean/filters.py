"""The include and exclude filters of a source. Pure."""

from collections.abc import Mapping, Sequence
from typing import Literal

from aggregator.html.plain_text import plain_text
from aggregator.model.entry import CleanEntry
from aggregator.text.regex import matches

Field = Literal["title", "content", "author", "category", "link"]
Filter = Mapping[Field, str]


NOT_INCLUDED = "excluded: no filter of include holds"


def refusal(
    clean: CleanEntry, include: Sequence[Filter], exclude: Sequence[Filter], *, reason_before: str | None = None
) -> str:
    """Why the filters refuse the entry, "" where they do not. A filter matches if all of its fields do.

    `reason_before`: the reason given while the entry still had its text, None where it has it still. Filters on the
    content then match as they did before.
    """

    def matches(one: Filter, before: bool) -> bool:
        return before if reason_before is not None and "content" in one else _matches(one, clean)

    if include and not any(matches(one, reason_before != NOT_INCLUDED) for one in include):
        return NOT_INCLUDED
    held = next((one for one in exclude if matches(one, reason_before == _reason(one))), None)
    return _reason(held) if held else ""


def _reason(held: Filter) -> str:
    return f"excluded: {', '.join(f'{field} matches {pattern}' for field, pattern in held.items())}"


def _matches(filter_: Filter, clean: CleanEntry) -> bool:
    return all(any(matches(pattern, text) for text in _texts(field, clean)) for field, pattern in filter_.items())


def _texts(field: Field, clean: CleanEntry) -> tuple[str, ...]:
    """The texts of a field as a reader sees them, without markup."""
    match field:
        case "title":
            return (clean.title,)
        case "content":
            return plain_text(clean.summary), plain_text(clean.content)
        case "author":
            return tuple(person.name for person in clean.authors)
        case "category":
            return tuple(name for term in (*clean.terms, *clean.tags) for name in (term.term, term.label) if name)
        case "link":
            return (clean.link,)
