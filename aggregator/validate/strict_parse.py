"""Bytes as the elements or values that the rules look at. What cannot be read raises ReadError."""

import json
from typing import Any

from lxml import etree

from aggregator.errors import AggregatorError
from aggregator.validate.element_rules import Element


class ReadError(AggregatorError):
    """No XML or JSON, or more of it than readers take: libxml2 stops at 10 MB of one text and 256 levels."""


_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)


def xml(data: bytes) -> Element:
    try:
        root = etree.fromstring(data, _PARSER)
    except (etree.LxmlError, ValueError) as trouble:
        raise ReadError(f"{trouble}") from trouble
    if b"<!DOCTYPE" in data and root.getroottree().docinfo.internalDTD is not None:
        raise ReadError("a document type, which may hide entities that never end")
    return root


def json_value(data: bytes) -> Any:
    try:
        return _DECODER.decode(data.decode("utf-8"))
    except (ValueError, RecursionError) as trouble:
        raise ReadError(f"{trouble}") from trouble


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is no number of JSON")


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


_DECODER = json.JSONDecoder(parse_constant=_no_number, object_pairs_hook=_each_once)
