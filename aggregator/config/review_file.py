"""The review file: proposals as YAML for a person to answer, and the answers read back."""

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import yaml

from aggregator.config.yaml_lines import Keys, TextError, Written, read_yaml
from aggregator.errors import ConfigError
from aggregator.model.problems import Finding
from aggregator.text.printable import escaped_in_json, visible

Answer = Literal["yes", "no", "?"]

HEADER = """\
# Terms that may be one category, found by `aggregator categories review`. For each proposal, answer behind `accept`:
#   yes   from now on its terms go to the category `target`
#   no    they stay apart
#   "?"   not decided yet
# Change `target` to what should be shown (a / separates levels, as in Programming/Python), and take out terms that
# do not belong. `yes` stands already where hardly anybody would answer otherwise. Then:
#   aggregator categories apply {file}
# moves what is accepted into categories.aliases of your config, whose comments stay and of which a copy is kept.
"""
NOTHING = "# No two terms that no rule maps look like one.\n"
_ANSWERS: dict[str, Answer] = {
    "yes": "yes", "true": "yes", "on": "yes", "y": "yes",
    "no": "no", "false": "no", "off": "no", "n": "no",
    "?": "?",
}  # fmt: skip
_Fast: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_KEYS = ("target", "accept", "evidence", "terms", "examples")
_TERM_KEYS = ("term", "count", "sources")
_BARE_QUESTION = re.compile(r"^([ -]*accept:[ ]*)\?([ ]*(?:#.*)?)$", re.MULTILINE)  # YAML needs quotes around it


@dataclass(frozen=True, slots=True)
class ProposedTerm:
    """One term of a proposal, with its numbers of entries and sources. `line` of the file counts from 1."""

    term: str
    count: int = 0
    sources: int = 0
    line: int = 0


@dataclass(frozen=True, slots=True)
class Proposal:
    """`target`: the category, its levels separated by `/`; `line` of the file counts from 1."""

    target: str
    terms: tuple[ProposedTerm, ...]
    accept: Answer = "?"
    evidence: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    line: int = 0


@dataclass(frozen=True, slots=True)
class UnknownKey:
    """A key without a meaning there; its value is not read. `near`: the key that may be meant."""

    key: str
    line: int
    near: str = ""


def proposals_yaml(proposals: Iterable[Proposal], file: str) -> str:
    """The text of a review file, to be saved as `file`. Equal proposals give equal bytes."""
    listed, file = [_plain(one) for one in proposals], visible(file)
    if not listed:
        return HEADER.format(file=file) + NOTHING + "proposals: []\n"
    items = yaml.dump(listed, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=120)
    apart = re.sub("^- target:", "\n- target:", escaped_in_json(items), flags=re.MULTILINE)
    return f"{HEADER.format(file=file)}proposals:\n{apart}"


def read_proposals(file: Path) -> tuple[list[Proposal], list[UnknownKey]]:
    """The answered proposals; raises ConfigError with all problems of the file."""
    try:
        written = read_yaml(_BARE_QUESTION.sub(r'\1"?"\2', file.read_bytes().decode("utf-8-sig")))
    except OSError as error:
        raise ConfigError([Finding(str(file), 0, "", f"cannot be read: {error.strerror}")]) from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ConfigError([Finding(str(file), line, "", "is not UTF-8; save it as UTF-8")]) from error
    except TextError as error:
        raise ConfigError([Finding(str(file), error.line, "", str(error))]) from error
    reading = _Reading(file, written)
    proposals = list(reading.proposals())
    if reading.findings:
        raise ConfigError(sorted(reading.findings, key=lambda finding: finding.line))
    return proposals, reading.unknown


class _Dumper(_Fast):  # type: ignore[misc]
    """Writes each term on one line, and booleans as yes and no."""


class _Row(dict[str, Any]):
    """A mapping on one line."""


