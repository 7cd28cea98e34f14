"""`config.ini` of Planet 2.0 and Planet Venus: the name of a section is the address of a feed.

`[DEFAULT]` holds for all sections, and what `[Planet]` says of filters for all feeds without their own. Sections of
templates and filters are no feeds. A section with `content_type = opml` is a reading list. `%%` is a percent sign, as
in Python's ConfigParser; `%(name)s` is replaced by nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl

from aggregator.subscriptions.imports.filters import filters
from aggregator.subscriptions.imports.found import (
    Filters,
    Found,
    Planet,
    Remark,
    Settings,
    Subscription,
    as_name,
    no_counterpart,
    sorted_out,
)
from aggregator.subscriptions.imports.ini import Ini, Section

KIND = "a Planet's config.ini"
_TEXTS = ("title", "content", "category", "author")  # the textual portion of an entry
_PLANET = {
    "name": "title",
    "link": "url",
    "owner_name": "owner",
    "owner_email": "email",
    "items_per_page": "limit",
    "new_feed_items": "source_cap",
}
_TITLE = ("name", "title")
_SITE = "link"  # of the feed, which says it itself
_KEYS = {"filter": "include", "exclude": "exclude"}
_LONGEST = 4000  # characters of an expression in an address
_FILTERS = frozenset({*_KEYS, "filters"})
_ALL_OF_SEVERAL = "an entry must match several expressions, which has no counterpart here"
_SUFFIXES = (".tmpl", ".xslt", ".genshi", ".dj", ".sed", ".plugin", ".py")
_LISTS = ("foaf", "csv", "config")


def read(ini: Ini) -> Found | None:
    """None if the file is something else."""
    planet = next((one for one in ini.sections if one.name.lower() == "planet"), None)
    if planet is None and not any("://" in one.name for one in ini.sections):
        return None
    default = next((one for one in ini.sections if one.name == "DEFAULT"), Section("DEFAULT", 1))
    reading = _Reading(ini, planet or Section("Planet", 1), default)
    found = sorted_out(KIND, reading.subscriptions())
    return replace(
        found, left_out=(*found.left_out, *ini.strange), unused=tuple(reading.unused()), planet=reading.described()
    )


@dataclass(slots=True)
class _Reading:
    ini: Ini
    planet: Section
    default: Section
    parts: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        named = f"{self.planet.value('template_files')} {self.planet.value('filters')}"
        self.parts = frozenset(named.split())

    def subscriptions(self) -> Iterator[Subscription | Remark]:
        for section in self.ini.sections:
            if section is self.planet or section is self.default:
                continue
            if section.name in self.parts or ("://" not in section.name and section.name.endswith(_SUFFIXES)):
                yield Remark(section.line, as_name(section.name), "settings of a template or a filter")
            else:
                yield self._feed(section)

    def _feed(self, section: Section) -> Subscription | Remark:
        kind = section.value("content_type")
        title, faults = self._title(section)
        if any(one in kind for one in _LISTS):
            return Remark(section.line, title or as_name(section.name), f"a list in {as_name(kind)}, which is not read")
        if "opml" in kind:
            others = no_counterpart(section.others((*_TITLE, "content_type", _SITE)))
            return Subscription(section.line, section.name, title, unused=(*faults, *others), is_list=True)
        settings, unused = self._filters(section)
        others = no_counterpart(section.others((*_TITLE, *_FILTERS, _SITE)))
        unused = [*faults, *unused, *others]
        return Subscription(section.line, section.name, title, settings=settings, unused=tuple(unused))

    def _title(self, section: Section) -> tuple[str, tuple[str, ...]]:
        """A title, and why there is none."""
        written = section.value(*_TITLE)
        if "%(" in written:
            return "", ("name: it has a %(…)s, which is not replaced",)
        return as_name(written.replace("%%", "%")), ()

    def _filters(self, section: Section) -> tuple[Settings, list[str]]:
        """`include` and `exclude`, of the feed itself or of all; and why its own are not taken."""
        own, common = _Filters(), _Filters()
        for name, key in _KEYS.items():
            (own if name in section else common).add(name, key, section.value(name) or self._of_all(name))
        common.add_scripts(self._of_all("filters"))
        own.add_scripts(section.value("filters"))
        own.join(common)
        return own.settings, own.unused

    def _of_all(self, name: str) -> str:
        return self.default.value(name) or self.planet.value(name)

    # of the planet

    def described(self) -> Planet:
        said = {key: self.planet.value(name).replace("%%", "%") for name, key in _PLANET.items()}
        kept = {key: as_name(value) for key, value in said.items() if "%(" not in value}
        names = tuple(name for name, key in _PLANET.items() if kept.get(key))
        return Planet(self.planet.line, names, **kept)

    def unused(self) -> Iterator[Remark]:
        """What is said of the planet or of all feeds."""
        for section in (self.planet, self.default):
            common = _Filters()
            for name, key in _KEYS.items():
                common.add(name, key, section.value(name))
            common.add_scripts(section.value("filters"))
            described = self.described().names if section is self.planet else ()
            others = no_counterpart(section.others((*described, *_FILTERS)))
            yield from (Remark(section.line, section.name, reason) for reason in (*common.unused, *others))
        for reason in no_counterpart(self.ini.head.others(())):
            yield Remark(1, "before the first section", reason)


@dataclass(slots=True)
class _Filters:
    settings: dict[str, Filters] = field(default_factory=dict)
    unused: list[str] = field(default_factory=list)

    def add(self, name: str, key: str, written: str) -> None:
        """An entry must match every line of a filter, and no line of an exclude."""
        try:
            if key not in _KEYS.values():
                raise ValueError(f"{as_name(key)} has no counterpart here")
            some = filters(written.replace("%%", "%").splitlines(), _TEXTS)
            if key == "include" and len(some) > len(_TEXTS):
                raise ValueError(_ALL_OF_SEVERAL)
            self._put(key, some)
        except ValueError as error:
            self.unused.append(f"{name}: {error}")

    def add_scripts(self, scripts: str) -> None:
        """Programs that change entries. The one that sifts by expressions has them in its address."""
        for script in scripts.replace("%%", "%").split():
            name, _, query = script.partition("?")
            if name.rpartition("/")[2] != "regexp_sifter.py" or not 0 < len(query) <= _LONGEST:
                self.unused.append(f"filters: {as_name(name)} is a program, which is not run here")
                continue
            for key, value in parse_qsl(query):
                self.add("filters: regexp_sifter.py", {"require": "include"}.get(key, key), value)

    def join(self, common: "_Filters") -> None:
        """Adds what holds for all feeds. Why some of that is not taken is said once, of the planet."""
        for key, some in common.settings.items():
            try:
                self._put(key, some)
            except ValueError as error:
                self.unused.append(f"filter: {error}")

    def _put(self, key: str, some: Filters) -> None:
        if some and key == "include" and key in self.settings:
            raise ValueError(_ALL_OF_SEVERAL)
        if some:
            self.settings[key] = [*self.settings.get(key, ()), *some]
