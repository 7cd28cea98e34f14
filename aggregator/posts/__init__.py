"""Local posts: files with front matter, read to RawEntry, and written. Wraps python-frontmatter (with PyYAML) and
markdown-it-py."""

from aggregator.posts.folder import PostFile, list_files, list_posts, read_file
from aggregator.posts.other_files import other_files
from aggregator.posts.post import Post, PostSettings, read_post
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
