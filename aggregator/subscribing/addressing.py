"""What people and lists of subscriptions write for an address, as the config has it."""

import re
from pathlib import Path

from aggregator.config.values import check_web_url
from aggregator.errors import UsageError
from aggregator.normalize import shorten

VARIABLE = re.compile(r"\$\{\w+\}")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_HOST = re.compile(r"[^\s/:@]+\.[^\s/:@.]{2,}(?::[0-9]+)?(?:[/?].*)?")
_USER_INFO = re.compile(r"(//)[^/?#]*@")


def as_address(given: str, root: Path) -> str:
    """What a person typed as a source's address: http(s), or the path of a local file, as seen from the config's folder
    `root`. Raises UsageError.
    """
    given = given.strip()
    bare = re.sub(r"^feed:(//)?", "", given, flags=re.IGNORECASE)
    if VARIABLE.search(given):
        raise UsageError(f"{given} holds ${{…}}, a variable of the environment; write such an address into the config")
    if bare == given and "://" not in given and Path(given).exists():
        return _as_path(Path(given), root)
    url = bare if _SCHEME.match(bare) and "://" in bare else f"https://{bare}" if _HOST.fullmatch(bare) else ""
    scheme, _, rest = url.partition("://")
    if scheme.lower() not in {"http", "https"}:
        raise UsageError(f"{given} is no address and no file here; right would be https://host/path")
    try:
        return check_web_url(f"{scheme.lower()}://{rest}".partition("#")[0])
    except ValueError as error:
        raise UsageError(f"{shown(given)}: {error}") from error


def web_address(url: str) -> str:
    """Of a document from anywhere: no file of this machine, no variable of its environment. Raises UsageError."""
    if "://" not in url and not url.lower().startswith("feed:"):
        raise UsageError(f"{shorten(url, 100)} is no address; right would be https://host/path")
    return as_address(url, Path())


def shown(text: str) -> str:
    """As a message may show it: an address without its password."""
    return _USER_INFO.sub(r"\1", text)


def _as_path(path: Path, root: Path) -> str:
    real, folder = path.absolute().resolve(), root.absolute().resolve()
    return str(real.relative_to(folder)) if real.is_relative_to(folder) else str(real)
