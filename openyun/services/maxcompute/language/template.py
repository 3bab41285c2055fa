"""Expressions of DuckDB written as text with places for arguments: `fill("list_filter(:1, :2)", a, b)`."""

from __future__ import annotations

import re
from functools import lru_cache

from sqlglot import exp, parse_one

_PLACE = re.compile(r":(\d)")


@lru_cache(1024)
def _parsed(text: str) -> exp.Expr:
    parsed = parse_one(_PLACE.sub(r"__arg\1", text), dialect="duckdb")
    for function in parsed.find_all(exp.Anonymous):
        function.meta["engine"] = True
    return parsed


def fill(text: str, *arguments: exp.Expr) -> exp.Expr:
    whole = exp.Paren(this=_parsed(text).copy())
    for place in list(whole.find_all(exp.Column)):
        name = place.name
        if name.startswith("__arg"):
            argument = arguments[int(name[5:]) - 1].copy()
            bare = isinstance(place.parent, (exp.Func, exp.Paren)) or isinstance(
                argument, (exp.Column, exp.Literal, exp.Func, exp.Null, exp.Paren)
            )
            place.replace(argument if bare else exp.Paren(this=argument))
    filled: exp.Expr = whole.this
    return filled if isinstance(filled, (exp.Func, exp.Literal, exp.Null, exp.Column, exp.Paren)) else whole


def call(name: str, *arguments: exp.Expr) -> exp.Expr:
    """A function of the engine's, or a macro of ours."""
    made = exp.Anonymous(this=name, expressions=list(arguments))
    made.meta["engine"] = True
    return made


def text(value: str) -> exp.Expr:
    return exp.Literal.string(value)


def number(value: int) -> exp.Expr:
    return exp.Literal.number(value)
