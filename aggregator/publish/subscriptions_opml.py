"""The sources as OPML subscriptions for others: which of them are public, and the outline of each."""

from collections.abc import Iterator

from aggregator.app import App
from aggregator.codec import unpack
from aggregator.config import Config, SourceConfig
from aggregator.model.document import FeedInfo
from aggregator.opml import LONGEST, Outline
from aggregator.store import SourceRow, Transaction
from aggregator.text.normalize import one_line, shorten


def unshareable(source: SourceConfig) -> str:
    """Why others cannot use the source; "" where they can."""
    return "" if source.is_remote else "a file of this machine"


def is_secret(source: SourceConfig) -> bool:
    """Whether its address contains a secret."""
    return source.public_url != source.url


def outline_of(source: SourceConfig, row: SourceRow | None) -> Outline:
    """A feed without any name is called by its address, as feed readers do, unless that contains a secret."""
    about = unpack(row.about, FeedInfo) if row and row.about else FeedInfo()
    own = shorten(one_line(about.title), LONGEST)
    name = source.title or own or (source.id if is_secret(source) else source.url)
    return Outline(
        0,
        url=source.url,
        text=name,
        title=own or name,
        site=about.link,
        categories=tuple(source.categories),
    )


def shared_outlines(app: App, tx: Transaction) -> list[Outline]:
    """Published sources that anybody could pull, in config order."""
    rows = {row.id: row for row in tx.sources.all()}
    return list(_public_outlines(app.config, rows))


def _public_outlines(config: Config, rows: dict[str, SourceRow]) -> Iterator[Outline]:
    for source in config.sources:
        row = rows.get(source.id)
        is_open = not (source.auth or source.headers)
        if row and row.configured and row.published and is_open and not (unshareable(source) or is_secret(source)):
            yield outline_of(source, row)
