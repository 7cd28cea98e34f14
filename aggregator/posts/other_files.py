"""Which files of a posts folder are no posts by their name. Pure."""

from collections import Counter
from collections.abc import Collection, Iterator

from aggregator.text.post_names import post_name

_DRAFTS = "_drafts"  # Jekyll and Hexo
_PREFIXES = ("_", "readme", "license", "changelog")  # `_index.md` (Hugo, Zola) describes a section


def other_files(paths: Collection[str]) -> set[str]:
    """Those of the files that site generators do not take for posts: what lies in `_drafts`, what begins with `_`, a
    README, LICENSE or CHANGELOG, and `index.md` of the whole folder or of a section.

    `index.md` is a post if its folder is a bundle: the folder's name has a date, or no other post lies in or below it.
    `paths`: all files of the folder, with `/`.
    """
    others = {path for path in paths if _is_other(path)}
    posts = Counter(folder for path in paths if path not in others for folder in _folders(path))
    indexes = (path for path in paths if path not in others and _is_index(path))
    return others | {path for path in indexes if not _is_bundle(path.rpartition("/")[0], posts)}


def _is_other(path: str) -> bool:
    *folders, name = path.lower().split("/")
    return _DRAFTS in folders or name.startswith(_PREFIXES)


def _is_index(path: str) -> bool:
    return path.rpartition("/")[2].lower().partition(".")[0] == "index"


def _is_bundle(folder: str, posts: Counter[str]) -> bool:
    return bool(folder) and (posts[folder] == 0 or bool(post_name(f"{folder}.md").day))


def _folders(path: str) -> Iterator[str]:
    """The folders that a post lies in. An index is not another post of its own folder, in whatever language."""
    folder = path.rpartition("/")[0]
    if _is_index(path):
        folder = folder.rpartition("/")[0]
    while folder:
        yield folder
        folder = folder.rpartition("/")[0]
