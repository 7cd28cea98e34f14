"""The keeper's token in a request: `server.token`, as Bearer (RFC 6750 2.1) or as the password of Basic (RFC 7617)."""

import base64
import binascii
import hmac
from collections.abc import Sequence


def carries_token(authorizations: Sequence[str], token: str, *, basic: bool = False) -> bool:
    """`authorizations`: all Authorization fields of a request, of which there must be one; `token`: not empty; `basic`:
    also accepted as a password, whatever the user's name. The time that this takes does not tell how much was right."""
    kind, _, credentials = authorizations[0].partition(" ") if len(authorizations) == 1 else ("", "", "")
    match kind.lower():
        case "bearer":
            secret = credentials.strip().encode("latin-1")
        case "basic" if basic:
            secret = _password(credentials.strip())
        case _:
            return False
    return hmac.compare_digest(secret, token.encode())


def _password(credentials: str) -> bytes:
    """b"" where the credentials cannot be read."""
    try:
        return base64.b64decode(credentials, validate=True).partition(b":")[2]
    except (binascii.Error, ValueError):
        return b""
