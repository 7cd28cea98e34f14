"""Every key of the config is used somewhere in the program."""

from functools import cache
from typing import Any

import pytest
from pydantic import create_model

from aggregator.config import Config
from aggregator.config.sections import FeedsConfig, ServerConfig
from aggregator.config.source import SourceConfig
from tests.commands.test_cli import aggregator as command
from tests.support.config_use import Uses, keys_of, unused, uses_of
from tests.support.planet import Planet
from tests.support.program import modules

SITE = "site: {title: P, url: https://p.example/, since: 2026-11-23}\n"


@cache
def used() -> set[tuple[str, str]]:
    program = {f"aggregator.{name}".removesuffix("."): tree for name, tree in modules().items()}
    return Uses(program, "aggregator.config").found()


def test_every_key_is_used() -> None:
    assert unused(Config, used()) == []


def test_all_keys_are_found() -> None:
    keys = {key for key, _, _ in keys_of(Config)}
    assert {"retention", "site.author.uri", "posts.gone", "feeds.extra.none", "feeds.about.icon"} < keys


@pytest.mark.torture
def test_a_missing_templates_folder_is_reported(planet: Planet) -> None:
    planet.post("a.md", "---\ntitle: A\n---\nWords.\n")
    planet.config["site"]["templates"] = "nowhere"
    [problem] = planet.run().problems
    told = "there is no folder nowhere, so pages look as they do without it"
    assert (problem.where, problem.kind, problem.message) == ("config.yaml:5", "config", told)
    done = command(planet.root, "check")
    assert (done.returncode, done.stdout.splitlines()[0]) == (1, f"config.yaml:5: site.templates: {told}")
    (planet.root / "nowhere").mkdir()
    assert not planet.run().problems
    assert command(planet.root, "check").returncode == 0


# the finder itself


@pytest.mark.parametrize("section", [SourceConfig, FeedsConfig, ServerConfig])
def test_an_unused_key_is_found(section: type[SourceConfig | FeedsConfig | ServerConfig]) -> None:
    """Also if other classes have an attribute of that name."""
    made_up: dict[str, Any] = dict.fromkeys(("timezone", "date_offset", "paused"), (str, ""))
    more = create_model(section.__name__, __base__=section, **made_up)
    names = {"SourceConfig": "sources", "FeedsConfig": "feeds", "ServerConfig": "server"}
    key, many = names[section.__name__], section is SourceConfig
    config = create_model("Config", __base__=Config, **{key: (tuple[more, ...] if many else more, ...)})  # type: ignore[call-overload]
    found = set(unused(config, used()))
    assert found == {f"{key}.timezone", f"{key}.date_offset"} | (set() if many else {f"{key}.paused"})


INSIDE = """
class Wheel:
    size: int
    spokes: int
    color: str
    bell: str
    pump: str

    def is_large(self) -> bool:
        return self.spokes > 9

    def is_loud(self) -> bool:
        return bool(self.bell)

class Bike:
    wheels: tuple[Wheel, ...]

def check(bike: Bike) -> bool:
    return all(wheel.color for wheel in bike.wheels)
"""
OUTSIDE = """
class Shop:
    bike: Bike
    pump: str

    @property
    def wheels(self) -> tuple[Wheel, ...]:
        return self.bike.wheels

def ride(shop: Shop, other: Pedal) -> int:
    for wheel in shop.wheels:
        if wheel.is_large():
            return wheel.size
    check(shop.bike)
    return other.bell + shop.pump
"""


def test_attributes_of_other_classes_with_the_same_name_do_not_count() -> None:
    wheel = create_model("Wheel", size=(int, 0), spokes=(int, 0), color=(str, ""), bell=(str, ""), pump=(str, ""))
    bike = create_model("Bike", wheels=(tuple[wheel, ...], ()))
    found = unused(bike, uses_of({"shop.config": INSIDE, "shop.riding": OUTSIDE}, "shop.config"))
    assert found == ["wheels.color", "wheels.bell", "wheels.pump"]
