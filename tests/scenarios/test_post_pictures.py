"""Pictures beside posts: copied to the folder of the post's page, and gone with it."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from tests.commands.test_recover import learn
from tests.support.planet import NOON, Planet

PNG = b"\x89PNG\r\n\x1a\n".ljust(300, b"\x07")
JPEG = b"\xff\xd8\xff\xe0".ljust(300, b"\x07")
POST = "---\ntitle: Walk\ndate: 2026-11-01\n{}---\nWe walked far.\n\n{}\n"
LATER = NOON + timedelta(hours=2)


def write(planet: Planet, path: str, data: bytes = PNG) -> Path:
    file = planet.root / "posts" / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    return file


def copied(planet: Planet) -> list[str]:
    return sorted(path for path in planet.tree() if path.startswith("entries/") and path.count("/") > 1)


@pytest.fixture
def walk(planet: Planet) -> Planet:
    """A planet with one post, in a folder of its own, and its picture."""
    planet.config |= {"posts": [{"path": "posts"}], "feeds": {"formats": ["atom", "json"]}}
    write(planet, "2026/walk/map one.png")
    planet.post("2026/walk/index.md", POST.format("image: cover.jpg\n", "![Map](<map one.png>) ![Top](../top.webp)"))
    write(planet, "2026/walk/cover.jpg", JPEG)
    write(planet, "2026/top.webp", b"RIFF\x10\x00\x00\x00WEBP".ljust(300, b"\x07"))
    return planet


def test_pictures_are_copied_beside_the_page_and_shown_there(walk: Planet) -> None:
    report = walk.run()
    assert not report.problems
    assert copied(walk) == ["entries/walk/cover.jpg", "entries/walk/map one.png", "entries/walk/top.webp"]
    assert (walk.root / "feeds/entries/walk/map one.png").read_bytes() == PNG
    page = "https://planet.example/entries/walk/"
    content = walk.atom().entries[0].content[0].value
    assert f'src="{page}map%20one.png"' in content
    assert f'src="{page}top.webp"' in content
    assert f"{page}cover.jpg" in (walk.root / "feeds/all/feed.json").read_text()
    for path in walk.tree():
        if path.endswith((".xml", ".json", ".html")):
            assert "beside.invalid" not in (walk.root / "feeds" / path).read_text()


@pytest.mark.torture
def test_nothing_is_copied_twice_and_a_lost_copy_comes_back(walk: Planet) -> None:
    walk.run()
    tree = walk.tree()
    walk.run(LATER)
    assert walk.tree() == tree
    (walk.root / "feeds/entries/walk/top.webp").unlink()
    walk.run(LATER)
    assert walk.tree() == tree


def test_pictures_go_with_their_post_and_with_their_mention(walk: Planet) -> None:
    walk.post("other.md", POST.format("", "Nothing to see."))
    walk.run()
    walk.post("2026/walk/index.md", POST.format("", "![Map](<map one.png>)"))
    walk.run(LATER)
    assert copied(walk) == ["entries/walk/map one.png"]
    (walk.root / "posts/2026/walk/index.md").unlink()
    walk.run(LATER + timedelta(hours=2))
    assert copied(walk) == []
    assert not (walk.root / "feeds/entries/walk").exists()


@pytest.mark.torture
@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("gone.png", None, "is missing"),
        ("page.png", b"<html><script>1</script>", "is no PNG, JPEG, GIF or WebP"),
        ("large.png", PNG.ljust(5 * 1024 * 1024 + 1, b"\x07"), "is larger than 5 MiB"),
        ("folder.png", "folder", "is missing"),
        ("link.png", "link", "is outside the folder"),
    ],
)
def test_a_picture_that_cannot_be_published_is_told_until_it_can(
    walk: Planet, name: str, data: bytes | str | None, why: str
) -> None:
    walk.post("2026/walk/index.md", POST.format("", f"![A]({name})"))
    file = walk.root / "posts/2026/walk" / name
    if isinstance(data, bytes):
        file.write_bytes(data)
    elif data == "folder":
        file.mkdir()
    elif data == "link":
        (walk.root / "secret.png").write_bytes(PNG)
        file.symlink_to(walk.root / "secret.png")
    for now in (NOON, LATER):
        [problem] = walk.run(now).problems
        assert problem.where.endswith(f"posts/2026/walk/{name}")
        assert problem.message == f"the picture of a post {why}"
        assert copied(walk) == []
    if data is None:
        file.write_bytes(PNG)
        assert not walk.run(LATER + timedelta(hours=1)).problems
        assert copied(walk) == [f"entries/walk/{name}"]


def test_two_pictures_of_one_name_are_two_files(walk: Planet) -> None:
    write(walk, "2026/map one.png", JPEG)
    walk.post("2026/walk/index.md", POST.format("", "![A](<map one.png>) ![B](<../map one.png>)"))
    walk.run()
    first, second = copied(walk)
    assert {first, second} > {"entries/walk/map one.png"}
    assert {(walk.root / "feeds" / path).read_bytes() for path in (first, second)} == {PNG, JPEG}


def test_a_post_with_a_link_of_its_own_keeps_its_pictures_there(walk: Planet) -> None:
    walk.post("2026/walk/index.md", POST.format("link: https://blog.example/walk/\n", "![Map](map.png)"))
    walk.run()
    assert 'src="https://blog.example/walk/map.png"' in walk.atom().entries[0].content[0].value
    assert copied(walk) == []


def test_a_post_without_a_page_shows_no_picture(walk: Planet) -> None:
    walk.config["posts"] = [{"path": "posts", "pages": False}]
    walk.run()
    assert "<img" not in walk.atom().entries[0].content[0].value
    assert copied(walk) == []


@pytest.mark.torture
def test_a_lost_state_knows_its_pictures_again(walk: Planet) -> None:
    walk.run()
    before, tree = walk.atom().entries[0], walk.tree()
    shutil.rmtree(walk.root / ".aggregator")
    learn(walk)
    walk.run(LATER)
    after = walk.atom().entries[0]
    assert (after.id, after.updated, after.content) == (before.id, before.updated, before.content)
    assert copied(walk) == sorted(path for path in tree if path in copied(walk))
    assert len(copied(walk)) == 3


@pytest.mark.torture
def test_a_foreign_file_beside_a_page_stays(walk: Planet) -> None:
    walk.run()
    (walk.root / "feeds/entries/walk/notes.txt").write_text("mine")
    (walk.root / "posts/2026/walk/index.md").unlink()
    walk.post("other.md", POST.format("", "Nothing to see."))
    walk.run(LATER)
    assert copied(walk) == ["entries/walk/notes.txt"]
