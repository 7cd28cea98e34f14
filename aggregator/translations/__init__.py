"""The words of published pages and feeds in other languages than English: gettext catalogs.

A text in the code is its own English. `make translations` collects these texts into the `.po` files beside this module,
which people translate, and compiles them to the `.mo` files, which the program reads.
"""

from aggregator.translations.catalogs import CATALOGS, ENGLISH, catalog_for, in_every_language, tag_of, translation
from aggregator.translations.marked import msgid, msgids

__all__ = [
    "CATALOGS",
    "ENGLISH",
    "catalog_for",
    "in_every_language",
    "msgid",
    "msgids",
    "tag_of",
    "translation",
]
