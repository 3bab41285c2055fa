"""RAM policies: read once, decided in microseconds.

`parse` and `parse_trust` turn the text of a document into a compiled `Policy`, or say why it is none. `decide` weighs
the policies of an identity, and that of its session, for one action on one resource: an explicit Deny beats every
Allow, and what nobody allows is denied. `trusts` asks a role's trust policy whether it lets someone in.

Actions are compared without regard to case, resources and principals with it, as the vendor documents
(help.aliyun.com/zh/ram/policy-elements).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import Literal

import msgspec

from openyun.access import condition, wildcard
from openyun.access.condition import Condition, Context, MalformedPolicy, Scalar

__all__ = [
    "Bounds",
    "Context",
    "Decision",
    "MalformedPolicy",
    "Party",
    "Policy",
    "Verdict",
    "decide",
    "parse",
    "parse_trust",
    "trusts",
    "within",
]

Test = Callable[[str], bool]
Party = Mapping[str, Sequence[str]]
"""Who asks for a role, by each name that a trust policy may use.

`{"RAM": ["acs:ram::1234:user/alice", "acs:ram::1234:root"]}`, `{"Service": ["ecs.aliyuncs.com"]}` or
`{"Federated": ["acs:ram::1234:saml-provider/company"]}`.
"""


class Verdict(StrEnum):
    """Allowed, or why not: the names that the vendor puts into `NoPermissionType`."""

    ALLOW = "Allow"
    EXPLICIT_DENY = "ExplicitDeny"
    IMPLICIT_DENY = "ImplicitDeny"


@dataclass(frozen=True, slots=True)
class Statement:
    denies: bool
    action: Test
    resource: Test
    conditions: tuple[Condition, ...]
    principals: Mapping[str, Test]
    all_but_principals: bool

    def applies(self, action: str, resource: str, context: Context) -> bool:
        """`action` in lower case."""
        if not (self.action(action) and self.resource(resource)):
            return False
        return all(condition.holds(context) for condition in self.conditions)

    def names(self, party: Party) -> bool:
        named = any(test(name) for kind, test in self.principals.items() for name in party.get(kind, ()))
        return named != self.all_but_principals


@dataclass(frozen=True, slots=True, eq=False)
class Policy:
    document: str
    statements: tuple[Statement, ...]

    @property
    def condition_keys(self) -> frozenset[str]:
        return _condition_keys(self)

    def weigh(self, action: str, resource: str, context: Context) -> tuple[Verdict, int | None]:
        """The verdict of this policy alone, and the number of the statement that spoke; `action` in lower case."""
        allowing: int | None = None
        for number, statement in enumerate(self.statements):
            if allowing is not None and not statement.denies:
                continue
            if statement.applies(action, resource, context):
                if statement.denies:
                    return Verdict.EXPLICIT_DENY, number
                allowing = number
        return (Verdict.IMPLICIT_DENY, None) if allowing is None else (Verdict.ALLOW, allowing)


@lru_cache(maxsize=4096)
def _condition_keys(policy: Policy) -> frozenset[str]:
    return frozenset(one.key for statement in policy.statements for one in statement.conditions)


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict, with the policy and the number of the statement that made it; both None when nothing spoke."""

    verdict: Verdict
    policy: Policy | None = None
    statement: int | None = None
    by_session: bool = False
    by_control: bool = False

    @property
    def allowed(self) -> bool:
        return self.verdict is Verdict.ALLOW


Bounds = Sequence[Sequence[Policy]]
"""The control policies that bind a member of a resource directory: those of the root folder, of each folder on the way
down, and the member's own."""


def decide(
    policies: Iterable[Policy],
    action: str,
    resource: str,
    context: Context,
    *,
    session: Policy | None = None,
    bounds: Bounds = (),
) -> Decision:
    """Whether an identity holding `policies` may do `action` (`ecs:RunInstances`) on `resource` (an `acs:` ARN).

    Session and control policies grant nothing: they only narrow what the identity's own policies allow. Of control
    policies each level must allow, and none may deny.
    """
    action = action.lower()
    for level in bounds:
        said = [(*one.weigh(action, resource, context), one) for one in level]
        for verdict, number, one in said:
            if verdict is Verdict.EXPLICIT_DENY:
                return Decision(verdict, one, number, by_control=True)
        if not any(verdict is Verdict.ALLOW for verdict, _, _ in said):
            return Decision(Verdict.IMPLICIT_DENY, by_control=True)
    decision = Decision(Verdict.IMPLICIT_DENY)
    for policy in policies:
        verdict, number = policy.weigh(action, resource, context)
        if verdict is Verdict.EXPLICIT_DENY:
            return Decision(verdict, policy, number)
        if verdict is Verdict.ALLOW and not decision.allowed:
            decision = Decision(verdict, policy, number)
    if session is not None:
        verdict, number = session.weigh(action, resource, context)
        if verdict is Verdict.EXPLICIT_DENY or (decision.allowed and verdict is not Verdict.ALLOW):
            return Decision(verdict, session, number, by_session=True)
    return decision


def trusts(policy: Policy, party: Party, action: str, context: Context) -> Decision:
    """Whether a trust policy lets `party` do `action` (`sts:AssumeRole`) with its role."""
    action = action.lower()
    allowing: int | None = None
    for number, statement in enumerate(policy.statements):
        if statement.names(party) and statement.applies(action, "*", context):
            if statement.denies:
                return Decision(Verdict.EXPLICIT_DENY, policy, number)
            allowing = number if allowing is None else allowing
    return Decision(Verdict.IMPLICIT_DENY) if allowing is None else Decision(Verdict.ALLOW, policy, allowing)


