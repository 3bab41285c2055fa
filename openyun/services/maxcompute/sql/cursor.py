"""Goes through the words of a script."""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec
from sqlglot.errors import TokenError
from sqlglot.tokens import TokenType  # type: ignore[attr-defined]  # compiled, so its types are not told

from openyun.engine.data_type import BadType, parse
from openyun.services.maxcompute.language.dialect import MaxCompute
from openyun.services.maxcompute.sql_errors import ParseProblem


class _Words(MaxCompute):
    class Tokenizer(MaxCompute.Tokenizer):
        # Statements such as SHOW are read word by word here; the dialect takes their rest as one.
        COMMANDS: ClassVar[set[Any]] = set()


_QUOTED = {TokenType.STRING, TokenType.IDENTIFIER}


class Token(msgspec.Struct, frozen=True):
    token_type: Any
    text: str
    line: int
    col: int
    """of its last character"""
    start: int
    end: int


def tokens_of(script: str) -> list[list[Token]]:
    """Of each statement. Raises ParseProblem."""
    try:
        found = _Words().tokenize(script)
    except TokenError as problem:
        raise ParseProblem(str(problem).partition("\n")[0]) from None
    statements: list[list[Token]] = [[]]
    for token in found:
        if token.token_type == TokenType.SEMICOLON:
            statements.append([])
        else:
            words = [token.text] if token.token_type in _QUOTED else token.text.split()  # `PARTITIONED BY` is one
            statements[-1] += [
                Token(token.token_type, word, token.line, token.col, token.start, token.end) for word in words
            ]
    return [one for one in statements if one]


class Cursor:
    def __init__(self, script: str, tokens: list[Token]) -> None:
        self._script = script
        self._tokens = tokens
        self.at = 0

    @property
    def over(self) -> bool:
        return self.at >= len(self._tokens)

    @property
    def place(self) -> tuple[int, int]:
        token = self._tokens[min(self.at, len(self._tokens) - 1)]
        return int(token.line), max(1, int(token.col) - (int(token.end) - int(token.start)))

    def wrong(self, expected: str = "") -> ParseProblem:
        found = self._tokens[self.at].text if not self.over else "end of statement"
        return ParseProblem(f"invalid token '{found}'" + (f", expect {expected}" if expected else ""), self.place)

    def peek(self, ahead: int = 0) -> str:
        """The next word in capitals; of a quoted one, its quotes stay, so that it is no keyword."""
        if self.at + ahead >= len(self._tokens):
            return ""
        token = self._tokens[self.at + ahead]
        return f"'{token.text}'" if token.token_type in _QUOTED else str(token.text).upper()

    def take(self, *words: str) -> bool:
        """These words, if they are next."""
        if all(self.peek(ahead) == word for ahead, word in enumerate(words)):
            self.at += len(words)
            return True
        return False

    def expect(self, *words: str) -> None:
        for word in words:
            if not self.take(word):
                raise self.wrong(f"'{word}'")

    def text(self) -> str:
        """A string."""
        if self.over or self._tokens[self.at].token_type != TokenType.STRING:
            raise self.wrong("a string")
        self.at += 1
        return str(self._tokens[self.at - 1].text)

    def number(self) -> int:
        word = self.peek()
        if not word.isdecimal():
            raise self.wrong("a number")
        self.at += 1
        return int(word)

    def identifier(self) -> str:
        if self.over:
            raise self.wrong("a name")
        token = self._tokens[self.at]
        text = str(token.text)
        if token.token_type != TokenType.IDENTIFIER and not text.replace("_", "a").replace("$", "a").isalnum():
            raise self.wrong("a name")
        self.at += 1
        return text.lower()

    def name(self) -> tuple[str, ...]:
        parts = [self.identifier()]
        while self.take("."):
            parts.append(self.identifier())
        return tuple(parts)

    def value(self) -> str:
        """A constant, as text."""
        if self.take("-"):
            return f"-{self.value()}"
        if self.over:
            raise self.wrong("a value")
        self.at += 1
        return str(self._tokens[self.at - 1].text)

    def type(self) -> str:
        """Raises ParseProblem."""
        first = self.at
        self.at += 1
        depth = 0
        while not self.over:
            word = self.peek()
            if word in ("<", "("):
                depth += 1
            elif word in (">", ")"):
                if depth == 0:
                    break
                depth -= 1
            elif depth == 0:
                break
            self.at += 1
        written = self._script[self._tokens[first].start : self._tokens[self.at - 1].end + 1]
        try:
            return str(parse(written))
        except BadType:
            self.at = first
            raise self.wrong("a data type") from None

    def rest(self) -> str:
        """What is left of the statement, behind as many blanks as put it in its place."""
        if self.over:
            raise self.wrong("a query")
        start, end = self._tokens[self.at].start, self._tokens[-1].end + 1
        before = "".join("\n" if one == "\n" else " " for one in self._script[:start])
        self.at = len(self._tokens)
        return before + self._script[start:end]

    def raw_rest(self) -> str:
        """What is left, as it was written."""
        start, end = self._tokens[self.at].start, self._tokens[-1].end + 1
        self.at = len(self._tokens)
        return self._script[start:end]

    def end(self) -> Any:
        if not self.over:
            raise self.wrong("';'")
