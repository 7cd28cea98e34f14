"""Which keys of a config are asked for by a program: its source read as a type checker reads it, as far as it takes.

A key is used where an attribute of its name is read of something that is its section: of a value whose class is known
by annotations, by assignments and by what functions return. An attribute of the same name of anything else is no use;
neither is one that only the config's own package reads, unless what reads it (a method, a property) is asked for from
outside.
"""

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

from pydantic import BaseModel

Kind = frozenset[tuple[str, bool]]  # names of classes, each with whether there are many of it
NOTHING: Kind = frozenset()
SAME = {"replace", "tuple", "list", "sorted", "reversed", "set", "next", "chunks", "islice"}  # what their first one is
Function = ast.FunctionDef | ast.AsyncFunctionDef
Scope = dict[str, Kind]


@dataclass(frozen=True)
class Owner:
    """A class: what its attributes are, and the bodies of its methods."""

    members: dict[str, Kind] = field(default_factory=dict)
    methods: dict[str, Function] = field(default_factory=dict)


def keys_of(model: type[BaseModel], above: str = "") -> Iterator[tuple[str, str, str]]:
    """(key, section, field) of every key of a config, those of its sections below it."""
    for name, one in model.model_fields.items():
        yield f"{above}{name}", model.__name__, name
        for section in _sections(one.annotation):
            yield from keys_of(section, f"{above}{name}.")


