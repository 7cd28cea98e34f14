"""A post written: what `read_post` reads as the same again, and Hexo, Hugo and Jekyll as they read any other.

Every text stands in quotes and on one line: no reader of YAML, of whatever version, takes it for something else or
for the end of the front matter. So do dates: all of them read RFC 3339, but Hexo takes a timestamp of YAML for local
time. No `<` is left in it, so that the file is harmless where a server calls it HTML.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import yaml
from frontmatter import Post as FrontMatterPost
from frontmatter.default_handlers import YAMLHandler

from aggregator.errors import PostError
from aggregator.posts.delimiters import LIMIT

Written = str | int | datetime | Mapping[str, "Written"] | Sequence["Written"]

_NEVER = 2**31  # columns after which a line is folded


class _Dumper(yaml.SafeDumper):
    """The one in Python: libyaml's folds and escapes otherwise, and is not everywhere."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - what stands twice is written twice
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    style = '"' if "\n" in text or "<" in text else "'"
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _date(dumper: yaml.SafeDumper, moment: datetime) -> yaml.Node:
    return _text(dumper, f"{moment:%Y-%m-%dT%H:%M:%SZ}")


_KEY = "tag:yaml.org,2002:str"


def _mapping(dumper: yaml.SafeDumper, data: Mapping[str, Any]) -> yaml.Node:
    """Keys are ours and need no quotes."""
    pairs = [(dumper.represent_scalar(_KEY, key), dumper.represent_data(value)) for key, value in data.items()]
    return yaml.MappingNode("tag:yaml.org,2002:map", pairs, flow_style=False)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(datetime, _date)
_Dumper.add_representer(dict, _mapping)


def write_post(fields: Mapping[str, Written], body: str) -> bytes:
    """The file: keys in the order given, dates in UTC, LF. `body` is HTML without white space around it.

    Raises PostError where the front matter is longer than any reader of it should take.
    """
    post = FrontMatterPost(body)
    post.metadata = dict(fields)
    text: str = YAMLHandler().format(post, Dumper=_Dumper, sort_keys=False, width=_NEVER)
    matter = len(text) - len(body)
    head = text[:matter].replace("<", "\\x3C")  # stands in double quotes alone, where this is the same
    if len(head.encode()) > LIMIT:
        raise PostError("front-matter", f"larger than {LIMIT // 1024} KiB")
    return f"{head}{body}\n".encode()
