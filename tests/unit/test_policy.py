"""RAM policies: what the documentation says, case by case."""

from __future__ import annotations

import json
from typing import Any

import pytest

from openyun.access.policy import Decision, MalformedPolicy, Verdict, decide, parse, parse_trust, trusts

INSTANCE = "acs:ecs:cn-hangzhou:1234567890123456:instance/i-1"


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "1", "Statement": list(statements)})


def allow(action: Any = "*", resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any = "*", resource: Any = "*", **more: Any) -> dict[str, Any]:
    return allow(action, resource, **more) | {"Effect": "Deny"}


def asked(*statements: dict[str, Any], action: str = "ecs:StopInstance", **context: Any) -> Verdict:
    return decide([parse(document(*statements))], action, INSTANCE, context).verdict


def under(operator: str, key: str, values: Any, context: dict[str, Any]) -> bool:
    policy = parse(document(allow(Condition={operator: {key: values}})))
    return decide([policy], "ecs:StopInstance", INSTANCE, context).allowed


@pytest.mark.parametrize(
    ("action", "allowed"),
    [
        ("*", True),
        ("ecs:*", True),
        ("ECS:stopINSTANCE", True),
        ("ecs:Stop*", True),
        ("ecs:StopInstanc?", True),
        ("ecs:StopInstance?", False),
        ("*:StopInstance", True),
        ("vpc:*", False),
        (["vpc:*", "ecs:StopInstance"], True),
        ("ecs:Start*", False),
    ],
)
def test_actions_match_without_regard_to_case(action: Any, allowed: bool) -> None:
    assert asked(allow(action)) == ("Allow" if allowed else "ImplicitDeny")


@pytest.mark.parametrize(
    ("resource", "allowed"),
    [
        ("*", True),
        ("acs:*", True),
        ("acs:ecs:*:*:*", True),
        ("acs:ecs:cn-hangzhou:1234567890123456:instance/i-1", True),
        ("acs:ecs:cn-hangzhou:1234567890123456:instance/I-1", False),
        ("acs:ecs:*:*:instance/i-?", True),
        ("acs:ecs:*:*:instance/i-??", False),
        ("acs:ecs:cn-beijing:*:*", False),
        (["acs:vpc:*:*:*", "acs:ecs:*:*:instance/*"], True),
    ],
)
def test_resources_match_with_regard_to_case(resource: Any, allowed: bool) -> None:
    assert asked(allow(resource=resource)) == ("Allow" if allowed else "ImplicitDeny")


def test_not_action_and_not_resource_name_the_exceptions() -> None:
    all_but_ram = {"Effect": "Allow", "NotAction": ["ram:*", "sts:*"], "Resource": "*"}
    assert asked(all_but_ram) == Verdict.ALLOW
    assert asked(all_but_ram, action="RAM:CreateUser") == Verdict.IMPLICIT_DENY
    elsewhere = {"Effect": "Allow", "Action": "*", "NotResource": "acs:ecs:*:*:instance/i-1"}
    assert asked(elsewhere) == Verdict.IMPLICIT_DENY


def test_deny_wins_whatever_the_order_and_the_policy() -> None:
    granting, refusing = parse(document(allow())), parse(document(deny("ecs:StopInstance")))
    for policies in ([granting, refusing], [refusing, granting]):
        decision = decide(policies, "ecs:StopInstance", INSTANCE, {})
        assert decision == Decision(Verdict.EXPLICIT_DENY, refusing, 0)
    assert decide([granting, refusing], "ecs:StartInstance", INSTANCE, {}).allowed


def test_the_decision_names_policy_and_statement() -> None:
    first, second = parse(document(allow("vpc:*"))), parse(document(allow("rds:*"), allow("ecs:*")))
    assert decide([first, second], "ecs:StopInstance", INSTANCE, {}) == Decision(Verdict.ALLOW, second, 1)
    assert decide([], "ecs:StopInstance", INSTANCE, {}) == Decision(Verdict.IMPLICIT_DENY)


