"""Subscriptions in and out as OPML."""

from dataclasses import dataclass, field
from pathlib import Path

from aggregator.config.edit_lists import Append, Item
from aggregator.config.url_input import VARIABLE, shown, web_address
from aggregator.errors import UsageError
from aggregator.opml import Outline, is_opml, outlines_xml, read_outlines, unzipped
from aggregator.opml import Path as CategoryPath
from aggregator.publish.subscriptions_opml import is_secret, outline_of, unshareable
from aggregator.subscriptions.add import Namer
from aggregator.subscriptions.config_file import ConfigFile

LARGEST = 32 * 2**20  # bytes
MOST_CATEGORIES = 100  # of one feed


@dataclass(frozen=True, slots=True)
class LeftOut:
    line: int
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Incoming:
    id: str
    url: str
    title: str
    categories: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Known:
    """An outline whose feed is there already, as the source `id`."""

    line: int
    name: str
    id: str


@dataclass(frozen=True, slots=True)
class Import:
    """`copy` of the old config, None where nothing was written."""

    added: tuple[Incoming, ...]
    known: tuple[Known, ...]
    left_out: tuple[LeftOut, ...]
    copy: Path | None


@dataclass(frozen=True, slots=True)
class Export:
    """`left_out`: ids of the sources that nobody else could use, and why; `secret`: of those whose address holds a
    secret, and is written as it is asked."""

    opml: str
    count: int
    left_out: tuple[tuple[str, str], ...]
    secret: tuple[str, ...] = ()


def import_outlines(register: ConfigFile, body: bytes, name: str, *, dry: bool = False) -> Import:
    """All that are new, in one edit of the config. Raises UsageError where the file is no OPML."""
    from aggregator.text.encoding import decode  # comes with all that reads feeds

    body = unzipped(body, LARGEST)
    if len(body) > LARGEST:
        raise UsageError(f"{name} is larger than {LARGEST // 2**20} MiB; no list of subscriptions is")
    text = decode(body)
    if not is_opml(text):
        raise UsageError(f"{name} is no OPML: there is no outline in it")
    intake = _Intake(register)
    for outline in read_outlines(text):
        intake.take(outline)
    added = tuple(intake.added.values())
    edits = [Append("sources", [_item(one) for one in added])] if added else []
    return Import(added, tuple(intake.known), tuple(intake.left_out), register.save(edits, dry=dry))


@dataclass(slots=True)
class _Intake:
    register: ConfigFile
    added: dict[str, Incoming] = field(default_factory=dict)
    known: list[Known] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    listed: dict[str, str] = field(init=False)
    namer: Namer = field(init=False)

    def __post_init__(self) -> None:
        self.listed = {self.register.key(source.url): source.id for source in self.register.config.sources}
        self.namer = Namer(self.register)

    def take(self, outline: Outline) -> None:
        try:
            if outline.fault:
                raise UsageError(outline.fault)
            url = web_address(outline.url)
        except UsageError as error:
            self.left_out.append(LeftOut(outline.line, shown(outline.name), str(error)))
            return
        paths = tuple(map(_category, outline.categories[:MOST_CATEGORIES]))
        key = self.register.key(url)
        if key in self.listed:
            self.known.append(Known(outline.line, shown(outline.name), self.listed[key]))
        elif first := self.added.get(key):
            more = tuple(dict.fromkeys((*first.categories, *paths)))
            self.added[key] = Incoming(first.id, first.url, first.title, more[:MOST_CATEGORIES], first.line)
            self.left_out.append(LeftOut(outline.line, shown(outline.name), f"the same feed as in line {first.line}"))
            self._tell_of_categories(outline, len(more))
        else:
            self.added[key] = Incoming(self.namer.name(url), url, _own_name(outline), paths, outline.line)
            self._tell_of_categories(outline, len(outline.categories))

    def _tell_of_categories(self, outline: Outline, count: int) -> None:
        if count > MOST_CATEGORIES:
            reason = f"of its categories: a feed has {MOST_CATEGORIES} at most"
            self.left_out.append(LeftOut(outline.line, shown(outline.name), reason))


def _own_name(outline: Outline) -> str:
    """What a person called it, where that is not what the feed calls itself (OPML 2.0: `text`, `title`)."""
    return "" if outline.text == outline.title else _harmless(outline.text)


def _category(path: CategoryPath) -> str:
    """As the config writes it: a slash in a name would make two levels of it, so it gets a wide one."""
    return "/".join(_harmless(name).replace("/", "／") for name in path)


def _harmless(name: str) -> str:
    """In the config `${NAME}` stands for a variable of the environment, which nobody else is to see."""
    return name.replace("${", "$ {") if VARIABLE.search(name) else name


def _item(one: Incoming) -> Item:
    item: dict[str, str | list[str]] = {"url": one.url, "id": one.id}
    if one.title:
        item["title"] = one.title
    if one.categories:
        item["categories"] = list(one.categories)
    return item


def export_outlines(register: ConfigFile) -> Export:
    """The sources of the config, with what is known of them: for the keeper, so each address is the real one."""
    outlines: list[Outline] = []
    left_out: list[tuple[str, str]] = []
    config = register.with_lists
    for source in config.sources:
        if reason := unshareable(source):
            left_out.append((source.id, reason))
        else:
            outlines.append(outline_of(source, register.rows.get(source.id)))
    secret = tuple(one.id for one in config.sources if not unshareable(one) and is_secret(one))
    return Export(outlines_xml(register.config.site.title, outlines), len(outlines), tuple(left_out), secret)
