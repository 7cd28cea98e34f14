"""Patterns of `re` outside the isolated part: none can go back over a length that nobody bounds.

The linter lets `re` be imported by the modules that pyproject.toml lists. What is here holds that list: those of the
isolated part run nowhere else, and each pattern of the others is proved to be linear.
"""

import ast
import importlib
import random
import re
import time
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple, TypeGuard

import pytest

from tests.support.backtracking import UnprovedError, prove
from tests.support.program import PACKAGE, modules, name_of, names

RULE = "TID251"
ASKING = frozenset({"match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer"})
HARMLESS = frozenset({"escape", "Pattern", "Match", "RegexFlag", "IGNORECASE", "ASCII", "MULTILINE", "DOTALL"})
# Functions that compile what they are given: how they do, and what they ask of it.
COMPILERS = {("render.extension_values", "_matching"): (re.ASCII, "fullmatch")}

# What runs in processes that are killed past their time (worker_pool.py).
ISOLATED = (
    "clean.clean_entry clean.extensions clean.fingerprint clean.overlong_urls clean.plain_texts"
    " clean.unusable_addresses html.allowlist"
    " html.embeds html.lazy_pictures html.rewriter html.sanitize html.tokenizer html.trackers html.writer parse"
    " parse.autodiscovery posts pull.post_files pull.process recover.read_document text.encoding text.dates"
).split()
# Of these parts, modules that run in the main process, too: they are proved like any other.
ALSO_OUTSIDE = frozenset("parse.autodiscovery text.encoding posts posts.folder posts.other_files posts.writer".split())
# What the main process takes from the isolated part without calling any of its patterns.
TAKEN = {
    "posts": "PostFile PostSettings list_files list_posts other_files read_file write_post",  # files; YAML
    "text.dates": "DateContext",
    "text.dates.names": "HALVES_OF_DAY MONTHS WEEKDAYS",
    "text.encoding": "decode",
    "parse.autodiscovery": "Found common_places same",
    "pull.post_files": "PostRequest",
    "pull.process": "FeedBody ProcessedEntry PostBody ProcessedFeed ProcessedPost StoredDraft",
    "recover.read_document": "TreeDocument TreeEntry TreeFile TreeWithdrawal",
    "clean.clean_entry": "ContentSettings",
    "html.writer": "BLOCKS TABLE_PARTS",
    "clean.extensions": "ENVELOPE SPACES clark",
    "html.rewriter": "escaped",
}


@dataclass(frozen=True)
class Found:
    """A pattern in a module, and the methods that are called of it."""

    where: str
    pattern: str | bytes
    flags: int
    uses: frozenset[str]


@cache
def allowed() -> frozenset[str]:
    """The modules whose `import re` the linter lets pass."""
    settings = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text(encoding="utf-8"))
    listed = [glob for glob, rules in settings["tool"]["ruff"]["lint"]["per-file-ignores"].items() if RULE in rules]
    files = {file for glob in listed for one in braced(glob) for file in PACKAGE.parent.glob(one)}
    return frozenset(name_of(file) for file in files if file.is_relative_to(PACKAGE) and file.suffix == ".py")


def braced(glob: str) -> list[str]:
    """`a/{b,c}.py` as `a/b.py` and `a/c.py`."""
    before, brace, rest = glob.partition("{")
    inner, _, after = rest.partition("}")
    return [f"{before}{one}{after}" for one in inner.split(",")] if brace else [glob]


def is_isolated(name: str) -> bool:
    return any(name == part or name.startswith(f"{part}.") for part in ISOLATED)


def imports_re(tree: ast.Module) -> bool:
    return any(isinstance(node, ast.Import) and any(one.name == "re" for one in node.names) for node in ast.walk(tree))


def patterns(name: str) -> Iterator[Found]:
    """Every pattern of a module. Fails where something is done with `re` that nobody could follow."""
    module, tree = importlib.import_module(f"aggregator.{name}".rstrip(".")), modules()[name]
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        assert not (isinstance(node, ast.ImportFrom) and node.module == "re"), f"{name}: write `import re`"
        if isinstance(node, ast.Name) and node.id == "re" and isinstance(node.ctx, ast.Load):
            asked = parents[node]
            assert isinstance(asked, ast.Attribute), f"{name}:{node.lineno}: `re` itself is handed on"
            if asked.attr not in HARMLESS:
                call = parents[asked]
                assert isinstance(call, ast.Call), f"{name}:{node.lineno}: re.{asked.attr} is handed on"
                for names in _bound(call, parents, vars(module)):
                    if found := _found(name, call, asked.attr, parents, names):
                        yield found
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and (name, node.func.id) in COMPILERS:
            flags, use = COMPILERS[name, node.func.id]
            yield Found(f"{name}:{node.lineno}", _value(node.args[0], vars(module)), flags, frozenset({use}))


