"""A post: the keys of its front matter and its body, as a draft.

Without front matter the title is the first heading, else the file's
name; with front matter but no title key, the first heading or none (a note). A heading that opens a Markdown body
and became the title leaves the body. A file called `2021-10-22-name` has that date where no key gives one
(Jekyll). `draft` with anything but a plain no hides the post.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from pathlib import PurePosixPath
from urllib.parse import quote, urljoin
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from aggregator.errors import PostError
from aggregator.model.document import CategoryTerm, Link, Person, RawEntry, Text
from aggregator.model.problems import Problem
from aggregator.posts import keys, values
from aggregator.posts.body import Body, to_html
from aggregator.posts.front_matter import Field, FrontMatter, read_matter
from aggregator.text.post_dates import read_date

_MARKUP = re.compile(r"</?[A-Za-z][^<>]*>|<!--[^<>]*-->")
_DATED_NAME = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[-_ ]?(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class PostSettings:
    """`timezone` for dates without one; `date_offset` is added to dates that claim to be UTC (`dates.read_date`).

    `link` makes a link for posts that have none: `{path}` stands for the file's path below the folder without its
    suffix, percent-encoded. With it, a permalink that is only a path (`/2021/post/`) is resolved against it;
    without it such a permalink is no link.
    """

    timezone: str = "UTC"
    date_offset: timedelta = timedelta(0)
    link: str = ""


@dataclass(frozen=True, slots=True)
class Post:
    """`draft.terms` are its categories, `tags` stand apart: the first may be one path, a tag stands alone.

    `hidden`: marked as a draft or as not published. `repaired`: what the second reader mended (`key: how`).
    """

    draft: RawEntry
    hidden: bool = False
    repaired: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    tags: tuple[CategoryTerm, ...] = ()


def read_post(data: bytes, path: str, settings: PostSettings) -> Post:
    """`path` is the file's path below its folder. Raises PostError where the file cannot be understood."""
    matter = read_matter(data)
    front = _Front(matter, path, settings)
    where = PurePosixPath(path)
    body = to_html(matter.body, where.suffix.lower(), untitled="title" not in matter.fields)
    draft = replace(
        front.draft(),
        path=path,
        title=front.title(body, where.stem),
        content=Text(body.html, "html") if body.html else None,
    )
    tags = front.terms(keys.TAGS, commas=True)
    return Post(draft, front.hidden(), matter.repaired, tuple(front.problems), tags)


class _Front:
    """Asks the front matter for what a draft needs, and keeps what was wrong with it."""

    def __init__(self, matter: FrontMatter, path: str, settings: PostSettings) -> None:
        self.matter = matter
        self.path = path
        self.settings = settings
        self.problems: list[Problem] = []
        for field in matter.repeated:
            self._report(field, "front-matter", "given again further down, which counts")

    def draft(self) -> RawEntry:
        return RawEntry(
            id=self._text(keys.ID),
            summary=self._summary(),
            links=tuple(self._links()),
            authors=tuple(self._people()),
            terms=self.terms(keys.CATEGORIES),
            published=self._date(keys.PUBLISHED) or self._date_of_name(),
            updated=self._date(keys.UPDATED),
            rights=self._text(keys.RIGHTS),
            language=self._text(keys.LANGUAGE),
            image=self._image(),
        )

    def title(self, body: Body, stem: str) -> Text | None:
        field = self.matter.fields.get("title")
        if field is None:
            named = "" if self.matter.present else _words_of_name(stem)
            return _text_or_none(body.heading or named)
        if isinstance(field.value, list):
            self._report(field, "front-matter", "a list, where a text is expected")
            return _text_or_none(", ".join(map(values.name, values.flat(field.value))))
        return _text_or_none(self._one_text(field))

    def terms(self, names: tuple[str, ...], *, commas: bool = False) -> tuple[CategoryTerm, ...]:
        """`commas`: a plain text holds several, divided by commas."""
        field = self._first(names)
        return tuple(CategoryTerm(name) for name in self._names(field, commas=commas)) if field else ()

    def hidden(self) -> bool:
        draft = self.matter.fields.get(keys.DRAFT)
        if draft and not values.is_empty(draft.value) and values.flag(draft.value) is not False:
            return True
        published = self.matter.fields.get(keys.PUBLISHED_FLAG)
        return bool(published and values.flag(published.value) is False)

    # ── one kind of value each ──

    def _names(self, field: Field, *, commas: bool) -> Iterator[str]:
        listed = field.value if isinstance(field.value, list) else None
        if listed is None and commas and isinstance(field.value, str):
            listed = [part for part in field.value.split(",") if part.strip()]
        if any(isinstance(item, list) for item in listed or ()):
            self._report(field, "category", "a list of lists is read as one list")
        for item in values.flat([field.value] if listed is None else listed):
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

    def _links(self) -> Iterator[Link]:
        link = self._link()
        if link:
            yield Link(link)
        field = self._first(keys.ENCLOSURE)
        for item in values.items(field.value) if field else ():
            enclosure = values.enclosure(item)
            if enclosure:
                yield enclosure
            elif field:
                self._report(field, "front-matter", "not an absolute http(s) address, left out")

    def _link(self) -> str:
        given = [values.text(field.value) for field in self._given(keys.LINK)]
        absolute = next(filter(None, map(values.address, given)), "")
        template = self.settings.link
        if absolute or not template:
            return absolute
        # A permalink with a colon is a pattern (`/:year/:title/`), which only its own generator can fill in.
        rooted = next((one for one in given if one.startswith("/") and ":" not in one), "")
        return values.address(urljoin(template, rooted)) if rooted else self._templated(template)

    def _templated(self, template: str) -> str:
        return template.replace("{path}", quote(str(PurePosixPath(self.path).with_suffix("")), safe="/"))

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

    def _date(self, names: tuple[str, ...]) -> datetime | None:
        """The first of the keys that holds a date; every one before it that does not is reported."""
        for field in self._given(names):
            if field.key == keys.PUBLISHED_FLAG and values.flag(field.value) is not None:
                continue
            written = values.text(field.value)
            date = read_date(written, self._zone(), self.settings.date_offset)
            if date:
                return date
            self._report(field, "date", f"not a date: {written[:60]}" if written else "not a date")
        return None

    def _date_of_name(self) -> datetime | None:
        if self._first(keys.PUBLISHED):
            return None
        dated = _DATED_NAME.match(PurePosixPath(self.path).name)
        return read_date(dated[1], self._zone()) if dated else None

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
            field = self.matter.fields.get(name)
            if field and not values.is_empty(field.value):
                yield field

    def _report(self, field: Field, kind: str, message: str) -> None:
        self.problems.append(Problem(f"{self.path}:{field.line}", kind, f"{field.key}: {message}"))


def _text_or_none(value: str) -> Text | None:
    return Text(value) if value else None


def _words_of_name(stem: str) -> str:
    dated = _DATED_NAME.match(stem)
    name = dated[2] if dated and dated[2] else stem
    return " ".join(re.split(r"[-_\s]+", name)).strip()
