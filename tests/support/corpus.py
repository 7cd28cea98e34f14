"""Where documents of other projects lie: beside the repository, or where FEED_CORPUS says. Tests skip without them."""

import os
from pathlib import Path

from tests.support import paths

DATA = Path(os.environ.get("FEED_CORPUS") or paths.SHARED / "data")
CASES = DATA / "cases"
FEEDS = DATA / "feeds"
POSTS = DATA / "posts"
