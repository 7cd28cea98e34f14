"""How the posts of a folder are read."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class PostSettings:
    """`timezone`: for dates without one; `date_offset`: added to dates that claim UTC (GMT, UTC, Z or +00:00).

    `link`: a template for posts without a link (`text.post_links`). A permalink that is only a path (`/2021/post/`) is
    resolved against the template; without a template it is ignored.
    """

    timezone: str = "UTC"
    date_offset: timedelta = timedelta(0)
    link: str = ""
