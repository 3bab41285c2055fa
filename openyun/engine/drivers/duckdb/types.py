"""Data types as DuckDB has them.

In a session a datetime is DuckDB's TIMESTAMP, in the session's time zone, so that functions see the hours that the user
sees; in files it is a moment (TIMESTAMPTZ). A timestamp is a moment in both, and timestamp_ntz is TIMESTAMP_NS: so the
types of a result tell which of the three it is.
"""

from __future__ import annotations

from typing import Any

from openyun.engine.data_type import BadType, Type

_SIMPLE = {
    "tinyint": "TINYINT", "smallint": "SMALLINT", "int": "INTEGER", "bigint": "BIGINT", "float": "FLOAT",
    "double": "DOUBLE", "string": "VARCHAR", "varchar": "VARCHAR", "char": "VARCHAR", "binary": "BLOB",
    "boolean": "BOOLEAN", "date": "DATE", "datetime": "TIMESTAMP", "timestamp": "TIMESTAMPTZ",
    "timestamp_ntz": "TIMESTAMP_NS", "json": "JSON", "interval_day_time": "INTERVAL",
    "interval_year_month": "INTERVAL", "void": "VARCHAR",
}  # fmt: skip
_FROM_DUCKDB = {
    "TINYINT": "tinyint", "SMALLINT": "smallint", "UTINYINT": "smallint", "INTEGER": "int", "USMALLINT": "int",
    "BIGINT": "bigint", "UINTEGER": "bigint", "UBIGINT": "bigint", "HUGEINT": "bigint", "UHUGEINT": "bigint",
    "FLOAT": "float", "DOUBLE": "double", "VARCHAR": "string", "BLOB": "binary", "BOOLEAN": "boolean", "DATE": "date",
    "TIMESTAMP": "datetime", "TIMESTAMP_S": "datetime", "TIMESTAMP_MS": "datetime",
    "TIMESTAMP WITH TIME ZONE": "timestamp", "TIMESTAMP_NS": "timestamp_ntz", "JSON": "json", "UUID": "string",
    "\"NULL\"": "string", "NULL": "string", "INTERVAL": "interval_day_time", "TIME": "string", "BIT": "string",
}  # fmt: skip


def to_duckdb(type_: Type, *, stored: bool = False) -> str:
    """Its type in a session, or in files."""
    if type_.name == "array":
        return to_duckdb(type_.of[0], stored=stored) + "[]"
    if type_.name == "map":
        return f"MAP({to_duckdb(type_.of[0], stored=stored)}, {to_duckdb(type_.of[1], stored=stored)})"
    if type_.name == "struct":
        pairs = zip(type_.fields, type_.of, strict=True)
        return f"STRUCT({', '.join(f'{quoted(n)} {to_duckdb(t, stored=stored)}' for n, t in pairs)})"
    if type_.name == "decimal":
        precision, scale = type_.sizes or (38, 18)
        return f"DECIMAL({precision}, {scale})"
    if stored and type_.name == "datetime":
        return "TIMESTAMPTZ"
    if stored and type_.name == "json":
        return "VARCHAR"
    return _SIMPLE[type_.name]


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def of_duckdb(type_: Any) -> Type:
    """Of a DuckDBPyType, in a session."""
    kind = type_.id
    if kind in ("list", "array"):
        return Type("array", (), (of_duckdb(type_.children[0][1]),))
    if kind == "map":
        return Type("map", (), tuple(of_duckdb(one) for _, one in type_.children))
    if kind == "struct":
        children = type_.children
        return Type("struct", (), tuple(of_duckdb(t) for _, t in children), tuple(n for n, _ in children))
    if kind == "decimal":
        sizes = dict(type_.children)
        return Type("decimal", (sizes["precision"], sizes["scale"]))
    if kind == "enum":
        return Type("string")
    text = str(type_)
    if text not in _FROM_DUCKDB:
        raise BadType(text)
    return Type(_FROM_DUCKDB[text])
