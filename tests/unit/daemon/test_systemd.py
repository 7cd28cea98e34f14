"""Messages to the service manager, and the unit in docs/."""

import os
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.daemon.systemd import Supervisor
from tests.support import paths
from tests.support.running import eventually, service_manager

UNITS = paths.PROJECT / "docs" / "how-to" / "files"


@pytest.mark.parametrize("kind", ["file", "abstract"])
def test_each_message_is_a_datagram(tmp_path: Path, kind: str) -> None:
    address = str(tmp_path / "notify") if kind == "file" else f"@{tmp_path}"
    with service_manager(address) as received:
        supervisor = Supervisor({"NOTIFY_SOCKET": address})
        for notify in (supervisor.ready, supervisor.alive, supervisor.reloading, supervisor.stopping):
            notify()
        eventually(lambda: len(received) == 4)
        ready, alive, reloading, stopping = received
    assert (ready, alive, stopping) == ("READY=1", "WATCHDOG=1", "STOPPING=1")
    first, _, when = reloading.partition("\nMONOTONIC_USEC=")
    assert first == "RELOADING=1"
    assert int(when) > 0
    supervisor.ready()  # the socket is closed: no error


def test_without_an_address_nothing_is_sent() -> None:
    for address in ("", "vsock:2:1", "relative"):
        Supervisor({"NOTIFY_SOCKET": address}).ready()


@pytest.mark.parametrize(
    ("environment", "period"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "30000000"}, timedelta(seconds=15)),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}, timedelta(seconds=15)),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
    ],
)
def test_watchdog_messages_come_twice_per_timeout(environment: dict[str, str], period: timedelta | None) -> None:
    assert Supervisor(environment).period == period


@pytest.mark.parametrize("name", ["aggregator.service", "aggregator-worker@.service"])
def test_the_unit_is_valid(name: str, tmp_path: Path) -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("this machine has no systemd-analyze")
    command = Path(sys.executable).parent / "aggregator"
    unit = tmp_path / name
    text = (UNITS / name).read_text()
    unit.write_text(text.replace("/opt/aggregator/.venv/bin/aggregator", str(command)))
    done = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
