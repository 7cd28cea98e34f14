"""A post: front matter and body to a RawEntry.

Without front matter the title is the first heading, else the file's name; with front matter but without a title key
it is the first heading or none (a note). `title:` without a value, `~` and `null` are no title. A heading that opens a
Markdown body and became the title is removed from the body. The date of the path counts if no key gives one
(`text.post_names`). `draft` hides the post unless its value is empty or false.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from pathlib import PurePosixPath
from urllib.parse import urljoin
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from aggregator.errors import PostError
from aggregator.model.document import CategoryTerm, Link, Person, RawEntry, Text
from aggregator.model.problems import Problem
from aggregator.posts import keys, values
from aggregator.posts.body import Body, to_html
from aggregator.posts.commas import at_commas, items_of
from aggregator.posts.front_matter import Field, FrontMatter, read_front_matter
from aggregator.posts.settings import PostSettings
from aggregator.posts.strict_readers import Value
from aggregator.text.dates import DateReader
from aggregator.text.post_links import PostFacts, filled, may_come_from
from aggregator.text.post_names import PostName, post_name

_TAXONOMIES = (*keys.CATEGORIES, *keys.TAGS)
_MOST_ALIASES = 100
_MARKUP = re.compile(r"</?[A-Za-z][^<>]*>|<!--[^<>]*-->")
_NO_ADDRESS = "not an absolute http(s) address, left out; right would be https://host/path"
_LONGEST_FAULT = 100  # characters of what is wrong with a date


@dataclass(frozen=True, slots=True)
class Post:
    """`draft.terms`: the post's categories, which may form one path; `tags`: single terms.

    `hidden`: marked as a draft or as not published. `repaired`: what was repaired to read it (`key: how`).
    `goes_out_at`: when it is published, None for at once; `expires_at`: when it is no longer published;
    `dated_by_path`: only its path has a date.
    """

    draft: RawEntry
    hidden: bool = False
    repaired: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    tags: tuple[CategoryTerm, ...] = ()
    goes_out_at: datetime | None = None
    expires_at: datetime | None = None
    dated_by_path: bool = False

    def date_at(self, now: datetime) -> datetime | None:
        """The date that is shown `now`: not one in the future if the post went out before (Hugo's `publishDate`)."""
        published, goes_out_at = self.draft.published, self.goes_out_at
        return goes_out_at if published and goes_out_at and goes_out_at <= now < published else published


def read_post(data: bytes, path: str, settings: PostSettings, published_link: str = "") -> Post:
    """`path`: the file's path below its folder; `published_link`: the link under which it was published, which it keeps
    where the template may have given it. Raises PostError if the file cannot be read."""
    front_matter = read_front_matter(data)
    reader = _FieldReader(front_matter, path, settings, published_link)
    where = PurePosixPath(path)
    body = to_html(front_matter.body, where.suffix.lower(), untitled="title" not in front_matter.fields)
    draft = replace(
        reader.draft(reader.title(body)),
        path=path,
        content=Text(body.html, "html") if body.html else None,
    )
    tags = reader.terms(keys.TAGS, commas=True)
    times = reader.date(keys.GOES_OUT) or draft.published, reader.date(keys.EXPIRES), reader.is_dated_by_path()
    return Post(draft, reader.hidden(), front_matter.repaired, tuple(reader.problems), tags, *times)


class _FieldReader:
    """Reads the fields of a RawEntry from front matter, and collects problems."""

    def __init__(self, front_matter: FrontMatter, path: str, settings: PostSettings, published_link: str) -> None:
        self.front_matter = front_matter
        self.path = path
        self.name = post_name(path)
        self.settings = settings
        self.published_link = published_link
        self.problems: list[Problem] = []
        self.dates = self._date_reader()
        self._faulty_dates: set[str] = set()  # keys that were reported
        for field in front_matter.repeated:
            self._report(field, "front-matter", "given again further down, which counts")

    def draft(self, title: Text | None) -> RawEntry:
        id_, slug = self._text(keys.ID), self._text(keys.SLUG)
        dated_path = self.name.day if self.is_dated_by_path() else ""
        published = self.date(keys.PUBLISHED) or self.dates.read(dated_path)
        post = PostFacts(
            path=str(PurePosixPath(self.path).with_suffix("")),
            slug=slug or self.name.name or self.name.stem,
            title=title.value if title else "",
            id=id_,
            date=published and published.astimezone(self._zone()),
        )
        return RawEntry(
            id=id_,
            title=title,
            summary=self._summary(),
            links=tuple(self._links(post)),
            authors=tuple(self._people()),
            terms=self.terms(keys.CATEGORIES),
            paths=tuple(self._paths()),
            published=published,
            updated=self.date(keys.UPDATED),
            rights=self._text(keys.RIGHTS),
            language=self._text(keys.LANGUAGE),
            image=self._image(),
            slug=slug,
            aliases=tuple(self._aliases()),
        )

    def title(self, body: Body) -> Text | None:
        field = self.front_matter.fields.get("title")
        if field is None:
            named = "" if self.front_matter.present else _words(self.name)
            return _text_or_none(body.heading or named)
        if isinstance(field.value, list):
            self._report(field, "front-matter", "a list, where a text is expected")
            return _text_or_none(", ".join(map(values.name, values.flat(field.value))))
        return None if values.is_empty(field.value) else _text_or_none(self._one_text(field))

    def terms(self, names: tuple[str, ...], *, commas: bool = False) -> tuple[CategoryTerm, ...]:
        """`commas`: a text is split at commas."""
        field = self._first(names)
        return tuple(CategoryTerm(name) for name in self._names(field, commas=commas)) if field else ()

    def _paths(self) -> Iterator[tuple[CategoryTerm, ...]]:
        """Categories that are several paths: a list in which some item is a list (Hexo: each list is a path, and so is
        each name beside them), and the taxonomy of a Zola page, whose terms have no levels."""
        field = self._first(keys.CATEGORIES)
        if field and (field.key == keys.TAXONOMIES or values.holds_lists(field.value)):
            yield from (tuple(map(CategoryTerm, names)) for names in values.paths(field.value))

    def hidden(self) -> bool:
        draft = self.front_matter.fields.get(keys.DRAFT)
        if draft and not values.is_empty(draft.value) and values.flag(draft.value) is not False:
            return True
        published = self.front_matter.fields.get(keys.PUBLISHED_FLAG)
        return bool(published and values.flag(published.value) is False)

    # ── one kind of value each ──

    def _names(self, field: Field, *, commas: bool) -> Iterator[str]:
        value = field.value
        if isinstance(value, str) and commas:
            listed: list[Value] = [*at_commas(value)]
        else:
            listed = items_of(value) if isinstance(value, list) else [value]
        for item in values.flat(listed):
            name = values.name(item)
            if name:
                yield name
            else:
                self._report(field, "category", "an item without a name is left out")

    def _people(self) -> Iterator[Person]:
        field = self._first(keys.AUTHORS)
        for item in values.items(field.value) if field else ():
            person = values.person(item)
            if person != Person():
                yield person
            elif field:
                self._report(field, "front-matter", "a person without a name is left out")

    def _links(self, post: PostFacts) -> Iterator[Link]:
        link = self._link(post)
        if link:
            yield Link(link)
        field = self._first(keys.ENCLOSURE)
        for item in values.items(field.value) if field else ():
            enclosure = values.enclosure(item)
            if enclosure:
                yield enclosure
            elif field:
                self._report(field, "front-matter", _NO_ADDRESS)

    def _aliases(self) -> Iterator[str]:
        """The old addresses of the post, those that are only paths resolved against the template."""
        field, template = self._first(keys.ALIASES), self.settings.link
        for item in values.items(field.value)[:_MOST_ALIASES] if field else ():
            written = values.text(item)
            if address := values.address(urljoin(template, written) if written.startswith("/") else written):
                yield address

    def _link(self, post: PostFacts) -> str:
        given = {values.text(field.value): field for field in self._given(keys.LINK)}
        absolute = next(filter(None, map(values.address, given)), "")
        if absolute:
            return absolute
        template = self.settings.link
        # A permalink with a colon is a pattern (`/:year/:title/`), which only its generator can fill in.
        rooted = next((one for one in given if template and one.startswith("/") and ":" not in one), "")
        for written, field in given.items():
            if written != rooted and values.is_meant_as_link(field.key, field.value):
                self._report(field, "front-matter", _NO_ADDRESS)
        if not template:
            return ""
        return values.address(urljoin(template, rooted)) if rooted else self._templated(template, post)

    def _templated(self, template: str, post: PostFacts) -> str:
        if may_come_from(template, self.published_link):
            return self.published_link
        try:
            return filled(template, post)
        except ValueError as error:
            message = f"posts.link needs {error}, which this post does not have, so it has no link"
            self.problems.append(Problem(self.path, "front-matter", message))
            return ""

    def _summary(self) -> Text | None:
        summary = self._text(keys.SUMMARY)
        return Text(summary, "html" if _MARKUP.search(summary) else "text") if summary else None

    def _image(self) -> str:
        for field in self._given(keys.IMAGE):
            for item in values.items(field.value):
                image = values.text(item) or values.entry_of(item, "url", "src", "href", "path")
                if image and not values.is_switch(item):
                    return image
        return ""

    def is_dated_by_path(self) -> bool:
        return bool(self.name.day) and self._first(keys.PUBLISHED) is None

    def date(self, names: tuple[str, ...]) -> datetime | None:
        """The first valid date of these keys; invalid ones before it are reported."""
        for field in self._given(names):
            if field.key == keys.PUBLISHED_FLAG and values.flag(field.value) is not None:
                continue
            written = values.text(field.value)
            if field.key not in self._faulty_dates:
                self._report_date(field, written)
            if date := self.dates.read(written):
                return date
        return None

    def _report_date(self, field: Field, written: str) -> None:
        for fault in self.dates.faults([written]) if written else ["not a date"]:
            self._faulty_dates.add(field.key)
            self._report(field, "date", fault[:_LONGEST_FAULT])

    def _date_reader(self) -> DateReader:
        written = [values.text(field.value) for field in self._given((*keys.PUBLISHED, *keys.UPDATED, *keys.EXPIRES))]
        language, offset = self._first(keys.LANGUAGE), self.settings.date_offset
        tag = values.text(language.value) if language else ""
        return DateReader(others=written, language=tag, zone=self._zone(), utc_offset=offset)

    def _zone(self) -> tzinfo:
        try:
            return ZoneInfo(self.settings.timezone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise PostError("config", f"no such timezone: {self.settings.timezone}") from error

    # ── fields ──

    def _text(self, names: tuple[str, ...]) -> str:
        field = self._first(names)
        return self._one_text(field) if field and not values.is_switch(field.value) else ""

    def _one_text(self, field: Field) -> str:
        if not isinstance(field.value, str):
            self._report(field, "front-matter", "a list or a mapping, where a text is expected")
        return values.text(field.value)

    def _first(self, names: tuple[str, ...]) -> Field | None:
        return next(self._given(names), None)

    def _given(self, names: tuple[str, ...]) -> Iterator[Field]:
        for name in names:
            field = self.front_matter.fields.get(name)
            if field and not values.is_empty(field.value):
                yield field
        taxonomies = self.front_matter.fields.get(keys.TAXONOMIES)
        if taxonomies and isinstance(taxonomies.value, dict):
            for name in names:
                if name in _TAXONOMIES and not values.is_empty(taxonomies.value.get(name, "")):
                    yield replace(taxonomies, value=taxonomies.value[name])

    def _report(self, field: Field, kind: str, message: str) -> None:
        self.problems.append(Problem(f"{self.path}:{field.line}", kind, f"{field.key}: {message}"))


def _text_or_none(value: str) -> Text | None:
    return Text(value) if value else None


def _words(name: PostName) -> str:
    return " ".join(re.split(r"[-_\s]+", name.name or name.stem)).strip()
