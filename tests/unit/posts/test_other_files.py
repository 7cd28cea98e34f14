"""Which files of a posts folder are no posts by their name."""

import pytest

from aggregator.posts.other_files import other_files


@pytest.mark.parametrize(
    ("paths", "others"),
    [
        ("a.md b/c.md", ""),
        ("_posts/a.md _notes/b.md", ""),
        ("_drafts/a.md x/_drafts/y/b.md c.md", "_drafts/a.md x/_drafts/y/b.md"),
        ("_index.md blog/_index.md blog/a.md _a.md", "_index.md blog/_index.md _a.md"),
        ("README.md readme.txt README.de.md x/Readme.html a.md", "README.md readme.txt README.de.md x/Readme.html"),
        (
            "LICENSE.txt LICENSE-MIT.md CHANGELOG.md CHANGELOG-2.html",
            "LICENSE.txt LICENSE-MIT.md CHANGELOG.md CHANGELOG-2.html",
        ),
        ("a-readme.md my_license.txt", ""),
        ("index.md a.md", "index.md"),
        ("index.md", "index.md"),
        ("a/index.md", ""),
        ("a/index.md a/README.md a/_note.md", "a/README.md a/_note.md"),
        ("blog/index.md blog/a.md", "blog/index.md"),
        ("blog/index.md blog/a/index.md blog/b.md", "blog/index.md"),
        ("blog/index.md blog/2026/a.md", "blog/index.md"),
        ("a/index.md a/index.de.md", ""),
        ("2026-03-16-a/index.md 2026-03-16-a/appendix.md", ""),
        ("2026/03/index.md 2026/03/a.md", "2026/03/index.md"),
        ("a/INDEX.HTML a/b.txt", "a/INDEX.HTML"),
        ("a/indexes.md a/b.md", ""),
    ],
)
def test_what_generators_do_not_take_for_posts(paths: str, others: str) -> None:
    assert other_files(paths.split()) == set(others.split())
