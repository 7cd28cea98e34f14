"""Records of a document as it came, named as in Atom (RFC 4287).

Dates are those that the publisher claims, aware and in UTC. An `href` is an address from a document.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from aggregator.model.poll_hints import NO_HINT, PollHints
from aggregator.model.problems import Problem

TextType = Literal["text", "html", "xhtml"]


@dataclass(frozen=True, slots=True)
class Text:
    """An Atom text construct (RFC 4287 3.1): markup where `type` is html or xhtml, else plain characters.

    `base` is the base that relative references in the markup resolve against ("" = the document's own).
    """

    value: str
    type: TextType = "text"
    base: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    name: str = ""
    uri: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """An Atom link (RFC 4287 4.2.7). `length` in bytes and `duration` in seconds, None where not given."""

    href: str
    rel: str = "alternate"
    type: str = ""
    hreflang: str = ""
    title: str = ""
    length: int | None = None
    duration: int | None = None


@dataclass(frozen=True, slots=True)
class CategoryTerm:
    """A category as it came: Atom's term, label and scheme; RSS gives the term and perhaps a scheme (domain)."""

    term: str
    label: str = ""
    scheme: str = ""


@dataclass(frozen=True, slots=True)
class Extension:
    """An element of another namespace. `name` is `prefix:local` with a prefix from `clean.extensions`; `text` is
    plain."""

    name: str
    attributes: tuple[tuple[str, str], ...] = ()
    text: str = ""
    children: tuple["Extension", ...] = ()


@dataclass(frozen=True, slots=True)
class FeedInfo:
    """The description of a feed, in its document or in an entry's `atom:source` (RFC 4287 4.2.11).

    `links` (all links) is filled for an entry's source only, which is republished complete.
    """

    id: str = ""
    title: str = ""
    subtitle: str = ""
    link: str = ""
    updated: datetime | None = None
    authors: tuple[Person, ...] = ()
    rights: str = ""
    language: str = ""
    icon: str = ""
    logo: str = ""
    generator: str = ""
    hubs: tuple[str, ...] = ()
    self_link: str = ""
    links: tuple[Link, ...] = ()
    contributors: tuple[Person, ...] = ()
    terms: tuple[CategoryTerm, ...] = ()
    generator_uri: str = ""
    generator_version: str = ""


@dataclass(frozen=True, slots=True)
class RawEntry:
    """One entry as it came from one source: not sanitized, links not resolved, dates not checked.

    `id`: the upstream atom:id, guid or JSON id; `id_is_permalink`: RSS's isPermaLink. `links`: all links, alternate
    and enclosures included, in document order. `published` and `updated`: claims that could be parsed (UTC where no
    zone is given), whatever the year. `image`: the entry's own picture (JSON Feed image, media:thumbnail, a post's
    headimg). `path`: a post's file below its folder, else "". `authors`: those of the entry alone; the feed's are in
    `FeedInfo`. `tags`: terms that are separate categories even where the source's `terms` are the levels of one path.
    `extras`: elements of other namespaces that no field covers. `paths`: the terms as several paths, where a post says
    which levels belong together, else empty. `slug`: the name that a post gives its page; `aliases`:
    its old addresses.
    """

    id: str = ""
    id_is_permalink: bool = False
    title: Text | None = None
    summary: Text | None = None
    content: Text | None = None
    links: tuple[Link, ...] = ()
    authors: tuple[Person, ...] = ()
    contributors: tuple[Person, ...] = ()
    terms: tuple[CategoryTerm, ...] = ()
    tags: tuple[CategoryTerm, ...] = ()
    published: datetime | None = None
    updated: datetime | None = None
    rights: str = ""
    language: str = ""
    image: str = ""
    comments: str = ""
    base: str = ""
    source: FeedInfo | None = None
    path: str = ""
    extras: tuple[Extension, ...] = ()
    paths: tuple[tuple[CategoryTerm, ...], ...] = ()
    slug: str = ""
    aliases: tuple[str, ...] = ()


# Fields of a RawEntry that do not count in its digest where they are empty: stored digests did not know them.
ADDED_FIELDS = frozenset({"paths", "slug", "aliases"})


@dataclass(frozen=True, slots=True)
class ReadMarkup:
    """How the entries of a document were read. `items`: digest of an entry's markup → item, the digest of the raw entry
    that it was read as. `context`: digest of all else in the document that they depend on."""

    context: str = ""
    items: Mapping[str, str] = field(default_factory=dict)


NOTHING_READ = ReadMarkup()


@dataclass(frozen=True, slots=True)
class FeedDocument:
    """One parsed answer of a source. `complete`: well-formed to its end, so an entry that is absent is gone.

    `deleted`: ids of withdrawn entries (at:deleted-entry, RFC 6721). `cut_off`: it ends too soon. `opt_out`: the words
    in which it asks not to be republished, "" where it does not. `date_faults`: for each draft, what is wrong with its
    dates. `date_order`: of day and month in numbers, `day` or `month` first; "" where nothing tells. `cloud`: where its
    rssCloud is, and how it is asked; "" for none. `unchanged`: place → item, of entries that were read before and have
    no draft. `markup`: the digests of the markup of all entries under `context`, empty where one may depend on another.
    """

    about: FeedInfo
    drafts: tuple[RawEntry, ...]
    format: str = ""
    complete: bool = True
    problems: tuple[Problem, ...] = ()
    deleted: tuple[str, ...] = ()
    poll_hints: PollHints = NO_HINT
    cut_off: bool = False
    opt_out: str = ""
    date_faults: tuple[tuple[str, ...], ...] = ()
    date_order: str = ""
    cloud: str = ""
    unchanged: Mapping[int, str] = field(default_factory=dict)
    markup: tuple[str, ...] = field(default=(), compare=False)
    context: str = field(default="", compare=False)