def test_a_session_policy_only_narrows() -> None:
    ecs, describe = parse(document(allow("ecs:*"))), parse(document(allow("*:Describe*")))
    ask = {"resource": INSTANCE, "context": {}, "session": describe}
    assert decide([ecs], "ecs:DescribeInstances", **ask).allowed
    refused = decide([ecs], "ecs:StopInstance", **ask)
    assert (refused.verdict, refused.by_session) == (Verdict.IMPLICIT_DENY, True)
    assert not decide([ecs], "vpc:DescribeVpcs", **ask).allowed
    blocking = parse(document(deny()))
    assert decide([ecs], "ecs:StopInstance", INSTANCE, {}, session=blocking).verdict == Verdict.EXPLICIT_DENY


@pytest.mark.parametrize(
    ("operator", "values", "matching", "failing"),
    [
        ("StringEquals", "dev", "dev", "Dev"),
        ("StringEquals", ["dev", "test"], "test", "prod"),
        ("StringNotEquals", "dev", "Dev", "dev"),
        ("StringNotEquals", ["dev", "test"], "prod", "test"),
        ("StringEqualsIgnoreCase", "dev", "DEV", "prod"),
        ("StringNotEqualsIgnoreCase", "dev", "prod", "DEV"),
        ("StringLike", ["hangzhou/*", "b?"], "hangzhou/2015/a", "hangzhou"),
        ("StringNotLike", "hangzhou/*", "beijing/", "hangzhou/"),
        ("NumericEquals", 10, "10.0", "11"),
        ("NumericNotEquals", "10", "11", "10.00"),
        ("NumericLessThan", 10, "9.5", "10"),
        ("NumericLessThanEquals", "10", "10", "10.1"),
        ("NumericGreaterThan", "10", "11", "10"),
        ("NumericGreaterThanEquals", 10, "10", "many"),
        ("DateEquals", "2019-08-12T17:00:00+08:00", "2019-08-12T09:00:00Z", "2019-08-12T17:00:00Z"),
        ("DateNotEquals", "2019-08-12T17:00:00+08:00", "2019-08-12T17:00:00Z", "2019-08-12T09:00:00Z"),
        ("DateLessThan", "2019-08-12T17:00:00+08:00", "2019-08-12T08:59:59Z", "2019-08-12T09:00:00Z"),
        ("DateLessThanEquals", "2019-08-12T09:00:00Z", "2019-08-12T09:00:00Z", "2019-08-12T09:00:01Z"),
        ("DateGreaterThan", "2019-08-12T09:00:00Z", "2019-08-12T09:00:01Z", "2019-08-12T09:00:00Z"),
        ("DateGreaterThanEquals", "2019-08-12T09:00:00Z", "2019-08-12T09:00:00Z", "yesterday"),
        ("Bool", "true", "true", "false"),
        ("Bool", False, "False", "true"),
        ("IpAddress", "203.0.113.2", "203.0.113.2", "203.0.113.3"),
        ("IpAddress", ["10.0.0.0/8", "2001:db8::/32"], "2001:db8::1", "11.0.0.1"),
        ("IpAddress", "10.0.0.0/8", "::ffff:10.1.2.3", "nowhere"),
        ("NotIpAddress", ["10.0.0.0/8", "192.168.0.0/16"], "8.8.8.8", "192.168.1.1"),
    ],
)
def test_condition_operators(operator: str, values: Any, matching: str, failing: str) -> None:
    assert under(operator, "acs:Key", values, {"acs:Key": matching})
    assert not under(operator, "acs:Key", values, {"acs:Key": failing})


def test_a_key_that_is_absent_fails_a_test_and_passes_its_negation() -> None:
    assert not under("StringEquals", "acs:RequestTag/team", "dev", {})
    assert under("StringNotEquals", "acs:RequestTag/team", "dev", {})
    assert not under("Bool", "acs:MFAPresent", "true", {})
    assert not under("NumericLessThan", "ecs:Size", 3, {})


