"""The faults: each a small change of one node of a syntax tree."""

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass

COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
COMPUTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
NEVER_MUTATED = (ast.JoinedStr, ast.Import, ast.ImportFrom)  # messages, and what is not decided


@dataclass(frozen=True)
class Mutant:
    """`line`, `last`: of the statement; `at`: the place of the node among those of the tree, as `ast.walk` gives them;
    `fault`: what is done to it."""

    module: str
    line: int
    last: int
    at: int
    fault: str

    def __str__(self) -> str:
        return f"{self.module}:{self.line} {self.fault}"


def mutants(module: str, source: bytes) -> Iterator[Mutant]:
    tree = ast.parse(source)
    skipped, lines = _skipped(tree), _lines(tree)
    for at, node in enumerate(ast.walk(tree)):
        if id(node) not in skipped:
            for fault, _ in _faults(node):
                yield Mutant(module, *lines[id(node)], at, fault)


def mutated(source: bytes, mutant: Mutant) -> ast.Module:
    """The tree with the fault in it. Lines stay."""
    tree = ast.parse(source)
    node = next(node for at, node in enumerate(ast.walk(tree)) if at == mutant.at)
    [change] = [change for fault, change in _faults(node) if fault == mutant.fault]
    change()
    return ast.fix_missing_locations(tree)


def _lines(tree: ast.Module) -> dict[int, tuple[int, int]]:
    """id(node) → the first and last line of its statement; of one with a body, of its head."""
    found = {}
    statements = (node for node in ast.walk(tree) if isinstance(node, ast.stmt))  # the outer ones first
    for statement in statements:
        body = getattr(statement, "body", None)
        last = max(statement.lineno, body[0].lineno - 1) if body else statement.end_lineno or statement.lineno
        found.update({id(inner): (statement.lineno, last) for inner in ast.walk(statement)})
    return found


def _skipped(tree: ast.Module) -> set[int]:
    """Nodes that decide nothing when the program runs: annotations, decorators, messages, blocks for type checkers."""
    found: set[int] = set()
    for node in ast.walk(tree):
        roots: list[ast.AST | None] = []
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            roots += [*node.decorator_list, node.returns]
        elif isinstance(node, ast.ClassDef):
            roots += node.decorator_list
        elif isinstance(node, ast.arg | ast.AnnAssign):
            roots.append(node.annotation)
        elif isinstance(node, NEVER_MUTATED) or (
            isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        ):
            roots.append(node)
        found.update(id(inner) for root in roots if root for inner in ast.walk(root))
    return found


def _is_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def _faults(node: ast.AST) -> Iterator[tuple[str, Callable[[], object]]]:
    """What the fault is called, and what does it."""
    match node:
        case ast.Compare(ops=[one]) if type(one) in COMPARED:
            other = COMPARED[type(one)]
            yield f"{type(one).__name__} → {other.__name__}", lambda: setattr(node, "ops", [other()])
        case ast.BoolOp(op=op):
            turned = ast.Or() if isinstance(op, ast.And) else ast.And()
            yield f"{type(op).__name__} → {type(turned).__name__}", lambda: setattr(node, "op", turned)
        case ast.BinOp(op=operation) | ast.AugAssign(op=operation) if type(operation) in COMPUTED:
            done = COMPUTED[type(operation)]
            yield f"{type(operation).__name__} → {done.__name__}", lambda: setattr(node, "op", done())
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield "not is left out", lambda: _become(node, ast.Call(ast.Name("bool", ast.Load()), [operand], []))
        case ast.Constant(value=bool() as value):
            yield f"{value} → {not value}", lambda: setattr(node, "value", not value)
        case ast.Constant(value=int() | float() as number):
            yield f"{number} → {number + 1}", lambda: setattr(node, "value", number + 1)
        case ast.If(test=test) | ast.IfExp(test=test) | ast.While(test=test):
            yield "condition turned", lambda: setattr(node, "test", ast.UnaryOp(ast.Not(), copy.copy(test)))
        case ast.comprehension(ifs=[first, *_]):
            yield "filter turned", lambda: node.ifs.__setitem__(0, ast.UnaryOp(ast.Not(), copy.copy(first)))
        case ast.Break() | ast.Continue():
            yield f"{type(node).__name__.lower()} is left out", lambda: _become(node, ast.Pass())
        case ast.Expr(value=ast.Call()):
            yield "call is left out", lambda: setattr(node, "value", ast.Constant(None))
        case ast.Return(value=value) if value is not None and not _is_none(value):
            yield "returns None", lambda: setattr(node, "value", ast.Constant(None))


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _become(node: ast.AST, other: ast.AST) -> None:
    """The node has a parent that we do not know: it is changed in place."""
    node.__class__ = type(other)
    node.__dict__ = dict(vars(other))
