"""Sealed pages, learned again from the published tree: to the byte as they stand there."""

from collections.abc import Mapping

from aggregator.app import App
from aggregator.codec import pack_long
from aggregator.model.published import SealedPage
from aggregator.publish.archive_pages import feed_of
from aggregator.publish.archive_state import RECOVERED
from aggregator.recover.read_tree import PublishedTree
from aggregator.render import FILES
from aggregator.store import Transaction
from aggregator.text.generator import is_whole


def read_archives(app: App, tx: Transaction, memory: PublishedTree, numbers: Mapping[str, int]) -> None:
    """`numbers`: entries by their public ids. Of each feed the newest generation, as far as its pages go on from the
    first without a gap or damage: else all is sealed again, at other addresses."""
    found: dict[str, dict[int, dict[int, str]]] = {}
    for folder in memory.sealed:
        generation, number = map(int, folder.rstrip("/").split("/")[-2:])
        found.setdefault(feed_of(folder), {}).setdefault(generation, {})[number] = folder
    for feed_id, generations in found.items():
        generation = max(generations)
        pages = generations[generation]
        sealed = {number: _page(app, memory, folder) for number, folder in pages.items()}
        can_go_on = sorted(pages) == list(range(1, len(pages) + 1)) and all(map(_is_whole, sealed.values()))
        tx.archives.resume(feed_id, generation, RECALLED if can_go_on else "")
        for number, folder in sorted(pages.items()) if can_go_on else ():
            ids = [numbers[id_] for id_ in memory.sealed[folder] if id_ in numbers]
            tx.archives.add(feed_id, ids)
            tx.archives.seal(feed_id, number, ids, pack_long(sealed[number]))


def _is_whole(page: SealedPage) -> bool:
    """What is sealed stays so for ever: no page that was damaged is."""
    return all(
        data.rstrip().endswith(b"</html>") if name == FILES["html"] else is_whole(name, data)
        for name, data in page.files
    )


def _page(app: App, memory: PublishedTree, folder: str) -> SealedPage:
    names = [name for name in FILES.values() if folder + name in memory.files]
    return SealedPage(tuple((name, (app.output / (folder + name)).read_bytes()) for name in names))
