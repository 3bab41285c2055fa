"""Numbers. What is out of a function's domain is NULL."""

from __future__ import annotations

from sqlglot import exp

from openyun.services.maxcompute.language.template import fill

_D = "CAST(x AS DOUBLE)"
SAME = {
    "abs": "abs", "pi": "pi", "degrees": "degrees", "radians": "radians", "cbrt": "cbrt", "factorial": "factorial",
}  # fmt: skip

MACROS = {
    **{name: f"(x) AS {name}({_D})" for name in ("sin", "cos", "tan", "atan", "exp", "cot", "sinh", "cosh", "tanh")},
    "acos": f"(x) AS CASE WHEN {_D} BETWEEN -1 AND 1 THEN acos({_D}) END",
    "asin": f"(x) AS CASE WHEN {_D} BETWEEN -1 AND 1 THEN asin({_D}) END",
    "atan2": "(y, x) AS atan2(CAST(y AS DOUBLE), CAST(x AS DOUBLE))",
    "sqrt": f"(x) AS CASE WHEN {_D} >= 0 THEN sqrt({_D}) END",
    "ln": f"(x) AS CASE WHEN {_D} > 0 THEN ln({_D}) END",
    "log2": f"(x) AS CASE WHEN {_D} > 0 THEN log2({_D}) END",
    "log10": f"(x) AS CASE WHEN {_D} > 0 THEN log10({_D}) END",
    "log": f"""
        (x) AS CASE WHEN {_D} > 0 THEN ln({_D}) END,
        (b, x) AS CASE WHEN {_D} > 0 AND b > 0 AND b <> 1 THEN ln({_D}) / ln(CAST(b AS DOUBLE)) END""",
    "pow": "(x, y) AS pow(CAST(x AS DOUBLE), CAST(y AS DOUBLE))",
    "power": "(x, y) AS pow(CAST(x AS DOUBLE), CAST(y AS DOUBLE))",
    "ceil": "(x VARCHAR) AS CAST(ceil(CAST(x AS DOUBLE)) AS BIGINT), (x) AS CAST(ceil(x) AS BIGINT)",
    "ceiling": "(x) AS CAST(ceil(x) AS BIGINT)",
    "floor": "(x VARCHAR) AS CAST(floor(CAST(x AS DOUBLE)) AS BIGINT), (x) AS CAST(floor(x) AS BIGINT)",
    # halves go away from zero
    "round": """
        (x VARCHAR) AS round(CAST(x AS DOUBLE)), (x BIGINT) AS x, (x) AS round(x),
        (x VARCHAR, n) AS round(CAST(x AS DOUBLE), n), (x, n) AS round(x, n)""",
    "bround": "(x) AS round_even(x, 0), (x, n) AS round_even(x, n)",
    "trunc": """
        (x) AS trunc(CAST(x AS DOUBLE)),
        (x, n) AS trunc(CAST(CAST(x AS DECIMAL(38, 12)) * pow(10, n) AS DECIMAL(38, 6))) / pow(10, n)""",
    "sign": "(x) AS CAST(sign(x) AS DOUBLE)",
    "negative": "(x) AS -x",
    "positive": "(x) AS x",
    "rand": "() AS random(), (seed) AS random()",
    "bin": "(x) AS to_base(CAST(x AS BIGINT), 2)",
    "conv": """(x, b, c) AS CASE WHEN x IS NULL OR b NOT BETWEEN 2 AND 36 OR c NOT BETWEEN 2 AND 36 THEN NULL ELSE
        to_base(CAST(list_reduce(list_transform(string_split(lower(CAST(x AS VARCHAR)), ''),
            lambda d: CAST(instr('0123456789abcdefghijklmnopqrstuvwxyz', d) - 1 AS HUGEINT)),
            lambda whole, d: whole * b + d) AS BIGINT), c) END""",
    "shiftleft": "(x, n) AS CAST(CAST(x AS HUGEINT) * CAST(pow(2, n) AS HUGEINT) AS BIGINT)",
    "shiftright": "(x, n) AS CAST(floor(x / pow(2, n)) AS BIGINT)",
    "shiftrightunsigned": """(x, n) AS CAST(CASE WHEN x >= 0 THEN floor(x / pow(2, n))
        ELSE floor((x + CAST(4294967296 AS BIGINT)) / pow(2, n)) END AS BIGINT)""",
    "isnan": "(x) AS isnan(CAST(x AS DOUBLE))",
    "e": "() AS exp(1)",
    "mod": "(x, y) AS x % nullif(y, 0)",
    "pmod": "(x, y) AS ((x % nullif(y, 0)) + y) % nullif(y, 0)",
    "width_bucket": """(x, low, high, n) AS CASE WHEN x < low THEN 0 WHEN x >= high THEN n + 1
        ELSE CAST(floor((x - low) * n / (high - low)) + 1 AS BIGINT) END""",
    "bit_count": "(x) AS bit_count(x)",
    "bitnot": "(x) AS ~x",
    "uuid": "() AS CAST(uuid() AS VARCHAR)",
    "unique_id": "() AS CAST(uuid() AS VARCHAR)",
    # bit by bit: DuckDB has none
    "crc32": """(s) AS CAST(xor(list_reduce(list_prepend(CAST(4294967295 AS BIGINT), list_transform(range(octet_length(
        encode(s))), lambda i: CAST(('0x' || hex(encode(s))[2 * i + 1:2 * i + 2]) AS BIGINT))),
        lambda crc, b: mc__crc_byte(xor(crc, b))), CAST(4294967295 AS BIGINT)) AS BIGINT)""",
    "_crc_byte": """(c) AS list_reduce(list_prepend(c, CAST(range(8) AS BIGINT[])),
        lambda crc, i: CASE WHEN crc & 1 = 1 THEN xor(crc >> 1, CAST(3988292384 AS BIGINT)) ELSE crc >> 1 END)""",
}


def _ordinal(arguments: list[exp.Expr]) -> exp.Expr:
    """The n-th smallest; NULL before all."""
    values = exp.Array(expressions=[one.copy() for one in arguments[1:]])
    return fill("list_extract(list_sort(:1, 'ASC', 'NULLS FIRST'), :2)", values, arguments[0])


def _sample(arguments: list[exp.Expr]) -> exp.Expr:
    """`SAMPLE(x, y, columns)`: the y-th of x parts, by the columns' hash or by chance."""
    parts, which = arguments[0], arguments[1] if len(arguments) > 1 else exp.Literal.number(1)
    if len(arguments) > 2:
        hashed = exp.Anonymous(this="hash", expressions=[one.copy() for one in arguments[2:]])
        return fill("(:1 % :2 = :3 - 1)", hashed, parts, which)
    return fill("(floor(random() * :1) = :2 - 1)", parts, which)


BUILDERS = {
    "ordinal": _ordinal,
    "sample": _sample,
    "hash": lambda arguments: fill(
        "CAST(CAST(:1 % 4294967296 AS BIGINT) - 2147483648 AS INTEGER)",
        exp.Anonymous(this="hash", expressions=[one.copy() for one in arguments]),
    ),
}
