"""Strings. Positions count from 1 and characters, not bytes."""

from __future__ import annotations

from sqlglot import exp

from openyun.services.maxcompute.language.template import call, fill, number, text

SAME = {"chr": "chr", "levenshtein": "levenshtein"}

MACROS = {
    "_text": "(x) AS CAST(x AS VARCHAR)",
    "length": "(s BLOB) AS octet_length(s), (s) AS length(mc__text(s))",
    "lengthb": "(s BLOB) AS octet_length(s), (s) AS octet_length(encode(mc__text(s)))",
    "tolower": "(s) AS lower(mc__text(s))",
    "toupper": "(s) AS upper(mc__text(s))",
    "lower": "(s) AS lower(mc__text(s))",
    "upper": "(s) AS upper(mc__text(s))",
    "ascii": "(s) AS CASE WHEN s = '' THEN NULL ELSE ascii(s) END",
    "reverse": "(s VARCHAR) AS reverse(s), (s) AS list_reverse(s)",
    "repeat": "(s, n) AS repeat(mc__text(s), CAST(n AS BIGINT))",
    "space": "(n) AS repeat(' ', CAST(n AS BIGINT))",
    "replace": "(s, old, new) AS replace(s, old, new), (s, old) AS replace(s, old, '')",
    "lpad": """(s, n, pad) AS CASE WHEN n <= 0 OR pad = '' THEN NULL
        ELSE lpad(mc__text(s), CAST(n AS INTEGER), pad) END""",
    "rpad": """(s, n, pad) AS CASE WHEN n <= 0 OR pad = '' THEN NULL
        ELSE rpad(mc__text(s), CAST(n AS INTEGER), pad) END""",
    "ltrim": "(s) AS ltrim(mc__text(s)), (s, chars) AS ltrim(mc__text(s), chars)",
    "rtrim": "(s) AS rtrim(mc__text(s)), (s, chars) AS rtrim(mc__text(s), chars)",
    "trim": "(s) AS trim(mc__text(s)), (s, chars) AS trim(mc__text(s), chars)",
    # from 0 as from 1; from before the start of the string as from its end, or nothing
    "substr": """
        (s, start) AS CASE WHEN start < -length(mc__text(s)) THEN ''
            ELSE substring(mc__text(s), CASE WHEN start = 0 THEN 1 ELSE start END) END,
        (s, start, n) AS CASE WHEN n <= 0 OR start < -length(mc__text(s)) THEN ''
            ELSE substring(mc__text(s), CASE WHEN start = 0 THEN 1 ELSE start END, n) END""",
    "left": """(s, n) AS CASE WHEN n <= 0 THEN '' ELSE "left"(s, n) END""",
    "right": """(s, n) AS CASE WHEN n <= 0 THEN '' ELSE "right"(s, n) END""",
    "instr": """
        (s, part) AS instr(mc__text(s), mc__text(part)),
        (s, part, start) AS mc__instr(mc__text(s), mc__text(part), start),
        (s, part, start, nth) AS CASE WHEN len(string_split(substring(s, start), part)) <= nth THEN 0 ELSE
            start + length(array_to_string(string_split(substring(s, start), part)[:nth], part)) END""",
    "_instr": """(s, part, start) AS CASE WHEN start > 0 THEN
            CASE WHEN instr(substring(s, start), part) = 0 THEN 0 ELSE instr(substring(s, start), part) + start - 1 END
        ELSE CASE WHEN instr(reverse("left"(s, length(s) + start + 1)), reverse(part)) = 0 THEN 0
            ELSE length(s) + start + 1 - instr(reverse("left"(s, length(s) + start + 1)), reverse(part))
                - length(part) + 2 END END""",
    "locate": """
        (part, s) AS instr(s, part),
        (part, s, start) AS mc__instr(s, part, start)""",
    "find_in_set": """
        (s, many) AS CASE WHEN contains(s, ',') THEN 0 ELSE coalesce(list_position(string_split(many, ','), s), 0) END,
        (s, many, sep) AS coalesce(list_position(string_split(many, sep), s), 0)""",
    "split_part": """
        (s, sep, n) AS split_part(s, sep, n),
        (s, sep, first, last) AS CASE WHEN sep = '' THEN s
            ELSE array_to_string(list_slice(string_split(s, sep), first, last), sep) END""",
    "substring_index": """(s, sep, n) AS CASE WHEN n >= 0 THEN array_to_string(string_split(s, sep)[:n], sep)
        ELSE array_to_string(string_split(s, sep)[n:], sep) END""",
    "split": """
        (s, pattern) AS string_split_regex(s, pattern),
        (s, pattern, trim) AS list_filter(string_split_regex(s, pattern), lambda e: NOT trim OR e <> '')""",
    "str_to_map": """
        (s) AS mc__str_to_map(s, ',', ':'), (s, a) AS mc__str_to_map(s, a, ':'),
        (s, a, b) AS mc__str_to_map(s, a, b)""",
    "_str_to_map": """(s, a, b) AS map_from_entries(list_transform(list_distinct(list_transform(string_split(s, a),
        lambda e: split_part(e, b, 1))), lambda k: row(k, list_last(list_transform(list_filter(string_split(s, a),
        lambda e: split_part(e, b, 1) = k),
        lambda e: CASE WHEN contains(e, b) THEN e[length(k) + length(b) + 1:] END)))))""",
    "keyvalue": """
        (s, k) AS map_extract_value(mc__str_to_map(s, ';', ':'), k),
        (s, a, b, k) AS map_extract_value(mc__str_to_map(s, a, b), k)""",
    "char_matchcount": """(one, other) AS CAST(len(list_filter(string_split(one, ''),
        lambda c: c <> '' AND contains(other, c))) AS BIGINT)""",
    "initcap": """(s) AS array_to_string(list_transform(string_split(s, ' '),
        lambda w: upper(w[1:1]) || lower(w[2:])), ' ')""",
    "translate": "(s, a, b) AS translate(s, a, b)",
    "base64": "(s BLOB) AS base64(s), (s) AS base64(encode(s))",
    "unbase64": "(s) AS from_base64(s)",
    "hex": "(x BLOB) AS hex(x), (x VARCHAR) AS hex(x), (x) AS hex(CAST(x AS BIGINT))",
    "unhex": "(x) AS unhex(x)",
    "md5": "(x BLOB) AS md5(x), (x) AS md5(mc__text(x))",
    "sha": "(x BLOB) AS sha1(x), (x) AS sha1(mc__text(x))",
    "sha1": "(x BLOB) AS sha1(x), (x) AS sha1(mc__text(x))",
    "sha2": "(x, n) AS CASE WHEN n IN (0, 256) THEN sha256(mc__text(x)) END",
    "ends_with": "(s, part) AS ends_with(s, part)",
    "starts_with": "(s, part) AS starts_with(s, part)",
    "regexp_count": """
        (s, p) AS CAST(len(regexp_extract_all(s, p)) AS BIGINT),
        (s, p, start) AS CAST(len(regexp_extract_all(substring(s, start), p)) AS BIGINT)""",
    "regexp_extract": """
        (s, p) AS mc__regexp_extract(s, p, 1),
        (s, p, n) AS mc__regexp_extract(s, p, n)""",
    "_regexp_extract": """(s, p, n) AS CASE WHEN p = '' THEN NULL
        WHEN regexp_matches(s, p) THEN regexp_extract(s, p, n) END""",
    "regexp_extract_all": """
        (s, p) AS regexp_extract_all(s, p, 1),
        (s, p, n) AS regexp_extract_all(s, p, n)""",
    "regexp_substr": """
        (s, p) AS mc__regexp_extract(s, p, 0),
        (s, p, start) AS mc__regexp_extract(substring(s, start), p, 0),
        (s, p, start, nth) AS regexp_extract_all(substring(s, start), p)[nth]""",
    "regexp_instr": """
        (s, p) AS mc__regexp_instr(s, p, 1, 1, 0), (s, p, start) AS mc__regexp_instr(s, p, start, 1, 0),
        (s, p, start, nth) AS mc__regexp_instr(s, p, start, nth, 0),
        (s, p, start, nth, after) AS mc__regexp_instr(s, p, start, nth, after)""",
    "_regexp_instr": """(s, p, start, nth, after) AS CASE
        WHEN len(regexp_extract_all(substring(s, start), p)) < nth THEN 0
        ELSE start + length(array_to_string(list_transform(range(1, nth + 1),
            lambda i: string_split_regex(substring(s, start), p)[i]), ''))
            + length(array_to_string(regexp_extract_all(substring(s, start), p)[:nth - 1 + after], '')) END""",
    "rlike": "(s, p) AS regexp_matches(s, p)",
    "format_number": "(x, n) AS format('{:,.' || CAST(n AS VARCHAR) || 'f}', CAST(x AS DOUBLE))",
}
MACROS["substring"] = MACROS["substr"]


