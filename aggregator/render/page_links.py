"""Links between pages of the tree, and the names of feeds on pages."""

from collections.abc import Callable, Sequence
from itertools import takewhile

from aggregator.model.feed import Feed, Site
from aggregator.model.published import FeedListing, SourceListing
from aggregator.render.archive_links import is_sealed
from aggregator.render.category_tree import Node, tree
from aggregator.render.nearby import Nearby
from aggregator.render.words import Words

PAGE = "archive/1/1"  # the form of a sealed page's folder, relative to its feed


def groups(
    listings: Sequence[FeedListing], words: Words, beside: Sequence[SourceListing] = ()
) -> list[tuple[str, list[Node]]]:
    """Every feed but `all`: categories as a tree, then feeds without a category, then single sources, but those that
    are listed `beside`."""
    listed = {f"source/{source.id}" for source in beside if source.page}
    placed = sorted(filter(_is_placed, listings), key=_by_name)
    others = [listing for listing in listings if not _is_placed(listing) and listing.id not in {"all", *listed}]
    sources = sorted((listing for listing in others if _is_source(listing)), key=_by_name)
    more = [listing for listing in others if not _is_source(listing)]
    single = words.sentence("Own posts") if listed else words.sentence("Sources")
    groups = ((words.sentence("Categories"), placed), (words.sentence("More feeds"), more), (single, sources))
    return [(title, tree(group)) for title, group in groups if group]


def _is_placed(listing: FeedListing) -> bool:
    return bool(listing.category)


def _is_source(listing: FeedListing) -> bool:
    return listing.id.startswith("source/")


def _by_name(listing: FeedListing) -> tuple[str, ...]:
    """A sort key that puts parents before their children."""
    return tuple(name.casefold() for name in listing.category or (listing.title,))


def label(node: Node) -> str:
    """The name in a tree, without the names of the levels above."""
    title = node.listing.title if node.listing else node.name
    return node.name if title == _path(node.listing.category if node.listing else None) else title


def name_filter(site: Site) -> Callable[[Feed], str]:
    """Returns a filter for the name of a feed on its own page: its title without the site's."""

    def name(feed: Feed) -> str:
        title = feed.title.removesuffix(f" · {site.title}")
        return feed.category[-1] if feed.category and title == _path(feed.category) else title

    return name


def shown_at(listing: FeedListing) -> str:
    """Where people see the feed: the href of its page, else of the first document that there is."""
    editions = dict(listing.editions)
    return next((editions[one].href for one in ("html", "atom", "rss", "json") if one in editions), listing.path)


def below(feed: Feed, nearby: Nearby) -> list[tuple[str, str]]:
    """The pages of direct subcategories, as (name, href)."""
    here = _page_folder(feed)
    return [(name, _relative_address(here, id_.split("/"))) for name, id_ in nearby.children]


def trail_filter(site: Site, words: Words) -> Callable[[Feed], list[tuple[str, str]]]:
    """Returns a filter for the pages above a feed's own, as (name, href). Links are relative, so that they also work in
    a tree opened from disk."""

    def trail(feed: Feed) -> list[tuple[str, str]]:
        here, slugs = _page_folder(feed), _feed_folder(feed)
        above = feed.category[:-1] if feed.category and len(feed.category) == len(slugs) else ()
        own = words.sentence("Front page") if site.front == "river" else words.sentence("All feeds")
        home = own if feed.title == site.title else site.title
        links = [(name, _relative_address(here, slugs[:depth])) for depth, name in enumerate((home, *above))]
        return [*links, (name_filter(site)(feed), _relative_address(here, slugs))] if is_sealed(feed) else links

    return trail


def way_up(feed: Feed) -> str:
    """The way from the folder of the feed's page to the root of the tree."""
    return "../" * len(_page_folder(feed))


def canonical_filter(site: Site) -> Callable[[Feed], str]:
    """Returns a filter for the one address of what a page shows: the front page holds the newest entries of `all`."""

    def canonical(feed: Feed) -> str:
        return site.url if feed.id == "all" and site.front == "river" else feed.home

    return canonical


def turns_filter(site: Site) -> Callable[[Feed], tuple[str, str]]:
    """Returns a filter for the pages with newer and with older entries, "" where there is none. The newest sealed page
    is followed by the feed itself."""

    def turns(feed: Feed) -> tuple[str, str]:
        history, here = feed.history, _page_folder(feed)
        if history is None:
            return "", ""
        newer = (history.newer or history.current) if history.page else ""
        return _relative(here, newer), _relative(here, history.older)

    def _relative(here: Sequence[str], folder: str) -> str:
        return _relative_address(here, folder.removeprefix(site.url).rstrip("/").split("/")) if folder else ""

    return turns


def _feed_folder(feed: Feed) -> list[str]:
    """The slugs of the feed's own folder, which contains its sealed pages."""
    slugs = feed.id.split("/")
    return slugs[: -len(PAGE.split("/"))] if is_sealed(feed) else slugs


def _page_folder(feed: Feed) -> list[str]:
    """The slugs of the page's folder."""
    return (feed.old_id or feed.id).split("/")


def _relative_address(here: Sequence[str], there: Sequence[str]) -> str:
    """The relative address from one folder's page to another's; both are slugs from the root of the tree."""
    shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(here, there, strict=False)))
    return "../" * (len(here) - shared) + "".join(f"{slug}/" for slug in there[shared:]) + "index.html"


def _path(category: Sequence[str] | None) -> str:
    return " › ".join(category or ())
