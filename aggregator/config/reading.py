"""From the bytes of config.yaml to a `Config`, or to every problem in it with its line."""

import difflib
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError

from aggregator.config.model import Config, PostsConfig
from aggregator.errors import ConfigError
from aggregator.models import Finding

Keys = tuple[str | int, ...]
Lines = dict[Keys, int]

VARIABLE = re.compile(r"\$\{(\w+)\}")
DEEPEST = 30


def load_config(file: Path, environment: Mapping[str, str] | None = None) -> Config:
    """Reads and checks `file`; raises ConfigError with every problem found."""
    data, lines = _read(file)
    findings = _Findings(file, lines)
    data = _expand(data, (), os.environ if environment is None else environment, findings)
    config = None
    try:
        config = Config.model_validate(data)
    except ValidationError as error:
        for detail in error.errors():
            findings.add(tuple(detail["loc"]), _message(detail))
    if findings.found or config is None:
        raise ConfigError(sorted(findings.found, key=lambda finding: finding.line))
    return _settle_posts(config, file, lines)


def _settle_posts(config: Config, file: Path, lines: Lines) -> Config:
    """The default folder counts where it exists: a config of sources alone needs none."""
    if config.posts is None:
        folder = (PostsConfig(path="posts", id="posts"),) if (file.parent / "posts").is_dir() else ()
        config = config.model_copy(update={"posts": folder})
    config._file, config._lines = file, lines  # noqa: SLF001 - pydantic's private attributes are set from outside
    return config


class _Findings:
    def __init__(self, file: Path, lines: Lines) -> None:
        self.file = file
        self.lines = lines
        self.found: list[Finding] = []

    def add(self, keys: Keys, message: str) -> None:
        at = keys
        while at and at not in self.lines:
            at = at[:-1]
        named = [key for i, key in enumerate(keys) if keys[: i + 1] in self.lines or i == len(at)]
        finding = Finding(self.file.name, self.lines.get(at, 1), ".".join(map(str, named)), message)
        if finding not in self.found:
            self.found.append(finding)


def _read(file: Path) -> tuple[Any, Lines]:
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except FileNotFoundError as error:
        raise _refusal(file, 0, "no such file; `aggregator init` writes a starter config") from error
    except OSError as error:
        raise _refusal(file, 0, f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise _refusal(file, line, "is not UTF-8; save it as UTF-8") from error
    try:
        return _compose(file, text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        message = f"not YAML: {error.problem or error.context}"
        raise _refusal(file, mark.line + 1 if mark else 1, message) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise _refusal(file, 1, f"not YAML: {error}") from error


def _refusal(file: Path, line: int, message: str) -> ConfigError:
    return ConfigError([Finding(str(file) if not line else file.name, line, "", message)])


def _compose(file: Path, text: str) -> tuple[Any, Lines]:
    loader = yaml.SafeLoader(text)
    try:
        node = loader.get_single_node()
        if not isinstance(node, yaml.MappingNode):
            raise _refusal(file, 1, "must be a mapping of keys, beginning with `site:`")
        lines: Lines = {}
        for keys, line in _positions(node, ()):
            if keys in lines:
                raise ConfigError([Finding(file.name, line, ".".join(map(str, keys)), "stands here twice")])
            lines[keys] = line
        return loader.construct_document(node), lines
    finally:
        loader.dispose()


def _positions(node: yaml.Node, keys: Keys) -> Iterator[tuple[Keys, int]]:
    if len(keys) > DEEPEST:
        raise ValueError("nested too deeply")
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield (*keys, str(key.value)), key.start_mark.line + 1
            yield from _positions(value, (*keys, str(key.value)))
    elif isinstance(node, yaml.SequenceNode):
        for i, item in enumerate(node.value):
            yield (*keys, i), item.start_mark.line + 1
            yield from _positions(item, (*keys, i))


def _expand(data: Any, keys: Keys, environment: Mapping[str, str], findings: _Findings) -> Any:
    """`${NAME}` in any string becomes that environment variable."""
    if isinstance(data, dict):
        return {key: _expand(value, (*keys, str(key)), environment, findings) for key, value in data.items()}
    if isinstance(data, list):
        return [_expand(value, (*keys, i), environment, findings) for i, value in enumerate(data)]
    if not isinstance(data, str):
        return data
    for name in VARIABLE.findall(data):
        if name not in environment:
            findings.add(keys, f"the environment has no variable {name}")
    return VARIABLE.sub(lambda match: environment.get(match[1], ""), data)


def _message(detail: Mapping[str, Any]) -> str:
    kind, given = detail["type"], detail.get("input")
    if kind == "extra_forbidden":
        return f"unknown key{_nearest(tuple(detail['loc']))}"
    if kind == "missing":
        return "is missing"
    if kind == "value_error":
        return f"{_shown(given)}{detail['ctx']['error']}"
    if kind == "string_pattern_mismatch":
        return f"{_shown(given)}use only a-z, 0-9 and -"
    if kind in {"model_type", "dict_type"}:
        return f"{_shown(given)}must be a mapping of keys"
    return f"{_shown(given)}{detail['msg'][0].lower()}{detail['msg'][1:]}"


def _shown(given: Any) -> str:
    return f"`{given}`: " if isinstance(given, str | int | float) and len(str(given)) <= 80 else ""


def _nearest(loc: Keys) -> str:
    model = _model_at(loc[:-1])
    known = list(model.model_fields) if model else []
    close = difflib.get_close_matches(str(loc[-1]), known, n=1, cutoff=0.5)
    return f"; did you mean `{close[0]}`?" if close else f"; known here: {', '.join(known)}"


def _model_at(loc: Keys) -> type[BaseModel] | None:
    model: type[BaseModel] | None = Config
    for key in loc:
        if isinstance(key, str) and model is not None and key in model.model_fields:
            model = _model_in(model.model_fields[key].annotation)
    return model


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part))), None)
