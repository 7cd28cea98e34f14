from hypothesis import given
from hypothesis import strategies as st

from aggregator.model.document import FeedInfo
from aggregator.pull.hub_discovery import NO_HUB, NamedHub, discover

HERE = "https://a.example/feed"
HUB = "https://hub.example/"
ADDRESSES = st.sampled_from(["", HUB, "/self", "https://user@a.example/", "mailto:a@a.example", HERE])


def test_the_topic_is_the_address_where_nothing_says_another() -> None:
    assert discover(HERE, {}, FeedInfo(hubs=(HUB,))) == NamedHub(HUB, HERE)
    assert discover(HERE, {"link": f'<{HUB}>; rel=hub, </x>; rel="self"'}, FeedInfo()) == NamedHub(
        HUB, "https://a.example/x"
    )


@given(st.lists(ADDRESSES, max_size=3), ADDRESSES)
def test_a_hub_and_a_topic_are_named_together_or_neither(hubs: list[str], own: str) -> None:
    found = discover(HERE, {}, FeedInfo(hubs=tuple(hubs), self_link=own))
    assert bool(found.hub) == bool(found.topic)
    assert found == NO_HUB or found.hub in {HUB, HERE, "https://a.example/self"}
    if not any(hubs):
        assert found == NO_HUB
