"""The hub and the topic that an answer names (WebSub 4): in its Link headers, else in its document. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from aggregator.model.document import FeedInfo
from aggregator.text.link_header import read_links
from aggregator.text.urls import LONGEST, absolute, without_user


@dataclass(frozen=True, slots=True)
class NamedHub:
    """`topic`: the address by which the hub knows the feed. Both "" for no hub."""

    hub: str = ""
    topic: str = ""


NO_HUB = NamedHub()


def discover(url: str, headers: Mapping[str, str], about: FeedInfo) -> NamedHub:
    """The first hub that can be asked. `url`: where the answer came from; `headers`: names in lower case; `about`: what
    the document says of itself. Where nothing says which topic it is, the topic is `url`.
    """
    links = read_links(headers.get("link", ""))
    named = {rel: [link.target for link in links if rel in link.rels] for rel in ("hub", "self")}
    if not (hub := _first([*named["hub"], *about.hubs], url)):
        return NO_HUB
    topic = _first([*named["self"], about.self_link, url], url)
    return NamedHub(hub, topic) if topic else NO_HUB


def _first(addresses: Iterable[str], base: str) -> str:
    """The first that is a web address; none with a user name, which is a secret of somebody."""
    found = (absolute(one, base) for one in addresses if one)
    return next((one for one in found if one and len(one) <= LONGEST and without_user(one) == one), "")
