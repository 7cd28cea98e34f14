"""Records of entries after cleaning, and as they are published, named as in Atom (RFC 4287).

Dates that a publisher claims are named as in Atom (`published`, `updated`); dates that we observed end in `_at`. Every
datetime is aware and in UTC. A `url` is an address that we fetch, an `href` is one from a document.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from aggregator.model.document import CategoryTerm, Extension, FeedInfo, Link, Person


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What sightings are compared by. All strings are folded (NFKC, case, white space).

    `text`: the plain text of content, else summary, one passage a line, cut at 20,000 characters. `images`: unwrapped
    addresses of pictures without scheme; no placeholders. `whole`: a digest of title, text and images, "" where there
    is neither text nor image, since a title alone is no evidence. `body`: a digest of the text alone where it has at
    least 40 words (or 80 characters of a script without spaces), else "".
    """

    title: str = ""
    text: str = ""
    images: tuple[str, ...] = ()
    whole: str = ""
    body: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """The category terms of a sighting. `terms`: separate, or the levels of one path, as the source's `category_style`
    says; `tags`: always separate; `paths`: the terms as several paths, where a post says so."""

    terms: tuple[CategoryTerm, ...] = ()
    tags: tuple[CategoryTerm, ...] = ()
    paths: tuple[tuple[CategoryTerm, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class CleanEntry:
    """A draft after cleaning: all markup is sanitized, all addresses are absolute and harmless.

    `title`: one line of plain text; `title_html`: its inline markup where it had any, else "". `summary` and `content`:
    sanitized HTML. `link`: the alternate link, "" where there is none; `links`: all others but enclosures. `published`
    and `updated`: claims, not yet checked against the clock. `canonical`: the comparable form of `link`, "" where it
    identifies no entry. `digest`: of what an edit may change (title, content, link, authors, terms, enclosures).
    `minting_link`: the form of `link` that an id is minted from, where it differs from `canonical`, else "".
    `page`: `link` with its type, language and title, where any is known. `texts`: which of summary and content came as
    plain text and have no markup. `paths` and `slug`: as in RawEntry; `aliases`: old addresses in
    the form of `canonical`.
    """

    id: str = ""
    id_is_permalink: bool = False
    title: str = ""
    title_html: str = ""
    summary: str = ""
    content: str = ""
    link: str = ""
    canonical: str = ""
    links: tuple[Link, ...] = ()
    enclosures: tuple[Link, ...] = ()
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
    source: FeedInfo | None = None
    path: str = ""
    digest: str = ""
    fingerprint: Fingerprint = field(default_factory=Fingerprint)
    page: Link | None = None
    extras: tuple[Extension, ...] = ()
    texts: tuple[Literal["summary", "content"], ...] = ()
    minting_link: str = ""
    paths: tuple[tuple[CategoryTerm, ...], ...] = ()
    slug: str = ""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Level:
    """One level of an entry's category, as feeds show it."""

    term: str
    label: str
    scheme: str


@dataclass(frozen=True, slots=True)
class Attribution:
    """The source of an entry, for atom:source and RSS's source. `url`: where we fetch it; `self_link`: the address that
    it gives for itself."""

    source_id: str
    title: str
    url: str
    id: str
    link: str
    updated: datetime
    authors: tuple[Person, ...] = ()
    rights: str = ""
    language: str = ""
    icon: str = ""
    logo: str = ""
    generator: str = ""
    generator_uri: str = ""
    generator_version: str = ""
    subtitle: str = ""
    contributors: tuple[Person, ...] = ()
    terms: tuple[CategoryTerm, ...] = ()
    self_link: str = ""


@dataclass(frozen=True, slots=True)
class Also(Link):
    """Another source's copy of an entry. `title`: the title of that source; `href`: "" where it gave no address."""

    rel: str = "related"
    source_id: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture beside a post. `folder`: the id of its posts folder; `path`: there; `name`: in the folder of the post's
    page."""

    folder: str
    path: str
    name: str


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as feeds show it: the winner's clean draft, under the id and dates that we gave it.

    `link`: the page for readers, "" where there is none; `attribution`: None for local posts. `changed_at`: when we
    last saw it new or edited. `also`: copies at other sources, in config order. `paths`: the names of its categories
    from the top; `levels` are their parts. `pictures`: files beside the post that its page shows. `source_title`: the
    name of its source or posts folder.
    """

    id: str
    link: str
    published: datetime
    updated: datetime
    first_seen_at: datetime
    changed_at: datetime
    clean: CleanEntry
    levels: tuple[Level, ...] = ()
    attribution: Attribution | None = None
    also: tuple[Also, ...] = ()
    paths: tuple[tuple[str, ...], ...] = ()
    pictures: tuple[Picture, ...] = ()
    source_title: str = ""
