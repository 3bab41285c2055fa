"""DescribeInstances: the operation that clients call most, so one query, and nothing built that was built before."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from openyun.access.wildcard import matches
from openyun.errors import InvalidParameter
from openyun.operation import UNSET, Call, Model, Request, Response, Tag, Unset
from openyun.services.ecs.errors import InvalidInstanceIds
from openyun.services.ecs.instance.items import NEVER_EXPIRES, InstanceItem, engine_tags, family_of, item_of, minutes
from openyun.services.ecs.records import Instance
from openyun.services.ecs.service import ecs
from openyun.services.paging import Paged, after_token, page_of
from openyun.services.tags import carries
from openyun.services.vpc import eips

MOST_IDS = 100
_FEWEST_RESULTS = 10
_MOST_RESULTS = 100


class InstanceItems(Model):
    instance: list[InstanceItem]


class Filter(Model, kw_only=True):
    key: str = ""
    value: str = ""


class DescribeInstancesRequest(Paged, Request, kw_only=True):
    region_id: str
    instance_ids: list[str] = []
    instance_name: str = ""
    status: str = ""
    vpc_id: str = ""
    v_switch_id: str = ""
    zone_id: str = ""
    security_group_id: str = ""
    private_ip_addresses: list[str] = []
    public_ip_addresses: list[str] = []
    inner_ip_addresses: list[str] = []
    eip_addresses: list[str] = []
    rdma_ip_addresses: str = ""
    ipv6_address: list[str] = []
    instance_type: str = ""
    instance_type_family: str = ""
    instance_network_type: str = ""
    instance_charge_type: str = ""
    internet_charge_type: str = ""
    io_optimized: bool | None = None
    image_id: str = ""
    key_pair_name: str = ""
    resource_group_id: str = ""
    hpc_cluster_id: str = ""
    lock_reason: str = ""
    device_available: bool | None = None
    http_endpoint: str = ""
    http_tokens: str = ""
    tag: list[Tag] = []
    filter: list[Filter] = []
    next_token: str = ""
    max_results: int | None = None
    dry_run: bool = False


class DescribeInstancesResponse(Response, kw_only=True):
    page_number: int | Unset = UNSET
    page_size: int | Unset = UNSET
    total_count: int
    next_token: str = ""
    instances: InstanceItems


@ecs.operation(resource="instance/{instance_ids}")
def describe_instances(call: Call, ask: DescribeInstancesRequest) -> DescribeInstancesResponse:
    item = item_of(call)
    tests = _tests(call, ask)
    if ask.next_token or ask.max_results is not None:
        found = _select(call, ask, tests)
        found.sort(key=lambda one: one.id)
        limit = min(max(ask.max_results or 0, _FEWEST_RESULTS), _MOST_RESULTS)
        page, token = after_token(found, [one.id for one in found], ask.next_token, limit)
        return DescribeInstancesResponse(
            total_count=len(found), next_token=token, instances=InstanceItems([item(one) for one in page])
        )
    newest = None if tests or ask.instance_ids else _newest(call, ask.page_number * ask.page_size)
    if newest is None:
        found = _select(call, ask, tests)
        found.sort(key=lambda one: (one.created_at, one.id), reverse=True)
        newest = found, len(found)
    page = page_of(ask, newest[0], most=_MOST_RESULTS)
    return DescribeInstancesResponse(
        page_number=ask.page_number,
        page_size=ask.page_size,
        total_count=newest[1],
        instances=InstanceItems([item(one) for one in page]),
    )


# Which instances.


def _newest(call: Call, count: int) -> tuple[list[Instance], int] | None:
    """The account's newest instances, at least `count` of them if there are so many, and how many there are in all.

    None if it has few: then they are all read anyway."""
    every = call.state.count(Instance, account_id=call.account_id)
    if every <= _MOST_RESULTS:
        return None
    gone = call.state.count(Instance, account_id=call.account_id, wanted="Deleted")
    found = call.state.scan(
        Instance, "created_at", descending=True, limit=min(max(count, 1), every) + gone, account_id=call.account_id
    )
    return [one for one in found if one.wanted != "Deleted"], every - gone


def _select(call: Call, ask: DescribeInstancesRequest, tests: list[Test]) -> list[Instance]:
    """The account's instances that every given filter lets through, found by the index that leaves the fewest."""
    if len(ask.instance_ids) > MOST_IDS:
        raise InvalidInstanceIds(most=MOST_IDS)
    if ask.instance_ids:
        found = call.state.find(Instance, id=ask.instance_ids)
    elif ask.v_switch_id:
        found = call.state.find(Instance, v_switch_id=ask.v_switch_id)
    elif ask.vpc_id:
        found = call.state.find(Instance, vpc_id=ask.vpc_id)
    else:
        found = call.state.find(Instance, account_id=call.account_id)
    account_id = call.account_id
    return [
        one
        for one in found
        if one.wanted != "Deleted" and one.account_id == account_id and all(test(one) for test in tests)
    ]


