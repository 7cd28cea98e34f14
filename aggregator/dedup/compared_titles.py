"""Two titles without what a source or an editor puts around them. Pure."""

from typing import NamedTuple

from aggregator.dedup.replaced_words import title_words
from aggregator.dedup.shingles import tokens

OPENING, CLOSING = "([{【〔", ")]}】〕"
LEAST_HEADLINE = 4  # words or characters with which a text may begin, so that they are its headline


class Titled(NamedTuple):
    """A folded title, the folded title of its source, and the folded text below it."""

    title: str
    site: str
    text: str


def comparable_titles(one: Titled, other: Titled) -> tuple[str, str]:
    """Both titles without the names of their sites, and without a label in brackets that only one begins with:
    `[Update] Title`. Equal where the text below one begins with the title of the other: there it is the headline."""
    if _is_headline(one.title, other.text) or _is_headline(other.title, one.text):
        return one.title, one.title
    titles = tuple(_without_site(each.title, each.site) for each in (one, other))
    is_labeled = [title.startswith(tuple(OPENING)) for title in titles]
    first, second = map(_behind_label, titles) if sum(is_labeled) == 1 else titles
    return first, second


def brackets(title: str) -> list[str]:
    """What stands in brackets in a title, in order."""
    found, start = [], None
    for at, character in enumerate(title):
        if character in OPENING:
            start = at + 1
        elif character in CLOSING and start is not None:
            found.append(title[start:at].strip())
            start = None
    return found


def _is_headline(title: str, text: str) -> bool:
    words = title_words(title)
    return len(words) >= LEAST_HEADLINE and tokens(text)[: len(words)] == words


def _without_site(title: str, site: str) -> str:
    """Without the name of its site behind a sign: `Title | Site`, `Title (site.example)`."""
    last = brackets(title)[-1:]
    if last and title.endswith(tuple(CLOSING)) and _is_host(last[0]):
        return title[: title.rindex(last[0]) - 1].rstrip()
    bare = title.removesuffix(site).rstrip() if site else title
    is_apart = bare and bare != title and not bare[-1].isalnum() and bare[-1] not in CLOSING
    return bare[:-1].rstrip() if is_apart else title


def _is_host(text: str) -> bool:
    parts = text.split(".")
    return len(parts) > 1 and all(part.replace("-", "").isalnum() for part in parts) and parts[-1].isalpha()


def _behind_label(title: str) -> str:
    """The title behind brackets at its beginning."""
    ends = [title.index(character) for character in CLOSING if character in title]
    return title[min(ends) + 1 :].strip() if title.startswith(tuple(OPENING)) and ends else title
