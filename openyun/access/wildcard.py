"""Patterns in which `*` stands for any run of characters, also an empty one, and `?` for exactly one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache

LONGEST = 1024
"""characters of a pattern that a request brings"""

_MANY_STARS = re.compile(r"\*{2,}")


def _segment(text: str) -> str:
    return "".join("." if character == "?" else re.escape(character) for character in text)


def expression(pattern: str) -> str:
    """The regular expression for one pattern, without anchors.

    Each piece between two stars is taken at its first possible place and never given back (an atomic group), so a
    hostile pattern such as `*a*a*a*a*b` costs the product of the two lengths at most.
    """
    first, *rest = (_segment(piece) for piece in _MANY_STARS.sub("*", pattern).split("*"))
    if not rest:
        return first
    last = rest.pop()
    return first + "".join(f"(?>.*?{piece})" for piece in rest) + f".*{last}"


@lru_cache(maxsize=4096)
def compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?s:{expression(pattern)})\Z")


def matches(pattern: str, text: str) -> bool:
    """False for a pattern that no name of the vendor's is long enough for: it comes from anyone, and is kept."""
    return len(pattern) <= LONGEST and compiled(pattern).match(text) is not None


def one_of(patterns: Iterable[str]) -> Callable[[str], bool]:
    """A test whether a text matches any of the patterns: plain ones by a set, all others by one expression."""
    every = list(patterns)
    if "*" in every:
        return lambda text: True
    plain = frozenset(pattern for pattern in every if "*" not in pattern and "?" not in pattern)
    wild = [pattern for pattern in every if pattern not in plain]
    if not wild:
        return plain.__contains__
    match = re.compile(rf"(?s:{'|'.join(f'(?:{expression(pattern)})' for pattern in wild)})\Z").match
    if not plain:
        return lambda text: match(text) is not None
    return lambda text: text in plain or match(text) is not None