Test = Callable[[Instance], bool]


def _tests(call: Call, ask: DescribeInstancesRequest) -> list[Test]:
    tests: list[Test] = []
    for field, wanted in (
        ("status", ask.status),
        ("vpc_id", ask.vpc_id),
        ("v_switch_id", ask.v_switch_id),
        ("zone_id", ask.zone_id),
        ("instance_type", ask.instance_type),
        ("charge_type", ask.instance_charge_type),
        ("internet_charge_type", ask.internet_charge_type),
        ("image_id", ask.image_id),
        ("key_pair_name", ask.key_pair_name),
        ("resource_group_id", ask.resource_group_id),
        ("http_endpoint", ask.http_endpoint),
        ("http_tokens", ask.http_tokens),
        ("lock_reason", ask.lock_reason),
    ):
        if wanted:
            tests.append(_equals(field, wanted))
    for field, several in (("private_address", ask.private_ip_addresses), ("public_address", ask.public_ip_addresses)):
        if several:
            tests.append(_among(field, several))
    if ask.eip_addresses:
        bound = eips.of_account(call, "EcsInstance")
        holders = {id for id, held in bound.items() if any(one.address in ask.eip_addresses for one in held)}
        tests.append(lambda one: one.id in holders)
    if ask.instance_name:
        tests.append(lambda one: matches(ask.instance_name, one.name))
    if ask.security_group_id:
        tests.append(lambda one: ask.security_group_id in one.security_group_ids)
    if ask.instance_type_family:
        tests.append(lambda one: family_of(one.instance_type) == ask.instance_type_family)
    if (
        ask.instance_network_type not in ("", "vpc")
        or ask.io_optimized is False
        or ask.device_available is False
        or ask.hpc_cluster_id
        or ask.inner_ip_addresses
        or ask.rdma_ip_addresses
        or ask.ipv6_address
    ):
        tests.append(lambda _: False)  # no instance of this cloud has any of these
    if ask.tag:
        own_tags = engine_tags(call)
        tests.append(lambda one: carries(one.tags | own_tags, ask.tag))
    for one in ask.filter:
        tests.append(_filter(one))
    return tests


def _equals(field: str, wanted: str) -> Test:
    return lambda one: getattr(one, field) == wanted


def _among(field: str, several: Sequence[str]) -> Test:
    return lambda one: getattr(one, field) in several


def _filter(one: Filter) -> Test:
    """Times as 2026-01-02T03:04Z, which sort as text."""
    at = one.value
    match one.key:
        case "CreationStartTime":
            return lambda instance: minutes(instance.created_at) >= at
        case "CreationEndTime":
            return lambda instance: minutes(instance.created_at) <= at
        case "ExpiredStartTime":
            return lambda instance: (minutes(instance.expires_at) or NEVER_EXPIRES) >= at
        case "ExpiredEndTime":
            return lambda instance: (minutes(instance.expires_at) or NEVER_EXPIRES) <= at
    raise InvalidParameter(parameter="Filter.N.Key")
