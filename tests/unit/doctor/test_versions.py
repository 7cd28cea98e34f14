"""Which versions the program was made for."""

import pytest

from aggregator.doctor.versions import _requirements, check_libraries, check_python, check_sqlite, fits


@pytest.mark.parametrize(
    ("version", "bounds", "expected"),
    [
        ("3.14.5", ">=3.14,<3.15", True),
        ("3.15.0", ">=3.14,<3.15", False),
        ("3.13.9", "<3.15,>=3.14", False),
        ("2.0", ">=2.0.0,<3", True),
        ("10.1", ">=9.2", True),
        ("3.15.0rc1", "<3.15", False),
        ("2026.3", ">=2025.1", True),
        ("1.0", "", True),
        ("1.0", "==2.0", True),  # the program has no such bound
    ],
)
def test_a_version_lies_within_bounds(version: str, bounds: str, expected: bool) -> None:
    assert fits(version, bounds) is expected


def test_python_and_sqlite_have_limits() -> None:
    assert check_python((3, 14), "3.14.2").state == "ok"
    assert check_python((3, 15), "3.15.0").advice == "install the program with Python 3.11 to 3.14"
    assert check_sqlite((3, 35, 0), "3.35.0").state == "ok"
    assert check_sqlite((3, 31, 1), "3.31.1").state == "problem"


def test_libraries_that_are_missing_or_not_in_bounds_are_named() -> None:
    found = check_libraries([("lxml", ">=6.0,<7", "5.4.0"), ("httpx", ">=0.28", ""), ("nh3", ">=0.3", "0.3.2")])
    assert (found.state, found.message) == ("problem", "lxml is 5.4.0, not >=6.0,<7; httpx is missing")
    assert check_libraries([("lxml", ">=6.0,<7", "6.1.3"), ("nh3", "", "1")]).message == "lxml 6.1.3"


def test_the_installed_program_names_its_libraries() -> None:
    named = {name: bounds for name, bounds, _ in _requirements()}
    assert {"aiohttp", "sqlalchemy", "lxml"} <= named.keys()
    assert all(bounds.startswith((">=", "<")) for bounds in named.values())
