"""Renders what is published into bytes: Atom, RSS, JSON Feed, pages, OPML and the index. All functions are pure."""

from aggregator.render.page_links import NOTHING_NEARBY, Nearby
from aggregator.render.page_templates import TemplateUseError
from aggregator.render.posts import is_post_name, post_body, post_matter, post_name
from aggregator.render.renderer import ENTRY_ERRORS, FILES, Rendered, Renderer
from aggregator.render.stylesheet import FEED_STYLE, PAGE_STYLE
from aggregator.render.tombstones import STUBBED, with_stubs
from aggregator.render.words import Words

__all__ = [
    "ENTRY_ERRORS",
    "FEED_STYLE",
    "FILES",
    "NOTHING_NEARBY",
    "PAGE_STYLE",
    "STUBBED",
    "Nearby",
    "Rendered",
    "Renderer",
    "TemplateUseError",
    "Words",
    "is_post_name",
    "post_body",
    "post_matter",
    "post_name",
    "with_stubs",
]
