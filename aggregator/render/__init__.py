"""What we publish, as bytes: Atom, RSS, JSON Feed, pages, OPML and the index. Pure functions of their arguments."""

from aggregator.render.page_links import NOTHING_NEARBY, Nearby
from aggregator.render.pages import TemplateUseError
from aggregator.render.posts import is_post_name, post_body, post_matter, post_name
from aggregator.render.renderer import FAULTS, FILES, KEPT_BYTES, Pieces, Rendered, Renderer
from aggregator.render.source_listing import SourceListing
from aggregator.render.stylesheet import FEED_STYLE

__all__ = [
    "FAULTS",
    "FEED_STYLE",
    "FILES",
    "KEPT_BYTES",
    "NOTHING_NEARBY",
    "Nearby",
    "Pieces",
    "Rendered",
    "Renderer",
    "SourceListing",
    "TemplateUseError",
    "is_post_name",
    "post_body",
    "post_matter",
    "post_name",
]
