"""Dates and times. A string that is no date gives NULL."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from openyun.services.maxcompute.language.functions import formats
from openyun.services.maxcompute.language.template import call, fill, text

_UNITS = {
    "year": "year yyyy yy", "quarter": "quarter q", "month": "month mm mon", "week": "week w isoweek",
    "day": "day dd d", "hour": "hour hh hh24", "minute": "minute mi", "second": "second ss",
    "millisecond": "millisecond ff3", "microsecond": "microsecond ff6",
}  # fmt: skip
_CASES = " ".join(f"WHEN '{one}' THEN '{unit}'" for unit, many in _UNITS.items() for one in many.split())


def _kinds(parameters: str, on_time: str) -> str:
    """Overloads that give back the type that they are given. `on_time` is of `d`."""
    more = f", {parameters}" if parameters else ""
    at = "CAST(d AS TIMESTAMP)"
    return f"""
        (d DATE{more}) AS CAST({on_time.replace("$d", at)} AS DATE),
        (d TIMESTAMP{more}) AS {on_time.replace("$d", "d")},
        (d TIMESTAMPTZ{more}) AS CAST({on_time.replace("$d", at)} AS TIMESTAMPTZ),
        (d TIMESTAMP_NS{more}) AS CAST({on_time.replace("$d", at)} AS TIMESTAMP_NS),
        (d{more}) AS {on_time.replace("$d", "TRY_CAST(d AS TIMESTAMP)")}"""


_SHIFT = """CASE mc__unit(u) WHEN 'year' THEN {0} + to_years(CAST(n AS INTEGER))
    WHEN 'quarter' THEN {0} + to_months(CAST(3 * n AS INTEGER)) WHEN 'month' THEN {0} + to_months(CAST(n AS INTEGER))
    WHEN 'week' THEN {0} + to_days(CAST(7 * n AS INTEGER)) WHEN 'day' THEN {0} + to_days(CAST(n AS INTEGER))
    WHEN 'hour' THEN {0} + to_hours(CAST(n AS BIGINT)) WHEN 'minute' THEN {0} + to_minutes(CAST(n AS BIGINT))
    WHEN 'second' THEN {0} + to_seconds(CAST(n AS BIGINT))
    WHEN 'millisecond' THEN {0} + to_milliseconds(CAST(n AS BIGINT))
    WHEN 'microsecond' THEN {0} + to_microseconds(CAST(n AS BIGINT)) END""".format("$d")

_ADDED = """strftime(CASE WHEN mc__time(d) IS NULL THEN NULL
    WHEN CAST(mc__time(d) AS DATE) = last_day(CAST(mc__time(d) AS DATE))
        THEN last_day(CAST(mc__time(d) + to_months(CAST(n AS INTEGER)) AS DATE))
    ELSE CAST(mc__time(d) + to_months(CAST(n AS INTEGER)) AS DATE) END, '%Y-%m-%d')"""

MACROS = {
    "_unit": f"(u) AS CASE lower(u) {_CASES} END",
    "_time": "(d) AS TRY_CAST(d AS TIMESTAMP)",
    "dateadd": _kinds("n, u", _SHIFT),
    "datetrunc": _kinds("u", "CAST(date_trunc(mc__unit(u), $d) AS TIMESTAMP)"),
    "datediff": """
        (a, b, u) AS date_diff(mc__unit(u), mc__time(b), mc__time(a)),
        (a, b) AS date_diff('day', mc__time(b), mc__time(a))""",
    "datepart": """(d, u) AS CAST(CASE mc__unit(u) WHEN 'millisecond' THEN date_part('millisecond', mc__time(d)) % 1000
        WHEN 'microsecond' THEN date_part('microsecond', mc__time(d)) % 1000000
        ELSE date_part(mc__unit(u), mc__time(d)) END AS BIGINT)""",
    "date_add": "(d, n) AS CAST(CAST(mc__time(d) AS DATE) + CAST(n AS INTEGER) AS DATE)",
    "date_sub": "(d, n) AS CAST(CAST(mc__time(d) AS DATE) - CAST(n AS INTEGER) AS DATE)",
    "add_months": f"(d, n) AS {_ADDED}",
    "last_day": "(d) AS strftime(last_day(CAST(mc__time(d) AS DATE)), '%Y-%m-%d')",
    "lastday": "(d) AS CAST(last_day(CAST(mc__time(d) AS DATE)) AS TIMESTAMP)",
    "months_between": """(a, b) AS CASE WHEN day(mc__time(a)) = day(mc__time(b))
            OR (CAST(mc__time(a) AS DATE) = last_day(CAST(mc__time(a) AS DATE))
                AND CAST(mc__time(b) AS DATE) = last_day(CAST(mc__time(b) AS DATE)))
        THEN CAST(date_diff('month', mc__time(b), mc__time(a)) AS DOUBLE)
        ELSE round(date_diff('month', mc__time(b), mc__time(a)) + (
            epoch(mc__time(a)) - epoch(date_trunc('month', mc__time(a)))
            - epoch(mc__time(b)) + epoch(date_trunc('month', mc__time(b)))) / 2678400.0, 8) END""",
    "next_day": """(d, w) AS strftime(CAST(mc__time(d) AS DATE) + CAST(
        1 + (list_position(['mo', 'tu', 'we', 'th', 'fr', 'sa', 'su'], lower(w[1:2])) - 1
             - isodow(mc__time(d)) + 7) % 7 AS INTEGER), '%Y-%m-%d')""",
    "weekday": "(d) AS CAST(isodow(mc__time(d)) - 1 AS BIGINT)",
    "weekofyear": "(d) AS CAST(weekofyear(mc__time(d)) AS BIGINT)",
    "dayofweek": "(d) AS CAST(dayofweek(mc__time(d)) + 1 AS INTEGER)",
    "dayofyear": "(d) AS CAST(dayofyear(mc__time(d)) AS INTEGER)",
    "dayofmonth": "(d) AS CAST(day(mc__time(d)) AS INTEGER)",
    **{
        name: f"(d) AS CAST({name}(mc__time(d)) AS INTEGER)"
        for name in ("year", "quarter", "month", "day", "hour", "minute", "second")
    },
    "from_utc_timestamp": """
        (d BIGINT, zone) AS timezone(zone, make_timestamptz(d * 1000)),
        (d, zone) AS timezone(zone, timezone('UTC', mc__time(d)))""",
    "to_utc_timestamp": "(d, zone) AS timezone('UTC', timezone(zone, mc__time(d)))",
    "to_millis": "(d) AS epoch_ms(CAST(mc__time(d) AS TIMESTAMPTZ))",
    "getdate": "() AS date_trunc('second', CAST(now() AS TIMESTAMP))",
    "now": "() AS date_trunc('second', CAST(now() AS TIMESTAMP))",
    "current_timestamp_ntz": "() AS CAST(CAST(now() AS TIMESTAMP) AS TIMESTAMP_NS)",
    "current_timezone": "() AS current_setting('TimeZone')",
    "from_unixtime_one": "(n) AS CAST(to_timestamp(CAST(n AS BIGINT)) AS TIMESTAMP)",
    "unix_timestamp_one": "(d) AS CAST(floor(epoch(CAST(mc__time(d) AS TIMESTAMPTZ))) AS BIGINT)",
    "date": "(d) AS CAST(mc__time(d) AS DATE)",
}


def _constant(value: exp.Expr) -> str:
    if not isinstance(value, exp.Literal) or not value.is_string:
        raise ValueError("a format must be a constant")
    return value.name


def _written(to_format: Callable[[str], str]) -> Callable[[list[exp.Expr]], exp.Expr]:
    def build(arguments: list[exp.Expr]) -> exp.Expr:
        if len(arguments) == 1:
            return call("mc_to_string", arguments[0])
        return fill("strftime(mc__time(:1), :2)", arguments[0], text(to_format(_constant(arguments[1]))))

    return build


def _to_date(arguments: list[exp.Expr]) -> exp.Expr:
    if len(arguments) == 1:
        return call("mc_date", arguments[0])
    form = formats.ours(_constant(arguments[1]))
    return fill("try_strptime(CAST(:1 AS VARCHAR), :2)", arguments[0], text(form))


def _from_unixtime(arguments: list[exp.Expr]) -> exp.Expr:
    moment = call("mc_from_unixtime_one", arguments[0])
    if len(arguments) == 1:
        return moment
    return fill("strftime(:1, :2)", moment, text(formats.java(_constant(arguments[1]))))


def _unix_timestamp(arguments: list[exp.Expr]) -> exp.Expr:
    if not arguments:
        return fill("CAST(floor(epoch(now())) AS BIGINT)")
    if len(arguments) == 1:
        return call("mc_unix_timestamp_one", arguments[0])
    form = text(formats.java(_constant(arguments[1])))
    return fill("mc_unix_timestamp_one(try_strptime(:1, :2))", arguments[0], form)


BUILDERS = {
    "to_char": _written(formats.ours),
    "date_format": _written(formats.java),
    "to_date": _to_date,
    "from_unixtime": _from_unixtime,
    "unix_timestamp": _unix_timestamp,
    "isdate": lambda arguments: fill("(:1 IS NOT NULL)", _to_date(arguments)),
    "current_timestamp": lambda arguments: fill("now()"),
    "current_date": lambda arguments: fill("CAST(now() AS DATE)"),
}


def translate(node: exp.Expr) -> exp.Expr | None:
    if isinstance(node, exp.CurrentTimestamp):
        return fill("now()")
    if isinstance(node, exp.CurrentDate):
        return fill("CAST(now() AS DATE)")
    if isinstance(node, exp.Extract):
        return fill("mc_datepart(:1, :2)", node.expression, text(node.this.name))
    return None
