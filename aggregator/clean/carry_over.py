"""Keeps the old text of an entry where only its bytes changed, not its content. Pure."""

from dataclasses import replace

from aggregator.html.plain_text import addresses
from aggregator.model.document import Extension, RawEntry
from aggregator.model.entry import CleanEntry

COUNTS = frozenset({"media:community", "slash:comments", "slash:hit_parade", "thr:total"})


def is_same_content(old: CleanEntry, new: CleanEntry) -> bool:
    """Whether only white space, counts of comments and the like differ.

    Changed addresses in the text make a difference, although they are no edit: signed ones expire. So does a changed
    summary beside the content, which the digest does not cover. One text is the same as content and as summary:
    publishers move it from one to the other.
    """
    if old.digest != new.digest or addresses(_body(old)) != addresses(_body(new)):
        return False
    return _beside_content(old) == _beside_content(new)


def is_same_draft(old: RawEntry, new: RawEntry) -> bool:
    """Whether both say the same, whatever their references resolve against: a base that our rules find is no edit."""
    return _without_bases(old) == _without_bases(new)


def _without_bases(draft: RawEntry) -> RawEntry:
    title, summary, content = (text and replace(text, base="") for text in (draft.title, draft.summary, draft.content))
    return replace(draft, title=title, summary=summary, content=content, base="")


def with_old_text(old: RawEntry, new: RawEntry) -> RawEntry:
    """The new draft with the text of the old one, so that what is derived from it stays the same to the byte."""
    extras = _merged(old.extras, new.extras)
    return replace(new, title=old.title, summary=old.summary, content=old.content, extras=extras)


def with_old_clean_text(old: CleanEntry, new: CleanEntry) -> CleanEntry:
    return replace(
        new,
        title=old.title,
        title_html=old.title_html,
        summary=old.summary,
        content=old.content,
        fingerprint=old.fingerprint,
        texts=old.texts,
        extras=_merged(old.extras, new.extras),
    )


def _merged(old: tuple[Extension, ...], new: tuple[Extension, ...]) -> tuple[Extension, ...]:
    """The old elements where only counts differ, which grow with every poll; else the new ones."""
    return old if _without_counts(old) == _without_counts(new) else new


def _without_counts(extras: tuple[Extension, ...]) -> list[Extension]:
    """Without counts at any depth: YouTube has its views in a media:group."""
    kept = (one for one in extras if one.name not in COUNTS)
    return [replace(one, children=tuple(_without_counts(one.children))) if one.children else one for one in kept]


def _beside_content(clean: CleanEntry) -> str:
    return clean.summary if clean.content else ""


def _body(clean: CleanEntry) -> str:
    return clean.content or clean.summary
