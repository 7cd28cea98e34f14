"""The version of what renders: a digest of the modules and templates that the bytes of entries depend on, and of the
libraries that write them.

It is computed after a file changed, and else taken from the state: a run in which nothing happens only asks when files
were written.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from aggregator.app import App
from aggregator.codec import digest
from aggregator.settings import design_digest, rendering_digest
from aggregator.store.fact_names import RENDER_VERSION

if TYPE_CHECKING:
    from aggregator.store import Transaction

PACKAGE = Path(__file__).parent.parent
FOLDERS = ("html", "model", "publish", "render", "render/templates", "text", "text/dates", "translations", "validate")
LIBRARIES = ("feedgen", "jinja2", "lxml")


@dataclass(frozen=True, slots=True)
class RenderSettings:
    """Digests: `design` of all but the entry that its bytes depend on, `rendering` of all but rows that the bytes of
    the tree depend on."""

    design: str
    rendering: str


def render_settings(app: App, tx: "Transaction") -> RenderSettings:
    design = design_digest(app.config, _version(tx))
    return RenderSettings(design, rendering_digest(app.config, design))


def _version(tx: "Transaction") -> str:
    stamp = render_stamp()
    known, _, version = tx.facts.get(RENDER_VERSION).partition(" ")
    if known != stamp:
        version = _computed(_files())
        tx.facts.set(RENDER_VERSION, f"{stamp} {version}")
    return version


def _files() -> Iterator[str]:
    for folder in FOLDERS:
        yield from sorted(one.path for one in os.scandir(PACKAGE / folder) if one.is_file())


def _libraries() -> Iterator[str]:
    """A file of each, which its installation writes."""
    yield from (spec.origin for name in LIBRARIES if (spec := find_spec(name)) and spec.origin)


@cache  # a process keeps the code and the templates that it has loaded
def render_stamp() -> str:
    """A digest of names, sizes, times and places on the disk, which changes whenever the version does."""
    known = ((one, Path(one).stat()) for one in (*_files(), *_libraries()))
    return digest([(one, status.st_size, status.st_mtime_ns, status.st_ino) for one, status in known])[:32]


def _computed(files: Iterable[str]) -> str:
    from importlib.metadata import version  # takes longer than all else here

    contents = [(Path(one).name, hashlib.sha256(Path(one).read_bytes()).hexdigest()) for one in files]
    return digest([contents, [version(one) for one in LIBRARIES]])[:32]
