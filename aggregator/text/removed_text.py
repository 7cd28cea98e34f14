"""The one word that stands in place of a removed entry, in the language of the feed."""

from aggregator.translations import catalog_for, in_every_language, msgid, translation

REMOVED = msgid("Removed")


def removed_text(language: str) -> str:
    """`language`: a tag (RFC 5646). English where there is no translation."""
    return translation(catalog_for(language)).gettext(REMOVED)


def is_removed_text(text: str) -> bool:
    return text in in_every_language(REMOVED)
