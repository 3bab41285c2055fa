"""The SQL of SelectObject: a statement's text to a tree. The dialect is small, and what it has not is refused.

    SELECT * | item [AS name], ...  FROM ossobject[path] [alias]  [WHERE condition]  [LIMIT number]

An item is a column, a CAST of one, or an aggregate. Nothing here or after it hands the text to any other program.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Literal

import msgspec

from openyun.services.oss.select.errors import SelectProblem, syntax

_LONGEST = 16 * 1024
_MOST_COLUMNS = 1000
_LONGEST_NAME = 1024
_MOST_AGGREGATES = 100
_MOST_CONDITIONS = 200
_DEEPEST = 60
_MOST_IN = 1024

Index = int | str
"""of a path: a member's name, a place in an array, or `*` for all"""


class Column(msgspec.Struct, frozen=True):
    path: tuple[Index, ...]


class Literal_(msgspec.Struct, frozen=True):
    value: str | Decimal | bool | None


class Cast(msgspec.Struct, frozen=True):
    what: Node
    type: str
    format: str = ""


class Operation(msgspec.Struct, frozen=True):
    operator: str
    """= != < <= > >= + - * / % || and or not neg like in between null"""
    operands: tuple[Node, ...]
    escape: str = ""


class Aggregate(msgspec.Struct, frozen=True):
    function: Literal["avg", "sum", "max", "min", "count"]
    what: Node | None


Node = Column | Literal_ | Cast | Operation | Aggregate


class Item(msgspec.Struct, frozen=True):
    node: Node
    alias: str = ""


class Statement(msgspec.Struct, frozen=True):
    items: tuple[Item, ...]
    """none for `*`"""
    source: tuple[Index, ...]
    """where in a JSON document the records are"""
    where: Node | None
    limit: int | None

    @property
    def aggregates(self) -> bool:
        return any(isinstance(item.node, Aggregate) for item in self.items)


_TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)
    | (?P<name>[^\W\d]\w*|_\d+)
    | (?P<quoted>"(?:[^"]|"")*")
    | (?P<string>'(?:[^']|'')*')
    | (?P<sign><>|!=|<=|>=|\|\||[-+*/%=<>(),.\[\]])
    )""",
    re.VERBOSE,
)
_TYPES = {
    "int": "int", "integer": "int", "bigint": "int", "double": "double", "float": "double", "string": "string",
    "varchar": "string", "char": "string", "decimal": "decimal", "timestamp": "timestamp", "bool": "bool",
    "boolean": "bool",
}  # fmt: skip
_KEYWORDS = frozenset(
    [
        "select",
        "from",
        "where",
        "limit",
        "and",
        "or",
        "not",
        "in",
        "between",
        "like",
        "is",
        "null",
        "as",
        "cast",
        "escape",
        "true",
        "false",
    ]
)
_REFUSED = frozenset(["group", "order", "having", "join", "union", "offset", "distinct"])


class _Token(msgspec.Struct, frozen=True):
    kind: str
    text: str


def parse(text: str) -> Statement:
    """Raises SelectProblem."""
    if not text.strip() or len(text.encode()) > _LONGEST:
        raise SelectProblem("InvalidSqlParameter", "The SQL expression is empty or too long.")
    return _Parser(_tokens(text)).statement()


def _tokens(text: str) -> list[_Token]:
    text = text.rstrip().rstrip(";").rstrip()
    if text.count("'") % 2 and text.endswith("'"):
        text = text[:-1].rstrip()  # the vendor's own samples end in a quote too many
    tokens, place = [], 0
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None:
            raise syntax(f"Unexpected character at position {place}.")
        kind = str(found.lastgroup)
        tokens.append(_Token(kind, found[kind]))
        place = found.end()
    return tokens


class _Parser:
    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._place = 0
        self._alias = "ossobject"
        self._conditions = 0
        self._depth = 0

    def statement(self) -> Statement:
        self._expect("select")
        start = self._place
        # What follows FROM names the alias that the items may begin with, so it is read first.
        self._place = self._find_from(start)
        self._expect("from")
        source = self._source()
        where = self._expression() if self._take("where") else None
        limit = self._limit() if self._take("limit") else None
        if self._place < len(self._tokens):
            raise syntax(f"Unexpected {self._tokens[self._place].text}.")
        self._place = start
        items = self._items()
        self._expect("from")
        if sum(isinstance(item.node, Aggregate) for item in items) > _MOST_AGGREGATES:
            raise SelectProblem("SqlExceedsMaxAggregationCount", "There are too many aggregations.")
        kinds = {isinstance(item.node, Aggregate) for item in items}
        if len(kinds) == 2:
            raise SelectProblem("SqlInvalidMixOfAggregationAndColumn", "Aggregations and columns cannot be mixed.")
        return Statement(tuple(items), source, where, limit)

    def _find_from(self, start: int) -> int:
        for place in range(start, len(self._tokens)):
            token = self._tokens[place]
            if token.kind == "name" and token.text.lower() == "from":
                return place
        raise syntax("FROM is missing.")

    def _peek(self) -> _Token:
        return self._tokens[self._place] if self._place < len(self._tokens) else _Token("end", "")

    def _next(self) -> _Token:
        token = self._peek()
        self._place += 1
        return token

    def _is(self, text: str) -> bool:
        token = self._peek()
        return token.kind in ("name", "sign") and token.text.lower() == text

    def _take(self, text: str) -> bool:
        if self._is(text):
            self._place += 1
            return True
        return False

    def _expect(self, text: str) -> None:
        if not self._take(text):
            raise syntax(f"{text.upper()} is missing before {self._peek().text or 'the end'}.")

    def _source(self) -> tuple[Index, ...]:
        token = self._next()
        if token.text.lower() != "ossobject":
            raise syntax("FROM must name ossobject.")
        path = self._path(())
        self._take("as")
        token = self._peek()
        if token.kind == "name" and token.text.lower() not in _KEYWORDS | _REFUSED:
            self._alias = self._next().text
        return path

    def _path(self, path: tuple[Index, ...]) -> tuple[Index, ...]:
        while True:
            if self._take("."):
                token = self._next()
                if token.kind not in ("name", "quoted", "string") and token.text != "*":
                    raise syntax("A name is missing after the dot.")
                path = (*path, _unquoted(token))
            elif self._take("["):
                negative = self._take("-")
                token = self._next()
                if negative:
                    raise SelectProblem("NegativeRowIndex", "The index of an array is negative.")
                if token.kind == "number" and token.text.isdigit():
                    path = (*path, int(token.text))
                elif token.kind in ("string", "quoted") or token.text == "*":
                    path = (*path, _unquoted(token))
                else:
                    raise syntax("The index of an array must be a number.")
                self._expect("]")
            else:
                return path

    def _limit(self) -> int:
        token = self._next()
        if token.kind != "number" or not token.text.isdigit() or int(token.text) < 1:
            raise SelectProblem("SqlInvalidLimitValue", "LIMIT must be a positive number.")
        return int(token.text)

    def _items(self) -> list[Item]:
        if self._take("*"):
            if self._is(","):
                raise SelectProblem("SqlInvalidMixOfStarAndColumn", "* and columns cannot be mixed.")
            return []
        items: list[Item] = []
        while True:
            node = self._expression()
            if isinstance(node, Column) and node.path == ("*",) and not items and not self._is(","):
                return []  # select s.*
            if not isinstance(node, Column | Cast | Aggregate):
                raise syntax("Only columns, CAST and aggregations can be selected.")
            alias = ""
            while self._take("as"):
                alias = _unquoted(self._next())
            items.append(Item(node, alias))
            if len(items) > _MOST_COLUMNS:
                raise syntax("There are too many columns.")
            if not self._take(","):
                return items

    def _expression(self) -> Node:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise SelectProblem("SqlExceedsMaxConditionDepth", "The expression is too deep.")
        node = self._conjunction()
        while self._take("or"):
            node = self._made("or", node, self._conjunction())
        self._depth -= 1
        return node

    def _made(self, operator: str, *operands: Node, escape: str = "") -> Operation:
        self._conditions += 1
        if self._conditions > _MOST_CONDITIONS:
            raise SelectProblem("SqlExceedsMaxConditionCount", "There are too many conditions.")
        return Operation(operator, operands, escape)

    def _conjunction(self) -> Node:
        node = self._negation()
        while self._take("and"):
            node = self._made("and", node, self._negation())
        return node

    def _negation(self) -> Node:
        turns = 0
        while self._take("not"):
            turns += 1
        node = self._comparison()
        return self._made("not", node) if turns % 2 else node

    def _comparison(self) -> Node:
        node = self._sum()
        token = self._peek()
        if token.kind == "sign" and token.text in ("=", "!=", "<>", "<", "<=", ">", ">="):
            self._place += 1
            return self._made("!=" if token.text == "<>" else token.text, node, self._sum())
        if self._take("is"):
            negative = self._take("not")
            self._expect("null")
            return self._negated(negative, self._made("null", node))
        negative = self._take("not")
        if self._take("like"):
            return self._negated(negative, self._like(node))
        if self._take("between"):
            low = self._sum()
            self._expect("and")
            return self._negated(negative, self._made("between", node, low, self._sum()))
        if self._take("in"):
            self._expect("(")
            values = [self._sum()]
            while self._take(","):
                values.append(self._sum())
            self._expect(")")
            if len(values) > _MOST_IN:
                raise SelectProblem("SqlExceedsMaxInCount", f"IN has more than {_MOST_IN} values.")
            return self._negated(negative, self._made("in", node, *values))
        if negative:
            raise syntax("NOT must be followed by LIKE, IN or BETWEEN.")
        return node

    def _negated(self, negative: bool, node: Node) -> Node:
        return self._made("not", node) if negative else node

    def _like(self, node: Node) -> Node:
        pattern = self._sum()
        escape = ""
        if self._take("escape"):
            escape = _unquoted(self._next())
            if len(escape) != 1:
                raise SelectProblem("SqlOnlyOneEscapeCharIsAllowed", "ESCAPE takes one character.")
            if escape in "?%*":
                raise SelectProblem("SqlInvalidEscapeChar", "This character cannot escape.")
        if not isinstance(pattern, Literal_) or not isinstance(pattern.value, str):
            raise SelectProblem("SqlInvalidLikeOperand", "LIKE needs a string on its right.")
        if len(re.findall("[%*]", pattern.value)) > 5:
            raise SelectProblem("SqlExceedsMaxWildCardCount", "LIKE has at most 5 wildcards.")
        if escape and pattern.value.endswith(escape) and not pattern.value.endswith(escape * 2):
            raise SelectProblem("SqlNoCharAfterEscapeChar", "There is no character after the escape.")
        return self._made("like", node, pattern, escape=escape)

    def _sum(self) -> Node:
        node = self._product()
        while self._peek().kind == "sign" and self._peek().text in ("+", "-", "||"):
            operator = self._next().text
            node = self._made(operator, node, self._product())
        return node

    def _product(self) -> Node:
        node = self._unary()
        while self._peek().kind == "sign" and self._peek().text in ("*", "/", "%"):
            operator = self._next().text
            node = self._made(operator, node, self._unary())
        return node

    def _unary(self) -> Node:
        if self._take("-"):
            node = self._atom()
            if isinstance(node, Literal_) and isinstance(node.value, Decimal):
                return Literal_(-node.value)
            return self._made("neg", node)
        self._take("+")
        return self._atom()

    def _atom(self) -> Node:
        token = self._next()
        name = token.text.lower()
        if token.kind == "number":
            return Literal_(Decimal(token.text))
        if token.kind == "string":
            return Literal_(_unquoted(token))
        if token.text == "(":
            node = self._expression()
            self._expect(")")
            return node
        if token.kind == "quoted":
            return self._column(token)
        if token.kind != "name":
            raise syntax(f"Unexpected {token.text or 'end'}.")
        if name in ("true", "false"):
            return Literal_(name == "true")
        if name == "null":
            return Literal_(None)
        if name == "cast" and self._is("("):
            return self._cast()
        if name in ("avg", "sum", "max", "min", "count") and self._is("("):
            return self._aggregate(name)
        if self._is("(") or name in _KEYWORDS | _REFUSED:
            raise syntax(f"{token.text} is not supported here.")
        return self._column(token)

    def _column(self, token: _Token) -> Column:
        name = _unquoted(token)
        if len(name) > _LONGEST_NAME:
            raise SelectProblem("SqlExceedsMaxColumnNameLength", "The name of a column is too long.")
        is_source = token.kind == "name" and name.lower() in (self._alias.lower(), "ossobject")
        path = self._path(() if is_source and (self._is(".") or self._is("[")) else (name,))
        if is_source and not path:
            return Column(())
        if "*" in path and path != ("*",):
            raise SelectProblem("WildCardNotAllowed", "A wildcard is allowed after FROM only.")
        if is_source and path == (name,):
            return Column(())
        return Column(path)

    def _cast(self) -> Cast:
        self._expect("(")
        what = self._sum()
        self._expect("as")
        wanted = self._next().text.lower()
        if wanted not in _TYPES:
            raise syntax(f"{wanted} is not a type.")
        if self._take("("):
            while not self._take(")"):
                if self._next().kind == "end":
                    raise syntax(") is missing.")
        shape = ""
        if self._take("format"):
            shape = _unquoted(self._next())
        self._expect(")")
        return Cast(what, _TYPES[wanted], shape)

    def _aggregate(self, name: str) -> Aggregate:
        self._expect("(")
        what: Node | None = None
        if not self._take("*"):
            what = self._sum()
        elif name != "count":
            raise syntax("* can only be counted.")
        self._expect(")")
        if name == "count" and what is not None:
            raise syntax("COUNT takes * only.")
        return Aggregate(name, what)  # type: ignore[arg-type]  # _atom compares it with just these names


def _unquoted(token: _Token) -> str:
    if token.kind == "string":
        return token.text[1:-1].replace("''", "'")
    if token.kind == "quoted":
        return token.text[1:-1].replace('""', '"')
    return token.text
