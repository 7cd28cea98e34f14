"""Sources are spread over shards by what somebody registered."""

import subprocess
import sys
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.polling.shards import SHARDS, shard_of

SAME_FOR_EVER = [98, 142, 151]  # blog.example, medium.com, 192.0.2.7


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("one.blogspot.com:443", "two.blogspot.com:443"),
        ("bbc.co.uk:443", "feeds.bbc.co.uk:80"),
        ("WWW.blog.example:443", "blog.example:8080"),
        ("127.0.0.1:80", "127.0.0.1:8080"),
        ("2001:db8::1:80", "2001:db8::1:8080"),
    ],
)
def test_hosts_of_one_owner_are_in_one_shard(one: str, other: str) -> None:
    assert shard_of(one) == shard_of(other)


def test_addresses_stand_for_themselves() -> None:
    assert len({shard_of(f"127.0.0.{n}:80") for n in range(64)}) > 40
    assert len({shard_of(f"2001:db8::{n:x}:80") for n in range(64)}) > 40


def test_the_shard_of_a_host_is_the_same_for_ever() -> None:
    """Workers of two versions, and of two machines, must agree: these numbers never change."""
    assert [shard_of(f"{host}:443") for host in ("blog.example", "medium.com", "192.0.2.7")] == SAME_FOR_EVER
    code = "from aggregator.polling.shards import shard_of; print(shard_of('blog.example:443'))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) == SAME_FOR_EVER[0]


@pytest.mark.torture
def test_domains_are_spread_evenly() -> None:
    counts = Counter(shard_of(f"blog{n}.example:443") for n in range(25_600))
    assert len(counts) == SHARDS
    assert max(counts.values()) < 200


@given(st.text(max_size=80))
def test_whatever_a_host_is_it_has_a_shard(host: str) -> None:
    assert 0 <= shard_of(f"{host}:443") < SHARDS
