"""JSON: in strings, and of the type JSON."""

from __future__ import annotations

from sqlglot import exp

from openyun.services.maxcompute.language.template import call, fill

SAME = {"json_valid": "json_valid", "is_json": "json_valid"}

MACROS = {
    # text as it is, everything else as JSON; what is no JSON has nothing in it
    "json": """(j, p) AS CASE WHEN json_valid(CAST(j AS VARCHAR)) THEN
        json_extract_string(CAST(j AS VARCHAR), p) END""",
    "_json_many": """(j, p) AS CASE WHEN json_valid(CAST(j AS VARCHAR)) THEN
        CAST(to_json(json_extract(CAST(j AS VARCHAR), p)) AS VARCHAR) END""",
    "json_tuple": """(j, k) AS CASE WHEN json_valid(j) THEN
        json_extract_string(j, CASE WHEN starts_with(k, '$') THEN k ELSE '$."' || k || '"' END) END""",
    "json_keys": "(j) AS json_keys(j)",
    "json_type": """(j) AS CASE json_type(j) WHEN 'VARCHAR' THEN 'string' WHEN 'UBIGINT' THEN 'number'
        WHEN 'BIGINT' THEN 'number' WHEN 'DOUBLE' THEN 'number' WHEN 'HUGEINT' THEN 'number'
        ELSE lower(json_type(j)) END""",
    "json_extract": "(j, p) AS json_extract(CAST(j AS JSON), p)",
    "json_exists": "(j, p) AS coalesce(json_exists(CAST(j AS JSON), p), false)",
    "json_array_length": "(j) AS CAST(json_array_length(j) AS BIGINT)",
    "json_strip_nulls": "(j) AS json_merge_patch('{}', j)",
    "json_format": "(j) AS CAST(CAST(j AS JSON) AS VARCHAR)",
    "json_pretty": "(j) AS json_pretty(CAST(j AS JSON))",
    "json_parse": "(s) AS CASE WHEN json_valid(s) THEN CAST(s AS JSON) END",
    "parse_json": "(s) AS CAST(s AS JSON)",
    "to_json": "(x) AS CAST(to_json(x) AS VARCHAR)",
}


def _get_json_object(arguments: list[exp.Expr]) -> exp.Expr:
    """A path with a wildcard gives a list of what it finds, as JSON."""
    path = arguments[1]
    many = isinstance(path, exp.Literal) and "*" in path.name
    return call("mc__json_many" if many else "mc_json", *arguments)


def _from_json(arguments: list[exp.Expr]) -> exp.Expr:
    """Its second argument is a type, in MaxCompute's words."""
    from openyun.services.maxcompute.language.dialect import MaxCompute
    from openyun.services.maxcompute.language.types import to_duckdb

    wanted = to_duckdb(exp.DataType.build(arguments[1].name, dialect=MaxCompute))
    return fill(f"TRY_CAST(json(:1) AS {wanted})", arguments[0])


BUILDERS = {
    "get_json_object": _get_json_object,
    "from_json": _from_json,
    "json_object": lambda arguments: call("json_object", *arguments),
    "json_array": lambda arguments: call("json_array", *arguments),
}
