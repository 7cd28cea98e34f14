"""The words of pages and feeds, in one language: whole sentences with named gaps, so that a translation may order them
as it likes. A sentence in the code is its own English; `aggregator.translations` has the others."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from markupsafe import Markup, escape

from aggregator.render.number_forms import grouped
from aggregator.render.text_direction import text_direction
from aggregator.translations import ENGLISH, catalog_for, tag_of, translation


@dataclass(frozen=True, slots=True)
class Words:
    """`catalog`: of the language that they are in. `is_foreign`: the page is in another language, for which there is no
    catalog, or whose entry it shows; `is_rtl`: and that is written from right to left."""

    catalog: str = ENGLISH
    is_foreign: bool = False
    is_rtl: bool = False

    @classmethod
    def of(cls, language: str, page: str = "") -> "Words":
        """The words in this language (a tag), else English ones. `page`: the language of the page, if it is another."""
        catalog = catalog_for(language) or ENGLISH
        around = page or language or ENGLISH
        is_foreign = catalog_for(around) != catalog
        return cls(catalog, is_foreign, is_foreign and text_direction(around) == "rtl")

    def phrase(self, text: str, **values: Any) -> str:
        """Plain text, for attributes and titles of pages."""
        return translation(self.catalog).gettext(text).format(**values)

    def sentence(self, text: str, **values: Any) -> Markup:
        """Markup, which names its language where that is not the page's. Values are escaped, unless they are markup."""
        return self.marked(_filled(translation(self.catalog).gettext(text), values))

    def counted(self, number: int, one: str, many: str) -> Markup:
        """`one` for the number 1, else `many`, as far as the language tells them apart; both have the gap `{n}`."""
        return self.marked(_counted(self.catalog, number, one, many))

    def number(self, number: int) -> str:
        return grouped(number, self.catalog)

    def listed(self, names: Iterable[str]) -> str:
        """The names, separated as in a list."""
        return translation(self.catalog).gettext(", ").join(names)

    def mark(self, around: str = "") -> Markup:
        """The attributes of an element that holds words of ours alone. `around`: the language of what it stands in, ""
        for that of the page."""
        is_rtl = text_direction(around) == "rtl" if around else self.is_rtl
        language = self.language_mark(around)
        return language + Markup(' dir="ltr"') if language and is_rtl else language

    def language_mark(self, around: str = "") -> Markup:
        """The attribute `lang` of such an element, "" where it would say nothing new."""
        is_foreign = catalog_for(around) != self.catalog if around else self.is_foreign
        return Markup(' lang="{}"').format(tag_of(self.catalog)) if is_foreign else Markup("")

    def marked(self, words: str) -> Markup:
        """Words of ours, markup or plain text, which name their language where that is not the page's."""
        return Markup("<span{}>{}</span>").format(self.mark(), words) if self.is_foreign else escape(words)


@lru_cache(maxsize=1024)  # hundreds of feeds have as many entries as others
def _counted(catalog: str, number: int, one: str, many: str) -> Markup:
    return _filled(translation(catalog).ngettext(one, many, number), {"n": grouped(number, catalog)})


def _filled(text: str, values: dict[str, Any]) -> Markup:
    return Markup(text).format(**values)  # noqa: S704 - a sentence of ours, and values that it escapes


def word_functions(words: Words) -> dict[str, Any]:
    """What templates call."""
    return {
        "_": words.phrase,
        "sentence": words.sentence,
        "counted": words.counted,
        "number": words.number,
        "mark": words.mark,
        "marked": words.marked,
    }
