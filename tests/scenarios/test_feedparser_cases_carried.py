"""feedparser's own test cases, republished: feedparser reads the same of the published entry as of the original.

In Atom, or in RSS where only RSS has the field. `carried_differ.tsv` names the cases that differ on purpose, and why.
"""

import ast
import csv
import io
import operator
import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import feedparser
import pytest

from aggregator.errors import ParseError
from tests.support import corpus
from tests.support.republishing import URL, republished

CASES = corpus.CASES / "feedparser" / "tests"
DIFFER = Path(__file__).with_name("carried_differ.tsv")

# Not about what an entry says, or about what nobody should carry on: that a document be broken, say.
_NOT_ASKED = re.compile(r"^bozo|'base'|svg|math|abcdefg|chapters")
_NOT_TAKEN = re.compile(r"wellformed/sanitize|/amp|/attr|svg|math")
_EXPECTED = re.compile(r"Expect:\s*(?:not bozo and )?(.*)")
_LOCATION = re.compile(r"Content-Location: (\S+)")

pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason="the cases of feedparser are not here")


@dataclass(frozen=True)
class Case:
    name: str
    body: bytes
    url: str
    expected: str


def cases() -> Iterator[Case]:
    """Those about an entry, which the feedparser that is installed agrees to."""
    for file in sorted(CASES.rglob("*.xml")):
        name, body = str(file.relative_to(CASES)), file.read_bytes()
        text = body.decode("utf-16" if body[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8", "replace")
        expected = _EXPECTED.search(text)
        if not expected or "entries[0]" not in expected[1]:
            continue
        if _NOT_ASKED.search(expected[1]) or _NOT_TAKEN.search(name):
            continue
        location = _LOCATION.search(text)
        case = Case(name, body, location[1] if location else "http://127.0.0.1:8097/" + name, expected[1].strip())
        if holds(case.expected, read(body, case.url)):
            yield case


def read(body: bytes, url: str = URL) -> Any:
    headers = {"content-location": url, "content-type": "application/xml; charset=utf-8"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return feedparser.parse(io.BytesIO(body), response_headers=headers)


def holds(expression: str, document: Any) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return bool(Reader(document).value(ast.parse(expression.strip(), mode="eval").body))
        except (AttributeError, LookupError, SyntaxError, TypeError):
            return False


class Reader:
    """Values of the few kinds of expressions that the cases are written in."""

    COMPARE: ClassVar[dict[type[ast.cmpop], Callable[[Any, Any], Any]]] = {
        ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Is: operator.is_, ast.IsNot: operator.is_not,
        ast.In: lambda one, many: one in many, ast.NotIn: lambda one, many: one not in many,
    }  # fmt: skip

    def __init__(self, document: Any) -> None:
        self.names = {name: getattr(document, name) for name in ("entries", "feed", "bozo", "version", "namespaces")}

    def value(self, node: ast.AST) -> Any:
        match node:
            case ast.Constant(value):
                return value
            case ast.Name(name):
                return self.names[name]
            case ast.Tuple(parts) | ast.List(parts):
                values = [self.value(part) for part in parts]
                return tuple(values) if isinstance(node, ast.Tuple) else values
            case ast.Dict(keys, values):
                return {self.value(key): self.value(value) for key, value in zip(keys, values, strict=True) if key}
            case ast.Subscript(of, key):
                return self.value(of)[self.value(key)]
            case ast.Attribute(of, name):
                return getattr(self.value(of), name)
            case ast.UnaryOp(sign, of):
                return not self.value(of) if isinstance(sign, ast.Not) else -self.value(of)
            case ast.BoolOp(kind, parts):
                return (all if isinstance(kind, ast.And) else any)(map(self.value, parts))
            case ast.Call(ast.Name("len"), [of]):
                return len(self.value(of))
            case ast.Call(ast.Attribute(of, "get"), parts):
                return self.value(of).get(*map(self.value, parts))
            case ast.Call(ast.Attribute(of, "has_key"), [key]):
                return self.value(key) in self.value(of)
            case ast.Compare(left, kinds, others):
                return self.compared(left, kinds, others)
        raise SyntaxError(ast.dump(node))

    def compared(self, left: ast.AST, kinds: list[ast.cmpop], others: list[ast.expr]) -> bool:
        values = [self.value(part) for part in (left, *others)]
        return all(
            self.COMPARE[type(kind)](_written(one), _written(other))
            for kind, one, other in zip(kinds, values[:-1], values[1:], strict=True)
        )


def _written(value: Any) -> Any:
    """`>` needs no reference in HTML, and may be one."""
    return value.replace("&gt;", ">") if isinstance(value, str) else value


def carried(case: Case) -> bool:
    try:
        return any(holds(case.expected, read(republished(case.body, form, case.url))) for form in ("atom", "rss"))
    except ParseError:
        return False


def listed() -> set[str]:
    with DIFFER.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    assert all(row["reason"] for row in rows)
    return {row["case"] for row in rows}


# What every format has a word for; other vocabularies are looked at as well.
_FIELDS = re.compile(
    r"entries\[0\](?:\.get\()?\W{0,2}(title|link|id\b|author|publish|updated|created|tags|categor|content|summary"
    r"|description|enclosures|source|rights|contributors|comments)"
)


def test_what_the_cases_say_of_an_entry_is_said_again() -> None:
    asked = list(cases())
    differing = {case.name for case in asked if not carried(case)}
    fields = [case.name for case in asked if _FIELDS.search(case.expected)]
    assert len(asked) > 200
    assert len(fields) > 180
    assert len(differing.intersection(fields)) <= 0.1 * len(fields)
    assert sorted(differing - listed()) == []
    assert sorted(listed() - differing) == []
    assert len(differing) <= 0.1 * len(asked)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("entries[0]['title'] == 'A'", True), ("entries[0].title != 'A'", False), ("len(entries) == 1", True),
        ("entries[0].get('link') is None", True), ("not entries[0].has_key('link')", True),
        ("entries[0]['where'] == {}", False), ("entries[0]['title'] == 'A' and version == 'atom10'", True),
        ("entries[0]['title'] == feed['title'] == 'A'", False), ("__import__('os')", False),
    ],
)  # fmt: skip
def test_an_expression_is_read(expression: str, expected: bool) -> None:
    document = read(b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>A</title></entry></feed>')
    assert holds(expression, document) is expected
