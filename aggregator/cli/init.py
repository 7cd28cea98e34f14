"""init: a commented starter config and one post. Existing files are never overwritten."""

import os
from pathlib import Path
from typing import Annotated

import typer

from aggregator.cli.hints import command_words
from aggregator.cli.options import Json
from aggregator.cli.output import show_json, show_message
from aggregator.errors import OutputError, UsageError

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


def init(
    context: typer.Context,
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder to write to. Default: the current one.", show_default=False)
    ] = Path(),
    json: Json = False,
) -> None:
    """Write a commented starter config.yaml and a first post.

    Never overwrites a file. A .gitignore that is there already stays as it is.
    """
    written = write_starter(directory)
    if json:
        show_json({"written": [str(path) for path in written]})
    elif not context.obj.quiet:
        _show(written, directory)


def write_starter(directory: Path) -> list[Path]:
    """Writes all files, or none if config or post exists already. Raises UsageError and OutputError."""
    files = _files(directory)
    for path in files:
        if path.exists():
            raise UsageError(f"{path} exists already; init never overwrites a file")
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


def _files(directory: Path) -> dict[Path, str]:
    from aggregator.app import clock_from

    now = clock_from(os.environ)()
    return {
        directory / "config.yaml": CONFIG.format(today=now.date()),
        directory / "posts" / "hello-planet.md": POST.format(now=now.isoformat(sep=" ", timespec="seconds")),
    }


def _show(written: list[Path], directory: Path) -> None:
    config = directory / "config.yaml"
    command = command_words(None if directory == Path() else config)
    ignore = directory / ".gitignore"
    for path in written:
        show_message(f"wrote {path}")
    if ignore not in written and not _ignores_state(ignore):
        show_message(f"{ignore} stays as it is; add {STATE_FOLDER} to it")
    show_message(
        f"next: set title and url in {config}, then",
        f"  {command} check   finds mistakes",
        f"  {command} run     pulls and publishes",
    )


def _ignores_state(ignore: Path) -> bool:
    """Whether the .gitignore names the folder of the state; also if it cannot be read."""
    try:
        lines = ignore.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return True
    return any(line.strip().strip("/") == STATE_FOLDER.strip("/") for line in lines)