def _found(name: str, call: ast.Call, how: str, parents: dict[ast.AST, ast.AST], names: dict[str, Any]) -> Found | None:
    if any((name, getattr(node, "name", "")) in COMPILERS for node in _around(call, parents)):
        return None  # its patterns are looked at where it is called
    where = f"{name}:{call.lineno}"
    assert how in ASKING | {"compile"}, f"{where}: what re.{how} does is not known"
    keyword = next((word.value for word in call.keywords if word.arg == "flags"), None)
    flags = keyword or (call.args[1] if how == "compile" and len(call.args) > 1 else None)
    uses = frozenset({how}) if how != "compile" else _uses(name, parents[call], call)
    return Found(where, _value(call.args[0], names), int(_value(flags, names)) if flags else 0, uses)


def _bound(node: ast.AST, parents: dict[ast.AST, ast.AST], names: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What names mean there: in a comprehension, for each of its values."""
    loop = next((one for one in _around(node, parents) if isinstance(one, ast.DictComp | ast.ListComp)), None)
    if loop is None:
        yield names
        return
    first = loop.generators[0]
    assert isinstance(first.target, ast.Name)
    yield from (names | {first.target.id: value} for value in _value(first.iter, names))


def _around(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> Iterator[ast.AST]:
    while node in parents:
        node = parents[node]
        yield node


def _value(node: ast.expr, names: dict[str, Any]) -> Any:
    return eval(ast.unparse(node), dict(names))


def _uses(name: str, parent: ast.AST, call: ast.Call) -> frozenset[str]:
    """What is asked of a compiled pattern; a search, which is the hardest, where that cannot be told."""
    if isinstance(parent, ast.Attribute) and parent.value is call:
        return frozenset({parent.attr})
    target = parent.targets[0] if isinstance(parent, ast.Assign) and len(parent.targets) == 1 else None
    if not isinstance(target, ast.Name):
        return frozenset({"search"})
    where = [name] if target.id.startswith("_") else names()
    asked = [attribute for one in where for attribute in _mentions(one).asked[target.id]]
    bare = sum(_mentions(one).named[target.id] for one in where) - len(asked)
    known = set(asked) - {"pattern"}
    return frozenset(known | ({"search"} if bare > len(where) or not known or known - ASKING else set()))


class Mentions(NamedTuple):
    """How often a module says a name, and which attributes it asks of that name."""

    named: Counter[str]
    asked: defaultdict[str, list[str]]


@cache
def _mentions(name: str) -> Mentions:
    found = Mentions(Counter(), defaultdict(list))
    for node in ast.walk(modules()[name]):
        if isinstance(node, ast.Name):
            found.named[node.id] += 1
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            found.asked[node.value.id].append(node.attr)
    return found


OUTSIDE = sorted(name for name in names() if not is_isolated(name) or name in ALSO_OUTSIDE)


def test_re_is_imported_where_the_linter_lets_it_pass_alone() -> None:
    importing = {name for name, tree in modules().items() if imports_re(tree)}
    assert importing <= allowed()
    idle = {name for name in allowed() - importing if not is_isolated(name)}
    assert not idle, "these need not stand in pyproject.toml"


@pytest.mark.parametrize("name", [name for name in OUTSIDE if name in allowed()])
def test_no_pattern_outside_the_isolated_part_can_go_back(name: str) -> None:
    for found in patterns(name):
        try:
            prove(found.pattern, found.flags, found.uses)
        except UnprovedError as error:
            pytest.fail(f"{found.where}: {found.pattern!r} ({', '.join(sorted(found.uses))}): {error}")


def test_what_is_isolated_is_called_in_isolation_alone() -> None:
    """By the functions that are handed to `WorkerPool.call`, and by those that it calls."""
    loose = {name: found for name in OUTSIDE if not is_isolated(name) and (found := _loose(modules()[name]))}
    assert not loose, "called in the main process"


def _loose(tree: ast.Module) -> set[str]:
    """Functions of the isolated part that a module calls itself."""
    handed = set(_handed(tree))
    nodes = list(_outside(tree, handed))
    isolated = {
        one.name
        for node in nodes
        if isinstance(node, ast.ImportFrom) and (module := f"{node.module}.".removeprefix("aggregator."))
        for one in node.names
        if is_isolated(module + one.name) and one.name not in TAKEN.get(module.rstrip("."), "").split()
    }
    given = {node.args[0] for node in nodes if _is_isolating(node)}
    return {node.id for node in nodes if isinstance(node, ast.Name) and node not in given} & (isolated | handed)


def _is_isolating(node: ast.AST) -> TypeGuard[ast.Call]:
    """Only what is called `call` is written out: that takes longer than all else here."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "call"):
        return False
    return ast.unparse(node.func).endswith("pool.call")


def _handed(tree: ast.Module) -> Iterator[str]:
    """The functions that a module calls in isolation."""
    for node in ast.walk(tree):
        if _is_isolating(node):
            assert isinstance(node.args[0], ast.Name)
            yield node.args[0].id


def _outside(tree: ast.AST, handed: set[str]) -> Iterator[ast.AST]:
    """Every node of a module but those of functions that are called in isolation."""
    for node in ast.iter_child_nodes(tree):
        if not (isinstance(node, ast.FunctionDef) and node.name in handed):
            yield node
            yield from _outside(node, handed)


# The proof itself

LINEAR = [
    (r"[a-z]+", "search"),
    (r"<[^<>]*>", "sub"),  # no tag begins in a tag
    (r"<[^>]*+>?", "sub"),  # all that was read is found
    (r"<[a-z]++(?:[^\">]++|\"[^\"]*+\"?+)*+(>)?", "finditer"),
    (r'="([^"]*)"', "findall"),  # whoever begins in there stops before he reads
    (r"(?<![ \t])[ \t]*+\n", "sub"),  # begins where a run begins alone
    (r"\A\s*x", "search"),
    (r"[^@\s]+@[^@\s]+", "fullmatch"),
    (r"[a-z]{1,8}(?:-[a-z0-9]{1,8})*", "fullmatch"),
    (r"(?:[^\">]|\"[^\"]*\")*>", "match"),
    (r"(?:[a-z0-9-]++\.)++[a-z0-9-]*(?:/|$)", "match"),
    (r".*[a-z]{4}\d", "fullmatch"),  # one part goes back, over four characters each time
    (r"(?:a|ab)*c", "match"),  # `re` reads it as (?:ab?)*c
    (r"(?i:[a-rt-z]*)S", "match"),
    (r'"(?=\s*+>)', "search"),  # whoever begins in what it looks at stops before he looks
]
NOT_PROVED = [
    (r"\s+x", "search"),
    (r"\s*x", "search"),
    (r"\s+$", "sub"),
    (r"<[^>]*>", "sub"),
    (r"x(?:[^<]*>)?", "sub"),
    (r"[^@]+@[^@]+", "search"),
    (r"(a+)+", "fullmatch"),
    (r"(?:[ab]|bc)*d", "fullmatch"),
    (r"(?:\w*x)*", "match"),
    (r"^(?:\w+\s?)*$", "match"),
    (r"(?:x(?:.*z)?)*+", "match"),
    (r".*=.*;", "match"),
    (r"[a-z]*[a-z0-9]*!", "fullmatch"),
    (r"(?:[a-z0-9-]+\.)+[a-z0-9-]+/", "match"),
    (r"(?:a?){300}b", "match"),
    (r"(?:a{0,40}){0,40}b", "match"),
    (r"(\w+)\1", "match"),
    (r"(?=\w+x)", "search"),
    (r"(?:a(?=\w*x))*", "match"),
    (r"(?i)[a-z]*\u212a[a-z]*!", "match"),  # KELVIN SIGN is a k in any case
    (r"\d*\u0663x", "search"),
]


@pytest.mark.parametrize(("pattern", "use"), LINEAR)
def test_what_is_linear_is_proved(pattern: str, use: str) -> None:
    prove(pattern, uses={use})


@pytest.mark.parametrize(("pattern", "use"), NOT_PROVED)
def test_what_is_not_proved_is_refused(pattern: str, use: str) -> None:
    with pytest.raises(UnprovedError):
        prove(pattern, uses={use})


def test_a_pattern_that_goes_back_is_found_wherever_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    source = (
        'import re\n_A = re.compile(r"\\s+x")\ndef f(text):\n    return _A.search(text), re.sub("<[^>]*>", "", text)\n'
    )
    monkeypatch.setitem(modules(), "text.slugs", ast.parse(source))
    monkeypatch.setattr("aggregator.text.slugs.re", re)
    found = list(patterns("text.slugs"))
    assert [(one.pattern, *one.uses) for one in found] == [(r"\s+x", "search"), ("<[^>]*>", "sub")]
    for one in found:
        with pytest.raises(UnprovedError):
            prove(one.pattern, one.flags, one.uses)


@pytest.mark.torture
def test_what_is_proved_takes_linear_time() -> None:
    """Random patterns over few letters: on hostile texts, sixteen times the length never takes forty times as long."""
    chance, proved = random.Random(20), 0
    for _ in range(4000):
        pattern, use = _made(chance, 3), chance.choice(["search", "fullmatch", "match"])
        try:
            prove(pattern, uses={use})
        except UnprovedError:
            continue
        proved += 1
        asked = getattr(re.compile(pattern), use)
        for unit in ("a", "b", "ab", "aab", "abc"):
            for end in ("", "!", "c"):
                texts = (unit * (n // len(unit)) + end for n in (1000, 16000))
                short, long = (min(_cost(asked, text) for _ in range(3)) for text in texts)
                assert long < 40 * short + 2e-3, f"{use} of {pattern!r} on {unit!r} and {end!r}"
    assert proved > 400


def _cost(asked: Any, text: str) -> float:
    begin = time.process_time()
    asked(text)
    return time.process_time() - begin


def _made(chance: random.Random, depth: int) -> str:
    if depth == 0 or chance.random() < 0.2:
        return chance.choice(["a", "b", "[ab]", "[^a]", "[^b]", "c", "."])
    inner = [_made(chance, depth - 1) for _ in range(chance.randint(1, 3))]
    if chance.random() < 0.3:
        return f"(?:{'|'.join(inner)})"
    return "".join(f"(?:{one}){chance.choice(['', '', '?', '*', '+', '*+', '*?', '{0,3}'])}" for one in inner)
