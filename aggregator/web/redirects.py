"""The addresses that moved or ended, in the words of nginx and Caddy: they serve the tree without the state."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from aggregator.store import Transaction
from aggregator.text.page_paths import page_path
from aggregator.web.paths import moved_address

HEAD = "# of aggregator feed redirects: what moved leads to its new address, what ended is gone"
GONE = "gone"
FILE = "(?:/(?:archive/.+/)?{group}[^/]*))?$"  # a file of the feed itself, or of a page of its archive


@dataclass(frozen=True, slots=True)
class Redirects:
    """`moved`: feed id → the feed at its place now, "" where a person ended the address; `gone_pages`: paths of the
    pages of withdrawn entries, relative to the tree."""

    moved: Mapping[str, str]
    gone_pages: tuple[str, ...]


def redirects(tx: Transaction) -> Redirects:
    moved = tx.feeds.moved()
    last = {id_: (moved_address(id_, moved) or "").removesuffix("/") for id_ in sorted(moved)}
    return Redirects(last, tuple(map(page_path, sorted(tx.withdrawals.slugs()))))


def nginx_map(found: Redirects, url: str) -> str:
    """Lines for a `map` of nginx, of `$uri`: the new address, or "gone". `url`: where the tree is published."""
    return _lines(found, url, _nginx_line, '"{path}" gone;')


def caddy_map(found: Redirects, url: str) -> str:
    """Lines for a `map` of Caddy, of `{path}`: the new address, or "gone"."""
    return _lines(found, url, _caddy_line, '"{path}" gone')


def _nginx_line(old: str, new: str) -> str:
    pattern = f"~^{old}{FILE.format(group='(?<file>')}"
    return f'"{pattern}" "{new}/$file";' if new else f'"{pattern}" {GONE};'


def _caddy_line(old: str, new: str) -> str:
    pattern = f"~^{old}{FILE.format(group='(')}"
    return f'"{pattern}" "{new}/${{1}}"' if new else f'"{pattern}" {GONE}'


def _lines(found: Redirects, url: str, line: Callable[[str, str], str], page: str) -> str:
    root = urlsplit(url).path.rstrip("/")
    asked = unquote(root)  # as servers compare it
    moved = [line(f"{_literal(asked)}/{old}", new and f"{root}/{new}") for old, new in found.moved.items()]
    pages = [page.format(path=f"{asked}/{path}") for path in found.gone_pages]
    return "\n".join([HEAD, *moved, *pages, ""])


def _literal(text: str) -> str:
    """Text in a regular expression. Ids of feeds need none: they are of a-z, 0-9, - and /."""
    return "".join(one if one.isalnum() or one in "-/_~" else f"\\{one}" for one in text)
