"""What a file of subscriptions holds, in the words of the config."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from aggregator.text.normalize import legal, one_line, shorten

MOST = 20_000  # feeds and remarks of one file; nobody can maintain a config with more
LONGEST = 200  # characters of a name
NAMED = 20  # settings that one remark names

Path = tuple[str, ...]
Filters = Sequence[Mapping[str, str]]
Settings = Mapping[str, str | Filters]


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that is not taken, and why. `line` counts from 1."""

    line: int
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Subscription:
    """One feed; or with `is_list` a list of feeds, which is read again and again.

    `url` is as the file has it, not yet checked. `categories` are paths. `settings` are keys of a source in the config.
    `unused`: what is said of the feed and has no counterpart here, each a sentence without its subject.
    """

    line: int
    url: str
    title: str = ""
    categories: tuple[Path, ...] = ()
    settings: Settings = field(default_factory=dict)
    unused: tuple[str, ...] = ()
    is_list: bool = False

    @property
    def name(self) -> str:
        return self.title or self.url


@dataclass(frozen=True, slots=True)
class Planet:
    """What a file says of the planet itself, "" where it says nothing. `names`: the options that say it."""

    line: int = 0
    names: tuple[str, ...] = ()
    title: str = ""
    url: str = ""
    owner: str = ""
    email: str = ""
    limit: str = ""
    source_cap: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """`kind`: what the file is, for a message. `left_out`: what is no feed; `unused`: what concerns no single feed and
    has no counterpart here."""

    kind: str
    subscriptions: tuple[Subscription, ...]
    left_out: tuple[Remark, ...] = ()
    unused: tuple[Remark, ...] = ()
    planet: Planet = field(default_factory=Planet)


def sorted_out(kind: str, read: Iterable[Subscription | Remark]) -> Found:
    """What was read, in the order of the file; at most MOST, then one remark that says so."""
    subscriptions: list[Subscription] = []
    left_out: list[Remark] = []
    for one in read:
        if len(subscriptions) + len(left_out) == MOST:
            reason = f"there are more than {MOST:,}; what is from here on is not read"
            left_out.append(Remark(one.line, "", reason))
            break
        if isinstance(one, Subscription):
            subscriptions.append(one)
        else:
            left_out.append(one)
    return Found(kind, tuple(subscriptions), tuple(left_out))


def as_name(written: str) -> str:
    """A name as a config can hold it: one line without control characters, at most LONGEST characters."""
    return shorten(one_line(legal(written)), LONGEST)


def no_counterpart(names: Iterable[str]) -> tuple[str, ...]:
    """What to say of settings that this program does not know; () where there are none."""
    known = list(names)
    shown = [shorten(as_name(name), 40) for name in known[:NAMED]] + [f"{len(known) - NAMED} more"] * (
        len(known) > NAMED
    )
    return (f"{', '.join(shown)}: no counterpart here",) if known else ()
