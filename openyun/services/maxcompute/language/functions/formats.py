"""Formats of dates: MaxCompute's (`yyyy-mm-dd hh:mi:ss`) and Java's (`yyyy-MM-dd HH:mm:ss`), as DuckDB has them."""

from __future__ import annotations

import re

_OURS = {
    "yyyy": "%Y", "mm": "%m", "mon": "%b", "month": "%B", "dd": "%d", "hh24": "%H", "hh": "%H", "mi": "%M",
    "ss": "%S", "ff3": "%g", "ff6": "%f", "ff9": "%n", "ff": "%n",
}  # fmt: skip
_JAVA = {
    "yyyy": "%Y", "YYYY": "%Y", "yy": "%y", "MMMM": "%B", "MMM": "%b", "MM": "%m", "M": "%-m", "dd": "%d", "d": "%-d",
    "HH": "%H", "H": "%-H", "hh": "%I", "h": "%-I", "mm": "%M", "m": "%-M", "ss": "%S", "s": "%-S",
    "SSSSSSSSS": "%n", "SSSSSS": "%f", "SSS": "%g", "a": "%p", "EEEE": "%A", "EEE": "%a", "E": "%a", "D": "%-j",
    "DDD": "%j", "u": "%u", "''": "'",
}  # fmt: skip


def ours(text: str) -> str:
    words = "|".join(sorted(_OURS, key=len, reverse=True))
    return re.sub(words, lambda found: _OURS[found[0].lower()], text.replace("%", "%%"), flags=re.IGNORECASE)


def java(text: str) -> str:
    words = "|".join(sorted(_JAVA, key=len, reverse=True))
    pattern = rf"'([^']+)'|({words})"
    return re.sub(pattern, lambda found: found[1] or _JAVA[found[2]], text.replace("%", "%%"))
