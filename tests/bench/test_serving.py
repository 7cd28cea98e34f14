"""Answers in a second of a core, beside nginx on the same files: both are counted by the work of the server itself, so
that what else the machine does changes them little."""

import shutil
from functools import partial
from pathlib import Path

import psutil
import pytest

from tests.bench.corpus import write_posts
from tests.bench.load import cpu_of, loaded, nginx
from tests.bench.measure import Spent, interleaved
from tests.bench.planets import Folder
from tests.bench.size import ROUNDS
from tests.bench.table import Table
from tests.commands.test_serve import port_of, serving
from tests.support.serving import Client

pytestmark = pytest.mark.bench

PATH = "/all/atom.xml"


def test_serve(table: Table, tmp_path: Path) -> None:
    if not shutil.which("nginx"):
        table.skipped |= dict.fromkeys(("serve_304", "serve_200"), "nginx is not installed (Debian: nginx-light)")
        pytest.skip(table.skipped["serve_304"])
    write_posts(tmp_path / "posts", 50)
    Folder(tmp_path).configure().run()
    with serving(tmp_path) as (process, line), nginx(tmp_path) as (master, port):
        own = psutil.Process(process.pid)
        for key, is_known in (("serve_304", True), ("serve_200", False)):
            ours = partial(_answers, port_of(line), own, is_known)
            table.compare_rates(key, *interleaved(ROUNDS, ours, partial(_answers, port, master, is_known)))


def _answers(port: int, server: psutil.Process, is_known: bool, _: int) -> Spent:
    """Seconds for one answer."""
    with Client(port) as client:
        etag = client.ask(PATH).headers["etag"]
    before = cpu_of(server)
    count, seconds = loaded(port, PATH, f"If-None-Match: {etag}" if is_known else "")
    return Spent((cpu_of(server) - before) / count, seconds / count)
