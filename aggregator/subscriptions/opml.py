"""Import and export of subscriptions as OPML."""

from dataclasses import dataclass, field
from pathlib import Path

from aggregator.config.edit_lists import Append, Item
from aggregator.config.url_input import shown, web_address
from aggregator.config.yaml_lines import VARIABLE
from aggregator.errors import UsageError
from aggregator.opml import Outline, is_opml, outlines_xml, read_outlines, unzipped
from aggregator.opml import Path as CategoryPath
from aggregator.publish.subscriptions_opml import is_secret, outline_of, unshareable
from aggregator.report import Progress
from aggregator.subscriptions.add import Namer
from aggregator.subscriptions.config_file import ConfigFile

MAX_BYTES = 32 * 2**20  # bytes
MAX_CATEGORIES = 100  # of one feed
STEP = 100  # outlines, after which progress is told


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
    """An outline whose feed the config has already, as source `id`."""

    line: int
    name: str
    id: str


@dataclass(frozen=True, slots=True)
class Import:
    """`copy` of the old config, None if nothing was written."""

    added: tuple[Incoming, ...]
    known: tuple[Known, ...]
    left_out: tuple[LeftOut, ...]
    copy: Path | None


@dataclass(frozen=True, slots=True)
class Export:
    """`left_out`: ids of sources that nobody else could use, and why. `secret`: ids of sources whose URL holds a secret
    and is written unmasked."""

    opml: str
    count: int
    left_out: tuple[tuple[str, str], ...]
    secret: tuple[str, ...] = ()


def import_outlines(
    config_file: ConfigFile, body: bytes, name: str, *, dry: bool = False, progress: Progress = lambda _: None
) -> Import:
    """Adds all new feeds in one edit of the config. Raises UsageError if the file is not OPML."""
    from aggregator.text.encoding import decode  # slow to load

    body = unzipped(body, MAX_BYTES)
    if len(body) > MAX_BYTES:
        raise UsageError(f"{name} is larger than {MAX_BYTES // 2**20} MiB; name a smaller OPML file")
    text = decode(body)
    if not is_opml(text):
        raise UsageError(f"{name} is not OPML: it has no outline element")
    intake = _Intake(config_file)
    outlines = read_outlines(text)
    for n, outline in enumerate(outlines):
        if n % STEP == 0:
            progress(f"reading {n}/{len(outlines)}")
        intake.take(outline)
    added = tuple(intake.added.values())
    edits = [Append("sources", [_item(one) for one in added])] if added else []
    return Import(added, tuple(intake.known), tuple(intake.left_out), config_file.save(edits, dry=dry))


@dataclass(slots=True)
class _Intake:
    config_file: ConfigFile
    added: dict[str, Incoming] = field(default_factory=dict)
    known: list[Known] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    known_ids: dict[str, str] = field(init=False)
    namer: Namer = field(init=False)

    def __post_init__(self) -> None:
        self.known_ids = {self.config_file.key(source.url): source.id for source in self.config_file.config.sources}
        self.namer = Namer(self.config_file)

    def take(self, outline: Outline) -> None:
        try:
            if outline.fault:
                raise UsageError(outline.fault)
            url = web_address(outline.url)
        except UsageError as error:
            self.left_out.append(LeftOut(outline.line, shown(outline.name), str(error)))
            return
        paths = tuple(map(_category, outline.categories[:MAX_CATEGORIES]))
        key = self.config_file.key(url)
        if key in self.known_ids:
            self.known.append(Known(outline.line, shown(outline.name), self.known_ids[key]))
        elif first := self.added.get(key):
            more = tuple(dict.fromkeys((*first.categories, *paths)))
            self.added[key] = Incoming(first.id, first.url, first.title, more[:MAX_CATEGORIES], first.line)
            self.left_out.append(LeftOut(outline.line, shown(outline.name), f"the same feed as in line {first.line}"))
            self._report_dropped_categories(outline, len(more))
        else:
            title = _own_name(outline)
            self.added[key] = Incoming(self.namer.name(url, title), url, title, paths, outline.line)
            self._report_dropped_categories(outline, len(outline.categories))

    def _report_dropped_categories(self, outline: Outline, count: int) -> None:
        if count > MAX_CATEGORIES:
            reason = f"some of its categories: a feed can have at most {MAX_CATEGORIES}"
            self.left_out.append(LeftOut(outline.line, shown(outline.name), reason))


def _own_name(outline: Outline) -> str:
    """The name that a person reads (OPML 2.0 `text`, else `title`), so that the feed has one before it was read; ""
    where both are only its address, as of feeds without a title."""
    names = (one for one in (outline.text, outline.title) if one not in {"", outline.url})
    return _without_variables(next(names, ""))


def _category(path: CategoryPath) -> str:
    """The path as the config writes it. A slash in a name becomes a full-width one, since "/" separates levels."""
    return "/".join(_without_variables(name).replace("/", "／") for name in path)


def _without_variables(name: str) -> str:
    """Breaks up `${NAME}`, which the config would replace by an environment variable."""
    return name.replace("${", "$ {") if VARIABLE.search(name) else name


def _item(one: Incoming) -> Item:
    item: dict[str, str | list[str]] = {"url": one.url, "id": one.id}
    if one.title:
        item["title"] = one.title
    if one.categories:
        item["categories"] = list(one.categories)
    return item


def export_outlines(config_file: ConfigFile) -> Export:
    """The sources of the config as OPML for its owner: URLs are complete, not masked."""
    outlines: list[Outline] = []
    left_out: list[tuple[str, str]] = []
    config = config_file.with_lists
    for source in config.sources:
        if reason := unshareable(source):
            left_out.append((source.id, reason))
        else:
            outlines.append(outline_of(source, config_file.rows.get(source.id)))
    secret = tuple(one.id for one in config.sources if not unshareable(one) and is_secret(one))
    return Export(outlines_xml(config_file.config.site.title, outlines), len(outlines), tuple(left_out), secret)
