"""Wheel and sdist: built from the project, installed into empty environments and run. They need a package index."""

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tests.support.paths import PROJECT

pytestmark = pytest.mark.torture

POST = "---\ntitle: A post\ndate: 2026-11-01\ncategories: [News]\n---\nWords.\n"
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "AGGREGATOR"))}


def typed(*words: str | Path, cwd: Path, **environment: str) -> str:
    done = subprocess.run(
        words, cwd=cwd, env=ENVIRONMENT | environment, capture_output=True, text=True, check=False, timeout=900
    )
    assert done.returncode == 0, (words, done.stdout, done.stderr)
    return done.stdout


def environment_with(folder: Path, *packages: str) -> Path:
    """The folder of the programs of a new environment; skips the test where there is no index."""
    typed(sys.executable, "-m", "venv", folder, cwd=folder.parent)
    install: list[str | Path] = [folder / "bin/pip", "install", "--quiet", *packages]
    done = subprocess.run(install, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no package index can be reached: {done.stderr.strip().splitlines()[-1]}")
    return folder / "bin"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """wheel, sdist: the files."""
    folder = tmp_path_factory.mktemp("built")
    programs = environment_with(folder / "tools", "hatchling")
    typed(programs / "python", "-m", "hatchling", "build", "-d", folder / "dist", cwd=PROJECT)
    [wheel], [sdist] = (folder / "dist").glob("*.whl"), (folder / "dist").glob("*.tar.gz")
    return {"wheel": wheel, "sdist": sdist}


def tracked(under: str) -> set[str]:
    """The files of the clone that git does not ignore."""
    words = ["git", "ls-files", "--cached", "--others", "--exclude-standard", under]
    done = subprocess.run(words, cwd=PROJECT, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.skipif(not (PROJECT / ".git").exists(), reason="this is no clone")
def test_they_hold_every_file_of_the_program_and_no_other(built: Mapping[str, Path]) -> None:
    with zipfile.ZipFile(built["wheel"]) as wheel:
        held = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert held == tracked("aggregator") | {"aggregator/commit.txt"}
    with tarfile.open(built["sdist"]) as sdist:
        unpacked = {name.partition("/")[2] for name in sdist.getnames()}
    assert tracked("aggregator") | {"LICENSE", "README.md", "pyproject.toml", "hatch_build.py"} <= unpacked
    assert {"requirements.lock", "requirements-dev.lock", "aggregator/commit.txt", "Makefile"} <= unpacked
    assert unpacked <= tracked(".") | {"PKG-INFO", "aggregator/commit.txt"}


def test_a_wheel_of_the_sdist_is_the_same(built: Mapping[str, Path], tmp_path: Path) -> None:
    typed(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", tmp_path, built["sdist"], cwd=tmp_path)
    [made] = tmp_path.glob("*.whl")
    with zipfile.ZipFile(made) as ours, zipfile.ZipFile(built["wheel"]) as other:
        assert {one.filename: one.CRC for one in ours.infolist() if not one.filename.endswith("/RECORD")} == {
            one.filename: one.CRC for one in other.infolist() if not one.filename.endswith("/RECORD")
        }


def a_planet_runs(program: Sequence[str | Path], folder: Path) -> None:
    version = typed(*program, "--version", cwd=folder).split()
    assert version[0] == "aggregator"
    assert len(version) == 2 + (PROJECT / ".git").exists()  # the commit is in it
    typed(*program, "init", "planet", cwd=folder)
    planet = folder / "planet"
    lines = (planet / "config.yaml").read_text().splitlines()
    at = lines.index("  language: en") if "  language: en" in lines else lines.index("site:") + 1
    lines[at : at + ("  language: en" in lines)] = ["  language: ja"]
    (planet / "config.yaml").write_text("\n".join(lines) + "\n")
    (planet / "posts/post.md").write_text(POST)
    typed(*program, "run", cwd=planet)
    assert "A post" in (planet / "feeds/all/atom.xml").read_text()
    assert "カテゴリ" in (planet / "feeds/index.html").read_text()  # translations are in it
    assert (planet / "feeds/static/pages.css").stat().st_size
    typed(*program, "doctor", "--offline", cwd=planet)


def test_the_wheel_with_the_lock_runs_a_planet(built: Mapping[str, Path], tmp_path: Path) -> None:
    """Every package but feedgen is a wheel."""
    lock = str(PROJECT / "requirements.lock")
    only = ("--only-binary", ":all:", "--no-binary", "feedgen")
    programs = environment_with(tmp_path / "new", *only, "--require-hashes", "-r", lock)
    typed(programs / "pip", "install", "--quiet", "--no-deps", "--no-index", built["wheel"], cwd=tmp_path)
    a_planet_runs([programs / "aggregator"], tmp_path)


def test_the_bill_of_materials_names_each_package_and_its_license(tmp_path: Path) -> None:
    copy = tmp_path / "project"
    ours = [
        *tracked("aggregator"),
        "pyproject.toml",
        "hatch_build.py",
        "README.md",
        "LICENSE",
        "Makefile",
        "requirements.lock",
    ]
    for name in ours:
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT / name, copy / name)
    environment_with(tmp_path / "probe", "pip")  # skips where there is no index
    typed("make", f"PYTHON={sys.executable}", "sbom", cwd=copy)
    bill = json.loads((copy / "build/aggregator.cdx.json").read_text("utf-8"))
    assert bill["bomFormat"] == "CycloneDX"
    components = {re.sub(r"[._-]+", "-", one["name"]).lower(): one for one in bill["components"]}
    locked = set(re.findall(r"^([a-z0-9._-]+)==", (PROJECT / "requirements.lock").read_text("utf-8"), re.MULTILINE))
    assert locked - set(components) <= {"backports-zstd", "colorama", "tzdata", "uvloop"}  # of some Pythons or systems
    says_nothing = {"httpx-aiohttp"}  # its metadata: the package has a license file
    assert {name for name, one in components.items() if not one.get("licenses")} <= says_nothing
    rows = [row.split("|") for row in (copy / "build/licenses.md").read_text("utf-8").splitlines()]
    licenses = {row[1].strip().lower(): row[3].strip() for row in rows if len(row) > 4}
    assert {name for name, license_ in licenses.items() if license_ in {"", "UNKNOWN"}} <= says_nothing | {""}
    assert {"aggregator", "lxml", "httpx"} <= set(licenses) & set(components)


@pytest.mark.parametrize("tool", ["uv", "pipx"])
def test_the_wheel_is_installed_as_a_tool(tool: str, built: Mapping[str, Path], tmp_path: Path) -> None:
    programs = environment_with(tmp_path / "tools", tool)
    places = {"UV_TOOL_DIR": "uv", "UV_TOOL_BIN_DIR": "bin", "PIPX_HOME": "pipx", "PIPX_BIN_DIR": "bin"}
    folders = {name: str(tmp_path / place) for name, place in places.items()}
    words = ["tool", "install", "--quiet", "--python", sys.executable] if tool == "uv" else ["install"]
    typed(programs / tool, *words, built["wheel"], cwd=tmp_path, **folders)
    a_planet_runs([tmp_path / "bin/aggregator"], tmp_path)
