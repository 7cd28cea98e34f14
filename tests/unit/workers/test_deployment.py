"""The files that start many workers say what the program takes."""

from typing import Any

import yaml
from typer.main import get_command

from aggregator.cli.app import app
from aggregator.workers.timing import ROLES, parse_roles
from tests.support.paths import PROJECT


def compose() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((PROJECT / "compose.workers.yaml").read_text("utf-8"))
    return document


def test_the_services_have_every_role_once() -> None:
    roles = [role for one in compose()["services"].values() for role in roles_of(one.get("command", []))]
    assert sorted(roles) == sorted(ROLES)


def roles_of(words: list[str]) -> tuple[str, ...]:
    return parse_roles(words[words.index("--roles") + 1]) if "--roles" in words else ()


def test_their_commands_are_understood() -> None:
    command = get_command(app).commands["worker"]  # type: ignore[attr-defined]
    known = {option for one in command.params for option in one.opts}
    for one in compose()["services"].values():
        words = one.get("command", [])
        if words[:1] == ["worker"]:
            assert {word for word in words if word.startswith("--")} <= known


def test_one_service_publishes_and_all_others_read_the_planet() -> None:
    volumes = {name: one["volumes"] for name, one in compose()["services"].items() if "volumes" in one}
    assert volumes["main"] == ["./planet:/planet"]
    assert volumes["pull"] == ["./planet:/planet:ro"]
