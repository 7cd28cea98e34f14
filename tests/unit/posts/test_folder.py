"""A folder of posts: which files are posts, and what shows a change."""

import os
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

from aggregator.errors import PostError
from aggregator.posts import list_posts, read_file


def put(path: Path, text: str = "x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def paths(folder: Path) -> list[str]:
    return [post.path for post in list_posts(folder)]


def test_posts_are_found_at_any_depth_in_order_of_path(tmp_path: Path) -> None:
    for name in ("b.md", "a/z.MARKDOWN", "a/b/c/d.html", "c.txt", "x.jpg", "md", "中/文.md"):
        put(tmp_path / name)
    assert paths(tmp_path) == ["a/b/c/d.html", "a/z.MARKDOWN", "b.md", "c.txt", "中/文.md"]


def test_hidden_files_and_folders_are_left_out(tmp_path: Path) -> None:
    for name in (".a.md", ".git/b.md", "c/.d/e.md", ".md", "f.md"):
        put(tmp_path / name)
    assert paths(tmp_path) == ["f.md"]


def test_files_that_are_no_posts_by_their_name_are_left_out_unless_they_were_published(tmp_path: Path) -> None:
    for name in ("README.md", "_drafts/a.md", "b/index.md", "index.md"):
        put(tmp_path / name)
    assert paths(tmp_path) == ["b/index.md"]
    assert [post.path for post in list_posts(tmp_path, {"README.md", "gone.md"})] == ["README.md", "b/index.md"]


def test_links_to_elsewhere_are_left_out(tmp_path: Path) -> None:
    outside, folder = put(tmp_path / "secret.md"), tmp_path / "posts"
    put(folder / "a.md")
    put(tmp_path / "posts-2" / "b.md")
    for name, target in {
        "out.md": outside,
        "sibling.md": tmp_path / "posts-2" / "b.md",
        "broken.md": folder / "none",
        "loop": folder,
        "away": tmp_path / "posts-2",
        "dir.md": folder,
        "in.md": folder / "a.md",
    }.items():
        (folder / name).symlink_to(target)
    assert paths(folder) == ["a.md", "in.md"]


def test_the_folder_itself_may_be_a_link(tmp_path: Path) -> None:
    put(tmp_path / "real" / "a.md")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert paths(tmp_path / "link") == ["a.md"]


def test_anything_but_files_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "folder.md").mkdir()
    os.mkfifo(tmp_path / "pipe.md")
    assert paths(tmp_path) == []


@pytest.mark.parametrize("name", ["none", "file.md"])
def test_a_folder_that_cannot_be_listed_is_an_error(tmp_path: Path, name: str) -> None:
    put(tmp_path / "file.md")
    with pytest.raises(PostError) as caught:
        list_posts(tmp_path / name)
    assert caught.value.kind == "folder"


def test_a_path_is_one_spelling_and_a_name_opens_the_file(tmp_path: Path) -> None:
    decomposed = unicodedata.normalize("NFD", "café.md")
    put(tmp_path / decomposed, "text")
    (found,) = list_posts(tmp_path)
    assert found.path == unicodedata.normalize("NFC", "café.md")
    assert read_file(tmp_path, found.name) == b"text"


def test_names_that_are_not_utf8_and_names_that_differ_only_in_form(tmp_path: Path) -> None:
    for form in ("NFC", "NFD"):
        put(tmp_path / unicodedata.normalize(form, "é.md"))
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.md")).write_bytes(b"raw")
    found = list_posts(tmp_path)
    assert len({post.path.encode() for post in found}) == 3
    assert all(read_file(tmp_path, post.name) is not None for post in found)


def test_a_signature_changes_with_the_file_and_not_by_itself(tmp_path: Path) -> None:
    file = put(tmp_path / "a.md", "one")
    before, again = list_posts(tmp_path), list_posts(tmp_path)
    assert before == again
    stat = file.stat()
    put(tmp_path / "b", "two").replace(file)
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert list_posts(tmp_path) != before


def test_a_deleted_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(PostError) as caught:
        read_file(tmp_path, "gone.md")
    assert caught.value.kind == "folder"


def test_who_only_lists_files_loads_nothing_that_reads_them() -> None:
    code = "import sys, aggregator.pull.posts; print(sorted({'frontmatter', 'markdown_it'} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
