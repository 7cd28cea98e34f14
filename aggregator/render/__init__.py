"""What we publish, as bytes: Atom, RSS, JSON Feed, pages, OPML and the index. Pure functions of their arguments."""

from aggregator.render.pages import TemplateUseError
from aggregator.render.places import Nearby
from aggregator.render.renderer import FILES, Rendered, Renderer
from aggregator.render.sources import SourceListing
from aggregator.render.styled import FEED_STYLE

__all__ = ["FEED_STYLE", "FILES", "Nearby", "Rendered", "Renderer", "SourceListing", "TemplateUseError"]
