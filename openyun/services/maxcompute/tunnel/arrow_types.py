"""The tunnel's Arrow types."""

from __future__ import annotations

from typing import Any

from openyun.engine.data_type import Type


def to_arrow(type_: Type, *, nanoseconds_apart: bool = False) -> Any:
    """The tunnel's Arrow types. Instance tunnels send a TIMESTAMP as seconds and nanoseconds."""
    import pyarrow as pa  # type: ignore[import-untyped]  # it has no types

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


def stored_type(type_: Type) -> Any:
    """As the query engine writes it into files: moments in UTC."""
    import pyarrow as pa

    if type_.name == "array":
        return pa.list_(stored_type(type_.of[0]))
    if type_.name == "map":
        return pa.map_(*map(stored_type, type_.of))
    if type_.name == "struct":
        return pa.struct(list(zip(type_.fields, map(stored_type, type_.of), strict=True)))
    if type_.name in ("datetime", "timestamp"):
        return pa.timestamp("us", "UTC")
    return to_arrow(type_)


def number_types(type_: Type) -> tuple[Any, Any]:
    """Two types to cast to in turn, so that times become numbers: a datetime milliseconds, a timestamp microseconds, a
    timestamp_ntz nanoseconds since the epoch, a date days."""
    import pyarrow as pa

    if type_.name == "array":
        steps = number_types(type_.of[0])
        return pa.list_(steps[0]), pa.list_(steps[1])
    if type_.name == "map":
        keys, values = map(number_types, type_.of)
        return pa.map_(keys[0], values[0]), pa.map_(keys[1], values[1])
    if type_.name == "struct":
        inner = [number_types(one) for one in type_.of]
        first, second = ([one[step] for one in inner] for step in (0, 1))
        return (
            pa.struct(list(zip(type_.fields, first, strict=True))),
            pa.struct(list(zip(type_.fields, second, strict=True))),
        )
    times = {
        "datetime": (pa.timestamp("ms", "UTC"), pa.int64()),
        "timestamp": (pa.timestamp("us", "UTC"), pa.int64()),
        "timestamp_ntz": (pa.timestamp("ns"), pa.int64()),
        "date": (pa.date32(), pa.int32()),
    }
    found = stored_type(type_)
    return times.get(type_.name, (found, found))
