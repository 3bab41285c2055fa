"""The XML of ODPS. A dictionary is elements in order; a key `@name` is an attribute, `#` the text of the element
itself, `!` a text in CDATA; a list repeats its element, None leaves it out."""

from __future__ import annotations

import re
from typing import Any
from xml.etree.ElementTree import Element, ParseError, TreeBuilder
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from openyun.services.maxcompute.errors import MalformedXML

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_MOST_ELEMENTS = 10_000


def render(root: str, content: dict[str, Any]) -> bytes:
    return (_HEAD + _element(root, content)).encode("utf-8", "replace")


def _element(name: str, value: Any) -> str:
    if not isinstance(value, dict):
        return f"<{name}>{_text(value)}</{name}>"
    attributes = "".join(f" {key[1:]}={quoteattr(_clean(str(one)))}" for key, one in value.items() if key[0] == "@")
    inner = "".join(_member(key, one) for key, one in value.items() if key[0] != "@" and one is not None)
    return f"<{name}{attributes}>{inner}</{name}>"


def _member(key: str, value: Any) -> str:
    if key == "#":
        return _text(value)
    if key == "!":
        return "<![CDATA[" + _clean(str(value)).replace("]]>", "]]]]><![CDATA[>") + "]]>"
    if isinstance(value, list):
        return "".join(_element(key, one) for one in value)
    return _element(key, value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return escape(_clean(str(value)), {"\r": "&#13;"})


def _clean(text: str) -> str:
    return _ILLEGAL.sub("\ufffd", text)


def parse(body: bytes) -> Element:
    """Raises MalformedXML, also for a document type, which is where entities and bombs live."""
    parser = expat.ParserCreate()
    builder = TreeBuilder()
    count = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal count
        count += 1
        if count > _MOST_ELEMENTS:
            raise MalformedXML
        builder.start(name, attributes)

    def refuse(*_: object) -> None:
        raise MalformedXML

    def end(name: str) -> None:
        builder.end(name)

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(body.strip(), True)
        return builder.close()
    except (expat.ExpatError, ParseError, AssertionError, ValueError, LookupError) as problem:
        raise MalformedXML from problem


def text_of(element: Element, path: str, default: str = "") -> str:
    found = element.find(path)
    return (found.text or "").strip() if found is not None else default
