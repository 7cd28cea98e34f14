"""Reads config.yaml into a `Config`, or into a list of all its problems with their lines."""

import difflib
import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args
from unicodedata import category

from pydantic import BaseModel, ValidationError

from aggregator.config.cross_checks import cross_check
from aggregator.config.model import Config, nearest
from aggregator.config.right_lines import SHAPES, right_line
from aggregator.config.secrets import Variables, with_ids_as_written
from aggregator.config.yaml_lines import NO_VARIABLE, VARIABLE, Keys, TextError, Written, read_yaml
from aggregator.config.yaml_mistakes import SECRET
from aggregator.errors import ConfigError
from aggregator.model.problems import Finding
from aggregator.text.masking import showable_text
from aggregator.text.normalize import legal


def load_config(file: Path, environment: Mapping[str, str] | None = None) -> Config:
    """Reads and checks `file`; raises ConfigError with every problem found. `${NAME}` comes from `environment`."""
    written = _read(file)
    reading = _Reading(file, written, os.environ if environment is None else environment)
    for keys, line, message in written.faults:
        reading.add_finding(keys, message, line)
    data = _with_posts(written.data, file)
    expanded, former_ids = with_ids_as_written(data, reading.expand(data, ()))
    config = reading.validated(expanded)
    if config and not reading.findings:
        config._file, config._lines = file, written.lines  # noqa: SLF001 - pydantic's private attributes are set from outside
        config._secrets, config._former_ids = reading.secrets, former_ids  # noqa: SLF001
        variables = Variables(reading.hidden, reading.secrets)
        for i, source in enumerate(config.sources):
            source._secrecy = variables.secrecy(i, source.auth, source.headers)  # noqa: SLF001
        for keys, message in cross_check(config, file):
            reading.add_finding(keys, message)
    if reading.findings or config is None:
        raise ConfigError(sorted(reading.findings, key=lambda finding: finding.line))
    return config


