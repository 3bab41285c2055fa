"""The data types of tables, in the words of Hive, which MaxCompute and Spark share: `array<decimal(10,2)>`.

A `datetime` and a `timestamp` are moments, of which the first has microseconds and is shown in a session's time zone;
a `timestamp_ntz` is what a clock shows, wherever it hangs.
"""

from __future__ import annotations

import re
from functools import lru_cache

import msgspec


class BadType(ValueError):
    """The text is no type."""


class Type(msgspec.Struct, frozen=True):
    name: str
    sizes: tuple[int, ...] = ()
    of: tuple[Type, ...] = ()
    fields: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.name == "struct":
            return f"struct<{','.join(f'{n}:{t}' for n, t in zip(self.fields, self.of, strict=True))}>"
        if self.of:
            return f"{self.name}<{','.join(map(str, self.of))}>"
        return f"{self.name}({','.join(map(str, self.sizes))})" if self.sizes else self.name


_WORDS = re.compile(r"\s*(?:`((?:[^`]|``)*)`|([A-Za-z_][\w$]*)|(\d+)|([<>(),:]))")
_NAMES = frozenset(
    {
        *("tinyint", "smallint", "int", "bigint", "float", "double", "decimal", "string", "varchar", "char", "binary"),
        *("boolean", "date", "datetime", "timestamp", "timestamp_ntz", "json", "interval_day_time"),
        *("interval_year_month", "void"),
    }
)
_ALIASES = {"integer": "int", "long": "bigint", "bool": "boolean", "timestamp_ltz": "timestamp", "text": "string"}


@lru_cache(4096)
def parse(text: str) -> Type:
    """Raises BadType."""
    words = []
    place = 0
    text = text.strip()
    while place < len(text):
        found = _WORDS.match(text, place)
        if found is None:
            raise BadType(text)
        words.append(found[1] or found[2] or found[3] or found[4])
        place = found.end()
    type_, rest = _read(words, 0)
    if rest != len(words):
        raise BadType(text)
    return type_


def _read(words: list[str], at: int) -> tuple[Type, int]:
    try:
        return _read_one(words, at)
    except (IndexError, ValueError) as problem:
        raise BadType(" ".join(words)) from problem


def _read_one(words: list[str], at: int) -> tuple[Type, int]:
    name = words[at].lower()
    name = _ALIASES.get(name, name)
    at += 1
    if name in ("array", "map", "struct"):
        if words[at] != "<":
            raise BadType(name)
        of: list[Type] = []
        fields: list[str] = []
        while words[at] != ">":
            at += 1
            if name == "struct":
                fields.append(words[at])
                if words[at + 1] != ":":
                    raise BadType(name)
                at += 2
            inner, at = _read_one(words, at)
            of.append(inner)
            if words[at] not in (",", ">"):
                raise BadType(name)
        if len(of) != {"array": 1, "map": 2}.get(name, len(of)):
            raise BadType(name)
        return Type(name, (), tuple(of), tuple(fields)), at + 1
    if name not in _NAMES:
        raise BadType(name)
    sizes: list[int] = []
    if at < len(words) and words[at] == "(":
        while words[at] != ")":
            sizes.append(int(words[at + 1]))
            at += 2
        at += 1
    if name == "decimal" and len(sizes) == 1:
        sizes.append(0)
    return Type(name, tuple(sizes)), at
