"""Pairs that are one entry: a story, and a copy of it under another address."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from tests.support.labelled_pairs.pair import LANGUAGES, UNSPACED, Item, LabelledPair, paragraphs, words_of

LEAD = 60  # words of a short excerpt


@dataclass(frozen=True, slots=True)
class Story:
    language: str
    number: int
    title: str
    headline: str
    text: list[str]
    edits: list[tuple[str, str]]

    @property
    def words(self) -> dict[str, Any]:
        return words_of(self.language)

    def item(self, host: str, *, title: str = "", text: list[str] | None = None, html: str = "") -> Item:
        html = html or paragraphs(self.text if text is None else text)
        return Item(title or self.title, html, f"https://{host}/{self.language}/{self.number}")


def pairs_that_are_one() -> Iterator[LabelledPair]:
    for language in LANGUAGES:
        for number, values in enumerate(words_of(language)["stories"]):
            story = Story(language, number, **values)
            for kind, copy in COPIES.items():
                if number in STORIES.get(kind, (0, 1, 2)):
                    one, other = copy(story)
                    yield LabelledPair(f"{kind} {language} {number}", kind, True, one, other, story.words["site"])


Documents = tuple[tuple[Item, ...], tuple[Item, ...]]


def _documents(story: Story, copy: Item) -> Documents:
    return (story.item("first.example"),), (copy,)


def _copied(story: Story, **changed: Any) -> Documents:
    return _documents(story, story.item("second.example", **changed))


def _edited(story: Story) -> Documents:
    text = "\n".join(story.text)
    for old, new in story.edits:
        text = text.replace(old, new)
    return _copied(story, text=text.split("\n"))


def _cut(story: Story) -> Documents:
    """The end is missing: an eighth of the last passages, with dots in its place."""
    return _copied(story, text=_first(story, 0.92))


def _lead(story: Story) -> Documents:
    whole = len("".join(story.text)) if story.language in UNSPACED else len(" ".join(story.text).split())
    return _copied(story, text=_first(story, (3 if story.language in UNSPACED else 1) * LEAD / whole))


def _first(story: Story, share: float) -> list[str]:
    """The first part of a story, cut between words."""
    if story.language in UNSPACED:
        text = "".join(story.text)
        return [text[: int(share * len(text))] + "……"]
    spoken = " ".join(story.text).split()
    return [" ".join(spoken[: int(share * len(spoken))]) + " …"]


def _with_footer(story: Story) -> Documents:
    """The copy's source puts a footer under each of its entries."""
    footer = story.words["footer"]
    others = [Story(story.language, n, **one) for n, one in enumerate(story.words["stories"]) if n != story.number]
    copies = [one.item("second.example", text=[*one.text, footer]) for one in [story, *others]]
    return (story.item("first.example"),), tuple(copies)


def _tracked(story: Story) -> Documents:
    query = "?utm_source=rss&utm_medium=feed"
    copy = story.item("second.example", text=[f'{one} <a href="https://b.example/{query}">*</a>' for one in story.text])
    return _documents(story, replace(copy, link=copy.link + query))


def _in_other_markup(story: Story) -> Documents:
    html = "<div>" + "<br><br>".join(f"<em>{one[:9]}</em>{one[9:]}" for one in story.text) + "</div>"
    return _copied(story, html=html)


QUOTES = {
    '"': "'",
    "„": '"',
    "“": '"',
    "”": '"',
    "«": '"',
    "»": '"',
    "’": "'",
    "「": "『",
    "」": "』",
    "—": "--",
    ",": ", ",
}


def _in_other_quotes(story: Story) -> Documents:
    table = str.maketrans(QUOTES)
    return _copied(story, title=story.title.translate(table), text=[one.translate(table) for one in story.text])


def _with_suffix(story: Story) -> Documents:
    return _copied(story, title=f"{story.title} | {story.words['site']}")


def _with_caption(story: Story) -> Documents:
    figure = (
        f'<figure><img src="https://second.example/x.jpg"><figcaption>{story.words["caption"]}</figcaption></figure>'
    )
    return _copied(story, html=figure + paragraphs(story.text))


def _in_two_sections(story: Story) -> Documents:
    """One site shows the same article on two of its pages."""
    one = story.item("site.example/news")
    return (one,), (replace(one, link=one.link.replace("/news/", "/region/")),)


COPIES: dict[str, Callable[[Story], Documents]] = {
    "edits": _edited,
    "cut": _cut,
    "lead": _lead,
    "headline": lambda story: _copied(story, title=story.headline),
    "footer": _with_footer,
    "tracking": _tracked,
    "markup": _in_other_markup,
    "quotes": _in_other_quotes,
    "correction": lambda story: _copied(story, text=[*story.text, story.words["correction"]]),
    "byline": lambda story: _copied(story, text=[story.words["byline"], *story.text]),
    "credit": lambda story: _copied(story, text=[*story.text, story.words["credit"]]),
    "suffix": _with_suffix,
    "caption": _with_caption,
    "sections": _in_two_sections,
}
STORIES = {"lead": (0,), "cut": (0, 1), "tracking": (0, 2), "suffix": (1, 2), "caption": (0, 1), "sections": (0,)}
