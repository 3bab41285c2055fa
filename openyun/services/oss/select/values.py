"""What expressions of a SELECT are worth for a record. An expression becomes a Python function, made once.

Values are None, str, bool, numbers, datetime, and for JSON also lists and dicts. A column of CSV is text; where an
operator needs a number, or stands beside one, the text is read as one, and a record whose text is none does not match
the statement: `Mismatch`.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from openyun.services.oss.select.errors import SelectProblem
from openyun.services.oss.select.sql import Aggregate, Cast, Column, Literal_, Node, Operation

Value = Any
Record = Any
Evaluate = Callable[[Record], Value]
Reader = Callable[[Column], Evaluate]
"""how a column is read from a record: CSV and JSON differ"""


class Mismatch(Exception):
    """The record does not fit the statement: it is skipped, and counted."""


_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_MOST_DIGITS = 400


def compile_node(node: Node, reader: Reader) -> Evaluate:
    """Raises SelectProblem for what can be seen to be wrong without data."""
    match node:
        case Column():
            return reader(node)
        case Literal_(value=value):
            return lambda record: value
        case Cast(what=what, type=kind, format=shape):
            inner = compile_node(what, reader)
            convert = _CASTS[kind]
            if shape:
                pattern = _FORMATS.get(shape.upper())
                if kind != "timestamp" or pattern is None:
                    raise SelectProblem("SqlNotSupportedTimestampFormat", f"{shape} is not supported.")
                return lambda record: _timestamp(inner(record), (pattern,))
            return lambda record: convert(inner(record))
        case Aggregate():
            raise SelectProblem("SqlSyntaxError", "An aggregation cannot be a part of another expression.")
        case Operation():
            return _operation(node, reader)


def _operation(node: Operation, reader: Reader) -> Evaluate:
    parts = [compile_node(one, reader) for one in node.operands]
    name = node.operator
    first = parts[0]
    if name in _COMPARE:
        return _comparison(_COMPARE[name], first, parts[1])
    match name:
        case "and":
            return _both(first, parts[1], decides=False)
        case "or":
            return _both(first, parts[1], decides=True)
        case "not":
            return lambda record: None if (value := _truth(first(record))) is None else not value
        case "null":
            if isinstance(node.operands[0], Literal_):
                raise SelectProblem("SqlInvalidIsNullOperand", "IS NULL needs a column.")
            return lambda record: first(record) in (None, "")
        case "like":
            return _like(first, str(getattr(node.operands[1], "value", "")), node.escape)
        case "in":
            return _membership(first, parts[1:])
        case "between":
            low, high = _comparison(operator.ge, first, parts[1]), _comparison(operator.le, first, parts[2])
            return _both(low, high, decides=False)
        case "||":
            return _concatenation(first, parts[1])
        case "neg":
            return lambda record: None if (value := _number(first(record))) is None else -value
    return _arithmetic(name, first, parts[1])


def _both(left: Evaluate, right: Evaluate, *, decides: bool) -> Evaluate:
    """AND and OR with SQL's unknown; the value that decides ends it at once."""

    def evaluate(record: Record) -> bool | None:
        one = _truth(left(record))
        if one is decides:
            return decides
        two = _truth(right(record))
        if two is decides:
            return decides
        return None if one is None or two is None else not decides

    return evaluate


def _truth(value: Value) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    raise Mismatch("A condition is neither true nor false.")


def _comparison(compare: Callable[[Any, Any], bool], left: Evaluate, right: Evaluate) -> Evaluate:
    def evaluate(record: Record) -> bool | None:
        one, two = left(record), right(record)
        if type(one) is not type(two):
            one, two = _alike(one, two)
        if one is None or two is None:
            return None
        try:
            return compare(one, two)
        except TypeError:
            raise Mismatch("Values of different types are compared.") from None

    return evaluate


def _alike(one: Value, two: Value) -> tuple[Value, Value]:
    """Both as numbers, times or truths if one is such and the other is text."""
    if one is None or two is None:
        return None, None
    for here, there, turned in ((one, two, False), (two, one, True)):
        if isinstance(there, str):
            read = _bool if isinstance(here, bool) else _timestamp if isinstance(here, datetime) else _number
            pair = (here, read(there))
            return (pair[1], pair[0]) if turned else pair
    return (Decimal(repr(one)) if isinstance(one, float) and isinstance(two, Decimal) else one), two


def _membership(what: Evaluate, values: list[Evaluate]) -> Evaluate:
    tests = [_comparison(operator.eq, what, value) for value in values]

    def evaluate(record: Record) -> bool | None:
        found = [test(record) for test in tests]
        return True if True in found else None if None in found else False

    return evaluate


def _like(what: Evaluate, pattern: str, escape: str) -> Evaluate:
    """% and * stand for any text, ? and _ for one character."""
    parts, place = [], 0
    while place < len(pattern):
        letter = pattern[place]
        if escape and letter == escape and place + 1 < len(pattern):
            place += 1
            parts.append(re.escape(pattern[place]))
        else:
            parts.append(".*" if letter in "%*" else "." if letter in "?_" else re.escape(letter))
        place += 1
    matches = re.compile("".join(parts), re.DOTALL).fullmatch

    def evaluate(record: Record) -> bool | None:
        value = what(record)
        if value is None:
            return None
        if not isinstance(value, str):
            raise Mismatch("LIKE needs text.")
        return matches(value) is not None

    return evaluate


def _concatenation(left: Evaluate, right: Evaluate) -> Evaluate:
    def evaluate(record: Record) -> str | None:
        one, two = left(record), right(record)
        return None if one is None or two is None else text_of(one) + text_of(two)

    return evaluate


