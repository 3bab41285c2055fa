"""How MaxCompute's queries are read: Hive's, and functions by the vendor's own names."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlglot import exp
from sqlglot.dialects.hive import Hive

from openyun.services.maxcompute.sql.functions import FUNCTIONS


class MaxCompute(Hive):
    class Tokenizer(Hive.Tokenizer):
        COMMANDS: ClassVar[set[Any]] = set()

    class Parser(Hive.Parser):  # type: ignore[misc, valid-type]  # sqlglot sets it when it is imported
        # Hive's meanings of these names differ, or would lose the vendor's: they stay what was written.
        FUNCTIONS = {name: build for name, build in Hive.Parser.FUNCTIONS.items() if name.lower() not in FUNCTIONS}


def call_name(node: exp.Expression) -> str:
    return str(node.this).lower()
