"""Sightings by their keys, whenever an index is asked, and whatever it holds then."""

from hypothesis import given
from hypothesis import strategies as st

from aggregator.dedup.candidates import KEYS, CandidateIndex, Known

KNOWN = st.builds(
    Known,
    id=st.integers(0, 5),
    source_id=st.just("blog"),
    entry_id=st.just(1),
    item=st.sampled_from("ab"),
    upstream_id=st.sampled_from(["", "1", "2"]),
    canonical=st.sampled_from(["", "b.example/1"]),
    title=st.sampled_from(["", "an owl"]),
)


@given(st.lists(st.tuples(st.sampled_from(["add", "remove", "ask"]), KNOWN)))
def test_an_index_finds_what_shares_a_key_in_the_order_that_it_was_added(steps: list[tuple[str, Known]]) -> None:
    index = CandidateIndex()
    held: dict[int, Known] = {}
    for step, one in steps:
        if step == "add":
            index.add(one)
            held.pop(one.id, None)
            held[one.id] = one
        elif step == "remove":
            index.remove(one.id)
            held.pop(one.id, None)
        for name, key in KEYS.items() if step == "ask" else ():
            assert list(index.find(name, one)) == [seen for seen in held.values() if key(one) and key(seen) == key(one)]
