"""Properties of policies that hold for every document."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openyun.access import wildcard
from openyun.access.policy import MalformedPolicy, Verdict, decide, parse, parse_trust, trusts

# A shared machine may be slow to make or to run an example; that is no finding about policies.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

OPERATORS = [
    *(
        f"String{name}"
        for name in ("Equals", "NotEquals", "EqualsIgnoreCase", "NotEqualsIgnoreCase", "Like", "NotLike")
    ),
    *(
        f"{family}{name}"
        for family in ("Numeric", "Date")
        for name in ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")
    ),
    *("Bool", "IpAddress", "NotIpAddress"),
]
PREFIXES = ["", "ForAnyValue:", "ForAllValues:"]

values = st.one_of(
    st.text(max_size=8),
    st.booleans(),
    st.integers(),
    st.sampled_from(["10", "-1.5", "true", "10.0.0.0/8", "::1", "2020-01-01T00:00:00Z", "a*", "?"]),
)
keys = st.sampled_from(["acs:SourceIp", "acs:CurrentTime", "acs:RequestTag/a", "ecs:Size"])
conditions = st.dictionaries(
    st.tuples(st.sampled_from(PREFIXES), st.sampled_from(OPERATORS)).map("".join),
    st.dictionaries(keys, st.one_of(values, st.lists(values, min_size=1, max_size=3)), max_size=2),
    max_size=2,
)
actions = st.sampled_from(["*", "ecs:*", "ecs:Stop*", "ECS:StopInstance", "vpc:*", "*:Stop?nstance"])
resources = st.sampled_from(["*", "acs:*", "acs:ecs:*:*:instance/*", "acs:ecs:*:*:disk/*", "acs:ecs:*:1:instance/i-?"])
contexts = st.dictionaries(keys, st.one_of(st.text(), st.lists(st.text(), max_size=3)))


@st.composite
def statements(draw: st.DrawFn, effect: str | None = None) -> dict[str, Any]:
    return {
        "Effect": effect or draw(st.sampled_from(["Allow", "Deny"])),
        draw(st.sampled_from(["Action", "NotAction"])): draw(st.lists(actions, min_size=1, max_size=3)),
        draw(st.sampled_from(["Resource", "NotResource"])): draw(st.lists(resources, min_size=1, max_size=3)),
        "Condition": draw(conditions),
    }


def text_of(several: list[dict[str, Any]]) -> str:
    return json.dumps({"Version": "1", "Statement": several})


def naive_match(pattern: str, text: str) -> bool:
    """The definition, written down without thought of cost."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(naive_match(pattern[1:], text[skipped:]) for skipped in range(len(text) + 1))
    return bool(text) and pattern[0] in ("?", text[0]) and naive_match(pattern[1:], text[1:])


patterns = st.text(alphabet="ab.\n*?[", max_size=8)
texts = st.text(alphabet="ab.\n[", max_size=8)


@unhurried
@given(patterns, texts)
def test_wildcards_agree_with_their_definition(pattern: str, text: str) -> None:
    assert wildcard.matches(pattern, text) == naive_match(pattern, text)


@unhurried
@given(st.lists(patterns, min_size=1, max_size=4), texts)
def test_one_of_many_patterns_is_any_of_them(several: list[str], text: str) -> None:
    assert wildcard.one_of(several)(text) == any(naive_match(pattern, text) for pattern in several)


def weighed(several: list[dict[str, Any]], context: Any) -> Verdict | None:
    try:
        policy = parse(text_of(several))
    except MalformedPolicy:
        return None
    return decide([policy], "ecs:StopInstance", "acs:ecs:cn-hangzhou:1:instance/i-1", context).verdict


@unhurried
@given(st.lists(statements(), min_size=1, max_size=4), contexts, st.randoms(use_true_random=False))
def test_the_order_of_statements_is_irrelevant(several: list[dict[str, Any]], context: Any, random: Any) -> None:
    shuffled = list(several)
    random.shuffle(shuffled)
    assert weighed(several, context) == weighed(shuffled, context)


@unhurried
@given(st.lists(statements(), max_size=4), contexts)
def test_deny_beats_allow(several: list[dict[str, Any]], context: Any) -> None:
    refuse_all = {"Effect": "Deny", "Action": "*", "Resource": "*"}
    assert weighed([*several, refuse_all], context) in (Verdict.EXPLICIT_DENY, None)


@unhurried
@given(st.lists(statements(), min_size=1, max_size=3), st.lists(statements(), min_size=1, max_size=3), contexts)
def test_a_session_never_grants(several: list[dict[str, Any]], narrower: list[dict[str, Any]], context: Any) -> None:
    try:
        policy, session = parse(text_of(several)), parse(text_of(narrower))
    except MalformedPolicy:
        return
    ask = ("ecs:StopInstance", "acs:ecs:cn-hangzhou:1:instance/i-1", context)
    alone, both = decide([policy], *ask), decide([policy], *ask, session=session)
    assert both.allowed == (alone.allowed and decide([session], *ask).allowed)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)
near_policies = st.fixed_dictionaries(
    {"Version": st.just("1"), "Statement": json_values | st.lists(statements() | json_values, max_size=2)}
).map(json.dumps)


@unhurried
@given(st.one_of(st.text(), json_values.map(json.dumps), near_policies), st.text(), st.text(), contexts)
def test_any_text_is_a_policy_or_malformed_and_a_policy_always_decides(
    document: str, action: str, resource: str, context: Any
) -> None:
    with suppress(MalformedPolicy):
        assert decide([parse(document)], action, resource, context).verdict in Verdict
    with suppress(MalformedPolicy):
        assert trusts(parse_trust(document), {"RAM": [resource]}, action, context).verdict in Verdict


@unhurried
@given(st.sampled_from(["[", '{"a":', '{"Version":"1","Statement":[', '{"Version":"1","Statement":{"Condition":']))
def test_depth_breaks_nothing(opening: str) -> None:
    with suppress(MalformedPolicy):
        parse(opening * 50_000)
