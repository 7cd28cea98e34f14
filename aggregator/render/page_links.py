"""Where a page stands in the tree, and what feeds are called on it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import takewhile

from aggregator.model.feed import Feed, Site
from aggregator.model.published import FeedListing
from aggregator.render.archive_links import is_sealed
from aggregator.render.category_tree import Node, tree


@dataclass(frozen=True, slots=True)
class Nearby:
    """What stands around a feed's page. `children`: feeds of the categories right below, as (name, feed id)."""

    children: tuple[tuple[str, str], ...] = ()


NOTHING_NEARBY = Nearby()
PAGE = "archive/1/1"  # where a sealed page stands below its feed


def groups(listings: Sequence[FeedListing]) -> list[tuple[str, list[Node]]]:
    """Every feed but `all`, by name: categories as their tree, then feeds without one, then single sources."""
    placed = sorted(filter(_is_placed, listings), key=_by_name)
    others = [listing for listing in listings if not _is_placed(listing) and listing.id != "all"]
    sources = sorted((listing for listing in others if _is_source(listing)), key=_by_name)
    more = [listing for listing in others if not _is_source(listing)]
    groups = (("Categories", placed), ("More feeds", more), ("Sources", sources))
    return [(title, tree(group)) for title, group in groups if group]


def _is_placed(listing: FeedListing) -> bool:
    return bool(listing.category)


def _is_source(listing: FeedListing) -> bool:
    return listing.id.startswith("source/")


def _by_name(listing: FeedListing) -> tuple[str, ...]:
    """Parents come before their children."""
    return tuple(name.casefold() for name in listing.category or (listing.title,))


def label(node: Node) -> str:
    """In a tree, the names of the levels above need no saying again."""
    title = node.listing.title if node.listing else node.name
    return node.name if title == _path(node.listing.category if node.listing else None) else title


def namer(site: Site) -> Callable[[Feed], str]:
    """What a feed's own page calls it: its title goes out into the world and names the site as well."""

    def name(feed: Feed) -> str:
        title = feed.title.removesuffix(f" · {site.title}")
        return feed.category[-1] if feed.category and title == _path(feed.category) else title

    return name


def below(feed: Feed, nearby: Nearby) -> list[tuple[str, str]]:
    """The pages of the categories below, as (name, href)."""
    here = _standing(feed)
    return [(name, _way(here, id_.split("/"))) for name, id_ in nearby.children]


def trailer(site: Site) -> Callable[[Feed], list[tuple[str, str]]]:
    """The pages above a feed's own, as (name, href). Relative, so that a tree opened from disk can be walked."""

    def trail(feed: Feed) -> list[tuple[str, str]]:
        here, slugs = _standing(feed), _folder(feed)
        above = feed.category[:-1] if feed.category and len(feed.category) == len(slugs) else ()
        home = "All feeds" if feed.title == site.title else site.title
        ways = [(name, _way(here, slugs[:depth])) for depth, name in enumerate((home, *above))]
        return [*ways, (namer(site)(feed), _way(here, slugs))] if is_sealed(feed) else ways

    return trail


def turner(site: Site) -> Callable[[Feed], tuple[str, str]]:
    """The pages that go on from this one, newer and older entries, "" where there is none. From the newest sealed page
    it goes on to the feed itself."""

    def turns(feed: Feed) -> tuple[str, str]:
        history, here = feed.history, _standing(feed)
        if history is None:
            return "", ""
        newer = (history.newer or history.current) if history.page else ""
        return _relative(here, newer), _relative(here, history.older)

    def _relative(here: Sequence[str], folder: str) -> str:
        return _way(here, folder.removeprefix(site.url).rstrip("/").split("/")) if folder else ""

    return turns


def _folder(feed: Feed) -> list[str]:
    """The slugs of the feed's own folder, below which its sealed pages stand."""
    slugs = feed.id.split("/")
    return slugs[: -len(PAGE.split("/"))] if is_sealed(feed) else slugs


def _standing(feed: Feed) -> list[str]:
    """The slugs of the folder that the page is in."""
    return (feed.old_id or feed.id).split("/")


def _way(here: Sequence[str], there: Sequence[str]) -> str:
    """From one folder's page to another's, both as slugs from the top."""
    shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(here, there, strict=False)))
    return "../" * (len(here) - shared) + "".join(f"{slug}/" for slug in there[shared:]) + "index.html"


def _path(category: Sequence[str] | None) -> str:
    return " › ".join(category or ())
