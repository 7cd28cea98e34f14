"""Records of entries after cleaning, and as they are published, named as in Atom (RFC 4287).

Dates that a publisher claims are named as in Atom (`published`, `updated`); dates that we observed end in `_at`. Every
datetime is aware and in UTC. A `url` is an address that we fetch, an `href` is one from a document.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from aggregator.model.poll_hints import NO_HINT, PollHints

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
    poll_hints: PollHints = NO_HINT
    cut_off: bool = False
    opt_out: str = ""


# ── what is derived from a draft: safe to show, fit to compare ──────────────────────────────────────────────


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
    says; `tags`: always separate."""

    terms: tuple[CategoryTerm, ...] = ()
    tags: tuple[CategoryTerm, ...] = ()


@dataclass(frozen=True, slots=True)
class CleanEntry:
    """A draft after cleaning: all markup is sanitized, all addresses are absolute and harmless.

    `title`: one line of plain text; `title_html`: its inline markup where it had any, else "". `summary` and `content`:
    sanitized HTML. `link`: the alternate link, "" where there is none; `links`: all others but enclosures. `published`
    and `updated`: claims, not yet checked against the clock. `canonical`: the comparable form of `link`, "" where it
    identifies no entry. `digest`: of what an edit may change (title, content, link, authors, terms, enclosures).
    `page`: `link` with its type, language and title, where any is known. `texts`: which of summary and content came as
    plain text and have no markup.
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


@dataclass(frozen=True, slots=True)
class Level:
    """One level of an entry's category, as feeds show it."""

    term: str
    label: str
    scheme: str


@dataclass(frozen=True, slots=True)
class Attribution:
    """The source of an entry, for atom:source and RSS's source. `url`: where we fetch it."""

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
    """Another source's copy of an entry. `title`: the title of that source; `href`: "" where it gave no address."""

    rel: str = "related"
    source_id: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as feeds show it: the winner's clean draft, under the id and dates that we gave it.

    `link`: the page for readers, "" where there is none; `attribution`: None for local posts. `changed_at`: when we
    last saw it new or edited. `also`: copies at other sources, in config order. `paths`: the names of its categories
    from the top; `levels` are their parts.
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
