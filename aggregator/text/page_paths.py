"""Where the page of an entry stands in the tree. Pure."""

PAGES = "entries/"


def page_path(slug: str) -> str:
    return f"{PAGES}{slug}.html"


def page_slug(path: str) -> str:
    """The slug of the entry whose page, or picture, the path is; "" where it is none."""
    return path.split("/")[1].removesuffix(".html") if path.startswith(PAGES) else ""
