"""Our sources as subscriptions for others: which of them anybody may read, and what is told of each."""

from collections.abc import Iterator

from aggregator.codec import unpack
from aggregator.config import Config, SourceConfig
from aggregator.house import House
from aggregator.models import About
from aggregator.normalize import one_line, shorten
from aggregator.outlines import LONGEST, Outline
from aggregator.store import SourceRow, Transaction


def unshareable(config: Config, place: int) -> str:
    """Why the source there is of no use to others, or none of their business; "" where they may have it."""
    if not config.sources[place].is_remote:
        return "a file of this machine"
    if config.is_hidden("sources", place, "url"):
        return "its address holds a variable of the environment, which may be a secret"
    return ""


def outline_of(source: SourceConfig, row: SourceRow | None) -> Outline:
    about = unpack(row.about, About) if row and row.about else About()
    own = shorten(one_line(about.title), LONGEST)
    return Outline(
        0,
        url=source.url,
        text=source.title or own or source.id,
        title=("" if own == source.title else own) if source.title else own or source.id,
        site=about.link,
        categories=tuple(source.categories),
    )


def shared(house: House, tx: Transaction) -> list[Outline]:
    """What we pull and publish, in config order, that anybody else could pull as we do."""
    rows = {row.id: row for row in tx.sources.all()}
    return list(_shared(house.config, rows))


def _shared(config: Config, rows: dict[str, SourceRow]) -> Iterator[Outline]:
    for place, source in enumerate(config.sources):
        row = rows.get(source.id)
        is_open = not (source.auth or source.headers)
        if row and row.configured and row.published and is_open and not unshareable(config, place):
            yield outline_of(source, row)
