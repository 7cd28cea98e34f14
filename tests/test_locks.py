"""requirements.lock has what runs the program and no more; requirements-dev.lock has what tests need beside it."""

import re
import tomllib

from tests.support.paths import PROJECT

NAME = re.compile(r"[A-Za-z0-9._-]+")


def locked(name: str) -> dict[str, str]:
    """Versions by package. Each has a hash, as `pip install --require-hashes` wants it."""
    parts = re.findall(
        r"^(\S+)==(\S+).*((?:\n    --hash=sha256:\S+.*)*)", (PROJECT / name).read_text("utf-8"), re.MULTILINE
    )
    assert all(hashes for _, _, hashes in parts)
    return {package: version for package, version, _ in parts}


def named(requirements: list[str]) -> set[str]:
    found = [NAME.match(one) for one in requirements]
    return {match.group().lower().replace("_", "-").replace(".", "-") for match in found if match}


def test_the_locks_follow_pyproject() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))
    runs, tests = locked("requirements.lock"), locked("requirements-dev.lock")
    assert named(project["project"]["dependencies"]) <= set(runs)
    assert named(project["dependency-groups"]["dev"]) <= set(tests)
    extra = locked("requirements-postgres.lock")
    assert named(project["project"]["optional-dependencies"]["postgres"]) <= set(extra)
    assert extra.items() <= (tests | runs).items()
    assert not {"pytest", "mypy", "ruff", "hypothesis", "babel", "import-linter", "hatchling"} & set(runs)
    assert {name: tests[name] for name in tests if name in runs} == {name: runs[name] for name in tests if name in runs}
