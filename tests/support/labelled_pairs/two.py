"""Pairs that are two entries: both are made of one template."""

from collections.abc import Iterator
from typing import Any

from tests.support.labelled_pairs.pair import LANGUAGES, Item, LabelledPair, paragraphs, words_of

ONE_SITE = {"job"}  # both pages are on the site of the template
LONG = ("release", "agenda", "match", "recipe")


def pairs_that_are_two() -> Iterator[LabelledPair]:
    for language in LANGUAGES:
        for kind, template in words_of(language)["templates"].items():
            yield _pair(f"{kind} {language} under their titles", kind, template, language, titled=True, others=False)
            yield _pair(f"{kind} {language} under one title", kind, template, language, titled=False, others=True)
        for kind in LONG:
            template = words_of(language)["templates"][kind]
            yield _pair(f"{kind} {language} long", kind, template, language, titled=True, others=False, long=True)


def _pair(
    name: str, kind: str, template: dict[str, Any], language: str, *, titled: bool, others: bool, long: bool = False
) -> LabelledPair:
    """`others`: another entry of the template stands in each document. Notes always have some: their footer shows
    only there. A pair under one title shows other values than the one under its own titles."""
    first, second, third = template["values"]
    shown = (first, second) if titled else (second, third)
    more = template["values"] if kind == "notes" else (third if titled else first,) if others else ()
    title = template["title"] if titled else template["bare"]
    tail = words_of(language)["stories"][0]["text"] if long else []
    documents = []
    for side, values in enumerate(shown):
        beside = [other for other in more if other is not values]
        documents.append(
            tuple(
                _item(kind, title, template["text"], tail, used, side, number)
                for number, used in enumerate([values, *beside])
            )
        )
    one, other = documents
    return LabelledPair(name, kind, False, one, other)


def _item(kind: str, title: str, text: str, tail: list[str], values: dict[str, str], side: int, number: int) -> Item:
    host = f"{kind}.example/{('north', 'south')[side]}" if kind in ONE_SITE else f"{kind}-{side}.example"
    return Item(
        title=title.format(**values),
        html=paragraphs([*text.format(**values).split("\n\n"), *tail]),
        link=f"https://{host}/{number}",
        enclosure=f"https://audio-{side}.example/{number}.mp3" if kind == "podcast" else "",
    )
