"""`FOLDER`: the posts below FOLDER/posts are known as they are now; a run reads the folder again. That is measured."""

import asyncio
import sys
from pathlib import Path

from aggregator.app import App
from aggregator.gc_tuning import collect_cycles_rarely
from aggregator.merge.sync_sources import sync_sources
from aggregator.posts import list_posts
from aggregator.pull.posts import read_folders
from aggregator.pull.unchanged_folders import reading_digest
from aggregator.report import Report
from aggregator.store import PostFileRow
from tests.bench.measure import print_spent
from tests.support.planet import NOON, Planet
from tests.support.same_process import SameProcess


def main(folder: str) -> None:
    collect_cycles_rarely()
    planet = Planet(Path(folder), asyncio.Runner(), SameProcess())
    planet.config["posts"] = [{"path": "posts"}]
    with planet.app() as app:
        remember(app)
        report = Report()
        asyncio.run(read_folders(app, planet.pool, NOON, report))
        print_spent(lambda: asyncio.run(read_folders(app, planet.pool, NOON, report)))
        assert not report.posts.changed
        assert report.posts.read


def remember(app: App) -> None:
    (folder,) = app.folders
    files = list_posts(app.config.root / folder.path)
    with app.store.write() as tx:
        sync_sources(app, tx, NOON)
        tx.sources.change(folder.id, read_with=reading_digest(app, folder))
        tx.posts.replace(folder.id, [PostFileRow(folder.id, one.path, one.signature, "read", "x") for one in files])


if __name__ == "__main__":
    main(sys.argv[1])
