"""From one type to another, as in the mode that is not strict: what does not convert is NULL, and a string that begins
with a number is that number."""

from __future__ import annotations

MACROS = {
    # digits after the point are cut off, not rounded; text that is a double is read as one
    "to_bigint": """
        (x BIGINT) AS x,
        (x DOUBLE) AS TRY_CAST(trunc(x) AS BIGINT),
        (x VARCHAR) AS CASE WHEN regexp_full_match(x, '\\s*[-+]?[0-9]+\\s*') THEN TRY_CAST(x AS BIGINT)
            ELSE coalesce(TRY_CAST(trunc(TRY_CAST(x AS DOUBLE)) AS BIGINT),
                TRY_CAST(nullif(regexp_extract(x, '^\\s*[-+]?[0-9]+'), '') AS BIGINT)) END,
        (x BOOLEAN) AS CAST(x AS BIGINT),
        (x TIMESTAMP) AS CAST(floor(epoch(CAST(x AS TIMESTAMPTZ))) AS BIGINT),
        (x TIMESTAMPTZ) AS CAST(floor(epoch(x)) AS BIGINT),
        (x) AS TRY_CAST(trunc(x) AS BIGINT)""",
    "to_string": """
        (x VARCHAR) AS x,
        (x TIMESTAMP) AS strftime(x, '%Y-%m-%d %H:%M:%S'),
        (x TIMESTAMPTZ) AS strftime(x, '%Y-%m-%d %H:%M:%S') || CASE WHEN epoch_us(x) % 1000000 = 0 THEN ''
            ELSE rtrim(strftime(x, '.%f'), '0') END,
        (x DATE) AS CAST(x AS VARCHAR),
        (x BLOB) AS decode(x),
        (x) AS CAST(x AS VARCHAR)""",
    "to_datetime": """
        (x TIMESTAMP) AS x,
        (x TIMESTAMPTZ) AS CAST(x AS TIMESTAMP),
        (x VARCHAR) AS TRY_CAST(x AS TIMESTAMP),
        (x DATE) AS CAST(x AS TIMESTAMP),
        (x BIGINT) AS CAST(to_timestamp(x) AS TIMESTAMP),
        (x) AS TRY_CAST(x AS TIMESTAMP)""",
    "to_boolean": """
        (x BOOLEAN) AS x,
        (x VARCHAR) AS x <> '',
        (x) AS x <> 0""",
}
