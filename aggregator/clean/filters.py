"""A source's include and exclude: which of its entries are let in. Pure."""

from collections.abc import Mapping, Sequence
from typing import Literal

from aggregator.html.plain_text import spoken
from aggregator.model.entry import CleanEntry
from aggregator.text.regex import found

Field = Literal["title", "content", "author", "category", "link"]
Filter = Mapping[Field, str]


NONE_HOLDS = "excluded: no filter of include holds"


def refusal(
    clean: CleanEntry, include: Sequence[Filter], exclude: Sequence[Filter], *, said_before: str | None = None
) -> str:
    """Why the entry is not let in, "" where it is. A filter of several fields asks for all of them.

    `said_before`: what was said of an entry while it had its text, which it has no more: what a filter says of the
    content stays as it was."""

    def holds(one: Filter, before: bool) -> bool:
        return before if said_before is not None and "content" in one else _holds(one, clean)

    if include and not any(holds(one, said_before != NONE_HOLDS) for one in include):
        return NONE_HOLDS
    held = next((one for one in exclude if holds(one, said_before == _told(one))), None)
    return _told(held) if held else ""


def _told(held: Filter) -> str:
    return f"excluded: {', '.join(f'{field} matches {pattern}' for field, pattern in held.items())}"


def _holds(filter_: Filter, clean: CleanEntry) -> bool:
    return all(any(found(pattern, text) for text in _texts(field, clean)) for field, pattern in filter_.items())


def _texts(field: Field, clean: CleanEntry) -> tuple[str, ...]:
    """What a reader reads: of summary and content the words, not their markup."""
    match field:
        case "title":
            return (clean.title,)
        case "content":
            return spoken(clean.summary), spoken(clean.content)
        case "author":
            return tuple(person.name for person in clean.authors)
        case "category":
            return tuple(name for term in (*clean.terms, *clean.tags) for name in (term.term, term.label) if name)
        case "link":
            return (clean.link,)
