"""Which addresses are refused, in every spelling that a URL can have."""

import ipaddress
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.errors import FetchError
from aggregator.fetch.network_guard import Guard
from aggregator.fetch.url import host, parse
from tests.support.upstream import LOOPBACK

FORBIDDEN_HOSTS = """
    127.0.0.1 127.0.0.1. 127.1 127.0.1 127.255.255.255 2130706433 0x7f000001 0x7f.1 0x7F.0.0.1 0177.0.0.1 017700000001
    0177.0.0.01 0x7f.0x0.0x0.0x1 127.0.0.0x1 0 0.0.0.0 0.0.0.1 00 0x0 %31%32%37.0.0.1 127%2e0%2e0%2e1 １２７.0.0.1
    ①②⑦.⓪.⓪.① 127。0。0。1 10.0.0.1 10.255.255.254 012.0.0.1 167772161 172.16.0.1 172.31.255.255 192.168.0.1
    192.168.1 3232235521 0xc0a80001 169.254.169.254 169.254.0.1 2852039166 0xa9fea9fe 0251.0376.0251.0376 169.254.43518
    100.64.0.1 100.127.255.255 100.100.100.200 168.63.129.16 192.0.0.1 192.0.0.8 192.0.0.192 192.0.2.1 192.88.99.1
    198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
    1.2.3.4.5 256.1.1.1 999 0x 08.8.8.8
    [::] [::1] [0:0:0:0:0:0:0:1] [::127.0.0.1] [::7f00:1] [::ffff:127.0.0.1] [::ffff:7f00:1] [::FFFF:169.254.169.254]
    [::ffff:10.0.0.1] [::ffff:0:127.0.0.1] [64:ff9b::127.0.0.1] [64:ff9b::a9fe:a9fe] [64:ff9b::10.0.0.1] [64:ff9b:1::1]
    [64:ff9b:1::808:808] [2002:7f00:1::] [2002:a9fe:a9fe::1] [2002:808:808::1] [2001::1] [2001:0:53aa:64c::1]
    [2001:2::1] [2001:10::1] [2001:20::1] [2001:db8::1] [3fff::1] [100::1] [fc00::1] [fd00:ec2::254] [fd12:3456::1]
    [fe80::1] [fe80::1%25eth0] [fe80::1%25] [fec0::1] [ff02::1] [ff0e::1] [5f00::1] [4000::1] [::8.8.8.8]
""".split()

PUBLIC_HOSTS = """
    1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.1 168.63.129.15
    169.253.255.255 172.15.255.255 172.32.0.0 192.0.1.1 192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0
    223.255.255.255 [2606:4700::1111] [2001:4860:4860::8888] [2a00:1450::1] [2001:200::1] [::ffff:8.8.8.8]
    [64:ff9b::8.8.8.8] [2003::1] feeds.example 1.example 127.0.0.1.example 0x7f.example
""".split()


def check(written: str, guard: Guard) -> None:
    guard.check_host(host(parse(f"http://{written}/feed")))


@pytest.mark.parametrize("written", FORBIDDEN_HOSTS)
def test_no_spelling_of_an_inner_address_passes(written: str) -> None:
    with pytest.raises(FetchError, match=r"allow_networks") as caught:
        check(written, Guard())
    assert (caught.value.kind, caught.value.transient) == ("forbidden-address", False)


@pytest.mark.parametrize("written", PUBLIC_HOSTS)
def test_the_public_internet_and_names_pass(written: str) -> None:
    check(written, Guard())


@pytest.mark.parametrize("written", ["127.0.0.1", "127.9.9.9", "[::ffff:127.0.0.1]", "[::1]"])
def test_an_opened_network_passes_in_all_its_forms(written: str) -> None:
    check(written, Guard(LOOPBACK))


@pytest.mark.parametrize(
    "written", ["10.0.0.1", "[::ffff:10.0.0.1]", "2130706433", "0x7f.1", "[64:ff9b::7f00:1]", "[fd00::1]"]
)
def test_opening_one_network_opens_no_other(written: str) -> None:
    with pytest.raises(FetchError):
        check(written, Guard(LOOPBACK))


def test_one_inner_address_among_the_answers_refuses_the_name() -> None:
    answers = [ipaddress.ip_address("8.8.8.8"), ipaddress.ip_address("10.0.0.1")]
    with pytest.raises(FetchError, match=r"feeds\.example leads to 10\.0\.0\.1.* add 10\.0\.0\.1/32"):
        Guard().check("feeds.example", answers)


@given(st.ip_addresses(v=4))
def test_a_mapped_or_translated_address_is_judged_as_what_is_inside(address: ipaddress.IPv4Address) -> None:
    verdict = Guard().permits(address)
    for prefix in ("::ffff:", "64:ff9b::"):
        assert Guard().permits(ipaddress.IPv6Address(f"{prefix}{address}")) is verdict


@given(st.ip_addresses())
def test_nothing_passes_that_python_itself_calls_private(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    if address.is_private or address.is_multicast or address.is_reserved:
        mapped = address.version == 6 and address in ipaddress.ip_network("::/16")
        assert mapped or not Guard().permits(address) or address in ipaddress.ip_network("64:ff9b::/96")


@pytest.mark.parametrize("where", ["127.0.0.1", "2130706433", "::1", "169.254.169.254"])
def test_the_last_check_is_on_the_address_that_is_connected_to(where: str) -> None:
    with pytest.raises(FetchError):
        Guard().open_socket((socket.AF_INET, socket.SOCK_STREAM, 0, "", (where, 80)))


def test_what_is_permitted_gets_a_socket() -> None:
    with Guard(LOOPBACK).open_socket((socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", 80))) as sock:
        assert sock.family == socket.AF_INET
