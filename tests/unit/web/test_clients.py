"""How often a client may ask."""

from typing import Any

import pytest

from aggregator.web import clients
from aggregator.web.clients import RateLimit, client_of


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def allowed(limit: RateLimit, client: str, times: int) -> int:
    return sum(limit.allows(client) for _ in range(times))


def test_a_client_may_ask_so_often_at_once_and_then_at_that_rate() -> None:
    clock = Clock()
    limit = RateLimit(5, 0.5, clock)
    assert allowed(limit, "a", 9) == 5
    assert allowed(limit, "b", 9) == 5
    clock.now = 4
    assert allowed(limit, "a", 9) == 2
    clock.now = 1000
    assert allowed(limit, "a", 9) == 5


def test_few_clients_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "MOST_REMEMBERED", 10)
    clock = Clock()
    limit = RateLimit(2, 1, clock)
    for number in range(100):
        assert allowed(limit, f"client {number}", 3) == 2
        assert len(limit._clients) <= 10
    clock.now = 10
    assert allowed(limit, "another", 3) == 2
    assert len(limit._clients) == 1


@pytest.mark.parametrize(
    ("host", "client"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.1"),
        ("a socket", "a socket"),
    ],
)
def test_a_client_is_its_address_or_its_network(host: str, client: str) -> None:
    scope: dict[str, Any] = {"client": (host, 1234)}
    assert client_of(scope) == client
    assert client_of({}) == ""