def _sections(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _sections(inner)


def unused(model: type[BaseModel], used: Collection[tuple[str, str]]) -> list[str]:
    """The keys that nothing asks for. `used`: what `uses_of` found."""
    return [key for key, section, name in keys_of(model) if (section, name) not in used]


def uses_of(program: Mapping[str, str], inside: str) -> set[tuple[str, str]]:
    """(section, field) of all that `program` (source by module name) asks for outside of the package `inside`."""
    return Uses({name: ast.parse(text) for name, text in program.items()}, inside).found()


class Uses:
    def __init__(self, modules: Mapping[str, ast.Module], inside: str) -> None:
        self._outside = {name: tree for name, tree in modules.items() if not f"{name}.".startswith(f"{inside}.")}
        self._inside = {name: tree for name, tree in modules.items() if name not in self._outside}
        self._owners: dict[str, Owner] = {}
        self._returns: dict[str, Kind] = {}
        self._config_classes = {node.name for tree in self._inside.values() for node in _classes(tree)}
        self._uses: set[tuple[str, str]] = set()
        self._asked: list[tuple[str, str]] = []
        trees = list(modules.values())
        self._names = {node.name for tree in trees for node in _classes(tree)}
        for tree in trees:
            self._learn(tree)
        for tree in trees:
            self._learn_assigned(tree)

    def found(self) -> set[tuple[str, str]]:
        """(section, field) of all that is asked for from outside."""
        for tree in self._outside.values():
            for owner, function in _functions(tree):
                self._visit(function, owner)
        done: set[tuple[str, str]] = set()
        while self._asked:
            name, method = asked = self._asked.pop()
            body = self._owners[name].methods.get(method)
            if body is not None and asked not in done:
                done.add(asked)
                self._visit(body, name)
        return self._uses

    # what is known of classes

    def _learn(self, tree: ast.Module) -> None:
        for node in tree.body:
            if isinstance(node, Function):
                self._returns[node.name] = self._kind(node.returns)
        for one in _classes(tree):
            owner = self._owners.setdefault(one.name, Owner())
            for node in one.body:
                if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                    owner.members[node.target.id] = self._kind(node.annotation)
                elif isinstance(node, Function):
                    owner.members[node.name] = self._kind(node.returns)
                    owner.methods[node.name] = node

    def _learn_assigned(self, tree: ast.Module) -> None:
        """`self.app = app`, where that is an App."""
        for one in _classes(tree):
            for function in (node for node in one.body if isinstance(node, Function)):
                scope = self._parameters(function, one.name)
                for node in ast.walk(function):
                    for target, value in _assignments(node):
                        if isinstance(target, ast.Attribute) and ast.unparse(target.value) == "self":
                            known = self._owners[one.name].members.get(target.attr, NOTHING)
                            self._owners[one.name].members[target.attr] = known | self._infer(value, scope)

    def _kind(self, annotation: ast.expr | None) -> Kind:
        """`X`, `X | None`, `tuple[X, ...]`, `Mapping[str, X]`, `"X"`."""
        match annotation:
            case ast.Constant(value=str() as text):
                return self._kind(ast.parse(text, mode="eval").body)
            case ast.Name(id=name):
                return frozenset([(name, False)]) if name in self._names else NOTHING
            case ast.BinOp(left=left, right=right):
                return self._kind(left) | self._kind(right)
            case ast.Subscript(value=ast.Name(id="type")):
                return NOTHING
            case ast.Subscript(slice=ast.Tuple(elts=inner)):
                return frozenset((name, True) for one in inner for name, _ in self._kind(one))
            case ast.Subscript(slice=inner_):
                return frozenset((name, True) for name, _ in self._kind(inner_))
        return NOTHING

    # what a body asks for

    def _visit(self, function: Function, owner: str) -> None:
        scope = self._parameters(function, owner)
        nodes = list(ast.walk(function))
        assigned = [(list(_assignments(node)), list(_loops(node))) for node in nodes]
        for _ in range(2):  # what is assigned late is known early
            for assignments, loops in assigned:
                for target, value in assignments:
                    self._bind(target, self._infer(value, scope), scope)
                for target, many in loops:
                    self._bind_loop(target, many, scope)
        for node in nodes:
            if isinstance(node, ast.Attribute):
                for name, is_many in self._infer(node.value, scope):
                    if not is_many:
                        self._ask(name, node.attr)

    def _ask(self, name: str, attribute: str) -> None:
        self._uses.add((name, attribute))
        if name in self._config_classes:
            self._asked.append((name, attribute))

    def _parameters(self, function: Function, owner: str) -> Scope:
        every = (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)
        scope = {one.arg: self._kind(one.annotation) for one in every}
        return scope | {"self": frozenset([(owner, False)])} if owner else scope

    def _bind(self, target: ast.expr, kind: Kind, scope: Scope) -> None:
        if isinstance(target, ast.Name):
            scope[target.id] = scope.get(target.id, NOTHING) | kind
        elif isinstance(target, ast.Tuple):  # of several together: whichever it is
            for one in target.elts:
                self._bind(one, kind, scope)

    def _bind_loop(self, target: ast.expr, many: ast.expr, scope: Scope) -> None:
        """`for x in many`, `for i, x in enumerate(many)`, `for key, x in mapping.items()`, `for a, b in zip(…)`."""
        match many, target:
            case ast.Call(func=ast.Name(id="zip"), args=args), ast.Tuple(elts=targets):
                for one, of in zip(targets, args, strict=False):
                    self._bind(one, _one(self._infer(of, scope)), scope)
            case ast.Call(func=ast.Name(id="enumerate"), args=[of, *_]), ast.Tuple(elts=[_, last]):
                self._bind(last, _one(self._infer(of, scope)), scope)
            case ast.Call(func=ast.Attribute(value=of, attr="items")), ast.Tuple(elts=[_, last]):
                self._bind(last, _one(self._infer(of, scope)), scope)
            case _:
                self._bind(target, _one(self._infer(many, scope)), scope)

    def _infer(self, node: ast.expr, scope: Scope) -> Kind:
        match node:
            case ast.Name(id=name):
                return scope.get(name, NOTHING)
            case ast.Attribute(value=value, attr=attr):
                return self._member(self._infer(value, scope), attr)
            case ast.Call(func=func, args=args):
                return self._called(func, args, scope)
            case ast.Subscript(value=value):
                return _one(self._infer(value, scope))
            case ast.Await(value=value) | ast.NamedExpr(value=value) | ast.Starred(value=value):
                return self._infer(value, scope)
            case ast.BoolOp(values=parts):
                return self._union(parts, scope)
            case ast.BinOp(left=left, right=right):
                return self._union((left, right), scope)
            case ast.IfExp(body=body, orelse=other):
                return self._union((body, other), scope)
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                return frozenset((name, True) for name, _ in self._union(parts, scope))
            case ast.GeneratorExp() | ast.ListComp() | ast.SetComp():
                return frozenset((name, True) for name, _ in self._infer(node.elt, self._within(node, scope)))
            case ast.DictComp():
                return frozenset((name, True) for name, _ in self._infer(node.value, self._within(node, scope)))
        return NOTHING

    def _within(self, node: ast.GeneratorExp | ast.ListComp | ast.SetComp | ast.DictComp, scope: Scope) -> Scope:
        inner = dict(scope)
        for one in node.generators:
            self._bind_loop(one.target, one.iter, inner)
        return inner

    def _called(self, func: ast.expr, args: list[ast.expr], scope: Scope) -> Kind:
        match func:
            case ast.Name(id=name) if name in self._names:
                return frozenset([(name, False)])
            case ast.Name(id=name) if name in SAME and args:
                found = self._infer(args[0], scope)
                return _one(found) if name == "next" else found
            case ast.Name(id=name):
                return self._returns.get(name, NOTHING)
            case ast.Attribute(value=value, attr="get" | "values" | "items" | "pop" | "setdefault" as way):
                found = self._infer(value, scope)
                return found if way in {"values", "items"} else _one(found)
            case ast.Attribute(value=value, attr="model_copy"):
                return self._infer(value, scope)
            case ast.Attribute(value=value, attr=attr):
                return self._member(self._infer(value, scope), attr)
        return NOTHING

    def _member(self, owners: Kind, attr: str) -> Kind:
        return self._join(self._owners[name].members.get(attr, NOTHING) for name, is_many in owners if not is_many)

    def _union(self, parts: Iterable[ast.expr], scope: Scope) -> Kind:
        return self._join(self._infer(one, scope) for one in parts)

    @staticmethod
    def _join(kinds: Iterable[Kind]) -> Kind:
        return frozenset(one for kind in kinds for one in kind)


def _one(kind: Kind) -> Kind:
    """One of many."""
    return frozenset((name, False) for name, _ in kind)


def _classes(tree: ast.Module) -> Iterator[ast.ClassDef]:
    return (node for node in tree.body if isinstance(node, ast.ClassDef))


def _functions(tree: ast.Module) -> Iterator[tuple[str, Function]]:
    """(class, "" for none; function): those that stand in others are looked at with them."""
    yield from (("", node) for node in tree.body if isinstance(node, Function))
    for one in _classes(tree):
        yield from ((one.name, node) for node in one.body if isinstance(node, Function))


def _assignments(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    match node:
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                is_pairwise = isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple)
                yield from zip(target.elts, value.elts, strict=False) if is_pairwise else [(target, value)]  # type: ignore[attr-defined]
        case ast.NamedExpr(target=target, value=value):
            yield target, value
        case ast.AnnAssign(target=target, value=ast.expr() as value):
            yield target, value
        case ast.withitem(context_expr=value, optional_vars=ast.expr() as target):
            yield target, value


def _loops(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    if isinstance(node, ast.For | ast.AsyncFor):
        yield node.target, node.iter
    if isinstance(node, ast.GeneratorExp | ast.ListComp | ast.SetComp | ast.DictComp):
        yield from ((one.target, one.iter) for one in node.generators)
