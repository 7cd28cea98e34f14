"""The words of the house, as plain frozen data.

Atom's words throughout (RFC 4287). A claim of the publisher is named as Atom names it (`published`, `updated`);
what we saw ourselves ends in `_at`. Every datetime is aware and UTC. `url` is where we fetch; `href` was quoted
from a document. Tuples, not lists: what is frozen stays frozen.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from aggregator.model.poll_hints import UNPACED, PollHints

TextType = Literal["text", "html", "xhtml"]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something a person should know. `where` = source id, or path:line.

    `kind` is one of: dns, connect, tls, timeout, status, redirect, too-large, truncated, forbidden-address, bot-wall,
    not-a-feed, parse, folder, front-matter, date, category, render, config, held, own-loop, ids, opt-out, not-asked.
    """

    where: str
    kind: str
    message: str
    transient: bool = False


@dataclass(frozen=True, slots=True)
class PostNotes:
    """What is remembered of a post besides what it says."""

    repaired: tuple[str, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong in a file of the user: `line` counts from 1 (0 = the file as a whole), `key` may be ""."""

    file: str
    line: int
    key: str
    message: str

    def __str__(self) -> str:
        parts = [f"{self.file}:{self.line}" if self.line else self.file, self.key, self.message]
        return ": ".join(part for part in parts if part)


# ── what a document says, nothing repaired ──────────────────────────────────────────────────────────────────


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
    """An Atom link (RFC 4287 4.2.7). `length` in bytes, None where nobody said; `duration` in seconds."""

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
    """An element of another vocabulary, as `prefix:local` with a prefix of ours (see extras.py). `text` is plain."""

    name: str
    attributes: tuple[tuple[str, str], ...] = ()
    text: str = ""
    children: tuple["Extension", ...] = ()


@dataclass(frozen=True, slots=True)
class FeedInfo:
    """What a document says of itself; what becomes `atom:source` (RFC 4287 4.2.11).

    What is from `links` (all of them) on is known of an entry's `source` alone, which is to be said again.
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
    """One entry as one source shows it, as it came: not sanitized, links not resolved, dates not judged.

    `id` is the upstream atom:id, guid or JSON id; `id_is_permalink` RSS's isPermaLink. `links` holds all links,
    the alternate one and enclosures among them, in document order. `published` and `updated` are claims that
    could be read as a date (naive ones taken as UTC), whatever the year. `image` is the entry's own picture
    (JSON Feed image, media:thumbnail, a post's headimg). `path`: a post's file below its folder, else "".
    `authors` fall back to nothing: the document's are in `FeedInfo`. `tags` are terms that stand alone even where a
    source's `terms` are the levels of one path. `extras`: elements of other vocabularies that no field of ours says.
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


@dataclass(frozen=True, slots=True)
class FeedDocument:
    """What one upstream answer says. `complete` = well-formed to its end, so that absence means gone.

    `deleted`: ids of entries that it says were withdrawn (at:deleted-entry, RFC 6721). `cut_off`: it ends too soon.
    `opt_out`: the words in which it asks not to be republished, "" where it does not.
    """

    about: FeedInfo
    drafts: tuple[RawEntry, ...]
    format: str = ""
    complete: bool = True
    problems: tuple[Problem, ...] = ()
    deleted: tuple[str, ...] = ()
    pace: PollHints = UNPACED
    cut_off: bool = False
    opt_out: str = ""


# ── what is derived from a draft: safe to show, fit to compare ──────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What two sightings are compared by; every string folded (NFKC, case, white space).

    `text` is the plain text of content (else summary), a line a passage, cut at 20,000 characters. `images` are
    addresses of pictures that are no placeholders, unwrapped, without scheme. `whole` is a digest of title, text and
    images, "" where there is neither text nor image (a title alone is no evidence); `body` a digest of the text alone
    where it has at least 40 words (or 80 characters of a script without spaces), else "".
    """

    title: str = ""
    text: str = ""
    images: tuple[str, ...] = ()
    whole: str = ""
    body: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a sighting says of its categories: `terms` are one path or stand alone, as its source is read; `tags` always
    stand alone."""

    terms: tuple[CategoryTerm, ...] = ()
    tags: tuple[CategoryTerm, ...] = ()


@dataclass(frozen=True, slots=True)
class CleanEntry:
    """A draft after normalizing and sanitizing: every markup sanitized, every address absolute and harmless.

    `title` is one line of plain text; `title_html` its inline markup where it had any, else "". `summary` and
    `content` are sanitized HTML. `link` is the alternate link, "" where there is none; `links` are the others
    except enclosures. `published` and `updated` are claims still to be judged against the clock. `canonical` is
    the comparable form of `link`, "" where it is no evidence of identity. `digest` covers what an edit may
    change (title, content, link, authors, terms, enclosures). `page` says more of `link`: its type, language, title.
    `texts`: those of summary and content that came as plain text and have no markup now.
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


# ── what we publish ─────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Level:
    """One level of an entry's category as a feed shows it."""

    term: str
    label: str
    scheme: str


@dataclass(frozen=True, slots=True)
class Attribution:
    """The source an entry was taken from, for atom:source and RSS's source. `url` is where we fetch it."""

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


@dataclass(frozen=True, slots=True)
class Also(Link):
    """Where another source published an entry: `title` is the source's, `href` "" where it gave no address."""

    rel: str = "related"
    source_id: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """The thing itself, as feeds show it: the winner's clean draft under the id and dates that we gave it.

    `link` is where a reader goes ("" where there is nowhere to go); `attribution` is None for local posts.
    `changed_at` = when we last saw it new or edited. `also`: where other sources published it, in config order.
    `paths`: its categories' names from the top, of which `levels` are the parts.
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


@dataclass(frozen=True, slots=True)
class ArchiveLinks:
    """Where a document stands among all that hold a feed's entries (RFC 5005 4): addresses of their folders, with a
    trailing slash, "" where there is none. `page` counts sealed pages from 1, the oldest; 0 = what people subscribe to,
    which is `current`.
    """

    current: str
    older: str = ""
    newer: str = ""
    page: int = 0


@dataclass(frozen=True, slots=True)
class Feed:
    """What we publish under one folder. `id` names the folder; `atom_id` was given once.

    `category` is the path of display names (None for `all` and other feeds without one); `home` the absolute
    address of its page, with a trailing slash.
    """

    id: str
    atom_id: str
    title: str
    home: str
    updated: datetime
    category: tuple[str, ...] | None = None
    description: str = ""
    language: str = ""
    icon: str = ""
    entries: tuple[Entry, ...] = ()
    old_id: str = ""  # the id under which this document stands, where it is that of an address that moved
    history: ArchiveLinks | None = None


@dataclass(frozen=True, slots=True)
class Site:
    """The publisher: what every feed says of us. `url` ends with a slash.

    `footer`: an entry's text ends with a line that names the other sources that published it.
    """

    title: str
    url: str
    language: str = "en"
    author: Person = field(default_factory=Person)
    logo: str = ""
    rights: str = ""
    timezone: str = "UTC"
    hub: str = ""
    footer: bool = True
