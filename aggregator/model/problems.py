"""Problems that are reported to a person."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem to report to a person. `where`: a source id, path:line, or a key of the config.

    `kind` is one of: dns, connect, tls, timeout, status, redirect, too-large, truncated, forbidden-address, bot-wall,
    not-a-feed, parse, folder, front-matter, date, category, render, config, held, own-loop, ids, moved, opt-out,
    not-asked, hub.
    """

    where: str
    kind: str
    message: str
    transient: bool = False


@dataclass(frozen=True, slots=True)
class PostNotes:
    """Notes from reading a post: what was repaired in its front matter, and problems."""

    repaired: tuple[str, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """A mistake in a file of the user. `line` counts from 1, 0 is the whole file; `key` may be "".
    `check --json` shows it as it is."""

    file: str
    line: int
    key: str
    message: str

    def __str__(self) -> str:
        parts = [f"{self.file}:{self.line}" if self.line else self.file, self.key, self.message]
        return ": ".join(part for part in parts if part)
