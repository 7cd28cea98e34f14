"""What a labelled pair is, and the words that pairs are made of."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

LANGUAGES = ("en", "de", "fr", "es", "zh", "ja", "ru", "ar")
UNSPACED = ("zh", "ja")


@dataclass(frozen=True, slots=True)
class Item:
    """One entry as a source shows it; `html`: its content; `enclosure`: an address of a file, "" for none."""

    title: str
    html: str
    link: str
    enclosure: str = ""


@dataclass(frozen=True, slots=True)
class LabelledPair:
    """`one` and `other`: the documents of two sources. Their first entries are compared, the rest stands beside them.
    `same`: the first entries are one entry; `site`: the title of the second source, "" for any."""

    name: str
    kind: str
    same: bool
    one: tuple[Item, ...]
    other: tuple[Item, ...]
    site: str = ""

    def __str__(self) -> str:
        return self.name


@cache
def words_of(language: str) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(Path(__file__).with_name(f"{language}.yaml").read_text(encoding="utf-8"))
    return read


def paragraphs(text: list[str]) -> str:
    return "".join(f"<p>{passage}</p>" for passage in text)
