"""init: a commented starter config and one post, never over anything that is there."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from aggregator.errors import OutputError, UsageError

CONFIG = """\
# Where the published tree will be found, and what it is called.
site:
  title: Example Planet
  url: https://planet.example/
  since: {today}        # a day on which you held this host: it stands in the ids we mint, never change it
  language: en
  # author: {{name: Your Name, email: you@example.org}}

output: feeds              # the published tree: plain files for any web server or static host
state: .aggregator/state.db

# Folders of posts with front matter (*.md, *.markdown, *.html, *.txt).
posts:
  - path: posts
    id: posts
    # category_style: flat # path (default): a post's categories are ONE path, outermost first

# Feeds to pull: RSS, Atom or JSON Feed, by http(s) or as a local file.
sources:
  - id: python-insider
    url: https://blog.python.org/feeds/posts/default
    categories: [Programming/Python]     # added to every entry; "/" separates levels
  # - id: another
  #   url: https://example.org/feed.xml
  #   every: 1h            # adaptive (default), an interval, or "cron: 0 * * * *"
  #   republish: excerpt   # full (default), excerpt or link

# Where the terms that arrive go. `aggregator categories` will show what arrives.
categories:
  aliases:
    Programming/Python: [python, python3, "py-*"]
  drop: [uncategorized]
  unmapped: keep           # keep, drop, or the name of a category for the rest

feeds:
  limit: 50                # entries in each feed
  formats: [atom, rss, json]
"""

POST = """\
---
title: Hello, planet
date: {now}
categories: [News]
tags: [welcome]
---

This is a post of your own. It is in the feed **News**, in the feed *all*, and has a page of its own.

Run `aggregator run`, then open `feeds/index.html`.
"""


def add_to(app: typer.Typer) -> None:
    app.command("init")(init)


def init(
    directory: Annotated[Path, typer.Argument(metavar="[DIR]", help="Where to; here by default.")] = Path(),
) -> None:
    """Write a commented starter config.yaml and posts/ with one post; never overwrites."""
    now = datetime.now(UTC)
    files = {
        directory / "config.yaml": CONFIG.format(today=now.date()),
        directory / "posts" / "hello-planet.md": POST.format(now=now.isoformat(sep=" ", timespec="seconds")),
    }
    for path in files:
        if path.exists():
            raise UsageError(f"{path} is there already; init never overwrites")
    try:
        for path, text in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
            sys.stderr.write(f"wrote {path}\n")
    except FileExistsError as error:
        raise UsageError(f"{error.filename} is there already; init never overwrites") from error
    except OSError as error:
        raise OutputError(f"{error.filename} cannot be written: {error.strerror}") from error
    here = "" if directory == Path() else f"-c {directory / 'config.yaml'} "
    sys.stderr.write(f"next: edit it, then `aggregator {here}check` and `aggregator {here}run`\n")
