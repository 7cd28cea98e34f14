"""Renders what is published into bytes: Atom, RSS, JSON Feed, pages, OPML and the index. All functions are pure.

Each name is loaded with its module when it is first used: a run that renders nothing needs only the light ones.
"""

from typing import TYPE_CHECKING

from aggregator.lazy_names import lazy_names

if TYPE_CHECKING:
    from aggregator.render.files import FILES
    from aggregator.render.nearby import NOTHING_NEARBY, Nearby
    from aggregator.render.page_templates import TemplateUseError
    from aggregator.render.posts import is_post_name, post_body, post_matter, post_name
    from aggregator.render.renderer import ENTRY_ERRORS, Rendered, Renderer
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

MODULES = {  # name → its module
    "ENTRY_ERRORS": "renderer",
    "FEED_STYLE": "stylesheet",
    "FILES": "files",
    "NOTHING_NEARBY": "nearby",
    "Nearby": "nearby",
    "PAGE_STYLE": "stylesheet",
    "Rendered": "renderer",
    "Renderer": "renderer",
    "STUBBED": "tombstones",
    "TemplateUseError": "page_templates",
    "Words": "words",
    "is_post_name": "posts",
    "post_body": "posts",
    "post_matter": "posts",
    "post_name": "posts",
    "with_stubs": "tombstones",
}


__getattr__ = lazy_names(__name__, MODULES)
