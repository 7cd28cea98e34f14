"""The front-matter keys with a meaning; of each row, the first with a value counts.

Keys are compared in lower case. A row lists what Hexo, Jekyll, Hugo, Eleventy and JSON Feed call the same thing.
"""

from itertools import chain

TITLE = ("title",)
ID = ("id", "guid")
LINK = ("link", "permalink", "url", "canonical", "canonical_url")
LINK_OR_PATTERN = ("permalink", "url")  # of these, a path or a pattern as often as an address
PUBLISHED = ("date", "published", "pubdate", "date_published", "publishdate")
GOES_OUT = ("publishdate",)  # Hugo: the post waits for it, whatever its date
EXPIRES = ("expirydate", "unpublishdate")  # Hugo
UPDATED = ("updated", "lastmod", "modified", "date_modified", "last_modified_at")
CATEGORIES = ("categories", "category")
TAGS = ("tags", "tag")
AUTHORS = ("author", "authors")
SUMMARY = ("description", "excerpt", "summary")
IMAGE = ("headimg", "thumbnail", "image", "cover", "featured_image", "banner")
SLUG = ("slug",)
ALIASES = ("aliases", "alias", "redirect_from")
LANGUAGE = ("lang", "language")
ENCLOSURE = ("enclosure", "enclosures")
RIGHTS = ("rights", "license", "copyright")
TAXONOMIES = "taxonomies"  # Zola: a table of categories and tags
DRAFT = "draft"
PUBLISHED_FLAG = "published"

# Without meaning here, but a line that starts with one of them is a key, and not a line of a title.
_OTHERS = ("comments", "layout", "keywords", "weight", "type", "toc", "mathjax", "sticky", "top")

_ROWS = (TITLE, ID, LINK, PUBLISHED, UPDATED, CATEGORIES, TAGS, AUTHORS, SUMMARY, IMAGE, SLUG, ALIASES, LANGUAGE)
KNOWN = frozenset((*chain(*_ROWS), *ENCLOSURE, *EXPIRES, *RIGHTS, TAXONOMIES, DRAFT, PUBLISHED_FLAG, *_OTHERS))
