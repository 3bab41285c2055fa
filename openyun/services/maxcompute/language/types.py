"""MaxCompute's types in a session of DuckDB, and what converts to what by itself.

A DATETIME is a TIMESTAMP in the session's time zone, a TIMESTAMP a TIMESTAMPTZ, a TIMESTAMP_NTZ a TIMESTAMP_NS: the
engine's driver keeps the same rule.
"""

from __future__ import annotations

from typing import Any

from sqlglot import exp

_NAMES = {
    exp.DType.TINYINT: "TINYINT", exp.DType.SMALLINT: "SMALLINT", exp.DType.INT: "INTEGER",
    exp.DType.BIGINT: "BIGINT", exp.DType.FLOAT: "FLOAT", exp.DType.DOUBLE: "DOUBLE", exp.DType.TEXT: "VARCHAR",
    exp.DType.VARCHAR: "VARCHAR", exp.DType.CHAR: "VARCHAR", exp.DType.NCHAR: "VARCHAR", exp.DType.BINARY: "BLOB",
    exp.DType.VARBINARY: "BLOB", exp.DType.BOOLEAN: "BOOLEAN", exp.DType.DATE: "DATE",
    exp.DType.DATETIME: "TIMESTAMP", exp.DType.TIMESTAMP: "TIMESTAMPTZ", exp.DType.TIMESTAMPTZ: "TIMESTAMPTZ",
    exp.DType.TIMESTAMP_S: "TIMESTAMP_NS", exp.DType.TIMESTAMPNTZ: "TIMESTAMP_NS", exp.DType.JSON: "JSON",
    exp.DType.INTERVAL: "INTERVAL",
}  # fmt: skip

WHOLE = ("tinyint", "smallint", "int", "bigint")
NUMBERS = (*WHOLE, "float", "double", "decimal")
TEXTS = ("string", "varchar", "char")
TIMES = ("date", "datetime", "timestamp", "timestamp_ntz")


def to_duckdb(type_: exp.DataType) -> str:
    """Raises KeyError for what is no type of MaxCompute's."""
    inner: list[Any] = list(type_.expressions)
    if type_.this == exp.DType.ARRAY:
        return to_duckdb(inner[0]) + "[]"
    if type_.this == exp.DType.MAP:
        return f"MAP({to_duckdb(inner[0])}, {to_duckdb(inner[1])})"
    if type_.this == exp.DType.STRUCT:
        fields = ", ".join(f'"{one.name.lower()}" {to_duckdb(one.args["kind"])}' for one in inner)
        return f"STRUCT({fields})"
    if type_.this == exp.DType.DECIMAL:
        sizes = [one.name for one in inner]
        return f"DECIMAL({sizes[0]}, {sizes[1] if len(sizes) > 1 else 0})" if sizes else "DECIMAL(38, 18)"
    return _NAMES[type_.this]


def sized(type_: exp.DataType) -> int | None:
    """The length of a VARCHAR(n) or CHAR(n)."""
    if type_.this in (exp.DType.VARCHAR, exp.DType.CHAR, exp.DType.NCHAR) and type_.expressions:
        return int(type_.expressions[0].name)
    return None


_WORDS = {
    "TINYINT": "tinyint", "SMALLINT": "smallint", "INTEGER": "int", "BIGINT": "bigint", "FLOAT": "float",
    "DOUBLE": "double", "VARCHAR": "string", "BLOB": "binary", "BOOLEAN": "boolean", "DATE": "date",
    "TIMESTAMP": "datetime", "TIMESTAMPTZ": "timestamp", "TIMESTAMP_NS": "timestamp_ntz", "JSON": "json",
}  # fmt: skip


def word(type_: exp.DataType) -> str:
    """MaxCompute's word for its family: `decimal`, `array`, `string`."""
    if type_.this in (exp.DType.ARRAY, exp.DType.MAP, exp.DType.STRUCT, exp.DType.DECIMAL):
        return str(type_.this.value).lower()
    return _WORDS.get(_NAMES.get(type_.this, ""), "")