def _concat(arguments: list[exp.Expr]) -> exp.Expr:
    """NULL where any is; of arrays, one array."""
    if len(arguments) == 1:
        return call("mc_to_string", arguments[0])
    whole = arguments[0].copy()
    for one in arguments[1:]:
        whole = call("mc__joined", whole, one.copy())
    return whole


# a string and anything make a string
MACROS["_joined"] = """
    (a VARCHAR, b VARCHAR) AS a || b, (a VARCHAR, b) AS a || mc__text(b), (a, b VARCHAR) AS mc__text(a) || b,
    (a BIGINT, b BIGINT) AS mc__text(a) || mc__text(b), (a, b) AS a || b"""


def _concat_ws(arguments: list[exp.Expr]) -> exp.Expr:
    """NULLs are passed over; of an array, its elements."""
    parts = [call("mc__parts", one.copy()) for one in arguments[1:]]
    return call("array_to_string", call("list_concat", *parts) if len(parts) > 1 else parts[0], arguments[0].copy())


MACROS["_parts"] = """
    (x VARCHAR) AS CASE WHEN x IS NULL THEN [] ELSE [x] END, (x BIGINT) AS [CAST(x AS VARCHAR)],
    (x TIMESTAMP) AS [mc_to_string(x)], (x DATE) AS [CAST(x AS VARCHAR)],
    (x DOUBLE) AS [CAST(x AS VARCHAR)], (x) AS CAST(x AS VARCHAR[])"""


