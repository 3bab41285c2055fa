"""The documents of OSS: typed structures to XML, and small XML bodies to trees.

Bodies come from anyone, so a document type, which is where entities and bombs live, is refused outright.
"""

from __future__ import annotations

import re
from typing import Any
from xml.etree.ElementTree import Element, ParseError, TreeBuilder
from xml.parsers import expat
from xml.sax.saxutils import escape

import msgspec

from openyun.services.oss.errors import MalformedXML

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_DEEPEST = 16
_MOST_ELEMENTS = 10_000
"""of a document; the largest that OSS takes names 1000 objects"""

# Names of objects may hold control characters, which XML has no place for; clients send them all the same. While a
# document is read, the 32 noncharacters of Unicode stand in for them.
_STAND_INS = {code: chr(0xFDD0 + code) for code in range(32) if chr(code) not in "\t\n\r"}
_ORIGINALS = {0xFDD0 + code: chr(code) for code in _STAND_INS}
_CONTROLS = bytes(_STAND_INS)
_SPECIAL = re.compile("[&<>\x00-\x1f\ufffe\uffff]")
_REFERENCE = re.compile(rb"&#(?:x0*([01]?[0-9A-Fa-f])|0*([12]?[0-9]|3[01]));")
_MARKS = dict.fromkeys([*_STAND_INS, 0xFFFE, 0xFFFF], "\ufffd")


def render(root: str, content: msgspec.Struct | dict[str, Any] | str) -> bytes:
    """Fields in order; a list is an element repeated, None is left out."""
    return f"{_HEAD}<{root}>{_content(msgspec.to_builtins(content))}</{root}>".encode("utf-8", "replace")


def _elements(fields: dict[str, Any]) -> str:
    parts: list[str] = []
    for name, value in fields.items():
        if isinstance(value, str):
            parts.append(f"<{name}>{_text(value)}</{name}>")
        elif isinstance(value, list):
            parts += [f"<{name}>{_content(one)}</{name}>" for one in value]
        elif value is not None:
            parts.append(f"<{name}>{_content(value)}</{name}>")
    return "".join(parts)


def _content(value: Any) -> str:
    if isinstance(value, dict):
        return _elements(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return _text(str(value))


def _text(value: str) -> str:
    """Always well-formed: what XML has no place for becomes a mark, and who wants it asks for encoding-type=url."""
    if _SPECIAL.search(value) is None:
        return value
    return escape(value.translate(_MARKS), {"\r": "&#13;"})


def _stand_in(found: re.Match[bytes]) -> bytes:
    """For a reference to a control character; those to others stay."""
    code = int(found[1], 16) if found[1] else int(found[2])
    return _STAND_INS[code].encode() if code in _STAND_INS else found[0]


def parse(body: bytes) -> Element:
    """Raises MalformedXML. Names lose their namespace."""
    replaced = len(body.translate(None, _CONTROLS)) != len(body) or _REFERENCE.search(body) is not None
    if replaced:
        try:
            body = _REFERENCE.sub(_stand_in, body).decode().translate(_STAND_INS).encode()
        except UnicodeDecodeError:
            raise MalformedXML from None
    parser = expat.ParserCreate(namespace_separator="}")
    builder = TreeBuilder()
    depth = count = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth, count
        depth += 1
        count += 1
        if depth > _DEEPEST or count > _MOST_ELEMENTS:
            raise MalformedXML
        builder.start(name.rpartition("}")[2], attributes)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(name.rpartition("}")[2])

    def refuse(*_: object) -> None:
        raise MalformedXML

    parser.StartElementHandler = start
    parser.EndElementHandler = end

    def data(text: str) -> None:
        builder.data(text.translate(_ORIGINALS) if replaced else text)

    parser.CharacterDataHandler = data
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(body.lstrip(), True)
        root = builder.close()
    except (expat.ExpatError, ParseError, AssertionError, ValueError, LookupError) as problem:
        raise MalformedXML from problem
    return root


def text_of(element: Element, path: str, default: str = "") -> str:
    found = element.find(path)
    return (found.text or "") if found is not None else default
