"""Every post below FOLDER is read by python-frontmatter and cleaned by nh3; nothing is kept."""

import sys
from pathlib import Path

import frontmatter
import nh3


def main(folder: str) -> None:
    posts = (frontmatter.loads(file.read_text("utf-8")) for file in sorted(Path(folder).rglob("*.md")))
    print(sum(len(nh3.clean(post.content)) for post in posts))


if __name__ == "__main__":
    main(*sys.argv[1:])
