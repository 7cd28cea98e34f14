"""The order in which archive pages are sealed: pages with the same entries near each other."""

from collections.abc import Sequence
from operator import attrgetter
from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from aggregator.publish.archive_state import FullPage, near_each_other


def page(feed: str, number: int, entries: Sequence[int]) -> FullPage:
    plan: Any = SimpleNamespace(id=feed)
    row: Any = None
    return FullPage(plan, row, number, tuple(entries), is_followed=False)


def named(pages: Sequence[FullPage]) -> list[tuple[str, int]]:
    return [(one.plan.id, one.number) for one in pages]


def first_pages(pages: Sequence[FullPage]) -> dict[int, tuple[str, int]]:
    """Of each entry, in the order of the pages."""
    first: dict[int, tuple[str, int]] = {}
    for one in pages:
        for id_ in one.entry_ids:
            first.setdefault(id_, (one.plan.id, one.number))
    return first


def test_a_page_follows_the_one_that_completes_its_entries() -> None:
    every = [page("all", n + 1, range(n * 10, n * 10 + 10)) for n in range(6)]
    tea = [page("tea", 1, [0, 15, 19]), page("tea", 2, [20, 30, 52])]
    milk = [page("milk", 1, [3, 4, 5])]
    assert named(near_each_other([*every, *tea, *milk])) == [
        ("all", 1),
        ("milk", 1),
        ("all", 2),
        ("tea", 1),
        ("all", 3),
        ("all", 4),
        ("all", 5),
        ("all", 6),
        ("tea", 2),
    ]


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.lists(st.integers(0, 30), min_size=1, unique=True))).map(
        lambda found: sorted(found, key=lambda one: one[0])
    )
)
def test_the_pages_of_a_feed_stay_in_order_and_so_does_the_first_page_of_each_entry(
    found: list[tuple[str, list[int]]],
) -> None:
    pages = [page(feed, number, entries) for number, (feed, entries) in enumerate(found)]
    ordered = near_each_other(pages)
    assert sorted(ordered, key=attrgetter("plan.id")) == pages
    assert list(dict.fromkeys(first_pages(ordered).values())) == list(dict.fromkeys(first_pages(pages).values()))
