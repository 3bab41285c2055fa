"""Functions that DuckDB lacks, or has otherwise than Hive and MaxCompute, as macros of its own."""

from __future__ import annotations

MACROS: tuple[str, ...] = (
    # Hive's path over JSON: text as it is, everything else as JSON, nothing from what is none.
    "CREATE MACRO mc_json(j, p) AS json_extract_string(CASE WHEN json_valid(j) THEN j END, p)",
    # A cast to a whole number cuts the fraction off, where DuckDB rounds.
    "CREATE MACRO mc_whole(x) AS CASE WHEN typeof(x) IN ('DOUBLE', 'FLOAT') OR typeof(x) LIKE 'DECIMAL%' "
    "OR (typeof(x) = 'VARCHAR' AND contains(CAST(x AS VARCHAR), '.')) "
    "THEN CAST(CAST(trunc(TRY_CAST(x AS DOUBLE)) AS DECIMAL(38, 0)) AS VARCHAR) "
    "ELSE CAST(CASE WHEN typeof(x) = 'BOOLEAN' THEN CAST(TRY_CAST(x AS BOOLEAN) AS INTEGER)::VARCHAR "
    "ELSE CAST(x AS VARCHAR) END AS VARCHAR) END",
    # NULL if any part is.
    "CREATE MACRO mc_concat(l) AS CASE WHEN list_contains(list_transform(l, lambda x: x IS NULL), true) THEN NULL "
    "ELSE array_to_string(l, '') END",
    "CREATE MACRO mc_instr(s, t, p) AS CASE WHEN instr(substr(s, p), t) = 0 THEN 0 "
    "ELSE instr(substr(s, p), t) + p - 1 END",
    "CREATE MACRO mc_substr(s, p) AS CASE WHEN p = 0 THEN s ELSE substr(s, p) END",
    "CREATE MACRO mc_substr3(s, p, n) AS CASE WHEN n <= 0 THEN '' WHEN p = 0 THEN substr(s, 1, n) "
    "ELSE substr(s, p, n) END",
    "CREATE MACRO mc_str_to_map(s, a, b) AS map("
    "list_transform(string_split(s, a), lambda x: split_part(x, b, 1)), "
    "list_transform(string_split(s, a), "
    "lambda x: CASE WHEN contains(x, b) THEN substr(x, instr(x, b) + length(b)) END))",
    "CREATE MACRO mc_keyvalue(s, a, b, k) AS mc_str_to_map(s, a, b)[k]",
    "CREATE MACRO mc_substring_index(s, d, n) AS CASE WHEN n > 0 THEN array_to_string(string_split(s, d)[1:n], d) "
    "WHEN n < 0 THEN array_to_string(string_split(s, d)[n:], d) ELSE '' END",
    # No rows are an empty list, and NULLs are left out.
    "CREATE MACRO mc_list(l) AS coalesce(list_filter(l, lambda x: x IS NOT NULL), [])",
)
