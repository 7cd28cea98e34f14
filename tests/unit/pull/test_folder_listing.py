"""The digest of a folder changes with everything below it, and is "" where a change could stay unseen."""

import os
from pathlib import Path

import pytest

from aggregator.pull.folder_listing import listing_digest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a.md", "sub/b.md", "sub/c.md"):
        file = tmp_path / "posts" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)
    return tmp_path / "posts"


def test_the_same_folder_has_the_same_digest(folder: Path) -> None:
    (folder / ".hidden").write_text("x")
    before = listing_digest(folder)
    (folder / ".hidden").write_text("yes")
    (folder / "a.md").read_bytes()
    assert listing_digest(folder) == before
    assert before


def test_every_change_changes_it(folder: Path, tmp_path: Path) -> None:
    digests = [listing_digest(folder)]

    def changed() -> None:
        digests.append(listing_digest(folder))

    (folder / "a.md").write_text("longer")
    changed()
    stat = (folder / "a.md").stat()
    (tmp_path / "other").write_text("LONGER")
    os.utime(tmp_path / "other", ns=(stat.st_atime_ns, stat.st_mtime_ns))
    (tmp_path / "other").rename(folder / "a.md")  # of the same size and modification time
    changed()
    (folder / "sub/c.md").rename(folder / "c.md")
    changed()
    (folder / "c.md").unlink()
    changed()
    (folder / "empty").mkdir()
    changed()
    assert len(set(digests)) == len(digests)


def test_where_a_change_could_stay_unseen_there_is_none(folder: Path, tmp_path: Path) -> None:
    (folder / "link.md").symlink_to(tmp_path / "elsewhere.md")
    assert not listing_digest(folder)
    assert not listing_digest(tmp_path / "nowhere")
