"""Local posts: files with front matter, read to RawEntry, and written. Wraps python-frontmatter (with PyYAML) and
markdown-it-py, which are loaded where a post is read or written: a process that only lists files needs neither."""

from typing import TYPE_CHECKING

from aggregator.lazy_names import lazy_names
from aggregator.posts.folder import PostFile, list_files, list_posts, read_file
from aggregator.posts.other_files import other_files
from aggregator.posts.settings import PostSettings

if TYPE_CHECKING:
    from aggregator.posts.post import Post, read_post
    from aggregator.posts.writer import write_post

__all__ = [
    "Post",
    "PostFile",
    "PostSettings",
    "list_files",
    "list_posts",
    "other_files",
    "read_file",
    "read_post",
    "write_post",
]

MODULES = {  # name → its module
    "Post": "post",
    "read_post": "post",
    "write_post": "writer",
}


__getattr__ = lazy_names(__name__, MODULES)
