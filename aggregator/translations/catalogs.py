"""Which language has which catalog, and the catalogs themselves. They are read once, and are as constant as code."""

from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files

ENGLISH = "en"
CATALOGS = ("de", "es", "fr", "ja", "zh_CN", "zh_TW")  # the names of the files
TRADITIONAL = frozenset({"hk", "mo", "tw"})  # regions


@lru_cache(1000)
def catalog_for(tag: str) -> str:
    """The catalog for a language tag (RFC 5646), or ENGLISH for English; "" where there is none.

    The first subtag decides. Chinese is written in the script of the tag, else in that of its region.
    """
    language, *rest = tag.lower().replace("_", "-").split("-")
    if language == "zh":
        is_traditional = "hant" in rest or (TRADITIONAL.intersection(rest) and "hans" not in rest)
        return "zh_TW" if is_traditional else "zh_CN"
    return language if language in {ENGLISH, *CATALOGS} else ""


def tag_of(catalog: str) -> str:
    """The language tag of what a catalog says."""
    return catalog.replace("_", "-")


@cache
def translation(catalog: str) -> NullTranslations:
    """`catalog`: its name; every other name gives English."""
    if catalog not in CATALOGS:
        return NullTranslations()
    with files(__package__).joinpath(f"{catalog}.mo").open("rb") as file:
        return GNUTranslations(file)


@cache
def in_every_language(text: str) -> tuple[str, ...]:
    """The English text and its translations, each once."""
    return tuple(dict.fromkeys(translation(one).gettext(text) for one in (ENGLISH, *CATALOGS)))
