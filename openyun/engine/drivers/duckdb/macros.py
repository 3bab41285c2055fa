"""Functions that DuckDB lacks, as macros of its own."""

from __future__ import annotations

MACROS: tuple[str, ...] = (
    # Hive's path over JSON: text as it is, everything else as JSON.
    "CREATE MACRO mc_json(j, p) AS json_extract_string(CASE WHEN json_valid(j) THEN j END, p)",
    # Numbers of text, as a cast in Hive: what is none is NULL.
    "CREATE MACRO mc_bigint(x) AS TRY_CAST(TRY_CAST(x AS DOUBLE) AS BIGINT)",
)
