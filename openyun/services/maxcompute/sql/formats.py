"""Formats of dates and names of their parts, as MaxCompute has them, in DuckDB's words."""

from __future__ import annotations

import re

PARTS = {
    **dict.fromkeys(("yyyy", "year", "yy"), "year"),
    **dict.fromkeys(("mm", "month", "mon"), "month"),
    **dict.fromkeys(("dd", "day"), "day"),
    **dict.fromkeys(("hh", "hour", "hh24"), "hour"),
    **dict.fromkeys(("mi", "minute"), "minute"),
    **dict.fromkeys(("ss", "second"), "second"),
    **dict.fromkeys(("ff3", "millisecond"), "millisecond"),
    **dict.fromkeys(("ff6", "microsecond"), "microsecond"),
    **dict.fromkeys(("q", "quarter"), "quarter"),
    **dict.fromkeys(("week", "isoweek", "week(monday)"), "week"),
}

_VENDOR = re.compile(r"yyyy|mi|mm|dd|hh24|hh|ss|ff3|ff6", re.IGNORECASE)
_VENDOR_WORDS = {
    "yyyy": "%Y", "mm": "%m", "dd": "%d", "hh": "%H", "hh24": "%H", "mi": "%M", "ss": "%S", "ff3": "%g", "ff6": "%f",
}  # fmt: skip
_JAVA = re.compile(r"yyyy|yy|MM|dd|HH|hh|mm|ss|SSS|EEEE|E|a")
_JAVA_WORDS = {
    "yyyy": "%Y", "yy": "%y", "MM": "%m", "dd": "%d", "HH": "%H", "hh": "%I", "mm": "%M", "ss": "%S", "SSS": "%g",
    "EEEE": "%A", "E": "%a", "a": "%p",
}  # fmt: skip


def vendor_format(text: str) -> str:
    """Of `yyyy-mm-dd hh:mi:ss`, where a minute is mi."""
    return _VENDOR.sub(lambda found: _VENDOR_WORDS[found[0].lower()], text.replace("%", "%%"))


def java_format(text: str) -> str:
    """Of `yyyy-MM-dd HH:mm:ss`."""
    return _JAVA.sub(lambda found: _JAVA_WORDS[found[0]], text.replace("%", "%%"))
