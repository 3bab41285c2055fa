"""Condition keys of policies that ask about the resources of a request: their tags, and the group they belong to.

    acs:ResourceTag/KEY    a tag of the resource
    ecs:tag/KEY            a tag of the resource, or one that the request names; likewise vpc:tag/KEY and others
    acs:ResourceGroupId    the group of the resource, or the one that a new resource gets

A key that is not told to a policy makes its Deny void, so these are looked up for every resource that a request names;
but only for callers whose policies ask."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from openyun.access import policy
from openyun.operation import Call
from openyun.services import resource_groups, resources

_GROUP = policy.GROUP_KEY
_TAG = "acs:ResourceTag/"
_TAG_OF_PRODUCT = ":tag/"
_OF_TAG = re.compile(r"^\w+:(tag|BucketTag)/")


def are_asked(policies: Iterable[policy.Policy]) -> bool:
    """Whether a condition of these policies needs to know the resources."""
    keys = (key for one in policies for key in one.condition_keys)
    return any(key == _GROUP or key.startswith(_TAG) or _OF_TAG.search(key) for key in keys)


def of(call: Call, arn: str, requested: Mapping[str, str], group_id: str) -> dict[str, str | list[str]]:
    """What is known of the resource of this ARN; of one that does not exist yet, what the request says of it."""
    try:
        _, service, _, account_id, rest = arn.split(":", 4)
        found = resources.find_arn(call, arn)
    except ValueError:
        return {}
    told: dict[str, str | list[str]] = {}
    present = found[1].tags if found is not None else {}
    for key, value in present.items():
        told[f"{_TAG}{key}"] = value
    for key in {**present, **requested}:
        values = [tags[key] for tags in (present, requested) if key in tags]
        told[f"{service}{_TAG_OF_PRODUCT}{key}"] = list(dict.fromkeys(values))
    if found is not None and found[0].put_group is not None:
        told[_GROUP] = found[1].resource_group_id or resource_groups.default_group(account_id)
    elif found is None and rest.endswith("/*"):
        told[_GROUP] = group_id or resource_groups.default_group(account_id)
    return told
