"""Conditions of a statement as DuckDB's: of CSV over columns of text, of JSON over the text of a line.

Of records that are no *doubts*, a condition that was translated as a whole is true where the evaluator's is; and one of
which parts were left out is at least not false there. Doubts are what the two may see differently: numbers with many
digits, text where a number is needed, JSON of another type.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import msgspec

from openyun.services.oss.select.sql import Cast, Column, Literal_, Node, Operation

_PLAIN = r"[-+]?[0-9]+(\.[0-9]*)?"
_MOST_DIGITS = 15
"""of a number that a double keeps apart from every other of so many digits"""


class Untranslatable(Exception):
    """The condition is the evaluator's alone."""


class Translation(msgspec.Struct, frozen=True):
    """A value: the SQL of its text, which is NULL for what is not there."""

    text: str
    kind: str = "text"
    """text; or number, int, double: of what the text is to be read as"""
    json: str = ""
    """of JSON: the SQL of the value with its quotes, which tell its type"""

    @property
    def doubt(self) -> str:
        """Whether this is no text that both read as the same number, as far as it is only compared."""
        double = self._double
        large = f" OR abs({double}) >= 1e15" if self.kind == "int" else ""
        vanished = f"({double} = 0 AND contains(lower({self.text}), 'e'))"
        odd = f"{double} IS NULL OR NOT isfinite({double}) OR strlen({self.text}) > {_MOST_DIGITS} OR {vanished}{large}"
        return f"({self.text} <> '' AND ({odd}))"

    @property
    def doubt_in_sum(self) -> str:
        """The same, for one that is summed up digit by digit."""
        if self.kind in ("int", "double"):
            return self.doubt
        plain = f"strlen({self.text}) <= {_MOST_DIGITS} AND regexp_full_match({self.text}, '{_PLAIN}')"
        return f"({self.text} <> '' AND NOT ({plain}))"

    @property
    def _double(self) -> str:
        return f"TRY_CAST({self.text} AS DOUBLE)"

    @property
    def number(self) -> str:
        """As a double, NULL for the empty text."""
        return f"trunc({self._double})" if self.kind == "int" else self._double

    def value(self, function: str) -> str:
        """For an aggregate."""
        if self.kind == "int":
            return f"CAST({self.number} AS BIGINT)"
        if self.kind == "double":
            return self.number
        if function in ("sum", "avg") or self.kind == "number":
            return f"TRY_CAST({self.text} AS DECIMAL(38, 14))"
        return self.text

    def digits(self, function: str) -> str:
        if self.kind in ("int", "double") or (self.kind == "text" and function not in ("sum", "avg")):
            return "NULL"
        if function not in ("sum", "avg"):
            raise Untranslatable  # the least and the greatest keep the digits that they were written with
        behind = f"length({self.text}) - strpos({self.text}, '.')"
        return f"max(CASE WHEN contains({self.text}, '.') THEN {behind} ELSE 0 END)"


Where = Callable[[Column], Translation]
"""how a column is read; raises Untranslatable"""

_TURNED = {"=": "!=", "!=": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}


