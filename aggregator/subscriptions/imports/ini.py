"""The syntax of INI files, as Python's ConfigParser and Pluto read them: sections, options, lines that go on.

An option is `name = value` or `name: value`; names have no case. A line that is indented deeper than its option goes on
with the value, unless it is an option by itself. Comments begin with `#` or `;`, or with a `;` after a blank. A section
or an option that comes again adds to the first or replaces it. Nothing is included or replaced: `%(name)s` stays.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from io import StringIO

from aggregator.subscriptions.imports.found import MOST, Remark, as_name

LINES = 10 * MOST  # that are no comments; what follows is not read
_IGNORED = frozenset({"", "#", ";"})
# Options of feeds: each begins a line of its own, however deep it is indented.
_OPTIONS = frozenset(
    "name title link url html_url feed feed_url xml_url face facewidth faceheight avatar filter filters exclude"
    " include includes content_type author owner email".split()
)
_HEAD = ""  # the name of what stands before the first section


@dataclass(slots=True)
class Option:
    line: int
    indent: int
    parts: list[str]

    @property
    def value(self) -> str:
        return "\n".join(filter(None, self.parts))


@dataclass(slots=True)
class Section:
    """`options` by name in lower case."""

    name: str
    line: int
    options: dict[str, Option] = field(default_factory=dict)

    def value(self, *names: str) -> str:
        """The value of the first of these options that says something."""
        values = (self.options[name].value for name in names if name in self.options)
        return next(filter(None, values), "")

    def others(self, known: Collection[str]) -> list[str]:
        """The names of all other options that say something, in their order."""
        return [name for name, option in self.options.items() if option.value and name not in known]

    def __contains__(self, name: str) -> bool:
        return name in self.options


@dataclass(slots=True)
class Ini:
    """`sections` in the order of the file, without `head`, which is what stands before the first of them. `strange`:
    lines that are nothing of all this."""

    head: Section
    sections: list[Section]
    strange: list[Remark]


def read_ini(text: str) -> Ini:
    """Reads any text, and never raises."""
    reading = _Reading()
    lines = 0
    for number, line in enumerate(lines_of(text), 1):
        if line.lstrip()[:1] in _IGNORED:
            continue
        if lines == LINES:
            reading.strange.append(Remark(number, "", f"there are more than {LINES:,} lines; the rest is not read"))
            break
        lines += 1
        reading.take(number, line)
    sections = list(reading.sections.values())
    return Ini(sections[0], sections[1:], reading.strange)


def lines_of(text: str) -> Iterator[str]:
    """The lines as editors count them, one after the other."""
    return StringIO(text, newline=None)


@dataclass(slots=True)
class _Reading:
    sections: dict[str, Section] = field(default_factory=lambda: {_HEAD: Section(_HEAD, 1)})
    strange: list[Remark] = field(default_factory=list)
    section: Section = field(init=False)
    option: Option | None = None

    def __post_init__(self) -> None:
        self.section = self.sections[_HEAD]

    def take(self, number: int, line: str) -> None:
        written = line.strip()
        indent = len(line) - len(line.lstrip())
        name = _option_name(written)
        if self.option and indent > self.option.indent and name not in _OPTIONS:
            self.option.parts.append(_without_comment(written))
        elif written[0] == "[" and "]" in written:
            self._open(number, written[1 : written.rindex("]")].strip())
        elif name:
            self.option = Option(number, indent, [_without_comment(written[_end_of_name(written) + 1 :].strip())])
            self.section.options[name] = self.option
        else:
            self.strange.append(Remark(number, as_name(written), "it is neither a section nor `name = value`"))

    def _open(self, number: int, name: str) -> None:
        self.option = None
        self.section = self.sections.setdefault(name, Section(name, number))


def _option_name(written: str) -> str:
    """The name in lower case, "" if the line is no option. It has no blanks within."""
    name = written[: max(_end_of_name(written), 0)].strip().lower()
    return name if name and not any(character.isspace() for character in name) else ""


def _end_of_name(written: str) -> int:
    """Where the first = or : is, -1 without."""
    return min((at for mark in "=:" if (at := written.find(mark)) >= 0), default=-1)


def _without_comment(value: str) -> str:
    for mark in (" ;", "\t;"):
        value = value.partition(mark)[0]
    return value.strip()
