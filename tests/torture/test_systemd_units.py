"""The units in a machine of their own, under the real systemd."""

import shutil
import subprocess
from collections.abc import Iterator
from sysconfig import get_path

import pytest

from tests.support.machine import Machine, lacks
from tests.support.paths import PROJECT
from tests.support.running import eventually

pytestmark = pytest.mark.torture
FILES = PROJECT / "docs" / "how-to" / "files"
UNITS = sorted(file.name for file in FILES.iterdir() if file.suffix in {".service", ".timer", ".path"})
PLANET = "/var/lib/aggregator"
PROGRAM = "/opt/aggregator/.venv/bin/aggregator"
CONFIG = """\
site: {title: Planet, url: https://planet.example/, since: 2026-11-23}
posts: [{path: posts}]
feeds: {min_entries: 1}
"""
POST = "---\ntitle: %s\ndate: 2026-11-01\ncategories: [%s]\n---\nWords.\n"
WRAPPER = f"""#!/bin/sh
export LD_LIBRARY_PATH=/opt/python/lib PYTHONHOME=/opt/python PYTHONPATH={PROJECT}:{get_path("purelib")}
exec /opt/python/bin/python3 -m aggregator "$@"
"""
STANDS_IN = "[Service]\nExecStart=/bin/sleep infinity\nExecReload=/bin/touch /run/reloaded\n"
PREPARE = f"""
useradd --system --home-dir {PLANET} aggregator
mkdir -p {PLANET}/posts /etc/nginx
chown -R aggregator: {PLANET}
"""


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    if missing := lacks():
        pytest.skip(missing)
    folder, files = tmp_path_factory.mktemp("machine"), tmp_path_factory.mktemp("files")
    units = files / "etc/systemd/system"
    for place in (units, files / "opt/aggregator/.venv/bin", files / "usr/local/sbin"):
        place.mkdir(parents=True)
    files.chmod(0o755)
    for name in UNITS:
        shutil.copy(FILES / name, units)
    shutil.copy(FILES / "update-redirects", files / "usr/local/sbin")
    program = files / PROGRAM.removeprefix("/")
    program.write_text(WRAPPER)
    program.chmod(0o755)
    (units / "nginx.service").write_text(STANDS_IN)
    with Machine(folder, files, PREPARE) as one:
        if not one.is_up():
            pytest.skip(f"systemd cannot start in namespaces here: {one.said[-300:]}")
        one.write(f"{PLANET}/config.yaml", CONFIG)
        one.write(f"{PLANET}/posts/a.md", POST % ("First", "Old"))
        one.run(f"chown -R aggregator: {PLANET}")
        one.run(f"cd {PLANET} && runuser -u aggregator -- {PROGRAM} -q run")
        yield one


@pytest.mark.parametrize("name", UNITS)
def test_systemd_finds_nothing_wrong_with_a_unit(machine: Machine, name: str) -> None:
    assert machine.run(f"systemd-analyze verify /etc/systemd/system/{name} 2>&1") == ""


def test_a_timer_runs_it_once(machine: Machine) -> None:
    machine.run("systemctl start aggregator-run.timer && systemctl start aggregator-run.service")
    assert "aggregator-run.timer" in machine.run("systemctl list-timers --no-pager")
    assert property_of(machine, "aggregator-run.service", "Result") == "success"
    assert "First" in machine.run(f"cat {PLANET}/feeds/all/atom.xml")
    machine.run("systemctl stop aggregator-run.timer")


def property_of(machine: Machine, unit: str, name: str) -> str:
    return machine.run(f"systemctl show -P {name} {unit}").strip()


@pytest.fixture
def daemon(machine: Machine) -> Iterator[Machine]:
    machine.run("systemctl reset-failed; systemctl start aggregator")  # READY=1 ends it
    yield machine
    machine.write(f"{PLANET}/config.yaml", CONFIG)
    machine.run("systemctl stop aggregator")


def test_the_daemon_serves_as_its_own_user(daemon: Machine) -> None:
    assert property_of(daemon, "aggregator", "ActiveState") == "active"
    assert property_of(daemon, "aggregator", "NotifyAccess") == "main"
    ask = "python3 -c \"from urllib.request import urlopen; print(urlopen('http://127.0.0.1:8080/healthz').status)\""
    assert daemon.run(ask).strip() == "200"
    number = property_of(daemon, "aggregator", "MainPID")
    assert daemon.run(f"stat -c %U /proc/{number}").strip() == "aggregator"


def test_a_web_server_reads_the_tree_and_nobody_the_state(daemon: Machine) -> None:
    as_other = "setpriv --reuid=65534 --regid=65534 --clear-groups cat"
    assert "First" in daemon.run(f"{as_other} {PLANET}/feeds/all/atom.xml")
    assert daemon.run(f"{as_other} {PLANET}/.aggregator/state.db || echo refused").endswith("refused\n")


def test_a_reload_reads_the_config_again(daemon: Machine) -> None:
    daemon.write(f"{PLANET}/config.yaml", CONFIG.replace("title: Planet", "title: Another planet"))
    daemon.run("systemctl reload aggregator")
    eventually(lambda: "Another planet" in daemon.run(f"cat {PLANET}/feeds/all/atom.xml"), 30)


def test_it_starts_again_after_a_crash_and_not_after_a_mistake_in_the_config(daemon: Machine) -> None:
    before = property_of(daemon, "aggregator", "MainPID")
    daemon.run(f"kill -9 {before}")
    eventually(lambda: property_of(daemon, "aggregator", "MainPID") not in {before, "0"}, 30)
    eventually(lambda: property_of(daemon, "aggregator", "ActiveState") == "active", 30)
    daemon.write(f"{PLANET}/config.yaml", "site: {}")
    daemon.run("systemctl restart aggregator || true")
    assert property_of(daemon, "aggregator", "ExecMainStatus") == "2"
    assert property_of(daemon, "aggregator", "ActiveState") == "failed"


def test_it_ends_at_once_when_told(daemon: Machine) -> None:
    daemon.run("systemctl stop aggregator")
    assert property_of(daemon, "aggregator", "Result") == "success"
    assert property_of(daemon, "aggregator", "ExecMainStatus") == "0"


def test_the_web_server_hears_of_a_renamed_category(machine: Machine) -> None:
    machine.run("systemctl start nginx aggregator-redirects.path")
    machine.write(f"{PLANET}/config.yaml", CONFIG + "categories: {aliases: {New: [Old]}}")
    machine.run(f"cd {PLANET} && AGGREGATOR_NOW=$(date -d '+2 days' +%FT%TZ) runuser -u aggregator -- {PROGRAM} run")
    eventually(lambda: "/new/$file" in machine.run("cat /etc/nginx/planet-redirects.map || true"), 30)
    eventually(lambda: machine.run("ls /run/reloaded || true"), 10)


def test_the_script_needs_no_more_than_a_plain_shell() -> None:
    script = FILES / "update-redirects"
    assert subprocess.run(["dash", "-n", script], capture_output=True, check=False).stderr == b""
    assert script.stat().st_mode & 0o111
