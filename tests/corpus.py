"""Where documents of other projects lie: beside the repository, or where FEED_CORPUS says. Tests skip without them."""

import os
from pathlib import Path

DATA = Path(os.environ.get("FEED_CORPUS") or Path(__file__).resolve().parents[2] / "shared" / "data")
CASES = DATA / "cases"
FEEDS = DATA / "feeds"
POSTS = DATA / "posts"
