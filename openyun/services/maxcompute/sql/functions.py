"""MaxCompute's functions by name, each as an expression of DuckDB's over its arguments.

`{0}` is the first argument, `{*}` all of them, `{1:part}` the name of a date's part, `{1:format}` a date's format and
`{1:java}` one in Java's words, which must then be constants. Where a function takes different numbers of arguments
there is a text for each. What is not here is as in Hive, where sqlglot knows it.
"""

from __future__ import annotations

_T = "CAST({0} AS TIMESTAMP)"

Variants = dict[int, str] | str

DATES: dict[str, Variants] = {
    "getdate": "CAST(now() AS TIMESTAMP)",
    "now": "CAST(now() AS TIMESTAMP)",
    "current_timestamp": "now()",
    "current_timestamp_ntz": "CAST(CAST(now() AS TIMESTAMP) AS TIMESTAMP_NS)",
    "dateadd": {3: f"({_T} + CAST({{1}} AS BIGINT) * INTERVAL 1 {{2:part}})"},
    "date_add": {2: "CAST(CAST({0} AS DATE) + CAST({1} AS INTEGER) AS DATE)"},
    "date_sub": {2: "CAST(CAST({0} AS DATE) - CAST({1} AS INTEGER) AS DATE)"},
    "datediff": {
        2: "date_diff('day', CAST({1} AS TIMESTAMP), CAST({0} AS TIMESTAMP))",
        3: "date_diff('{2:part}', CAST({1} AS TIMESTAMP), CAST({0} AS TIMESTAMP))",
    },
    "datepart": {2: f"CAST(date_part('{{1:part}}', {_T}) AS INTEGER)"},
    "datetrunc": {2: f"CAST(date_trunc('{{1:part}}', {_T}) AS TIMESTAMP)"},
    "add_months": {2: "strftime(CAST({0} AS DATE) + CAST({1} AS INTEGER) * INTERVAL 1 month, '%Y-%m-%d')"},
    "months_between": {2: "(date_diff('day', CAST({1} AS DATE), CAST({0} AS DATE)) / 31.0e0)"},
    "from_unixtime": {1: "CAST(to_timestamp(CAST({0} AS BIGINT)) AS TIMESTAMP)"},
    "unix_timestamp": {
        0: "CAST(epoch(now()) AS BIGINT)",
        1: f"CAST(floor(epoch(CAST({_T} AS TIMESTAMPTZ))) AS BIGINT)",
    },
    "isdate": {2: "(try_strptime({0}, '{1:format}') IS NOT NULL)"},
    "lastday": {1: "CAST(last_day(CAST({0} AS DATE)) AS TIMESTAMP)"},
    "last_day": {1: "strftime(last_day(CAST({0} AS DATE)), '%Y-%m-%d')"},
    "to_date": {1: "CAST({0} AS DATE)", 2: "strptime(CAST({0} AS VARCHAR), '{1:format}')"},
    "to_char": {1: "CAST({0} AS VARCHAR)", 2: f"strftime({_T}, '{{1:format}}')"},
    "date_format": {2: f"strftime({_T}, '{{1:java}}')"},
    "weekday": {1: f"CAST(isodow({_T}) - 1 AS BIGINT)"},
    "weekofyear": {1: f"CAST(weekofyear({_T}) AS BIGINT)"},
    "dayofweek": {1: f"CAST(dayofweek({_T}) + 1 AS INTEGER)"},
    "dayofyear": {1: f"CAST(dayofyear({_T}) AS INTEGER)"},
    "dayofmonth": {1: f"CAST(day({_T}) AS INTEGER)"},
    **{name: {1: f"CAST({name}({_T}) AS INTEGER)"} for name in ("year", "quarter", "month", "day")},
    **{name: {1: f"CAST({name}({_T}) AS INTEGER)"} for name in ("hour", "minute", "second")},
}

