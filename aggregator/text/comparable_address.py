"""Addresses of files in a form in which equal files compare equal. Pure."""

import hashlib
import json

from aggregator.text.canonical_url import canonical_link
from aggregator.text.data_pictures import is_data
from aggregator.text.local_pictures import LOCAL, name_of

# A query behind one of these is a signature or a size.
_FILES = frozenset(
    (
        "jpg jpeg png gif webp avif svg bmp heic mp3 m4a m4b aac ogg oga opus flac wav mp4 m4v mov webm pdf epub zip"
    ).split()
)


def comparable_address(address: str, tracking: tuple[str, ...] = ()) -> str:
    """An address without scheme, and without the query of a file. For `data:` a digest."""
    if is_data(address):
        return "data:" + hashlib.sha256(json.dumps([address]).encode()).hexdigest()
    if address.startswith(LOCAL):  # a lost state learns it from the published tree, without its folder
        return f"beside {name_of(address)}"
    bare = address.partition("?")[0].partition("#")[0]
    is_file = bare.rpartition(".")[2].lower() in _FILES
    return canonical_link(bare if is_file else address, tracking=tracking) or address
