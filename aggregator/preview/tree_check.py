"""check --tree: whether every document in the published tree is valid, read whole as a feed reader would."""

from collections.abc import Iterator
from pathlib import Path

from aggregator.app import App
from aggregator.errors import StateError
from aggregator.model.problems import Finding
from aggregator.recover.index_json import read_index
from aggregator.render import FILES
from aggregator.text.generator import INDEX
from aggregator.validate import Checker


def check_tree(app: App) -> list[Finding]:
    """The errors of the documents that the index names, and of their archive pages."""
    checker, root = Checker(own_pages=bool(app.config.site.templates)), app.output
    try:
        index = read_index(root / INDEX)
    except StateError as error:
        why = str(error) if (root / INDEX).is_file() else "nothing is published here"
        return [Finding(str(root / INDEX), 0, "", why)]
    findings = []
    for form, file in (one for listing in index.listings for one in _documents(root, listing.id)):
        address = index.site_url + file.relative_to(root).as_posix()
        faults = checker.check(file.read_bytes(), form, address)
        findings += [Finding(str(file), 0, one.entry, str(one)) for one in faults if one.severity == "error"]
    return findings


def _documents(root: Path, feed_id: str) -> Iterator[tuple[str, Path]]:
    """The files of a feed in the tree, each with its format."""
    for form, name in FILES.items():
        for file in (root / feed_id / name, *sorted((root / feed_id / "archive").glob(f"*/*/{name}"))):
            if file.is_file():
                yield form, file
