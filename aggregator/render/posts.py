"""An entry as a post: the keys of its front matter, its body, and its file name.

Read back as a post, it is the same entry. What a site generator would run, or fail on, is written as references; outer
white space is protected by comments.
"""

import hashlib
import re
from html import unescape
from itertools import takewhile
from typing import Any

from aggregator.html.rewriter import escaped
from aggregator.model.document import Link, Person
from aggregator.model.entry import Entry
from aggregator.render.attribution import absolute, authors, display_name, enclosures, license_of, public_url
from aggregator.render.jsonfeed import present
from aggregator.render.media_types import stated_type
from aggregator.text.date_formats import utc
from aggregator.text.generator import GENERATOR
from aggregator.text.slugs import slugify

SUFFIX = ".html"
LONGEST_SUMMARY = 16 * 1024  # characters; all of the front matter may have 64 KiB
LONGEST_NAME = 240  # bytes; file systems limit a folder's name to 255

_NAME = re.compile(r"\d{4}-\d\d-\d\d-[a-z0-9-]{1,60}-[0-9a-f]{12}\.html")
# The first character of everything that generators interpret even in HTML.
_INTERPRETED = re.compile(
    r"\{(?=[{%#])|(?<=#)\}"  # Liquid, Nunjucks, Hugo's shortcodes; to Nunjucks an unopened `#}` is an error
    r"|`(?=``)|~(?=~~)"  # Hexo's code fences
    r"|\ufffc|H(?=AHAHUGOSHORTCODE|UGOMORE42)"  # internal markers of Hexo and Hugo: foreign ones break the build
)
# Generators make folders from names. These would be another folder, or a page that exists already.
_NO_FOLDER = re.compile(r"(?<![^/])(?:\.++(?=/|$)|index\.)", re.IGNORECASE)
_MARKUP = re.compile(r"<(?!/?div>)")
_MORE_THAN_A_NAME = re.compile(r"[<>\[\]]")
_EMPTY_COMMENT = "<!-- -->"


def post_name(entry: Entry) -> str:
    """The unique file name of an entry: its date, title and a digest of its id. At most 89 bytes of ASCII."""
    digest = hashlib.sha256(entry.id.encode(errors="surrogatepass")).hexdigest()[:12]
    slug = slugify(entry.clean.title) if entry.clean.title else "untitled"
    return f"{utc(entry.published):%Y-%m-%d}-{slug}-{digest}{SUFFIX}"


def is_post_name(name: str) -> bool:
    return _NAME.fullmatch(name) is not None


def post_matter(entry: Entry) -> dict[str, Any]:
    """The front matter, in an order for people. Empty values have no key, except the title: without that key the first
    heading would become the title."""
    clean = entry.clean
    return {"title": clean.title} | present(
        date=utc(entry.published),
        updated=utc(entry.updated),  # Hexo's key
        lastmod=utc(entry.updated),  # Hugo's key
        id=entry.id,
        link=entry.link,
        **_credited(authors(entry)),
        categories=[_name(level) for level in takewhile(_fits, entry.paths[0])] if entry.paths else [],
        tags=[_name(tag) for tag in _tags(entry) if _fits(tag)],
        **_summary(_short_summary(entry)),
        image=clean.image,
        lang=clean.language,
        rights=clean.rights,
        license_url=license_of(entry),
        enclosure=[_enclosure(link) for link in enclosures(entry)],
        via=_via(entry),
        generator=GENERATOR,
    )


def post_body(entry: Entry) -> str:
    """The body as HTML that no template engine interprets, with its outer white space protected: the content, else the
    summary, because a generator shows a post without a body as an empty page."""
    body = _INTERPRETED.sub(_reference, entry.clean.content or entry.clean.summary)
    return _protected(body, is_bare="\n" in body and not _MARKUP.search(body))


def _reference(found: re.Match[str]) -> str:
    return f"&#{ord(found[0])};"


def _tags(entry: Entry) -> dict[str, None]:
    """A post has one category path; the levels of all other paths become tags, each once."""
    first, *others = entry.paths or ((),)
    return {name: None for path in others for name in path if len(path) == 1 or name not in first}


def _fits(name: str) -> bool:
    return len(name.encode()) <= LONGEST_NAME


def _name(name: str) -> str:
    """The name, with dots as references where it could not be a folder's name. Our reader decodes references."""
    return _NO_FOLDER.sub(lambda found: found[0].replace(".", "&#46;"), name)


def _credited(people: tuple[Person, ...]) -> dict[str, Any]:
    named = [_person(person) for person in people if display_name(person)]
    return {"author": named[0]} if len(named) == 1 else {"authors": named}


def _person(person: Person) -> str | dict[str, Any]:
    if person == Person(person.name) and not _MORE_THAN_A_NAME.search(person.name):
        return person.name
    return present(name=person.name, url=person.uri if absolute(person.uri) else "", email=person.email)


def _short_summary(entry: Entry) -> str:
    """The summary beside a content; "" where it is the body, or too long for front matter."""
    return entry.clean.summary if entry.clean.content and len(entry.clean.summary) <= LONGEST_SUMMARY else ""


def _summary(markup: str) -> dict[str, str]:
    """Plain text is a `description`, which all generators know; markup is an `excerpt`, which they show as it is."""
    text = unescape(markup)
    if markup == escaped(text) == " ".join(markup.split()) and "<" not in text and "&#" not in text:
        return {"description": text}
    return {"excerpt": _protected(markup, is_bare=not _MARKUP.search(markup))}


def _protected(markup: str, *, is_bare: bool) -> str:
    if is_bare or markup != markup.strip():
        return f"{_EMPTY_COMMENT}{markup}{_EMPTY_COMMENT}"
    return markup


def _enclosure(link: Link) -> dict[str, Any]:
    return present(url=link.href, type=stated_type(link), length=link.length, title=link.title, duration=link.duration)


def _via(entry: Entry) -> dict[str, Any]:
    attribution = entry.attribution
    if attribution is None:
        return {}
    return present(
        title=attribution.title, url=attribution.link, feed=public_url(attribution), rights=attribution.rights
    )