def _regexp_replace(arguments: list[exp.Expr]) -> exp.Expr:
    """`$1` and `\\1` both name a group."""
    value, pattern, new = arguments[0], arguments[1], arguments[2]
    new = (
        text(_groups(new.name))
        if isinstance(new, exp.Literal)
        else fill(r"regexp_replace(:1, '\$(\d)', '\\\1', 'g')", new)
    )
    if len(arguments) > 3 and arguments[3] != number(0):
        return fill(
            "CASE WHEN :4 > len(regexp_extract_all(:1, :2)) THEN :1 ELSE "
            '"left"(:1, mc__regexp_instr(:1, :2, 1, :4, 0) - 1) || regexp_replace('
            "substring(:1, mc__regexp_instr(:1, :2, 1, :4, 0)), :2, :3) END",
            value, pattern, new, arguments[3],
        )  # fmt: skip
    return fill("regexp_replace(:1, :2, :3, 'g')", value, pattern, new)


def _groups(new: str) -> str:
    made = ""
    for place, letter in enumerate(new):
        named = letter == "$" and new[place + 1 : place + 2].isdigit()
        made += "\\" if named else letter
    return made


def _format(arguments: list[exp.Expr]) -> exp.Expr:
    return call("printf", *arguments)


BUILDERS = {
    "concat": _concat,
    "concat_ws": _concat_ws,
    "regexp_replace": _regexp_replace,
    "printf": _format,
    "format_string": _format,
}


def translate(node: exp.Expr) -> exp.Expr | None:
    """`trim(BOTH 'x' FROM s)`."""
    if not isinstance(node, exp.Trim):
        return None
    kind = {"LEADING": "mc_ltrim", "TRAILING": "mc_rtrim"}.get(str(node.args.get("position") or "").upper(), "mc_trim")
    return call(kind, *(one.copy() for one in (node.this, node.args.get("expression")) if one is not None))