_Dumper.add_representer(_Row, lambda dumper, row: dumper.represent_mapping("tag:yaml.org,2002:map", row, True))
_Dumper.add_representer(
    bool, lambda dumper, value: dumper.represent_scalar("tag:yaml.org,2002:bool", "yes" if value else "no")
)


def _scalar(dumper: Any, value: str) -> Any:
    """Control characters are escaped, which YAML allows only in double quotes."""
    style = None if visible(value) == value else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _scalar)


def _plain(proposal: Proposal) -> dict[str, Any]:
    accept: Any = proposal.accept if proposal.accept == "?" else proposal.accept == "yes"
    return {
        "target": proposal.target,
        "accept": accept,
        "terms": [_Row(term=one.term, count=one.count, sources=one.sources) for one in proposal.terms],
        "evidence": list(proposal.evidence),
        "examples": list(proposal.examples),
    }


@dataclass(slots=True)
class _Reading:
    file: Path
    written: Written
    findings: list[Finding] = field(default_factory=list)
    unknown: list[UnknownKey] = field(default_factory=list)

    def proposals(self) -> Iterator[Proposal]:
        for keys, line, message in self.written.faults:
            self._add_finding(keys, message, line)
        data = self.written.data
        if not isinstance(data, dict) or "proposals" not in data:
            self._add_finding((), "must hold `proposals:`, as `aggregator categories review` writes it", 1)
            return
        self._check_keys(data, ("proposals",), ())
        for i, item in enumerate(self._list(data["proposals"], ("proposals",))):
            if (proposal := self._proposal(item, ("proposals", i))) is not None:
                yield proposal

    def _proposal(self, item: Any, keys: Keys) -> Proposal | None:
        if not isinstance(item, dict):
            self._add_finding(keys, "must be a mapping with target, accept and terms")
            return None
        self._check_keys(item, _KEYS, keys)
        terms = self._list(item.get("terms"), (*keys, "terms"))
        return Proposal(
            target=self._text(item.get("target"), (*keys, "target"), "a category, such as Programming/Python"),
            terms=tuple(self._term(term, (*keys, "terms", i)) for i, term in enumerate(terms)),
            accept=self._answer(item.get("accept"), (*keys, "accept")),
            line=self._line(keys),
        )

    def _term(self, item: Any, keys: Keys) -> ProposedTerm:
        if isinstance(item, dict):
            self._check_keys(item, _TERM_KEYS, keys)
            item = item.get("term")
        return ProposedTerm(self._text(item, keys, "a term, such as `- {term: python}`"), line=self._line(keys))

    def _answer(self, value: Any, keys: Keys) -> Answer:
        answer = "?" if value is None else value.strip().lower() if isinstance(value, str) else ""
        if answer not in _ANSWERS:
            self._add_finding(keys, f"{_shown(value)}must be yes, no or ?")
        return _ANSWERS.get(answer, "?")

    def _text(self, value: Any, keys: Keys, right: str) -> str:
        if not isinstance(value, str) or not value.strip():
            self._add_finding(keys, f"{'is missing' if value is None else 'is not text'}; write {right}")
            return ""
        return value

    def _list(self, value: Any, keys: Keys) -> Sequence[Any]:
        if isinstance(value, list):
            return value
        self._add_finding(keys, "is missing" if value is None else "must be a list")
        return ()

    def _check_keys(self, item: dict[str, Any], known: Sequence[str], keys: Keys) -> None:
        for key in item:
            if key not in known:
                near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
                self.unknown.append(UnknownKey(key, self._line((*keys, key)), near[0] if near else ""))

    def _add_finding(self, keys: Keys, message: str, line: int = 0) -> None:
        named = ".".join(map(str, keys))
        self.findings.append(Finding(str(self.file), line or self._line(keys), named, message))

    def _line(self, keys: Keys) -> int:
        while keys and keys not in self.written.lines:
            keys = keys[:-1]
        return self.written.lines.get(keys, 1)


def _shown(value: Any) -> str:
    return f"`{value}`: " if isinstance(value, str) and len(value) <= 80 else ""
