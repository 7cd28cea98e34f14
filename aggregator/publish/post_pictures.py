"""Pictures beside posts that have a page of ours: the addresses that readers see, and the files behind them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from hashlib import sha256
from html import escape, unescape
from pathlib import Path
from urllib.parse import quote

from aggregator.model.entry import CleanEntry, Picture
from aggregator.model.problems import Problem
from aggregator.text.data_pictures import KINDS, kind_of
from aggregator.text.local_pictures import LOCAL, name_of, path_of

LARGEST = 5 * 1024 * 1024  # bytes
_SOURCE = f'<img src="{LOCAL}'


def with_pictures(clean: CleanEntry, folder: str, page: str) -> tuple[CleanEntry, tuple[Picture, ...]]:
    """The entry with the addresses of its pictures below its page, and these pictures. `folder`: the id of its posts
    folder; `page`: the address of the page's own folder, with a trailing slash; without one ("") pictures are left out.
    """
    texts = (clean.content, clean.summary)
    found = [unescape(one) for text in texts for one in _addresses(text)]
    if clean.image.startswith(LOCAL):
        found.append(clean.image)
    if not found:
        return clean, ()
    pictures = _named(found, folder) if page else {}
    given = {address: f"{page}{quote(one.name)}" for address, one in pictures.items()}
    content, summary = ("".join(_replaced(text, given)) for text in texts)
    image = given.get(clean.image, "") if clean.image.startswith(LOCAL) else clean.image
    return replace(clean, content=content, summary=summary, image=image), tuple(pictures.values())


def pictures_by_page(paths: Iterable[str]) -> dict[str, set[str]]:
    """Those paths of the output tree that are copied pictures, by the slug of their page."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for path in paths:
        if path.startswith("entries/") and path.count("/") > 1:
            found[path.split("/")[1]].add(path)
    return found


def read_pictures(
    pictures: Iterable[Picture], folders: Mapping[str, Path]
) -> tuple[dict[str, bytes], tuple[Problem, ...]]:
    """The bytes of each picture by its name, and a problem for each that cannot be published."""
    found: dict[str, bytes] = {}
    problems = []
    for one in pictures:
        data = _read(folders[one.folder], one.path)
        if isinstance(data, bytes):
            found[one.name] = data
        else:
            where = f"{folders[one.folder]}/{one.path}"
            problems.append(Problem(where, "front-matter", f"the picture of a post {data}"))
    return found, tuple(problems)


def _read(folder: Path, path: str) -> bytes | str:
    """The bytes of a picture in a posts folder; else why it cannot be published."""
    try:
        root, file = folder.resolve(), (folder / path).resolve()
        if not file.is_relative_to(root):
            return "is outside the folder"
        if not file.is_file():
            return "is missing"
        with file.open("rb") as opened:
            data = opened.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        return f"cannot be read ({error})"
    if len(data) > LARGEST:
        return f"is larger than {LARGEST // 1024 // 1024} MiB"
    return data if kind_of(data) else f"is no {KINDS}"


def _named(addresses: Iterable[str], folder: str) -> Mapping[str, Picture]:
    """A picture for each address. One whose name another has, and a hidden file, gets a name of its own."""
    found: dict[str, Picture] = {}
    for address in addresses:
        path, name = path_of(address), name_of(address)
        if address not in found:
            is_free = not name.startswith(".") and all(one.name.lower() != name.lower() for one in found.values())
            own = name if is_free else f"{sha256(path.encode()).hexdigest()[:8]}-{name}"
            found[address] = Picture(folder, path, own)
    return found


def _addresses(markup: str) -> Iterator[str]:
    """Of pictures beside the post, as they are written in sanitized markup."""
    for part in markup.split(_SOURCE)[1:]:
        yield LOCAL + part.partition('"')[0]


def _replaced(markup: str, given: Mapping[str, str]) -> Iterator[str]:
    before, *parts = markup.split(_SOURCE)
    yield before
    for part in parts:
        written, _, rest = part.partition('"')
        if address := given.get(LOCAL + unescape(written)):
            yield f'<img src="{escape(address)}"{rest}'
        else:
            yield rest.partition(">")[2]
