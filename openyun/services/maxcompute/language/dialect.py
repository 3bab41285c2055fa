"""MaxCompute's grammar: sqlglot's Hive, with what differs."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlglot import exp, parser
from sqlglot.dialects.hive import Hive
from sqlglot.parsers.hive import HiveParser
from sqlglot.tokenizer_core import TokenType

_KEPT_PARSERS = ("CAST", "SAFE_CAST", "EXTRACT", "TRIM")


class MaxComputeParser(HiveParser):
    # A function keeps its name and its arguments: what it means is in `functions`, in MaxCompute's words, and not
    # in Hive's, which share many names and few details.
    FUNCTIONS: ClassVar[dict[str, Any]] = {}
    FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {name: parser.Parser.FUNCTION_PARSERS[name] for name in _KEPT_PARSERS}
    # `array(1, 2)[1]` takes an element: it is no array of one
    ARRAY_CONSTRUCTORS: ClassVar[dict[str, Any]] = {}
    FUNCTIONS_WITH_ALIASED_ARGS: ClassVar[set[str]] = set()
    NO_PAREN_FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {
        name: parse for name, parse in HiveParser.NO_PAREN_FUNCTION_PARSERS.items() if name not in ("TRANSFORM", "MAP")
    }
    PROPERTY_PARSERS: ClassVar[dict[str, Any]] = {
        **HiveParser.PROPERTY_PARSERS,
        "LIFECYCLE": lambda self: self._parse_lifecycle(),
    }

    def _parse_lifecycle(self) -> exp.Expr:
        days = self._parse_number()
        return self.expression(exp.Property(this=exp.var("LIFECYCLE"), value=days))

    def _parse_types(self, *args: Any, **options: Any) -> exp.Expr | None:
        # Hive's own reading makes every VARCHAR(n) and CHAR(n) of a cast a STRING; here their lengths count.
        return parser.Parser._parse_types(self, *args, **options)


class MaxCompute(Hive):
    class Tokenizer(Hive.Tokenizer):
        HEX_STRINGS: ClassVar[list[tuple[str, str] | str]] = [("x'", "'"), ("X'", "'")]
        KEYWORDS: ClassVar[dict[str, TokenType]] = {
            **Hive.Tokenizer.KEYWORDS,
            "DATETIME": TokenType.DATETIME,
            "TIMESTAMP_NTZ": TokenType.TIMESTAMP_S,
        }

    Parser = MaxComputeParser