def test_all_operators_and_all_keys_must_hold() -> None:
    both = allow(Condition={"Bool": {"acs:MFAPresent": "true"}, "IpAddress": {"acs:SourceIp": "10.0.0.0/8"}})
    policy = parse(document(both))
    for source, mfa, allowed in [("10.1.1.1", "true", True), ("11.1.1.1", "true", False), ("10.1.1.1", "false", False)]:
        context = {"acs:SourceIp": source, "acs:MFAPresent": mfa}
        assert decide([policy], "ecs:StopInstance", INSTANCE, context).allowed is allowed


@pytest.mark.parametrize(
    ("operator", "present", "expected"),
    [
        ("ForAnyValue:StringEquals", ["dev", "other"], True),
        ("ForAnyValue:StringEquals", ["other"], False),
        ("ForAnyValue:StringEquals", [], False),
        ("ForAllValues:StringEquals", ["dev", "test"], True),
        ("ForAllValues:StringEquals", ["dev", "other"], False),
        ("ForAllValues:StringEquals", [], True),
        ("ForAnyValue:StringNotEquals", ["dev", "other"], True),
        ("ForAnyValue:StringNotEquals", ["dev"], False),
        ("ForAllValues:StringNotEquals", ["dev", "other"], False),
        ("ForAllValues:StringNotEquals", ["other"], True),
        ("StringEquals", ["dev", "other"], True),
        ("StringNotEquals", ["dev", "other"], False),
    ],
)
def test_keys_with_several_values(operator: str, present: list[str], expected: bool) -> None:
    assert under(operator, "acs:TagKeys", ["dev", "test"], {"acs:TagKeys": present}) is expected


ALICE = {"RAM": ["acs:ram::1234:user/alice", "acs:ram::1234:root"]}
ECS = {"Service": ["ecs.aliyuncs.com"]}


@pytest.mark.parametrize(
    ("principal", "alice", "ecs"),
    [
        ({"RAM": "acs:ram::1234:root"}, True, False),
        ({"RAM": ["acs:ram::99:root", "acs:ram::1234:user/alice"]}, True, False),
        ({"RAM": "acs:ram::1234:user/Alice"}, False, False),
        ({"RAM": "acs:ram::1234:user/bob"}, False, False),
        ({"RAM": "*"}, True, False),
        ({"RAM": "acs:ram::*:root"}, True, False),
        ({"Service": ["ecs.aliyuncs.com", "fc.aliyuncs.com"]}, False, True),
        ({"Federated": "acs:ram::1234:saml-provider/company"}, False, False),
        ({"RAM": "acs:ram::1234:root", "Service": "ecs.aliyuncs.com"}, True, True),
        ("*", True, True),
    ],
)
def test_trust_policies(principal: Any, alice: bool, ecs: bool) -> None:
    policy = parse_trust(document({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}))
    assert trusts(policy, ALICE, "sts:AssumeRole", {}).allowed is alice
    assert trusts(policy, ECS, "sts:AssumeRole", {}).allowed is ecs
    assert not trusts(policy, ALICE, "sts:AssumeRoleWithSAML", {}).allowed


def test_trust_policies_deny_and_condition() -> None:
    everyone = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"RAM": "acs:ram::1234:root"}}
    all_but_alice = {"Effect": "Deny", "Action": "*", "NotPrincipal": {"RAM": "acs:ram::1234:user/alice"}}
    policy = parse_trust(document(everyone, all_but_alice))
    bob = {"RAM": ["acs:ram::1234:user/bob", "acs:ram::1234:root"]}
    assert trusts(policy, ALICE, "sts:AssumeRole", {}).allowed
    assert trusts(policy, bob, "sts:AssumeRole", {}).verdict == Verdict.EXPLICIT_DENY
    inside = parse_trust(document(everyone | {"Condition": {"IpAddress": {"acs:SourceIp": "10.0.0.0/8"}}}))
    assert trusts(inside, ALICE, "sts:AssumeRole", {"acs:SourceIp": "10.0.0.1"}).allowed
    assert not trusts(inside, ALICE, "sts:AssumeRole", {"acs:SourceIp": "8.8.8.8"}).allowed


