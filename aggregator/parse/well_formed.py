"""A document that is not well-formed, made well-formed: each fault is repaired where it stands, at the cost of its own
element, so that the strict parser reads the rest as it was meant.

All steps take linear time, however many faults there are. References are not looked at: `repair_xml` does that.
"""

import html

from aggregator.parse.feed_elements import WELL_KNOWN
from aggregator.parse.markup_tokens import Fault, Token, tokens
from aggregator.parse.nesting import nest
from aggregator.text.counts import count_of

_MOST_NAMED = 5
_XML = frozenset({"xml", "xmlns"})  # prefixes that nobody declares
# Namespaces in XML 1.0, section 3: nobody may declare these, or bind another prefix to them.
_RESERVED = frozenset({"http://www.w3.org/XML/1998/namespace", "http://www.w3.org/2000/xmlns/"})


def well_formed(text: str) -> tuple[str, str]:
    """The document, and what was repaired, as words with lines; "" for nothing. A document without an end stays so."""
    found, faults = tokens(text)
    prefixes = _declared(found)
    nested, unclosed = nest(found, prefixes)
    writer = _Writer(prefixes)
    pieces = [writer.written(token) for token in nested]
    return "".join(pieces), _words(text, sorted([*faults, *unclosed, *writer.faults]))


def has_open_section(text: str) -> bool:
    """Whether a CDATA section may run into the next one: that is well-formed, and swallows what is between them."""
    return text.count("<![CDATA[") > text.count("]]>")


def _words(text: str, faults: list[Fault]) -> str:
    """Each kind of fault once, with the lines of its first places."""
    lines: dict[str, list[int]] = {}
    line, end = 1, 0
    for fault in faults:
        line, end = line + text.count("\n", end, fault.at), fault.at
        lines.setdefault(fault.message, []).append(line)
    words = [f"{message} ({_places(places)})" for message, places in lines.items()]
    named = words[:_MOST_NAMED]
    if unnamed := len(words) - len(named):
        named.append(f"and {count_of(unnamed, 'more kind of fault', 'more kinds of faults')}")
    return "; ".join(named)


def _places(lines: list[int]) -> str:
    named = ", ".join(map(str, dict.fromkeys(lines[:_MOST_NAMED])))
    return f"line {named}" + (f" and {len(lines) - _MOST_NAMED} more" if len(lines) > _MOST_NAMED else "")


def _declared(found: list[Token]) -> dict[str, str]:
    """Prefix → the first namespace that the document gives it."""
    prefixes: dict[str, str] = {}
    for token in found:
        for name, value in token.attributes:
            if name.startswith("xmlns:") and _is_allowed(name, value):
                prefixes.setdefault(name[6:], value)
    return prefixes


def _is_allowed(name: str, value: str) -> bool:
    is_declared = value or name == "xmlns"  # Namespaces in XML 1.0 can undeclare the default namespace alone
    return bool(is_declared) and name not in ("xmlns:xml", "xmlns:xmlns") and value not in _RESERVED


class _Writer:
    """Writes tags so that each prefix is declared, and no attribute stands twice.

    `_spaces`: prefix → its namespaces, the innermost last. `_scopes`: the prefixes that each open element declares.
    """

    def __init__(self, prefixes: dict[str, str]) -> None:
        self.faults: list[Fault] = []
        self._meant = WELL_KNOWN | prefixes
        self._spaces: dict[str, list[str]] = {}
        self._scopes: list[list[str]] = []

    def written(self, token: Token) -> str:
        if token.kind == "text":
            return token.raw
        if token.kind == "end":
            self._leave()
            return token.raw or f"</{token.name}>"
        if not token.attributes and ":" not in token.name:
            self._scopes.append([])
            tag = token.raw or f"<{token.name}{'/' * token.is_empty}>"
        else:
            tag = self._start(token)
        if token.is_empty:
            self._leave()
        return tag

    def _start(self, token: Token) -> str:
        attributes = self._allowed(token)
        self._enter(attributes)
        undeclared = {prefix for name in (token.name, *attributes) if (prefix := self._undeclared(name))}
        if undeclared:
            self.faults += [
                Fault(token.at, f"the prefix {prefix[:40]} is not declared") for prefix in sorted(undeclared)
            ]
            self._leave()
            attributes |= {
                f"xmlns:{prefix}": self._meant.get(prefix, f"urn:undeclared:{prefix}") for prefix in sorted(undeclared)
            }
            self._enter(attributes)
        attributes = self._once(token, attributes)
        if token.raw and tuple(attributes.items()) == token.attributes:
            return token.raw
        written = "".join(f' {name}="{_quoted(value)}"' for name, value in attributes.items())
        return f"<{token.name}{written}{'/' * token.is_empty}>"

    def _allowed(self, token: Token) -> dict[str, str]:
        """The first attribute of each name, but for declarations that XML forbids."""
        attributes: dict[str, str] = {}
        for name, value in token.attributes:
            if name in attributes:
                self.faults.append(Fault(token.at, f"<{token.name[:40]}> has two attributes {name[:40]}"))
            elif name != "xmlns" and not name.startswith("xmlns:"):
                attributes[name] = value
            elif _is_allowed(name, value):
                attributes[name] = self._without_space(token, name, value)
            else:
                self.faults.append(Fault(token.at, f"<{token.name[:40]}> declares {name[:40]}, which it cannot"))
        return attributes

    def _without_space(self, token: Token, name: str, namespace: str) -> str:
        """The namespace as the SAX reader can tell it from a local name: it splits the two at a space."""
        plain = html.unescape(namespace)
        words = plain.split()
        if words in ([], [plain]):
            return namespace
        self.faults.append(Fault(token.at, f"the namespace of {name[:40]} has a space"))
        return "%20".join(words).replace("&", "&amp;")

    def _once(self, token: Token, attributes: dict[str, str]) -> dict[str, str]:
        """Without a second attribute of the same namespace and name, under another prefix."""
        kept: dict[tuple[str, str], str] = {}
        for name in attributes:
            prefix, colon, local = name.partition(":")
            space = self._spaces[prefix][-1] if colon and prefix not in _XML else prefix
            if kept.setdefault((space, local), name) != name:
                self.faults.append(Fault(token.at, f"<{token.name[:40]}> has two attributes {name[:40]}"))
        return {name: attributes[name] for name in kept.values()}

    def _undeclared(self, name: str) -> str:
        prefix, colon, _ = name.partition(":")
        return prefix if colon and prefix not in _XML and not self._spaces.get(prefix) else ""

    def _enter(self, attributes: dict[str, str]) -> None:
        declared = [name for name in attributes if name.startswith("xmlns:")]
        for name in declared:
            self._spaces.setdefault(name[6:], []).append(attributes[name])
        self._scopes.append([name[6:] for name in declared])

    def _leave(self) -> None:
        for prefix in self._scopes.pop():
            self._spaces[prefix].pop()


def _quoted(value: str) -> str:
    return value.replace("<", "&lt;").replace('"', "&quot;")
