"""Pictures that a script loads later: the address that stands in for one, and where the real one is."""

from aggregator.html.tokenizer import Start, Tokens
from aggregator.text.data_pictures import is_data

# Attributes of the usual scripts that hold the real address, and real candidates.
SOURCES = (
    "data-src", "data-original", "data-lazy-src", "data-lazy", "data-actualsrc", "data-original-src", "data-orig-src",
    "data-echo",
)  # fmt: skip
CANDIDATES = ("data-srcset", "data-lazy-srcset", "data-original-srcset")

# Words in the names of files that stand in for a picture. A real picture may have one in its name: they only decide
# between two addresses of one picture.
_STAND_INS = frozenset(
    "1x1 blank clear dot dummy empty gray grey lazy lazyload loader loading pixel placeholder preload preloader px"
    " spacer spin spinner trans transparent".split()
)
_HOSTS = frozenset({"dummyimage.com", "placehold.co", "placehold.it", "via.placeholder.com"})
_MOST_AHEAD = 16 * 1024  # characters of a <noscript> that are read


def is_stand_in(address: str) -> bool:
    """Whether the address is `data:`, or that of a file with a telling name."""
    if not address or is_data(address):
        return True
    bare = address.partition("://")[2].partition("#")[0].partition("?")[0].lower()
    if bare.partition("/")[0] in _HOSTS:
        return True
    name = bare.rpartition("/")[2].partition(".")[0]
    words = "".join(one if one.isalnum() else " " for one in name).split()
    return not _STAND_INS.isdisjoint(words)


def copy_in_noscript(tokens: Tokens) -> Start | None:
    """The first picture of the <noscript> that follows at once, as some scripts keep the real one there."""
    inner = tokens.following_noscript(_MOST_AHEAD)
    if not inner:
        return None
    return next((one for one in Tokens(inner) if isinstance(one, Start) and one.name == "img"), None)
