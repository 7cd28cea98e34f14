"""Copies of the config: sorted by age, never overwritten, ten of each config."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aggregator.config.backups import FOLDER, KEPT, back_up

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "config.yaml"
    file.write_text("0")
    return file


def copies(config: Path) -> list[Path]:
    return sorted((config.parent / FOLDER).iterdir())


def test_a_copy_is_named_by_its_time(config: Path) -> None:
    assert back_up(config, NOON).name == "config.yaml.20261123T120000.000000Z"


def test_the_oldest_are_dropped(config: Path) -> None:
    for hour in range(KEPT + 3):
        config.write_text(str(hour))
        back_up(config, NOON + timedelta(hours=hour))
    assert [one.read_text() for one in copies(config)] == [str(hour) for hour in range(3, KEPT + 3)]


@pytest.mark.parametrize("step", [timedelta(0), timedelta(hours=-1)], ids=["at once", "a clock that goes back"])
def test_names_sort_as_the_copies_were_made(step: timedelta, config: Path) -> None:
    for number in range(KEPT + 3):
        config.write_text(str(number))
        assert back_up(config, NOON + number * step).read_text() == str(number)
    assert [one.read_text() for one in copies(config)] == [str(number) for number in range(3, KEPT + 3)]


def test_only_copies_of_this_config_are_counted_and_dropped(config: Path) -> None:
    other = config.with_name("config.yaml.old")
    other.write_text("other")
    back_up(other, NOON)
    (config.parent / FOLDER / "config.yaml.mine").write_text("mine")
    for hour in range(KEPT + 1):
        back_up(config, NOON + timedelta(hours=hour))
    names = [one.name for one in copies(config)]
    assert len(names) == KEPT + 2
    assert "config.yaml.mine" in names
    assert "config.yaml.old.20261123T120000.000000Z" in names


def test_a_secret_in_the_config_is_for_its_owner(config: Path) -> None:
    config.chmod(0o600)
    assert back_up(config, NOON).stat().st_mode & 0o777 == 0o600
    assert (config.parent / FOLDER).stat().st_mode & 0o077 == 0
