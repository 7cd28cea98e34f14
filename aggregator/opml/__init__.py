"""OPML subscription lists (OPML 2.0, "Subscription lists"): reading is tolerant, writing follows the standard."""

from aggregator.opml.outline import LONGEST, Outline, Path
from aggregator.opml.read import DEEPEST, MOST, is_opml, read_outlines, unzipped
from aggregator.opml.write import outlines_xml

__all__ = [
    "DEEPEST",
    "LONGEST",
    "MOST",
    "Outline",
    "Path",
    "is_opml",
    "outlines_xml",
    "read_outlines",
    "unzipped",
]
