"""OPML 2.0: the published feeds, nested like their categories, and the sources."""

from collections.abc import Sequence
from dataclasses import replace

from lxml import etree

from aggregator.model.feed import Site
from aggregator.model.published import FeedListing
from aggregator.opml import Outline, outlines_xml
from aggregator.render.category_tree import Node, tree
from aggregator.render.feedgen_extension import Element, child
from aggregator.render.plain_text import legal
from aggregator.render.words import Words
from aggregator.text.date_formats import rfc822
from aggregator.text.generator import GENERATOR
from aggregator.text.uris import as_uri


def opml(site: Site, listings: Sequence[FeedListing]) -> bytes:
    root = etree.Element("opml", version="2.0")
    root.append(etree.Comment(f" generator: {GENERATOR} "))
    head = child(root, "head")
    child(head, "title", site.title)
    if listings:
        child(head, "dateModified", _modified(listings))
    child(head, "ownerName", site.author.name or site.title)
    body = child(root, "body")
    for node in tree(listings):
        _outline(body, node, site)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def sources_opml(site: Site, outlines: Sequence[Outline], listings: Sequence[FeedListing]) -> bytes:
    """`listings`: the published feeds; dateModified is that of the newest one. Addresses become URIs."""
    head = {"dateModified": _modified(listings)} if listings else {}
    owner = site.author.name or site.title
    title = Words.of(site.language).phrase("{site}: sources", site=site.title)
    public = [replace(outline, url=as_uri(outline.url)) for outline in outlines]
    return outlines_xml(title, public, about=f"generator: {GENERATOR}", **head, ownerName=owner).encode()


def _modified(listings: Sequence[FeedListing]) -> str:
    return rfc822(max(listing.updated for listing in listings))


def _outline(parent: Element, node: Node, site: Site) -> None:
    """A feed is never also a folder: readers that import it would skip the feeds inside."""
    folder = child(parent, "outline", text=legal(node.name)) if node.children else parent
    if node.listing:
        _feed(folder, node.listing, site)
    for inner in node.children:
        _outline(folder, inner, site)


def _feed(parent: Element, listing: FeedListing, site: Site) -> None:
    title = legal(listing.title)
    child(
        parent,
        "outline",
        type="rss",  # whatever the format behind xmlUrl (OPML 2.0, "Subscription lists")
        text=title,
        title=title,
        description=legal(listing.description),
        xmlUrl=site.url + subscription(listing),
        htmlUrl=site.url + (listing.path if site.has_pages else ""),
    )


def subscription(listing: FeedListing) -> str:
    """The address to subscribe to: Atom if published, because it carries most."""
    editions = dict(listing.editions)
    best = next((editions[name] for name in ("atom", "rss", "json") if name in editions), None)
    return best.href if best else listing.path