class Condition:
    """WHERE, translated."""

    def __init__(self, node: Node | None, where: Where) -> None:
        self._where = where
        self.doubts: list[str] = []
        """conditions; records that fulfil one are the evaluator's"""
        self.whole = True
        """nothing was left out"""
        self.numbers = False
        """some are compared"""
        self.sql = self._maybe(node) if node is not None else "true"

    def _maybe(self, node: Node) -> str:
        """`true` for what cannot be translated."""
        try:
            return self._translated(node)
        except Untranslatable:
            self.whole = False
            return "true"

    def _translated(self, node: Node) -> str:
        if not isinstance(node, Operation):
            raise Untranslatable
        operands = node.operands
        match node.operator:
            case "and":
                return f"({self._maybe(operands[0])} AND {self._maybe(operands[1])})"
            case "or":
                return f"({self._translated(operands[0])} OR {self._translated(operands[1])})"
            case "not":
                return self._negated(operands[0])
            case "between":
                low = self._compared(">=", operands[0], operands[1])
                return f"({low} AND {self._compared('<=', operands[0], operands[2])})"
            case "in":
                return "(" + " OR ".join(self._compared("=", operands[0], one) for one in operands[1:]) + ")"
            case "null":
                found = self._value(operands[0])
                return f"(coalesce({found.text}, '') = '')"
            case "like":
                return self._like(node)
        return self._compared(node.operator, *operands[:2])

    def _negated(self, node: Node) -> str:
        if isinstance(node, Operation) and node.operator in _TURNED:
            return self._compared(_TURNED[node.operator], *node.operands)
        raise Untranslatable

    def _compared(self, operator: str, left: Node, right: Node) -> str:
        if operator not in _TURNED:
            raise Untranslatable
        if isinstance(left, Literal_) and not isinstance(right, Literal_):
            left, right, operator = right, left, operator.translate(str.maketrans("<>", "><"))
        if not isinstance(right, Literal_):
            raise Untranslatable
        value, found = right.value, self._value(left)
        if isinstance(value, Decimal) or (isinstance(value, str) and found.kind != "text"):
            return self._of_numbers(operator, found, value)
        if not isinstance(value, str):
            raise Untranslatable
        if not found.json:
            return f"({found.text} {operator} {quoted(value)})"
        if operator not in ("=", "!=") or any(letter in '"\\' or not letter.isprintable() for letter in value):
            raise Untranslatable
        self.doubts.append(_not_plain_text(found))
        return f"({found.json} {operator} {quoted(chr(34) + value + chr(34))})"

    def _of_numbers(self, operator: str, found: Translation, value: Decimal | str) -> str:
        try:
            literal = Decimal(value)
        except ArithmeticError:
            raise Untranslatable from None
        if not literal.is_finite() or len(literal.as_tuple().digits) > 15 or not -14 <= literal.adjusted() <= 14:
            raise Untranslatable
        self.doubts.append(found.doubt)
        self.numbers = True
        return f"({found.number} {operator} CAST('{literal:f}' AS DOUBLE))"

    def _like(self, node: Operation) -> str:
        found, pattern = self._value(node.operands[0]), node.operands[1]
        text = pattern.value if isinstance(pattern, Literal_) else None
        if found.kind != "text" or not isinstance(text, str):
            raise Untranslatable
        like = f"{found.text} LIKE {quoted(_pattern(text, node.escape))} ESCAPE '\\'"
        if found.json:
            self.doubts.append(_not_plain_text(found))
        return f"({like})"

    def _value(self, node: Node) -> Translation:
        return value_of(node, self._where)


def value_of(node: Node, where: Where) -> Translation:
    """Raises Untranslatable."""
    if isinstance(node, Column):
        return where(node)
    if isinstance(node, Cast) and isinstance(node.what, Column) and not node.format:
        found = where(node.what)
        kind = {"int": "int", "double": "double", "decimal": "number"}.get(node.type)
        if kind is not None:
            return msgspec.structs.replace(found, kind=kind)
        if node.type == "string" and not found.json:
            return found
    raise Untranslatable


def _not_plain_text(found: Translation) -> str:
    """JSON that is no text, or one with escapes."""
    return f"(NOT starts_with({found.json}, '\"') OR contains({found.json}, '\\'))"


def _pattern(text: str, escape: str) -> str:
    """% and * stand for any text, ? and _ for one character."""
    parts, place = [], 0
    while place < len(text):
        letter = text[place]
        if escape and letter == escape and place + 1 < len(text):
            place += 1
            parts.append("\\" + text[place] if text[place] in "%_\\" else text[place])
        elif letter in "%*":
            parts.append("%")
        elif letter in "?_":
            parts.append("_")
        else:
            parts.append("\\\\" if letter == "\\" else letter)
        place += 1
    return "".join(parts)


def json_column(column: Column) -> Translation:
    """Raises Untranslatable."""
    path = "$"
    for one in column.path:
        if isinstance(one, int):
            path += f"[{one}]"
        elif one == "*" or any(letter in '"\\' or not letter.isprintable() for letter in one):
            raise Untranslatable
        else:
            path += f'."{one}"'
    if path == "$":
        raise Untranslatable
    literal = quoted(path)
    return Translation(
        text=f"json_extract_string(line, {literal})", json=f"CAST(json_extract(line, {literal}) AS VARCHAR)"
    )


def quoted(text: str) -> str:
    """A literal of SQL."""
    if "\0" in text:
        raise Untranslatable
    return "'" + text.replace("'", "''") + "'"
