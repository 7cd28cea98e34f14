"""Posts folders in which nothing changed: their rows are not read, only counted."""

from dataclasses import replace
from datetime import datetime

from aggregator.app import App
from aggregator.codec import digest, frozen_text, unpack
from aggregator.config import PostsConfig
from aggregator.model.problems import PostNotes
from aggregator.report import Report
from aggregator.settings import content_settings, post_settings
from aggregator.store import SourceRow, Transaction

# Raise it when the same file is read as another post: then every file is read again.
READING_VERSION = 2


def reading_digest(app: App, folder: PostsConfig) -> str:
    """A digest of the settings that the files of the folder are read with."""
    settings = [
        frozen_text("PostSettings", post_settings(folder)),
        frozen_text("ContentSettings", content_settings(app.config)),
    ]
    return digest([*settings, READING_VERSION])


def is_as_read(tx: Transaction, source: SourceRow, *, listing: str, read_with: str, at: datetime) -> bool:
    """Whether reading the folder again would find what it found last: no file changed, none is read otherwise now, and
    no post goes out or expires by the time `at`."""
    is_same = bool(listing) and (source.listing, source.read_with) == (listing, read_with)
    return is_same and not tx.posts.is_due(source.id, at)


def count_files(app: App, tx: Transaction, folder: PostsConfig, report: Report) -> None:
    """Counts the files of the folder as they were read last, and reports what is wrong with them."""
    counts, root = tx.posts.counts(folder.id), app.config.root / folder.path
    report.posts.read += counts.total() - counts["failed"]
    report.posts.failed += counts["failed"]
    for packed in tx.posts.notes(folder.id):
        notes = unpack(packed, PostNotes)
        report.posts.repaired += bool(notes.repaired)
        problems = (replace(problem, where=f"{root}/{problem.where}") for problem in notes.problems)
        report.add_problems(problems, last=True)
