"""Sealed pages, read from the published tree with the exact bytes."""

from collections.abc import Mapping

from aggregator.app import App
from aggregator.codec import pack
from aggregator.model.published import SealedPage
from aggregator.publish.archive_pages import feed_of
from aggregator.publish.archive_state import RECOVERED
from aggregator.recover.read_tree import PublishedTree
from aggregator.render import FILES
from aggregator.store import Transaction
from aggregator.text.generator import is_whole


def read_archives(app: App, tx: Transaction, tree: PublishedTree, numbers: Mapping[str, int]) -> None:
    """Restores the newest generation of each archive if its pages are complete from the first on and undamaged.

    Otherwise the entries are sealed again, at other addresses, as where pages are HTML alone: these do not mark their
    entries. `numbers`: public id → entry id.
    """
    found: dict[str, dict[int, dict[int, str]]] = {}
    for folder in sorted({path.rpartition("/")[0] + "/" for path in tree.owners if _is_sealed(path)}):
        generation, number = map(int, folder.rstrip("/").split("/")[-2:])
        found.setdefault(feed_of(folder), {}).setdefault(generation, {})[number] = folder
    for feed_id, generations in found.items():
        generation = max(generations)
        pages = generations[generation]
        sealed = {number: _page(app, tree, folder) for number, folder in pages.items()}
        is_known = sorted(pages) == list(range(1, len(pages) + 1)) and tree.sealed.keys() >= {*pages.values()}
        is_complete = is_known and all(map(_is_whole, sealed.values()))
        tx.archives.resume(feed_id, generation, RECOVERED if is_complete else "")
        for number, folder in sorted(pages.items()) if is_complete else ():
            ids = [numbers[id_] for id_ in tree.sealed[folder] if id_ in numbers]
            tx.archives.add(feed_id, ids)
            tx.archives.seal(feed_id, number, ids, pack(sealed[number]))


def _is_sealed(path: str) -> bool:
    *_, generation, number, _ = ["", "", *path.split("/")]
    return bool(feed_of(path)) and generation.isdecimal() and number.isdecimal()


def _is_whole(page: SealedPage) -> bool:
    """Whether no file of the page is damaged: a sealed page stays for ever."""
    return all(
        data.rstrip().endswith(b"</html>") if name == FILES["html"] else is_whole(name, data)
        for name, data in page.files
    )


def _page(app: App, tree: PublishedTree, folder: str) -> SealedPage:
    names = [name for name in FILES.values() if folder + name in tree.files]
    return SealedPage(tuple((name, (app.output / (folder + name)).read_bytes()) for name in names))
