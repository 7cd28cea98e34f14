"""check --schema: the schema accepts what the program accepts, and nothing else where a schema can express it."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator, ValidationError
from ruamel.yaml import YAML

from aggregator.config import load_config
from aggregator.config.json_schema import config_schema
from aggregator.config.yaml_lines import read_yaml
from aggregator.errors import ConfigError
from aggregator.subscriptions.starter import CONFIG
from tests.commands.test_cli import aggregator
from tests.support import paths
from tests.unit.config.test_load import DEFAULTS, EVERYTHING

SCHEMA = config_schema()
VALID = Draft202012Validator(SCHEMA)
SITE = "site: {title: P, url: https://p.example/, since: 2026-11-23}\n"
SHIPPED = paths.PROJECT / "config.yaml"


def as_an_editor(text: str) -> Any:
    """YAML 1.2: numbers and booleans are typed; a date is text to an editor, though not to ruamel."""

    def told(value: Any) -> Any:
        if isinstance(value, dict):
            return {str(key): told(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [told(inner) for inner in value]
        return value.isoformat() if isinstance(value, date) else value

    return told(YAML(typ="safe", pure=True).load(text))


def faults(text: str) -> list[str]:
    """Where the schema finds a mistake in the data of two YAML parsers."""
    found = {tuple(map(str, error.absolute_path)) for error in VALID.iter_errors(as_an_editor(text))}
    assert found == {tuple(map(str, error.absolute_path)) for error in VALID.iter_errors(read_yaml(text).data)}
    return sorted(".".join(path) for path in found)


def test_the_command_prints_a_valid_schema(tmp_path: Path) -> None:
    Draft202012Validator.check_schema(SCHEMA)
    done = aggregator(tmp_path, "check", "--schema")
    assert (done.returncode, done.stderr, json.loads(done.stdout)) == (0, "", SCHEMA)


STARTER = CONFIG.format(today="2026-11-23")
VARIABLES = "server: {port: '${PORT}'}\nfeeds: {limit: '${N}', formats: ['${F}'], window: '${W}', per_source: '${B}'}\n"
FINE = {
    "shipped": SHIPPED.read_text(encoding="utf-8"),
    "starter": STARTER,
    "everything": EVERYTHING,
    "empty": SITE + "sources:\nfeeds:\n  limit:\n  about:\nretention:\n",
    "variables": SITE + VARIABLES,
    "odd": SITE.replace("P,", "2026,") + "categories: {drop: [no, 010, 1.5, true], aliases: {A/B: [1, [x, 2]]}}\n",
    "switches": SITE + "feeds: {per_source: 'on'}\nposts: [{path: a, pages: NO}, {path: b, pages: true, publish: 0}]\n",
    "list": SITE + "sources: [{opml: https://x.example/l.opml, every: 2h}]\n",
    "sizes": SITE + "fetch: {max_bytes: 1048576, gap: 0, timeout: 1m30s}\nduplicates: {prefer: [a, b], threshold: 1}\n",
}


@pytest.mark.parametrize("case", FINE)
def test_valid_configs(case: str) -> None:
    assert faults(FINE[case]) == []


WRONG = {
    "sourcs: []": "",
    "site: {title: P, url: https://p.example/, since: 2026-11-23, titel: x}": "site",
    "site: {title: P, since: 2026-11-23}": "site",
    "site: {title: ' ', url: https://p.example/, since: 2026-11-23}": "site.title",
    "site: {title: P, url: p.example, since: 2026-11-23}": "site.url",
    "site: {title: P, url: https://p.example/, since: yesterday}": "site.since",
    "sources: [{id: x}]": "sources.0",
    "sources: [{url: a, opml: b}]": "sources.0",
    "sources: [{url: a, id: A}]": "sources.0.id",
    "sources: [{url: a, every: often}]": "sources.0.every",
    "sources: [{url: a, republish: some}]": "sources.0.republish",
    "sources: [{url: a, include: [{titel: x}]}]": "sources.0.include",
    "sources: [{url: a, publish: perhaps}]": "sources.0.publish",
    "sources: {url: a}": "sources",
    "categories: {aliases: {A/: [x]}}": "categories.aliases",
    "categories: {aliases: {A: x}}": "categories.aliases",
    "feeds: {formats: [atom, html]}": "feeds.formats",
    "feeds: {window: 24}": "feeds.window",
    "feeds: {limit: 0}": "feeds.limit",
    "feeds: {extra: [{id: all}]}": "feeds.extra.0.id",
    "duplicates: {threshold: 2}": "duplicates.threshold",
    "duplicates: {prefer: best}": "duplicates.prefer",
    "fetch: {max_bytes: 8 megabytes}": "fetch.max_bytes",
    "feeds: {hub: hub.example}": "feeds.hub",
    "server: {hub: perhaps}": "server.hub",
    "server: {port: 70000}": "server.port",
    "retention: a while": "retention",
}


@pytest.mark.parametrize("text", WRONG)
def test_invalid_configs(text: str, tmp_path: Path) -> None:
    whole = text if text.startswith("site") else SITE + text
    [fault] = VALID.iter_errors(as_an_editor(whole))
    assert WRONG[text] in set(places(fault))
    (tmp_path / "config.yaml").write_text(whole)
    with pytest.raises(ConfigError):
        load_config(tmp_path / "config.yaml", {})


def places(fault: ValidationError) -> Iterator[str]:
    """The path of an error and of its sub-errors."""
    yield ".".join(map(str, fault.absolute_path))
    for inner in fault.context or ():
        yield from places(inner)


def test_every_default_of_the_schema_is_the_default_of_the_program(tmp_path: Path) -> None:
    """Writing a default into the file changes nothing."""

    def written(section: dict[str, Any]) -> dict[str, Any]:
        found = {}
        for name, schema in section["properties"].items():
            if "default" in schema:
                found[name] = schema["default"]
            part = next((one["$ref"] for one in [schema, *schema.get("anyOf", [])] if "$ref" in one), "")
            if part and not part.endswith("Variable"):
                found[name] = written(SCHEMA["$defs"][part.rpartition("/")[2]])
        return found

    site = {"title": "Example Planet", "url": "https://planet.example/", "since": "2026-11-23"}
    data = written(SCHEMA)
    data["site"] |= site
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(data, allow_unicode=True))
    assert load_config(tmp_path / "config.yaml", {}).model_dump() == DEFAULTS


def test_every_key_has_a_description() -> None:
    parts = [SCHEMA, *(part for part in SCHEMA["$defs"].values() if "properties" in part)]
    keys = [(name, key) for part in parts for name, key in part["properties"].items()]
    assert len(keys) > 80
    assert [name for name, key in keys if not key.get("description")] == []
    assert all(part["additionalProperties"] is False for part in parts)
