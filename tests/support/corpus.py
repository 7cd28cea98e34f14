"""The folder of test documents of other projects: beside the repository, or in FEED_CORPUS. Tests skip without it."""

import os
from pathlib import Path

from tests.support import paths

DATA = Path(os.environ.get("FEED_CORPUS") or paths.SHARED / "data")
CASES = DATA / "cases"
FEEDS = DATA / "feeds"
POSTS = DATA / "posts"
REPORTS = DATA / "reports"
