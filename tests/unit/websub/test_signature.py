"""Signatures of deliveries."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.websub.signature import METHODS, matches, sign

# RFC 2202 3 (sha1) and RFC 4231 4.3 (the others), test case 2: key "Jefe".
BODY = b"what do ya want for nothing?"
KNOWN = {
    "sha1": "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
    "sha256": "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    "sha384": "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649",
    "sha512": "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaea"
    "b1a34d4a6b4b636e070a38bce737",
}


@pytest.mark.parametrize("method", METHODS)
def test_vectors_of_the_standard_match(method: str) -> None:
    assert sign("Jefe", BODY, method) == f"{method}={KNOWN[method]}"
    assert matches(f"{method}={KNOWN[method]}", "Jefe", BODY) == method


@pytest.mark.parametrize("change", [str.upper, lambda header: f" {header} ", str.title])
def test_case_and_spaces_around_do_not_matter(change: Callable[[str], str]) -> None:
    assert matches(change(sign("s", b"x")), "s", b"x") == "sha256"


@pytest.mark.parametrize(
    "header", ["", "=", "sha256", "sha256=", "sha1=0", "md5=x", "sha256=é", "é=é", "sha224=" + "0" * 56]
)
def test_what_is_no_signature_matches_nothing(header: str) -> None:
    assert matches(header, "s", b"x") is None


def test_a_signature_under_the_name_of_another_method_does_not_match() -> None:
    digest = sign("s", b"x", "sha256").partition("=")[2]
    assert matches(f"sha1={digest}", "s", b"x") is None


@given(st.text(min_size=1), st.binary(), st.sampled_from(METHODS), st.text(min_size=1), st.binary())
def test_only_the_secret_and_the_body_that_were_signed_match(
    secret: str, body: bytes, method: str, other: str, forged: bytes
) -> None:
    header = sign(secret, body, method)
    assert matches(header, secret, body) == method
    assert (matches(header, secret, forged) == method) == (forged == body)
    if len(other.encode()) <= 64 and len(secret.encode()) <= 64 and other.rstrip("\0") != secret.rstrip("\0"):
        assert matches(header, other, body) is None
