"""Signatures of deliveries: HMAC of the body under the secret of a subscription (WebSub 7.1). Pure."""

import hmac

METHODS = ("sha512", "sha384", "sha256", "sha1")  # strongest first


def sign(secret: str, body: bytes, method: str = "sha256") -> str:
    """The value of X-Hub-Signature, `method=hex`. `method`: one of METHODS."""
    return f"{method}={_digest(secret, body, method)}"


def matches(header: str, secret: str, body: bytes) -> str | None:
    """The method by which `header`, a value of X-Hub-Signature, signs `body`; None if it does not. `secret`: not empty.

    The time that this takes does not tell how much of a wrong signature was right. The method's name and the digits are
    read in either case: hubs write both.
    """
    method, _, claimed = header.strip().lower().partition("=")
    if method not in METHODS or not claimed.isascii():
        return None
    return method if hmac.compare_digest(_digest(secret, body, method), claimed) else None


def _digest(secret: str, body: bytes, method: str) -> str:
    return hmac.new(secret.encode(), body, method).hexdigest()