STRINGS: dict[str, Variants] = {
    "tolower": "lower(CAST({0} AS VARCHAR))",
    "toupper": "upper(CAST({0} AS VARCHAR))",
    "concat": "mc_concat([{*}])",
    "concat_ws": "concat_ws({*})",
    "length": "length(CAST({0} AS VARCHAR))",
    "lengthb": "octet_length(encode(CAST({0} AS VARCHAR)))",
    "instr": {
        2: "instr(CAST({0} AS VARCHAR), CAST({1} AS VARCHAR))",
        3: "mc_instr(CAST({0} AS VARCHAR), CAST({1} AS VARCHAR), {2})",
    },
    "substr": {2: "mc_substr(CAST({0} AS VARCHAR), {1})", 3: "mc_substr3(CAST({0} AS VARCHAR), {1}, {2})"},
    "regexp_extract": {2: "regexp_extract({0}, {1}, 1)", 3: "regexp_extract({0}, {1}, {2})"},
    "regexp_replace": {3: "regexp_replace({0}, {1}, {2}, 'g')"},
    "regexp_substr": {2: "NULLIF(regexp_extract({0}, {1}), '')"},
    "regexp_count": {2: "CAST(len(regexp_extract_all({0}, {1})) AS BIGINT)"},
    "split": {2: "string_split_regex({0}, {1})"},
    "split_part": {3: "split_part({0}, {1}, CAST({2} AS BIGINT))"},
    "keyvalue": {2: "mc_keyvalue({0}, ';', ':', {1})", 4: "mc_keyvalue({0}, {1}, {2}, {3})"},
    "str_to_map": {
        1: "mc_str_to_map({0}, ',', ':')",
        2: "mc_str_to_map({0}, {1}, ':')",
        3: "mc_str_to_map({0}, {1}, {2})",
    },
    "substring_index": {3: "mc_substring_index({0}, {1}, CAST({2} AS BIGINT))"},
    "space": "repeat(' ', {0})",
    "char_matchcount": "CAST(len(list_filter(string_split({0}, ''), lambda c: contains({1}, c))) AS BIGINT)",
    "url_encode": "url_encode({0})",
    "url_decode": "url_decode({0})",
    "md5": "md5(CAST({0} AS VARCHAR))",
    "sha1": "sha1(CAST({0} AS VARCHAR))",
    "sha": "sha1(CAST({0} AS VARCHAR))",
    "sha2": {2: "sha256(CAST({0} AS VARCHAR))"},
    "base64": "base64({0})",
    "unbase64": "from_base64({0})",
    "uuid": "CAST(uuid() AS VARCHAR)",
}

JSON: dict[str, Variants] = {
    "get_json_object": {2: "mc_json({0}, {1})"},
    "json_valid": "json_valid({0})",
    "json_extract": {2: "json_extract({0}, {1})"},
    "to_json": "CAST(to_json({0}) AS VARCHAR)",
}

MATHEMATICS: dict[str, Variants] = {
    "rand": "random()",
    "trunc": {1: "trunc({0})", 2: "(trunc({0} * pow(10, {1})) / pow(10, {1}))"},
    "log": {1: "ln({0})", 2: "(ln({1}) / ln({0}))"},
    "ceil": "CAST(ceil({0}) AS BIGINT)",
    "floor": "CAST(floor({0}) AS BIGINT)",
    "ordinal": "list_sort([{rest}])[{0}]",
}

AGGREGATES: dict[str, Variants] = {
    "wm_concat": {2: "string_agg({distinct}CAST({1} AS VARCHAR), {0}{order})"},
    "collect_list": {1: "mc_list(list({distinct}{0}))"},
    "collect_set": {1: "mc_list(list(DISTINCT {0}))"},
    "approx_distinct": "approx_count_distinct({0})",
    "count_if": "count_if({0})",
    "median": "quantile_cont(CAST({0} AS DOUBLE), 0.5)",
    "percentile": "quantile_cont(CAST({0} AS DOUBLE), {1})",
    "percentile_approx": "quantile_cont(CAST({0} AS DOUBLE), {1})",
    "stddev": "stddev_pop({0})",
    "variance": "var_pop({0})",
    "arg_max": "arg_max({1}, {0})",
    "arg_min": "arg_min({1}, {0})",
    "max_by": "arg_max({0}, {1})",
    "min_by": "arg_min({0}, {1})",
    "any_value": "any_value({0})",
}

COLLECTIONS: dict[str, Variants] = {
    "size": "CAST(cardinality({0}) AS INTEGER)",
    "array_contains": "list_contains({0}, {1})",
    "sort_array": {1: "list_sort({0})", 2: "CASE WHEN {1} THEN list_sort({0}) ELSE list_reverse_sort({0}) END"},
    "map_keys": "map_keys({0})",
    "map_values": "map_values({0})",
    "array_distinct": "list_distinct({0})",
    "array_join": {2: "array_to_string({0}, {1})"},
    "array_max": "list_max({0})",
    "array_min": "list_min({0})",
    "array_union": "list_distinct(list_concat({0}, {1}))",
    "array_intersect": "list_intersect({0}, {1})",
    "sequence": {2: "generate_series({0}, {1})", 3: "generate_series({0}, {1}, {2})"},
}

FUNCTIONS: dict[str, Variants] = {**DATES, **STRINGS, **JSON, **MATHEMATICS, **AGGREGATES, **COLLECTIONS}
