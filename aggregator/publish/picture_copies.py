"""Copies the pictures beside posts to the folders of their pages."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from aggregator.app import App
from aggregator.model.entry import Entry
from aggregator.publish.post_pictures import pictures_by_page, read_pictures
from aggregator.publish.write_batch import WriteBatch, file_of
from aggregator.report import Report


@dataclass(slots=True)
class PictureCopies:
    """`gone`: paths of copies that no page shows any more; `lacking`: entries with a picture that cannot be copied."""

    app: App
    report: Report
    gone: list[str] = field(default_factory=list)
    lacking: set[int] = field(default_factory=set)

    def batches(self, pages: Iterable[tuple[int, str, Entry | None]], recorded: Iterable[str]) -> Iterator[WriteBatch]:
        """One batch a page, since pictures are large. `pages`: (entry id, slug, entry, None without a page)."""
        folders = {folder.id: self.app.config.root / folder.path for folder in self.app.folders}
        before = pictures_by_page(recorded)
        for id_, slug, entry in pages:
            found, problems = read_pictures(entry.pictures if entry else (), folders)
            self.report.add_problems(problems)
            self.lacking |= {id_} if problems else set()
            files = {f"entries/{slug}/{name}": file_of(data) for name, data in found.items()}
            self.gone += before.get(slug, set()) - files.keys()
            if files:
                yield WriteBatch(files, lambda *_: None)
