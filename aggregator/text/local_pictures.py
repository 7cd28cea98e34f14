"""Pictures in files beside a post: their address until publishing gives them one below the post's page."""

from urllib.parse import quote, unquote

from aggregator.text.urls import absolute

LOCAL = "https://beside.invalid/"  # a host that cannot exist (RFC 2606 2); the path is that in the posts folder
SUFFIXES = (".png", ".jpg", ".jpeg", ".gif", ".webp")


def local_picture(href: str, post: str) -> str:
    """The address of a picture that the post at `post` in its folder names relative to itself; "" for any other."""
    bare = href.strip().partition("#")[0].partition("?")[0]
    if not (post and bare.lower().endswith(SUFFIXES)) or bare.startswith("/") or "\\" in bare:
        return ""
    return absolute(bare, LOCAL + quote(post)) if ":" not in bare.partition("/")[0] else ""


def path_of(address: str) -> str:
    """The path of such a picture in its posts folder."""
    return unquote(address.removeprefix(LOCAL))


def name_of(address: str) -> str:
    return path_of(address).rpartition("/")[2]
