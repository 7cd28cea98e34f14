"""Import: what a file subscribes to becomes sources of the config."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from operator import attrgetter
from pathlib import Path

from aggregator.config.edit_lists import Append, Item, Value
from aggregator.config.url_input import shown, web_address
from aggregator.config.yaml_lines import VARIABLE
from aggregator.errors import UsageError
from aggregator.report import Progress
from aggregator.subscriptions.add import Namer
from aggregator.subscriptions.config_file import ConfigFile
from aggregator.subscriptions.imports.found import Found, Remark, Settings, Subscription
from aggregator.subscriptions.imports.found import Path as CategoryPath
from aggregator.text.masking import showable_text
from aggregator.text.normalize import legal

MAX_CATEGORIES = 100  # of one feed
STEP = 100  # feeds, after which progress is told


@dataclass(frozen=True, slots=True)
class Incoming:
    id: str
    url: str
    title: str
    categories: tuple[str, ...]
    line: int
    settings: Settings = field(default_factory=dict)
    is_list: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """A feed that the config has already, as source `id`."""

    line: int
    name: str
    id: str


@dataclass(frozen=True, slots=True)
class Import:
    """`left_out`: what became no source; `unused`: settings that were not taken. `copy` of the old config, None if
    nothing was written."""

    added: tuple[Incoming, ...]
    known: tuple[Known, ...]
    left_out: tuple[Remark, ...]
    unused: tuple[Remark, ...]
    copy: Path | None = None


def import_found(
    config_file: ConfigFile, found: Found, *, dry: bool = False, progress: Progress = lambda _: None
) -> Import:
    """Adds all new feeds in one edit of the config, which otherwise stays: also its own title, address and limits."""
    done = take_in(config_file, found, progress)
    planet = found.planet
    if planet.names:
        reason = f"{', '.join(planet.names)}: said of the planet; this config keeps its own"
        done = replace(done, unused=(Remark(planet.line, planet.title, reason), *done.unused))
    edits = [Append("sources", items(done))] if done.added else []
    return replace(done, copy=config_file.save(edits, dry=dry))


def take_in(config_file: ConfigFile, found: Found, progress: Progress = lambda _: None) -> Import:
    """What an import would do, without doing it."""
    intake = _Intake(config_file)
    for n, one in enumerate(found.subscriptions):
        if n % STEP == 0:
            progress(f"reading {n}/{len(found.subscriptions)}")
        intake.take(one)
    by_line = attrgetter("line")
    left_out = sorted([*map(_shown, found.left_out), *intake.left_out], key=by_line)
    unused = sorted([*map(_shown, found.unused), *intake.unused], key=by_line)
    return Import(tuple(intake.added.values()), tuple(intake.known), tuple(left_out), tuple(unused))


def items(done: Import) -> list[Item]:
    """The new sources as the config has them."""
    return [dict(_item(one)) for one in done.added]


def _item(one: Incoming) -> Iterator[tuple[str, Value]]:
    yield "opml" if one.is_list else "url", one.url
    yield "id", one.id
    if one.title:
        yield "title", one.title
    if one.categories:
        yield "categories", list(one.categories)
    yield from one.settings.items()


def _shown(remark: Remark) -> Remark:
    """Without secrets in addresses."""
    return replace(remark, name=shown(remark.name), reason=showable_text(remark.reason))


@dataclass(slots=True)
class _Intake:
    config_file: ConfigFile
    added: dict[str, Incoming] = field(default_factory=dict)
    known: list[Known] = field(default_factory=list)
    left_out: list[Remark] = field(default_factory=list)
    unused: list[Remark] = field(default_factory=list)
    known_ids: dict[str, str] = field(init=False)
    namer: Namer = field(init=False)

    def __post_init__(self) -> None:
        self.known_ids = {self.config_file.key(source.url): source.id for source in self.config_file.config.sources}
        self.namer = Namer(self.config_file)

    def take(self, one: Subscription) -> None:
        try:
            url = web_address(legal(one.url))
        except UsageError as error:
            self._leave_out(one, str(error))
            return
        key = self.config_file.key(url)
        if key in self.known_ids:
            self.known.append(Known(one.line, shown(one.name), self.known_ids[key]))
        elif first := self.added.get(key):
            self._join(first, key, one)
        else:
            self._add(key, url, one)

    def _add(self, key: str, url: str, one: Subscription) -> None:
        title = without_variables(one.title)
        categories = _categories(one)[:MAX_CATEGORIES]
        id_ = self.namer.name(url, title)
        self.added[key] = Incoming(id_, url, title, categories, one.line, one.settings, one.is_list)
        self.unused += [_shown(Remark(one.line, one.name, reason)) for reason in one.unused]
        self._report_dropped_categories(one, len(one.categories))

    def _join(self, first: Incoming, key: str, one: Subscription) -> None:
        """The first one of a feed decides all but the categories, which are those of all."""
        more = tuple(dict.fromkeys((*first.categories, *_categories(one))))
        self.added[key] = replace(first, categories=more[:MAX_CATEGORIES])
        self._leave_out(one, f"the same feed as in line {first.line}")
        self._report_dropped_categories(one, len(more))

    def _leave_out(self, one: Subscription, reason: str) -> None:
        self.left_out.append(Remark(one.line, shown(one.name), reason))

    def _report_dropped_categories(self, one: Subscription, count: int) -> None:
        if count > MAX_CATEGORIES:
            self._leave_out(one, f"some of its categories: a feed can have at most {MAX_CATEGORIES}")


def _categories(one: Subscription) -> tuple[str, ...]:
    return tuple(map(_category, one.categories[:MAX_CATEGORIES]))


def _category(path: CategoryPath) -> str:
    """The path as the config writes it. A slash in a name becomes a full-width one, since "/" separates levels."""
    return "/".join(without_variables(name).replace("/", "／") for name in path)


def without_variables(name: str) -> str:
    """Breaks up `${NAME}`, which the config would replace by an environment variable."""
    return name.replace("${", "$ {") if VARIABLE.search(name) else name