def _arithmetic(name: str, left: Evaluate, right: Evaluate) -> Evaluate:
    function = {
        "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "%": operator.mod,
    }[name]  # fmt: skip

    def evaluate(record: Record) -> Value:
        one, two = _number(left(record)), _number(right(record))
        if one is None or two is None:
            return None
        try:
            return function(Decimal(one), Decimal(two))
        except (ArithmeticError, InvalidOperation):
            raise Mismatch("The arithmetic has no result.") from None

    return evaluate


def _number(value: Value) -> Any:
    """Empty text is no value at all, as a missing column is."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        try:
            number = Decimal(value.strip()) if len(value) < _MOST_DIGITS else None
        except InvalidOperation:
            number = None
        if number is None or not number.is_finite():
            raise Mismatch("A value is no number.")
        return number
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise Mismatch("A value is no number.")
    return value


def _int(value: Value) -> int | None:
    number = _number(value)
    if number is None:
        return None
    if abs(number) >= 2**63:
        raise Mismatch("An integer has 64 bits.")
    return int(number)


def _double(value: Value) -> float | None:
    number = _number(value)
    return None if number is None else float(number)


def _decimal(value: Value) -> Decimal | None:
    number = _number(value)
    return None if number is None else Decimal(str(number))


def _string(value: Value) -> str | None:
    return None if value is None else text_of(value)


def _bool(value: Value) -> bool | None:
    if value is None or value == "" or isinstance(value, bool):
        return value if isinstance(value, bool) else None
    found = {"true": True, "1": True, "false": False, "0": False}.get(str(value).strip().lower())
    if found is None:
        raise Mismatch("A value is neither true nor false.")
    return found


_TIMES = (
    "%Y%m%d", "%Y/%m/%d", "%d/%m/%Y", "%Y-%m-%d", "%d-%m-%y", "%d.%m.%y", "%H:%M:%S.%f", "%H:%M:%S",
    "%Y%m%d %H:%M:%S.%f", "%Y/%m/%d %H:%M:%S.%f", "%d/%m/%Y %H:%M:%S.%f", "%Y%m%d %H:%M:%S", "%Y/%m/%d %H:%M:%S",
    "%d/%m/%Y %H:%M:%S", "%Y-%m-%d %H:%M:%S.%f", "%d-%m-%Y %H:%M:%S.%f", "%Y-%m-%d %H:%M:%S", "%Y%m%dT%H:%M:%S",
    "%Y%m%dT%H:%M:%S.%f", "%d-%m-%YT%H:%M:%S.%f", "%d-%m-%YT%H:%M:%S", "%Y%m%dT%H%M", "%Y%m%dT%H%M%S",
    "%Y-%m-%dT%H:%M%z", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S", "%d/%b/%Y:%H:%M:%S %z",
    "%a, %d %b %Y %H:%M:%S GMT",
)  # fmt: skip
"""shapes of timestamps that are recognized"""
_FORMATS = {
    "YYYYDDMM": "%Y%d%m", "YYYY/DD/MM": "%Y/%d/%m", "MM/DD/YYYY": "%m/%d/%Y", "YYYY-DD-MM": "%Y-%d-%m",
    "MM-DD-YYYY": "%m-%d-%Y", "MM.DD.YYYY": "%m.%d.%Y", "YYYYMMDD": "%Y%m%d", "YYYY-MM-DD": "%Y-%m-%d",
    "ISO8601-0": "%Y-%m-%dT%H:%M%z", "ISO8601-1": "%Y-%m-%dT%H:%M:%S%z",
}  # fmt: skip


def _timestamp(value: Value, shapes: tuple[str, ...] = _TIMES) -> datetime | None:
    if value is None or value == "" or isinstance(value, datetime):
        return value if isinstance(value, datetime) else None
    for shape in shapes:
        try:
            found = datetime.strptime(text_of(value).strip(), shape)
        except ValueError:
            continue
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    raise Mismatch("A value is no timestamp.")


_CASTS: dict[str, Callable[[Value], Value]] = {
    "int": _int,
    "double": _double,
    "string": _string,
    "decimal": _decimal,
    "timestamp": _timestamp,
    "bool": _bool,
}


def text_of(value: Value) -> str:
    """As it stands in CSV."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)


class Sum:
    """One aggregate while it grows."""

    def __init__(self, node: Aggregate, reader: Reader) -> None:
        self._function = node.function
        self._read = compile_node(node.what, reader) if node.what is not None else None
        self._count = 0
        self._value: Value = None

    def add(self, record: Record) -> None:
        if self._read is None:
            self._count += 1
            return
        value = self._read(record)
        if isinstance(value, str) and self._function in ("avg", "sum"):
            value = _number(value)
        if value is None or value == "":
            return
        numeric = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
        if self._function in ("avg", "sum") and not numeric:
            raise Mismatch("Only numbers can be summed.")
        self._count += 1
        if self._value is None:
            self._value = value
        elif self._function in ("avg", "sum"):
            one, two = (self._value, value) if type(self._value) is type(value) else (float(self._value), float(value))
            self._value = one + two
        else:
            best = max if self._function == "max" else min
            self._value = best(self._value, value)

    def merge(self, count: int, value: Value) -> None:
        """What many records came to."""
        self._count += count
        if value is None:
            return
        if self._value is None:
            self._value = value
        elif self._function in ("avg", "sum"):
            self._value += value
        else:
            best = max if self._function == "max" else min
            self._value = best(self._value, value)

    def result(self) -> Value:
        if self._function == "count":
            return self._count
        if self._function == "avg" and self._value is not None:
            value = self._value / self._count
            return int(value) if value == int(value) else value
        return self._value
