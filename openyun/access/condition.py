"""The Condition element of a RAM policy.

A condition block is `{operator: {key: value or values}}`. All operators and all keys must hold; of the values one is
enough, and for an operator with *Not* none may match. A key that the request lacks fails a positive test and passes a
negative one. `ForAnyValue:` and `ForAllValues:` before the operator say how a key with several values is tested.

The operators are the vendor's (help.aliyun.com/zh/ram/conditional-operator): strings, numbers, dates, Bool, addresses.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any, TypeVar

from openyun.access import wildcard

Context = Mapping[str, str | Sequence[str]]
"""What is known of a request: condition keys (`acs:SourceIp`, `acs:RequestTag/team`) to one or several values."""

_LONGEST = 256
"""characters of a request's value that may be a number, date or address; what was read is kept for a while"""

Scalar = str | bool | int | float
Match = Callable[[str], bool]
_Value = TypeVar("_Value")


class MalformedPolicy(ValueError):
    """A document that is no policy. `reason` is in the vendor's words where it has some."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Quantifier(Enum):
    PLAIN = ""
    ANY = "ForAnyValue"
    ALL = "ForAllValues"


@dataclass(frozen=True, slots=True)
class Condition:
    """One key under one operator."""

    key: str
    match: Match
    negated: bool
    quantifier: Quantifier

    def holds(self, context: Context) -> bool:
        present = context.get(self.key, ())
        values = (present,) if isinstance(present, str) else present
        if self.quantifier is Quantifier.PLAIN:
            return self.negated != any(map(self.match, values))
        some = any if self.quantifier is Quantifier.ANY else all
        return some(self.match(value) != self.negated for value in values)


def compile_block(block: Mapping[str, Mapping[str, Scalar | Sequence[Scalar]]]) -> tuple[Condition, ...]:
    """The conditions of a statement; raises MalformedPolicy."""
    return tuple(_condition(name, key, values) for name, keys in block.items() for key, values in keys.items())


def _condition(name: str, key: str, values: Scalar | Sequence[Scalar]) -> Condition:
    prefix, colon, plain_name = name.rpartition(":")
    try:
        quantifier = Quantifier(prefix)
        build, negated = _OPERATORS[plain_name]
    except (KeyError, ValueError):
        raise MalformedPolicy(f"Invalid condition operator: {name}") from None
    if colon and not prefix:
        raise MalformedPolicy(f"Invalid condition operator: {name}")
    if not all(key.partition(":")):
        raise MalformedPolicy(f"Invalid condition key format: {key}")
    several = [values] if isinstance(values, str | bool | int | float) else values
    if not several:
        raise MalformedPolicy(f"Missing condition value: {key}")
    return Condition(key, build([_text(value) for value in several]), negated, quantifier)


def _text(value: Scalar) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


# What each family of operators makes of the values in the policy.


def _equals(values: Sequence[str]) -> Match:
    return frozenset(values).__contains__


def _equals_ignoring_case(values: Sequence[str]) -> Match:
    folded = frozenset(value.casefold() for value in values)
    return lambda text: text.casefold() in folded


def _truth(values: Sequence[str]) -> Match:
    if len(values) > 1:
        raise MalformedPolicy("Invalid condition multiple Boolean")
    wanted = values[0].lower()
    if wanted not in ("true", "false"):
        raise MalformedPolicy(f"Invalid condition Boolean value: {values[0]}")
    return lambda text: text.lower() == wanted


_NUMBER = re.compile(r"[+-]?[0-9]{1,64}(?:\.[0-9]{1,64})?")


@lru_cache(maxsize=1024)
def _number(text: str) -> Decimal | None:
    return Decimal(text) if _NUMBER.fullmatch(text) else None


@lru_cache(maxsize=1024)
def _date(text: str) -> datetime | None:
    """2019-08-12T17:00:00+08:00 or 2019-08-12T09:00:00Z; without a zone it is UTC."""
    try:
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _compares(read: Callable[[str], _Value | None], compare: Callable[[Any, Any], bool], kind: str) -> Any:
    """Values of one ordered kind, each held against the request's: `compare(request's, policy's)`."""

    def build(values: Sequence[str]) -> Match:
        bounds: list[_Value] = []
        for value in values:
            bound = read(value)
            if bound is None:
                raise MalformedPolicy(f"Invalid condition {kind} value: {value}")
            bounds.append(bound)

        def match(text: str) -> bool:
            present = read(text) if len(text) <= _LONGEST else None
            return present is not None and any(compare(present, bound) for bound in bounds)

        return match

    return build


@lru_cache(maxsize=4096)
def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _in_network(values: Sequence[str]) -> Match:
    try:
        networks = [ip_network(value, strict=False) for value in values]
    except ValueError:
        raise MalformedPolicy(f"Invalid condition IP address value: {', '.join(values)}") from None

    def match(text: str) -> bool:
        address = _address(text) if len(text) <= _LONGEST else None
        return address is not None and any(address in network for network in networks)

    return match


def _ordered(
    family: str, read: Callable[[str], Any], kind: str
) -> dict[str, tuple[Callable[[Sequence[str]], Match], bool]]:
    equal = _compares(read, operator.eq, kind)
    return {
        f"{family}Equals": (equal, False),
        f"{family}NotEquals": (equal, True),
        f"{family}LessThan": (_compares(read, operator.lt, kind), False),
        f"{family}LessThanEquals": (_compares(read, operator.le, kind), False),
        f"{family}GreaterThan": (_compares(read, operator.gt, kind), False),
        f"{family}GreaterThanEquals": (_compares(read, operator.ge, kind), False),
    }


_OPERATORS: Mapping[str, tuple[Callable[[Sequence[str]], Match], bool]] = {
    "StringEquals": (_equals, False),
    "StringNotEquals": (_equals, True),
    "StringEqualsIgnoreCase": (_equals_ignoring_case, False),
    "StringNotEqualsIgnoreCase": (_equals_ignoring_case, True),
    "StringLike": (wildcard.one_of, False),
    "StringNotLike": (wildcard.one_of, True),
    **_ordered("Numeric", _number, "numeric"),
    **_ordered("Date", _date, "date"),
    "Bool": (_truth, False),
    "IpAddress": (_in_network, False),
    "NotIpAddress": (_in_network, True),
}
"""Operator to how its values are compiled, and whether it is a negation."""
