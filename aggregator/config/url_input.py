"""Addresses as people and subscription lists write them, in the form that the config takes."""

from pathlib import Path

from aggregator.config.validators import check_web_url
from aggregator.config.yaml_lines import VARIABLE
from aggregator.errors import UsageError
from aggregator.text.masking import showable_text
from aggregator.text.normalize import shorten
from aggregator.text.urls import LONGEST

SHOWN = 200  # characters of an address in a message


def as_address(given: str, root: Path) -> str:
    """A source's address that a person typed: http(s), or the path of a local file, relative to the config's folder
    `root`. Raises UsageError.
    """
    given = given.strip()
    if not given:
        raise UsageError("the address is empty; write https://host/path, or the name of a file here")
    if len(given) > LONGEST:
        raise UsageError(f"{shown(given)}: {len(given):,} characters, where an address has {LONGEST:,} at most")
    bare = _without_feed(given)
    if VARIABLE.search(given):
        message = "holds ${…}, a variable of the environment; write such an address into the config"
        raise UsageError(f"{shown(given)} {message}")
    if bare == given and "://" not in given and _exists(Path(given)):
        return _as_path(Path(given), root)
    url = bare if "://" in bare else f"https://{bare}" if begins_with_host(bare) else ""
    scheme, _, rest = url.partition("://")
    if scheme.lower() not in {"http", "https"}:
        raise UsageError(f"{shown(given)} is neither an address nor a file here; write https://host/path")
    try:
        return check_web_url(f"{scheme.lower()}://{rest}".partition("#")[0])
    except ValueError as error:
        raise UsageError(f"{shown(given)}: {error}") from error


def is_without_scheme(given: str) -> bool:
    """Whether `as_address` took https for granted. `feed:` says nothing about the scheme."""
    return "://" not in _without_feed(given.strip())


def _without_feed(given: str) -> str:
    return given[5:].removeprefix("//") if given[:5].lower() == "feed:" else given


def web_address(url: str) -> str:
    """An address in a foreign document, which may name no local file or environment variable. Raises UsageError."""
    if "://" not in url and not url.lower().startswith("feed:"):
        raise UsageError(f"{shown(url, 100)} is no address; right would be https://host/path")
    return as_address(url, Path())


def shown(text: str, most: int = SHOWN) -> str:
    """The beginning of an address, without its password, for a message."""
    return shorten(showable_text(text), most)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # not a possible file name
        return False


def begins_with_host(bare: str) -> bool:
    """Whether it begins with a name with a dot, whose last label has at least two characters; or with an IPv4 address
    or `localhost`."""
    end = min((at for mark in "/?" if (at := bare.find(mark)) >= 0), default=len(bare))
    host, colon, port = bare[:end].partition(":")
    name, _, last = host.rpartition(".")
    is_one = not any(character.isspace() or character == "@" for character in host)
    is_known = host.lower() == "localhost" or (host.count(".") == 3 and host.replace(".", "").isdecimal())
    return (
        ((bool(name) and len(last) >= 2) or is_known)
        and is_one
        and (not colon or (port.isascii() and port.isdecimal()))
    )


def _as_path(path: Path, root: Path) -> str:
    real, folder = path.absolute().resolve(), root.absolute().resolve()
    return str(real.relative_to(folder)) if real.is_relative_to(folder) else str(real)
