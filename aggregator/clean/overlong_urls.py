"""Finds the addresses of a document that are too long to republish (over `urls.LONGEST`), in order to report them.

Cleaning leaves out such an address and keeps the rest of its entry. A picture in a `data:` URL may have more
characters (`text/data_pictures.py`); other `data:` URLs are left out whatever their length.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from aggregator.html.lazy_pictures import CANDIDATES, SOURCES
from aggregator.html.tokenizer import Start, Tokens
from aggregator.model.document import FeedInfo, Person, RawEntry, Text
from aggregator.text.data_pictures import LARGEST, MOST, is_data, size
from aggregator.text.masking import showable
from aggregator.text.normalize import one_line, shorten
from aggregator.text.urls import LONGEST, MEDIA, ContentSettings, absolute, quoted, unwrap

MOST_LINKS = 1000  # links of one entry
SHORT = LONGEST // 12  # characters of an address that is never too long: one beyond ASCII takes up to twelve
SHOWN = 100  # characters of an address in a message
LONGEST_NAME = 100
IN_MARKUP = ("href", "src", "cite", "poster", "data")


@dataclass(frozen=True, slots=True)
class Overlong:
    """`what`: its place in the entry or feed, such as `enclosure`."""

    what: str
    address: str

    def __str__(self) -> str:
        if is_data(self.address):
            return (
                f"its {self.what} is left out, a picture in the text itself, where {LARGEST // 1024} KiB each and"
                f" {MOST // 1024} KiB together are the most"
            )
        shown = shorten(one_line(showable(self.address)), SHOWN)
        return (
            f"its {self.what} is left out, an address of {len(self.address):,} characters, where {LONGEST:,} are the"
            f" most: {shown}"
        )


def in_draft(draft: RawEntry, settings: ContentSettings) -> list[Overlong]:
    found = [one for one in _written(draft) if _is_long(one.address, draft.base, settings)]
    return [*found, *_pictures(draft)]


def in_about(about: FeedInfo, base: str, settings: ContentSettings) -> list[Overlong]:
    return [one for one in _of_feed(about) if _is_long(one.address, base, settings)]


def name_of(draft: RawEntry) -> str:
    """The name of an entry in a message: its title, else its id."""
    return shorten(one_line(draft.title.value if draft.title else "") or one_line(draft.id[:LONGEST]), LONGEST_NAME)


def _is_long(address: str, base: str, settings: ContentSettings) -> bool:
    """Whether it is too long when absolute and quoted."""
    if len(address) + len(base) <= SHORT or address[:5].lower() == "data:":
        return False
    address = unwrap(address, settings.unwrap)
    length = len(quoted(address, "?#"))
    return length > LONGEST or (length + len(base) > LONGEST and not absolute(address, base, MEDIA))


def _written(draft: RawEntry) -> Iterator[Overlong]:
    for link in islice(draft.links, MOST_LINKS):
        yield Overlong("link" if link.rel == "alternate" else f"link ({link.rel[:40]})", link.href)
    yield Overlong("picture", draft.image)
    yield Overlong("comments", draft.comments)
    yield Overlong("base", draft.base)
    yield from _of_people((*draft.authors, *draft.contributors))
    if draft.source:
        yield from _of_feed(draft.source)
    for text in (draft.summary, draft.content):
        yield from _in_markup(text) if text else ()


def _pictures(draft: RawEntry) -> Iterator[Overlong]:
    """Pictures in `data:` URLs that are too large, alone or together, and have no other address."""
    room = MOST
    for text in (draft.content, draft.summary):
        if text is None or text.type == "text" or len(text.value) < LARGEST:
            continue
        for token in Tokens(text.value):
            if isinstance(token, Start) and token.name == "img" and is_data(token.get("src")):
                taken = size(token.get("src"))
                fits = taken <= min(LARGEST, room)
                room -= taken if fits else 0
                if not fits and not {"srcset", *SOURCES, *CANDIDATES} & token.written.keys():
                    yield Overlong("<img>", token.get("src"))


def _of_feed(about: FeedInfo) -> Iterator[Overlong]:
    yield Overlong("site", about.link)
    yield Overlong("own address", about.self_link)
    yield Overlong("icon", about.icon)
    yield Overlong("logo", about.logo)
    yield Overlong("generator", about.generator_uri)
    yield from (Overlong("hub", hub) for hub in about.hubs)
    for link in islice(about.links, MOST_LINKS):
        yield Overlong(f"link ({link.rel[:40]})", link.href)
    yield from _of_people((*about.authors, *about.contributors))


def _of_people(people: Sequence[Person]) -> Iterator[Overlong]:
    yield from (Overlong("person's page", person.uri) for person in people)


def _in_markup(text: Text) -> Iterator[Overlong]:
    """Addresses in tags. Only texts with a long enough tag are tokenized, which few have."""
    yield Overlong("base", text.base)
    if text.type == "text" or not _has_long_tag(text.value):
        return
    for token in Tokens(text.value):
        if isinstance(token, Start):
            yield from (Overlong(f"<{token.name}>", token.get(name)) for name in IN_MARKUP if name in token.written)


def _has_long_tag(markup: str) -> bool:
    """Whether a tag may have an address that is too long. A tag ends at the first `>` that is not in quotes."""
    long = [piece for piece in markup.split("<") if len(piece) > SHORT]
    return any(not _is_short_tag(piece.partition(">")[0]) for piece in long)


def _is_short_tag(head: str) -> bool:
    """`head`: all before the first `>`."""
    return len(head) <= SHORT and "'" not in head and head.count('"') % 2 == 0
