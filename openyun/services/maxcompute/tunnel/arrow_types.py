"""The tunnel's Arrow types."""

from __future__ import annotations

from typing import Any

from openyun.engine.data_type import Type


def to_arrow(type_: Type, *, nanoseconds_apart: bool = False) -> Any:
    """The tunnel's Arrow types. Instance tunnels send a TIMESTAMP as seconds and nanoseconds."""
    import pyarrow as pa

    apart = pa.struct([("sec", pa.int64()), ("nano", pa.int32())])
    simple = {
        "tinyint": pa.int8(), "smallint": pa.int16(), "int": pa.int32(), "bigint": pa.int64(), "float": pa.float32(),
        "double": pa.float64(), "string": pa.string(), "varchar": pa.string(), "char": pa.string(),
        "binary": pa.binary(), "boolean": pa.bool_(), "date": pa.date32(), "datetime": pa.timestamp("ms"),
        "timestamp": pa.timestamp("ns"), "timestamp_ntz": pa.timestamp("ns"), "json": pa.string(), "void": pa.string(),
        "interval_year_month": pa.int64(), "interval_day_time": apart,
    }  # fmt: skip
    if type_.name == "array":
        return pa.list_(to_arrow(type_.of[0], nanoseconds_apart=nanoseconds_apart))
    if type_.name == "map":
        return pa.map_(*(to_arrow(one, nanoseconds_apart=nanoseconds_apart) for one in type_.of))
    if type_.name == "struct":
        inner = [to_arrow(one, nanoseconds_apart=nanoseconds_apart) for one in type_.of]
        return pa.struct(list(zip(type_.fields, inner, strict=True)))
    if type_.name == "decimal":
        return pa.decimal128(*(type_.sizes or (38, 18)))
    if nanoseconds_apart and type_.name in ("timestamp", "timestamp_ntz"):
        return apart
    return simple[type_.name]
