"""Export of the sources of the config as OPML."""

from dataclasses import dataclass

from aggregator.opml import Outline, outlines_xml
from aggregator.publish.subscriptions_opml import is_secret, outline_of, unshareable
from aggregator.subscriptions.config_file import ConfigFile


@dataclass(frozen=True, slots=True)
class Export:
    """`left_out`: ids of sources that nobody else could use, and why. `secret`: ids of sources whose URL holds a secret
    and is written unmasked."""

    opml: str
    count: int
    left_out: tuple[tuple[str, str], ...]
    secret: tuple[str, ...] = ()


def export_outlines(config_file: ConfigFile) -> Export:
    """The sources of the config as OPML for its owner: URLs are complete, not masked."""
    outlines: list[Outline] = []
    left_out: list[tuple[str, str]] = []
    config = config_file.with_lists
    for source in config.sources:
        if reason := unshareable(source):
            left_out.append((source.id, reason))
        else:
            outlines.append(outline_of(source, config_file.rows.get(source.id)))
    secret = tuple(one.id for one in config.sources if not unshareable(one) and is_secret(one))
    return Export(outlines_xml(config_file.config.site.title, outlines), len(outlines), tuple(left_out), secret)