def within(policy: Policy, resource_group_id: str) -> Policy:
    """The policy as it counts where it was attached for one resource group."""
    only = condition.compile_block({"StringEquals": {GROUP_KEY: resource_group_id}})
    statements = (replace(one, conditions=(*one.conditions, *only)) for one in policy.statements)
    return Policy(policy.document, tuple(statements))


GROUP_KEY = "acs:ResourceGroupId"
"""the condition key that names a resource's group"""


# The shape of a document.

_OneOrMore = str | list[str]


class _StatementShape(msgspec.Struct, rename="pascal", forbid_unknown_fields=True):
    effect: Literal["Allow", "Deny"]
    action: _OneOrMore | None = None
    not_action: _OneOrMore | None = None
    resource: _OneOrMore | None = None
    not_resource: _OneOrMore | None = None
    principal: dict[str, _OneOrMore] | Literal["*"] | None = None
    not_principal: dict[str, _OneOrMore] | Literal["*"] | None = None
    condition: dict[str, dict[str, Scalar | list[Scalar]]] = msgspec.field(default_factory=dict)


class _DocumentShape(msgspec.Struct, rename="pascal", forbid_unknown_fields=True):
    version: Literal["1"]
    statement: _StatementShape | list[_StatementShape]


_PRINCIPAL_KINDS = ("RAM", "Service", "Federated")
_decoder = msgspec.json.Decoder(_DocumentShape)


@lru_cache(maxsize=4096)
def parse(document: str) -> Policy:
    """A policy for identities: its statements have a Resource and no Principal. Raises MalformedPolicy."""
    return Policy(document, tuple(_identity_statement(shape) for shape in _shapes(document)))


@lru_cache(maxsize=1024)
def parse_trust(document: str) -> Policy:
    """A role's trust policy: its statements have a Principal and no Resource. Raises MalformedPolicy."""
    return Policy(document, tuple(_trust_statement(shape) for shape in _shapes(document)))


def _shapes(document: str) -> list[_StatementShape]:
    try:
        shape = _decoder.decode(document)
    except msgspec.ValidationError as error:
        raise MalformedPolicy(f"Data type mismatch: {error}") from None
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise MalformedPolicy("Data type mismatch: the policy document is not well-formed JSON") from None
    statements = shape.statement if isinstance(shape.statement, list) else [shape.statement]
    if not statements:
        raise MalformedPolicy("Missing statement")
    return statements


def _identity_statement(shape: _StatementShape) -> Statement:
    if shape.principal is not None or shape.not_principal is not None:
        raise MalformedPolicy("Unsupported element: Principal")
    resources, all_but = _either(shape.resource, shape.not_resource, "Resource")
    for resource in resources:
        if resource != "*" and not resource.startswith("acs:"):
            raise MalformedPolicy(f"Invalid ARN prefix: {resource}")
    test = wildcard.one_of(resources)
    return _statement(shape, _negation(test) if all_but else test, {}, all_but_principals=True)


def _trust_statement(shape: _StatementShape) -> Statement:
    if shape.resource is not None or shape.not_resource is not None:
        raise MalformedPolicy("Unsupported element: Resource")
    if (shape.principal is None) == (shape.not_principal is None):
        raise MalformedPolicy("Missing principal" if shape.principal is None else "Unsupported combination: Principal")
    principals = shape.principal or shape.not_principal
    if not principals:
        raise MalformedPolicy("Missing principal")
    if principals == "*":
        principals = dict.fromkeys(_PRINCIPAL_KINDS, "*")
    tests = {}
    for kind, names in principals.items():
        if kind not in _PRINCIPAL_KINDS:
            raise MalformedPolicy(f"Invalid principal: {kind}")
        several = _several(names)
        if not several:
            raise MalformedPolicy(f"Missing principal: {kind}")
        tests[kind] = wildcard.one_of(several)
    return _statement(shape, _anything, tests, all_but_principals=shape.not_principal is not None)


def _statement(
    shape: _StatementShape, resource: Test, principals: Mapping[str, Test], *, all_but_principals: bool
) -> Statement:
    actions, all_but = _either(shape.action, shape.not_action, "Action")
    for action in actions:
        if action != "*" and not all(action.partition(":")):
            raise MalformedPolicy(f"Invalid action format: {action}")
    test = wildcard.one_of(action.lower() for action in actions)
    return Statement(
        denies=shape.effect == "Deny",
        action=_negation(test) if all_but else test,
        resource=resource,
        conditions=condition.compile_block(shape.condition),
        principals=principals,
        all_but_principals=all_but_principals,
    )


def _either(named: _OneOrMore | None, all_but: _OneOrMore | None, element: str) -> tuple[list[str], bool]:
    """The values of an element or of its negation, and whether it is the negation. Exactly one must be there."""
    if named is not None and all_but is not None:
        raise MalformedPolicy(f"Unsupported combination: {element} and Not{element}")
    present = named if named is not None else all_but
    if not present:
        raise MalformedPolicy(f"Missing {element.lower()}")
    return _several(present), named is None


def _several(values: _OneOrMore) -> list[str]:
    return [values] if isinstance(values, str) else values


def _anything(_: str) -> bool:
    return True


def _negation(test: Test) -> Test:
    return lambda text: not test(text)
