"""Writes a post that `read_post` reads back unchanged, and that Hexo, Hugo and Jekyll can read, too.

Every text is quoted and on one line, so that YAML readers of any version take it neither for another type nor for the
end of the front matter. Dates are quoted, too: all readers accept RFC 3339, but Hexo reads YAML timestamps as local
time. The front matter has no `<`, so that the file is harmless if a server sends it as HTML.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import yaml
from frontmatter import Post as FrontMatterPost
from frontmatter.default_handlers import YAMLHandler

from aggregator.errors import PostError
from aggregator.posts.delimiters import LIMIT
from aggregator.text.date_formats import rfc3339

Written = str | int | datetime | Mapping[str, "Written"] | Sequence["Written"]

_NEVER = 2**31  # columns after which a line is folded


class _Dumper(yaml.SafeDumper):
    """PyYAML's Python dumper: libyaml's folds and escapes differently, and is not always installed."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - repeated values are written in full
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    style = '"' if "\n" in text or "<" in text else "'"
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _date(dumper: yaml.SafeDumper, moment: datetime) -> yaml.Node:
    return _text(dumper, rfc3339(moment))


_KEY = "tag:yaml.org,2002:str"


def _mapping(dumper: yaml.SafeDumper, data: Mapping[str, Any]) -> yaml.Node:
    """Keys need no quotes: they are this program's own."""
    pairs = [(dumper.represent_scalar(_KEY, key), dumper.represent_data(value)) for key, value in data.items()]
    return yaml.MappingNode("tag:yaml.org,2002:map", pairs, flow_style=False)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(datetime, _date)
_Dumper.add_representer(dict, _mapping)


def write_post(fields: Mapping[str, Written], body: str) -> bytes:
    """The file: keys in the given order, dates in UTC, LF. `body`: HTML without white space around it.

    Raises PostError if the front matter is larger than `LIMIT`.
    """
    post = FrontMatterPost(body)
    post.metadata = dict(fields)
    text: str = YAMLHandler().format(post, Dumper=_Dumper, sort_keys=False, width=_NEVER)
    length = len(text) - len(body)
    head = text[:length].replace("<", "\\x3C")  # `<` occurs only in double-quoted texts, where this is the same
    if len(head.encode()) > LIMIT:
        raise PostError("front-matter", f"larger than {LIMIT // 1024} KiB")
    return f"{head}{body}\n".encode()
