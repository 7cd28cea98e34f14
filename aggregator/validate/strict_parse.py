"""Parses bytes into the elements or values that the rules check. Raises ReadError for anything malformed."""

import json
from typing import Any

from lxml import etree

from aggregator.errors import AggregatorError
from aggregator.validate.element_rules import Element


class ReadError(AggregatorError):
    """Not well-formed XML or JSON, or larger than readers accept: libxml2 stops at 10 MB a text and 256 levels."""


_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)


def xml(data: bytes) -> Element:
    try:
        root = etree.fromstring(data, _PARSER)
    except (etree.LxmlError, ValueError) as error:
        raise ReadError(f"{error}") from error
    if b"<!DOCTYPE" in data and root.getroottree().docinfo.internalDTD is not None:
        raise ReadError("a document type declaration; feeds need none, and its entities can expand without end")
    return root


def json_value(data: bytes) -> Any:
    try:
        return _DECODER.decode(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ReadError(f"{error}") from error


def _refuse_number(text: str) -> Any:
    raise ValueError(f"{text} is not a JSON number")


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("duplicate key in an object")
    return found


_DECODER = json.JSONDecoder(parse_constant=_refuse_number, object_pairs_hook=_unique_keys)
