"""What we publish, as bytes: Atom, RSS, JSON Feed, pages, OPML and the index. Pure functions of their arguments."""

from aggregator.render.pages import TemplateUseError
from aggregator.render.renderer import FILES, Rendered, Renderer

__all__ = ["FILES", "Rendered", "Renderer", "TemplateUseError"]
