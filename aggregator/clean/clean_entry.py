"""Cleans a draft: every text and address of the result is safe to show, and comparable."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from aggregator.clean.extensions import Cleaner, texts
from aggregator.clean.fingerprint import digest, fingerprint
from aggregator.clean.plain_texts import (
    LONGEST_NAME,
    LONGEST_TITLE,
    MOST_TERMS,
    clean_terms,
    has_same_text,
    lines_of_post,
    paragraphs,
    plain_name,
    plain_title,
    short_line,
)
from aggregator.clean.scrub import shown
from aggregator.html.sanitize import inline_bytes, plain, sanitize, sanitize_xhtml
from aggregator.html.trackers import is_tracker
from aggregator.model.document import Extension, FeedInfo, Link, Person, RawEntry, Text
from aggregator.model.entry import CleanEntry
from aggregator.text.added_lines import without_byline, without_footers
from aggregator.text.canonical_url import canonical_link, may_mint_otherwise, minting_link
from aggregator.text.data_pictures import MOST
from aggregator.text.local_pictures import local_picture
from aggregator.text.masking import MARK, unmarked
from aggregator.text.normalize import (
    bounded,
    decode,
    email,
    language,
    legal,
    media_type,
    one_line,
    shorten,
)
from aggregator.text.urls import MEDIA, WEB, ContentSettings, absolute, is_nothing, is_placeholder, unwrap, without_user

__all__ = ["ContentSettings", "clean", "clean_about"]

_PAGES = frozenset({"", "text/html", "application/xhtml+xml"})
# Where a feed or an entry lives or is changed, not what the entry is about; they would be wrong in another feed.
OF_THE_FEED = frozenset({
    "current", "edit", "edit-media", "first", "hub", "last", "next", "next-archive", "prev", "prev-archive", "previous",
    "search", "self", "service.post", "service.edit", "service.feed", "stylesheet",
})  # fmt: skip
_RELATION = re.compile(r"[a-z][a-z0-9.-]{0,60}")
_REGISTRY = re.compile(r"https?://www\.iana\.org/assignments/(?:link-relations/|relation/)", re.IGNORECASE)
_MOST_LINKS = 200


def clean(draft: RawEntry, *, base: str, settings: ContentSettings) -> CleanEntry:
    """The draft with every text and address made safe; dates are copied unchecked.

    `base`: the absolute address that the document's references resolve against, "" where none is known.
    """
    base = absolute(unwrap(draft.base, settings.unwrap), base) or base
    return _Cleaning(base, settings, "" if base else draft.path).clean(draft)


def clean_about(about: FeedInfo, *, base: str, settings: ContentSettings) -> FeedInfo:
    """The description of a feed, made safe in the same way."""
    return shown(_Cleaning(base, settings).about(about))


@dataclass(frozen=True, slots=True)
class _Cleaning:
    """The base of one draft and the settings, for all of its parts. `post`: the path of a post that has no base."""

    base: str
    settings: ContentSettings
    post: str = ""

    def clean(self, draft: RawEntry) -> CleanEntry:
        title, title_html = plain_title(draft.title)
        post = bool(draft.path)
        content = self._markup(draft.content, post=post)
        room = MOST - inline_bytes(content)
        summary = "" if draft.summary == draft.content else self._markup(draft.summary, post=post, room=room)
        if content and summary and has_same_text(summary, content):
            summary = ""
        if draft.source:
            content, summary = (without_byline(text, draft.source.title) for text in (content, summary))
        links = self._links(draft.links)
        page = self._page(links)
        link = page.href if page else self._permalink(draft)
        image = self._image(draft.image)
        evidence = self._evidence(draft, page) or link
        canonical = canonical_link(evidence, tracking=self.settings.tracking)
        may_differ = may_mint_otherwise(evidence)
        minting = minting_link(evidence, tracking=self.settings.tracking) if may_differ else canonical
        cleaned = CleanEntry(
            id="" if is_nothing(draft.id) else bounded(draft.id),
            id_is_permalink=draft.id_is_permalink,
            title=title,
            title_html=title_html,
            summary=summary,
            content=content,
            link=link,
            canonical=canonical,
            minting_link=minting if minting != canonical else "",
            links=tuple(other for other in links if not _is_shown_elsewhere(other, link)),
            enclosures=tuple(_distinct_enclosures(links)),
            authors=self._people(draft.authors),
            contributors=self._people(draft.contributors),
            terms=clean_terms(draft.terms),
            tags=clean_terms(draft.tags),
            published=draft.published,
            updated=draft.updated,
            rights=short_line(draft.rights),
            language=language(draft.language) or _spoken_language(draft),
            image=image,
            comments=self._web(draft.comments),
            source=self.about(draft.source) if draft.source else None,
            path=legal(draft.path),
            fingerprint=fingerprint(title, content or summary, image),
            page=page if page and (page.type or page.hreflang or page.title) else None,
            extras=self._extras(draft.extras, (title, summary, content)) if draft.extras else (),
            texts=tuple(_texts(draft, summary=summary, content=content)),
            paths=tuple(filter(None, map(clean_terms, draft.paths[:MOST_TERMS]))),
            slug=short_line(draft.slug),
            aliases=tuple(filter(None, map(self._comparable, draft.aliases))),
        )
        visible = shown(cleaned)
        if visible.id != cleaned.id:  # the id is never shown
            visible = replace(visible, id=cleaned.id)
        return replace(visible, digest=digest(visible, self.settings.tracking))

    # ── texts ──

    def _markup(self, text: Text | None, *, post: bool, room: int = MOST) -> str:
        """Sanitized markup, "" where only white space is left. `room`: bytes for pictures in `data:` addresses."""
        if text is None or not text.value.strip():
            return ""
        markup = without_footers(self._sanitized(text, post=post, room=room))
        return markup if markup.strip() else ""

    def _sanitized(self, text: Text, *, post: bool, room: int) -> str:
        base = absolute(text.base, self.base) or self.base
        markup = text.value
        if text.type == "xhtml":  # parsing removed the outer div; another one is the publisher's
            return sanitize_xhtml(f"<div>{markup}</div>", base=base, settings=self.settings, room=room)
        if text.type == "text":
            markup = paragraphs(markup)
        elif post and (lines := lines_of_post(markup)) is not None:
            markup = paragraphs(decode(lines))
        return sanitize(markup, base=base, settings=self.settings, room=room, post=self.post)

    # ── addresses ──

    def _web(self, href: str, schemes: frozenset[str] = WEB) -> str:
        if is_nothing(href):
            return ""
        return without_user(absolute(unwrap(href, self.settings.unwrap), self.base, schemes))

    def _image(self, href: str) -> str:
        address = self._web(href) or local_picture(href, self.post)
        return address if self._shows(address) else ""

    def _shows(self, address: str) -> bool:
        return not (is_placeholder(address, self.settings.placeholders) or is_tracker(address))

    def _page(self, links: tuple[Link, ...]) -> Link | None:
        """The first alternate link that is a page, else the first alternate."""
        alternates = [link for link in links if link.rel == "alternate"]
        return min(alternates, key=lambda link: link.type not in _PAGES, default=None)

    def _permalink(self, draft: RawEntry) -> str:
        """The id as an address; "" where it is none, since RSS takes any guid for a permalink by default."""
        return without_user(absolute(unwrap(draft.id, self.settings.unwrap))) if draft.id_is_permalink else ""

    def _evidence(self, draft: RawEntry, page: Link | None) -> str:
        """The entry's link with … for the secret in it, so that links still differ; "" where it has no secret."""
        pages = [link.href for link in draft.links if relation(link) == "alternate"]
        hrefs = pages or [draft.id][: draft.id_is_permalink]
        marked = next((href for href in hrefs if MARK in href), "")
        if not marked or (page and any(self._web(href) == page.href for href in hrefs if MARK not in href)):
            return ""
        return self._web(unmarked(marked))

    def _comparable(self, href: str) -> str:
        return canonical_link(self._web(href), tracking=self.settings.tracking)

    def _links(self, links: Iterable[Link]) -> tuple[Link, ...]:
        cleaned = (self._one_link(link) for link, _ in zip(links, range(_MOST_LINKS), strict=False))
        return tuple({(link.rel, link.href, link.type, link.hreflang): link for link in cleaned if link}.values())

    def _one_link(self, link: Link) -> Link | None:
        rel = relation(link)
        return None if rel in OF_THE_FEED else self._safe_link(link, rel)

    def _safe_link(self, link: Link, rel: str) -> Link | None:
        href = self._web(link.href, MEDIA) if rel == "enclosure" else self._web(link.href)
        if not href:
            return None
        return Link(
            href=href,
            rel=rel if _RELATION.fullmatch(rel) else absolute(rel) or "related",
            type=media_type(link.type),
            hreflang=language(link.hreflang),
            title=shorten(one_line(link.title), LONGEST_NAME),
            length=link.length if link.length is not None and link.length >= 0 else None,
            duration=link.duration if link.duration is not None and link.duration >= 0 else None,
        )

    # ── other vocabularies ──

    def _extras(self, extras: tuple[Extension, ...], own: Iterable[str]) -> tuple[Extension, ...]:
        shown_texts = {one_line(plain(text)) for text in own} if texts(extras) else ()
        return Cleaner(self._web, self._shows, frozenset(shown_texts)).clean(extras)

    # ── people and sources ──

    def _people(self, people: Iterable[Person]) -> tuple[Person, ...]:
        return tuple(dict.fromkeys(found for person in people if (found := self._person(person))))

    def _person(self, person: Person) -> Person | None:
        found = Person(name=plain_name(person.name), uri=self._web(person.uri), email=email(person.email))
        return found if found != Person() else None

    def about(self, about: FeedInfo) -> FeedInfo:
        hubs = (self._web(hub) for hub in about.hubs)
        return FeedInfo(
            id="" if MARK in about.id else bounded(about.id),
            title=shorten(one_line(about.title), LONGEST_TITLE),
            subtitle=short_line(about.subtitle),
            link=self._web(about.link),
            updated=about.updated,
            authors=self._people(about.authors),
            rights=short_line(about.rights),
            language=language(about.language),
            icon=self._web(about.icon),
            logo=self._web(about.logo),
            generator=short_line(about.generator),
            hubs=tuple(dict.fromkeys(hub for hub in hubs if hub)),
            self_link=self._web(about.self_link),
            links=tuple(
                found for link in about.links[:_MOST_LINKS] if (found := self._safe_link(link, relation(link)))
            ),
            contributors=self._people(about.contributors),
            terms=clean_terms(about.terms),
            generator_uri=self._web(about.generator_uri),
            generator_version=shorten(one_line(about.generator_version), LONGEST_NAME),
        )


def _texts(draft: RawEntry, *, summary: str, content: str) -> Iterator[Literal["summary", "content"]]:
    if draft.summary and draft.summary.type == "text" and summary and "<" not in summary:
        yield "summary"
    if draft.content and draft.content.type == "text" and content and "<" not in content:
        yield "content"


def relation(link: Link) -> str:
    """Its relation in lower case; one of the registry's own addresses (RFC 4287 4.2.7.2) as the registered name."""
    return _REGISTRY.sub("", link.rel.strip()).lower() or "alternate"


def _is_shown_elsewhere(other: Link, link: str) -> bool:
    return other.rel == "enclosure" or (other.rel == "alternate" and other.href == link)


def _spoken_language(draft: RawEntry) -> str:
    return next((found for text in (draft.content, draft.title) if text and (found := language(text.language))), "")


def _distinct_enclosures(links: Iterable[Link]) -> Iterable[Link]:
    """The first enclosure of each address."""
    found: dict[str, Link] = {}
    for link in links:
        if link.rel == "enclosure":
            found.setdefault(link.href, link)
    return found.values()