def test_a_single_statement_needs_no_list() -> None:
    policy = parse(json.dumps({"Version": "1", "Statement": allow("ecs:*")}))
    assert decide([policy], "ecs:StopInstance", INSTANCE, {}).allowed


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "well-formed JSON"),
        ("{", "well-formed JSON"),
        ("[]", "Expected `object`"),
        ('{"Version": "2", "Statement": []}', "Version"),
        ('{"Version": "1"}', "Statement"),
        ('{"Version": "1", "Statement": []}', "Missing statement"),
        (document({"Effect": "Allow", "Resource": "*"}), "Missing action"),
        (document({"Effect": "Allow", "Action": "*"}), "Missing resource"),
        (document({"Action": "*", "Resource": "*"}), "Effect"),
        (document(allow() | {"Effect": "allow"}), "Effect"),
        (document(allow(Sid="a")), "Sid"),
        (document(allow("DescribeInstances")), "Invalid action format: DescribeInstances"),
        (document(allow(resource="arn:aws:s3:::b")), "Invalid ARN prefix: arn:aws:s3:::b"),
        (document(allow(NotAction="ecs:*")), "Unsupported combination: Action and NotAction"),
        (document(allow(NotResource="*")), "Unsupported combination: Resource and NotResource"),
        (document(allow(Principal={"RAM": "*"})), "Unsupported element: Principal"),
        (document(allow(Condition={"StringMatches": {"acs:A": "b"}})), "Invalid condition operator: StringMatches"),
        (document(allow(Condition={":StringEquals": {"acs:A": "b"}})), "Invalid condition operator"),
        (document(allow(Condition={"ForSome:StringEquals": {"acs:A": "b"}})), "Invalid condition operator"),
        (document(allow(Condition={"StringEquals": {"SourceIp": "b"}})), "Invalid condition key format: SourceIp"),
        (document(allow(Condition={"StringEquals": {"acs:A": []}})), "Missing condition value: acs:A"),
        (document(allow(Condition={"NumericEquals": {"acs:A": "NaN"}})), "Invalid condition numeric value: NaN"),
        (document(allow(Condition={"DateLessThan": {"acs:A": "soon"}})), "Invalid condition date value: soon"),
        (document(allow(Condition={"IpAddress": {"acs:A": "10.0.0.0/33"}})), "Invalid condition IP address value"),
        (document(allow(Condition={"Bool": {"acs:A": "maybe"}})), "Invalid condition Boolean value"),
        (document(allow(Condition={"Bool": {"acs:A": [True, False]}})), "Invalid condition multiple Boolean"),
    ],
)
def test_malformed_documents_say_why(text: str, reason: str) -> None:
    with pytest.raises(MalformedPolicy) as caught:
        parse(text)
    assert reason in caught.value.reason


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ({}, "Missing principal"),
        ({"Principal": {}}, "Missing principal"),
        ({"Principal": {"RAM": []}}, "Missing principal: RAM"),
        ({"Principal": {"AWS": "*"}}, "Invalid principal: AWS"),
        ({"Principal": "*", "NotPrincipal": "*"}, "Unsupported combination"),
        ({"Principal": "*", "Resource": "*"}, "Unsupported element: Resource"),
    ],
)
def test_malformed_trust_policies_say_why(statement: dict[str, Any], reason: str) -> None:
    with pytest.raises(MalformedPolicy) as caught:
        parse_trust(document({"Effect": "Allow", "Action": "sts:AssumeRole", **statement}))
    assert reason in caught.value.reason


def test_a_hostile_pattern_is_cheap() -> None:
    """Backtracking through 40 stars over 1,000 letters would outlive the test run."""
    policy = parse(document(allow(resource="acs:" + "*a" * 40 + "b")))
    assert not decide([policy], "oss:GetObject", "acs:" + "a" * 1000, {}).allowed