def _read(file: Path) -> Written:
    try:
        written = read_yaml(file.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError as error:
        raise _error(file, 0, f"no such file; `{_init(file)}` writes a starter config") from error
    except OSError as error:
        raise _error(file, 0, f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise _error(file, error.object.count(b"\n", 0, error.start) + 1, "is not UTF-8; save it as UTF-8") from error
    except TextError as error:
        raise _error(file, error.line, str(error)) from error
    if not isinstance(written.data, dict):
        raise _error(file, 1, "must be a mapping of keys, beginning with `site:`")
    return written


def _init(file: Path) -> str:
    """The command that writes a config where `file` should be."""
    folder = file.parent
    return "aggregator init" if folder == Path() else f"aggregator init {shlex.quote(str(folder))}"


def _error(file: Path, line: int, message: str) -> ConfigError:
    return ConfigError([Finding(file.name if line else str(file), line, "", message)])


def _with_posts(data: dict[str, Any], file: Path) -> dict[str, Any]:
    """Adds the default posts folder if it exists and the config names none."""
    if data.get("posts") is None and (file.parent / "posts").is_dir():
        return data | {"posts": [{"path": "posts"}]}
    return data


@dataclass(slots=True)
class _Reading:
    file: Path
    written: Written
    environment: Mapping[str, str]
    findings: list[Finding] = field(default_factory=list)
    hidden: dict[Keys, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)

    def add_finding(self, keys: Keys, message: str, line: int = 0) -> None:
        at = nearest(keys, self.written.lines)
        named = keys[: len(at) + 1]
        finding = Finding(self.file.name, line or self.written.lines.get(at, 1), ".".join(map(str, named)), message)
        if finding not in self.findings:
            self.findings.append(finding)

    def expand(self, data: Any, keys: Keys) -> Any:
        """The data with each `${NAME}` replaced by that environment variable."""
        if isinstance(data, dict):
            return {self._checked(key, keys): self.expand(value, (*keys, key)) for key, value in data.items()}
        if isinstance(data, list):
            return [self.expand(value, (*keys, i)) for i, value in enumerate(data)]
        if not isinstance(data, str):
            return data
        if VARIABLE.search(data):
            self.hidden[keys] = data
        if not HOLDS_SECRET.isdisjoint(keys) and NO_VARIABLE.search(data):
            self.add_finding(
                keys, "has a variable in the form of another program; write ${NAME}, with letters, digits and _ alone"
            )
        return self._checked(VARIABLE.sub(lambda match: self._variable(match[1], keys), data), keys)

    def validated(self, data: Any) -> Config | None:
        try:
            return Config.model_validate(data)
        except ValidationError as error:
            for detail in error.errors(include_url=False):
                self._add_validation_error(tuple(part for part in detail["loc"] if part != "[key]"), detail)
        return None

    def _variable(self, name: str, keys: Keys) -> str:
        if name not in self.environment:
            self.add_finding(keys, f"the environment variable {name} is not set")
        self.secrets[name] = self.environment.get(name, "")
        return self.secrets[name]

    def _checked(self, text: str, keys: Keys) -> str:
        if "\r" in text or legal(text) != text:
            self.add_finding(keys, "contains a control character; remove it")
        return text

    def _add_validation_error(self, keys: Keys, detail: Mapping[str, Any]) -> None:
        is_reading_list = (*keys[:2], "opml") in self.written.lines and keys[0] == "sources"
        if is_reading_list and keys[2:] == ("url",):
            keys = (*keys[:2], "opml")  # the key in the file
        if detail["type"] == "extra_forbidden":
            message = f"unknown key{_nearest_key(keys)}"  # without its value: it may be a secret under a misspelt key
        else:
            message = self._shown(keys, detail.get("input")) + self._corrected(keys, detail)
        self.add_finding(keys, message)

    def _corrected(self, keys: Keys, detail: Mapping[str, Any]) -> str:
        """The message, with the line that would be right where it can be told and holds no secret."""
        message, given = _message(detail), detail.get("input")
        if detail["type"] in SHAPES and (right := right_line(keys, given)) and self._may_show(keys, given):
            return f"{message}; write {right}"
        return message

    def _shown(self, keys: Keys, given: Any) -> str:
        if not isinstance(given, str) or not 0 < len(given) <= 80:
            return ""
        return f"`{showable_text(given)}`: " if self._may_show(keys, given) else ""

    def _may_show(self, keys: Keys, given: Any) -> bool:
        inner = [keys, *((*keys, key) for key in given)] if isinstance(given, dict) else [keys]
        return not any(one in self.hidden or not SECRET.isdisjoint(one) for one in inner)


def _message(detail: Mapping[str, Any]) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "value_error":
        return str(context["error"])
    if kind == "missing":
        key = detail["loc"][-1]
        return f"is missing; write {REQUIRED.get(key, f'`{key}: …`')}"
    if kind == "literal_error":
        return f"must be {context['expected'].replace(chr(39), '')}"
    if kind in MESSAGES:
        return MESSAGES[kind].format_map(context)
    return str(detail["msg"])


LISTS = frozenset({"sources", "posts"})
# Keys whose text would itself be the secret, if it were no variable.
HOLDS_SECRET = SECRET | {"url", "opml"}
# What to write for a key whose value nobody guesses.
REQUIRED = {
    "since": "`since: YYYY-MM-DD`, a day on which you own this host, such as today; it goes into ids, never change it"
}
MESSAGES = {
    "tuple_type": "must be a list",
    "model_type": "must be a mapping of keys",
    "dict_type": "must be a mapping of keys",
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
    "int_parsing_size": "must be a smaller whole number",
    "int_from_float": "must be a whole number",
    "float_parsing": "must be a number",
    "float_type": "must be a number",
    "finite_number": "must be a number",
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
}


def _nearest_key(keys: Keys) -> str:
    odd = next((char for char in str(keys[-1]) if char != " " and (char.isspace() or category(char) == "Cf")), "")
    if odd:  # copied from a page, or of an input method
        return f"; it has the character U+{ord(odd):04X}, which looks like a blank or like nothing: write it anew"
    model = _model_at(keys[:-1])
    known = list(model.model_fields) if model else []
    if len(keys) == 1 and (section := _section_with(str(keys[0]))):
        return f"; did you mean `{section}.{keys[0]}`?"
    close = difflib.get_close_matches(str(keys[-1]), known, n=1, cutoff=0.5)
    return f"; did you mean `{close[0]}`?" if close else f"; known keys: {', '.join(known)}"


def _section_with(key: str) -> str:
    """The only section that has this key, "" if none or several have it."""
    sections = {name: _model_at((name,)) for name in Config.model_fields if name not in LISTS}
    having = [name for name, model in sections.items() if model and key in model.model_fields]
    return having[0] if len(having) == 1 else ""


def _model_at(keys: Keys) -> type[BaseModel] | None:
    model: type[BaseModel] | None = Config
    for key in keys:
        if isinstance(key, str) and model is not None and key in model.model_fields:
            model = _model_in(model.model_fields[key].annotation)
    return model


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part))), None)
