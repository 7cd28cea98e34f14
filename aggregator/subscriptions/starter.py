"""The files that `init` writes: a commented config, a first post, a .gitignore. Existing files are never overwritten.

With `--from` the config has the sources of a list in place of the example, and what the list says of the planet itself.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from aggregator.config.edit_lists import Append, Edit, Put, edited
from aggregator.config.save import check_config
from aggregator.config.url_input import shown
from aggregator.config.validators import check_folder_url
from aggregator.config.yaml_scalars import in_line, scalar
from aggregator.errors import OutputError, UsageError
from aggregator.subscriptions.imports.found import Found, Planet, Remark
from aggregator.subscriptions.intake import Import, items, take_in, without_variables

CONFIG = """\
# Only `site` is required. An unknown key is an error; `aggregator check` names the nearest known one.
site:
  title: Example Planet
  url: https://planet.example/   # public URL of feeds/; the links in the feeds start with it
  since: {today}              # a day on which you owned that host name: part of new ids, never change it
  language: en
  # author: {{name: Your Name, email: you@example.org}}

output: feeds                    # the published files, for any web server or static host
state: .aggregator/state.db      # ids, dates and decisions: keep it, and every entry keeps its id

# Folders of posts: *.md, *.markdown, *.html and *.txt with front matter.
posts:
  - path: posts
    id: posts                    # part of entry ids: keep it, even if the folder moves
    # category_style: flat       # path (the default): a post's categories are ONE path, outermost first

# Feeds to pull: RSS, Atom or JSON Feed, over http(s) or from a local file.
sources:
  - url: https://blog.python.org/rss.xml
    id: python-insider
    categories: [Programming/Python]   # categories of every entry; "/" separates levels
  # - url: https://example.org/feed.xml
  #   id: another
  #   every: 1h                  # adaptive (the default), an interval, or "cron: 0 7 * * mon"
  #   republish: excerpt         # full (the default), excerpt or link
  #   approve: true              # new entries wait for `aggregator entry approve`

# Rules for category terms. Case and width do not matter; the first matching rule decides.
categories:
  aliases:
    Programming/Python: [python, "python 3*", "py-*"]
  drop: [uncategorized]
  unmapped: keep                 # terms without a rule: keep, tag, drop, or the name of a category

feeds:
  limit: 50                      # entries per feed; more if more arrived within a day
  formats: [atom, rss, json]
"""

POST = """\
---
title: Hello, planet
date: {now}
categories: [News]
---

This is a post of your own. It stands in the feed *all*, in the feed **News**, and on a page of its own.

Change it, delete it, or write another beside it; then `aggregator run` publishes the difference. What readers have
seen they will not see again: this post keeps its id, whatever becomes of its title, its text or its file name.
"""

IGNORED = """\
# The state, and copies of old configs. `aggregator db backup` copies the state.
.aggregator/
# What is published; a run or `aggregator regenerate` writes it. Take this line out to publish it through git.
feeds/
"""
STATE_FOLDER = ".aggregator/"
_EXAMPLE = """\
  - url: https://blog.python.org/rss.xml
    id: python-insider
    categories: [Programming/Python]   # categories of every entry; "/" separates levels
"""
_AUTHOR = "  # author: {name: Your Name, email: you@example.org}\n"
_LIMIT = "  limit: 50                      # entries per feed; more if more arrived within a day\n"


@dataclass(frozen=True, slots=True)
class Starter:
    """`config` as text; `taken`: what became of the list, None without one. `is_named`: it has the planet's own title
    and address."""

    config: str
    taken: Import | None = None
    is_named: bool = False


def starter(now: datetime, found: Found | None = None) -> Starter:
    """The config to begin with. `found`: the list whose sources it shall have."""
    text = CONFIG.format(today=now.date())
    return Starter(text) if found is None else _with_sources(text, found)


def write_starter(directory: Path, now: datetime, config: str) -> list[Path]:
    """Writes all files, or none if config or post exists already. Raises UsageError and OutputError."""
    refuse_existing(directory)
    files = dict(zip(_files(directory), (config, _post(now)), strict=True))
    ignore = directory / ".gitignore"
    if not (ignore.exists() or ignore.is_symlink()):
        files[ignore] = IGNORED
    try:
        for path, text in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
    except FileExistsError as error:
        raise UsageError(f"{error.filename} exists already; init never overwrites a file") from error
    except OSError as error:
        raise OutputError(f"{error.filename} cannot be written: {error.strerror}") from error
    return list(files)


def refuse_existing(directory: Path) -> None:
    """Raises UsageError if config or post exists already."""
    for path in _files(directory):
        if path.exists():
            raise UsageError(f"{path} exists already; init never overwrites a file")


def _files(directory: Path) -> tuple[Path, Path]:
    return directory / "config.yaml", directory / "posts" / "hello-planet.md"


def _post(now: datetime) -> str:
    return POST.format(now=now.isoformat(sep=" ", timespec="seconds"))


def _with_sources(text: str, found: Found) -> Starter:
    """Edits a file that nobody else sees, so that what `import` does and checks holds here, too."""
    from aggregator.subscriptions.config_file import ConfigFile

    planet, faults = _checked(found.planet)
    text = text.replace(_EXAMPLE, "").replace(_AUTHOR, _author(planet)).replace(_LIMIT, _limits(planet))
    with TemporaryDirectory() as folder:
        file = Path(folder) / "config.yaml"
        file.write_text(text, encoding="utf-8")
        taken = take_in(ConfigFile.open(file), found)
        said = {"title": planet.title, "url": planet.url}
        edits: list[Edit] = [Put(("site", key), text) for key, text in said.items() if text]
        if taken.added:
            edits.append(Append("sources", items(taken)))
        after = edited(text, edits) if edits else text
        check_config(file, after)
    return Starter(after, replace(taken, unused=(*faults, *taken.unused)), bool(planet.title and planet.url))


def _checked(planet: Planet) -> tuple[Planet, list[Remark]]:
    """Without what the config cannot take, and why."""
    faults: list[Remark] = []

    def kept(check: Callable[[str], str], written: str) -> str:
        try:
            return check(written) if written else ""
        except ValueError as error:
            faults.append(Remark(planet.line, shown(planet.title), f"{shown(written)}: {error}"))
            return ""

    title, owner, email = map(without_variables, (planet.title, planet.owner, planet.email))
    limit, source_cap = kept(_number, planet.limit), kept(_number, planet.source_cap)
    url = kept(_folder, planet.url)
    return Planet(planet.line, planet.names, title, url, owner, email, limit, source_cap), faults


def _folder(url: str) -> str:
    if without_variables(url) != url:
        raise ValueError("holds ${…}, a variable of the environment")
    return check_folder_url(url)


def _number(written: str) -> str:
    if not (written.isascii() and written.isdecimal() and len(written) < 8 and int(written) > 0):
        raise ValueError("not a number of entries")
    return str(int(written))


def _author(planet: Planet) -> str:
    said = {key: text for key, text in (("name", planet.owner), ("email", planet.email)) if text}
    return f"  author: {in_line(said, scalar)}\n" if said else _AUTHOR


def _limits(planet: Planet) -> str:
    limit = _LIMIT.replace("50".ljust(7), planet.limit.ljust(7)) if planet.limit else _LIMIT
    cap = f"  source_cap: {planet.source_cap.ljust(7)}            # most entries of one source in a combined feed\n"
    return limit + (cap if planet.source_cap else "")
