"""What the tree of a planet of posts weighs, beside the posts: `make bench`. POSTS=20000 for a large one."""

import os
import random
from datetime import datetime, timedelta

import pytest

from tests.bench.tree_weight import weigh
from tests.support.planet import NOON, Planet

pytestmark = pytest.mark.bench

POSTS = int(os.environ.get("POSTS", "1500"))
CATEGORIES = ("Python", "Rust", "Web", "Databases", "Security")
FIRST = datetime(2006, 1, 1)  # noqa: DTZ001 - as posts have it
EVERY = timedelta(hours=8)


def body(n: int) -> str:
    """Some 3,100 bytes of HTML, every third in Chinese."""
    choice = random.Random(n)
    words = chinese if n % 3 == 2 else latin
    picture = f'<p><img src="https://pictures.example/{n}.jpg" alt="{words(choice, 3)}"></p>'
    parts = [picture, f"<h2>{words(choice, 6)}</h2>"]
    while sum(len(part.encode()) for part in parts) < 2900:
        link = f'<a href="https://elsewhere.example/{choice.randrange(999)}">{words(choice, 2)}</a>'
        parts.append(f"<p>{words(choice, 30)} {link} &amp; <em>{words(choice, 4)}</em>, {words(choice, 12)}.</p>")
    return "\n".join(parts)


def latin(choice: random.Random, count: int) -> str:
    return " ".join("".join(choice.choices("aeinorst", k=choice.randint(2, 9))) for _ in range(count))


def chinese(choice: random.Random, count: int) -> str:
    return "".join(chr(choice.randrange(0x4E00, 0x8FFF)) for _ in range(2 * count))


@pytest.mark.parametrize("link", [True, False], ids=["with links", "with pages of their own"])
def test_a_tree_beside_its_posts(planet: Planet, link: bool) -> None:
    content = 0
    for n in range(POSTS):
        head = f"title: Post {n} of {POSTS}\ndate: {FIRST + n * EVERY}\ncategories: [{CATEGORIES[n % 5]}]"
        head += f"\nlink: https://posts.example/{n}" if link else ""
        content += planet.post(f"{n % 40}/{n}.md", f"---\n{head}\n---\n{body(n)}\n").stat().st_size
    planet.run(NOON)
    weight = weigh(planet.root / "feeds")
    print(f"\n{POSTS:,} posts of {content / POSTS:,.0f} bytes", *weight.lines(content), sep="\n")
    assert weight.size <= 9 * content
    assert weight.size / POSTS * 20_000 < 10**9  # what a static host takes
