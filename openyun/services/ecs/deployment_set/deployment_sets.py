"""Deployment sets: groups of instances that are meant to run on different hosts.

A zone has one host here, so a set can only keep its promises of number: how many instances it takes in a zone or in a
group, and which group each is in."""

from __future__ import annotations

from collections import Counter

from openyun.clock import iso_seconds
from openyun.errors import BadRequest, Forbidden, InvalidParameter, NotFound
from openyun.operation import Call, Model, Request, Response
from openyun.services.ecs import names
from openyun.services.ecs.instance_type.catalogue import INSTANCE_TYPES
from openyun.services.ecs.records import DeploymentSet, Instance
from openyun.services.ecs.service import ecs
from openyun.services.naming import is_name
from openyun.services.paging import Paged, page_of

MOST_SETS = 100
STRATEGIES = ("Availability", "AvailabilityGroup", "LowLatency")
IN_A_ZONE = 20
"""instances of a set that each run on a host of their own, in one zone; or of one group"""
_DOMAINS, _GRANULARITIES = ("default",), ("host",)


class DeploymentSetNotFound(NotFound):
    code = "InvalidDeploymentSetId.NotFound"
    message = "The specified DeploymentSetId {deployment_set_id} does not exist."


class TooManySets(Forbidden):
    code = "QuotaExceed.DeploymentSet"
    message = "The number of deployment sets exceeds the quota of {most}."


class SetNotEmpty(Forbidden):
    code = "DependencyViolation.DeploymentSet"
    message = "There are still instances in the deployment set."


class SetIsFull(Forbidden):
    code = "OperationDenied.DeploymentSetExceedMaximum"
    message = "The deployment set takes at most {most} instances in a zone or group."


class InvalidStrategy(BadRequest):
    code = "InvalidStrategy.NotSupported"
    message = 'The specified parameter "Strategy" is not valid.'


class InvalidGroupNumber(BadRequest):
    code = "InvalidParameter.DeploymentSetGroupNo"
    message = 'The specified parameter "DeploymentSetGroupNo" is not valid: 1 to {most}.'


def find(call: Call, deployment_set_id: str) -> DeploymentSet:
    found = call.state.get(DeploymentSet, deployment_set_id)
    if found is None or found.account_id != call.account_id:
        raise DeploymentSetNotFound(deployment_set_id=deployment_set_id)
    return found


def members(call: Call, of: DeploymentSet) -> list[Instance]:
    every = call.state.find(Instance, account_id=call.account_id)
    return [one for one in every if one.deployment_set_id == of.id and one.wanted != "Deleted"]


def places(call: Call, deployment_set_id: str, group: int | None, amount: int, zone_id: str = "") -> list[int]:
    """The group of each of so many new members; 0 where a set has none. Raises SetIsFull."""
    if not deployment_set_id:
        return [0] * amount
    of = find(call, deployment_set_id)
    call.demand([f"deploymentset/{of.id}"])
    present = members(call, of)
    if of.strategy != "AvailabilityGroup":
        if group:
            raise InvalidGroupNumber(most=0)
        here = sum(zone_id in ("", one.zone_id) for one in present)
        if of.strategy == "Availability" and here + amount > IN_A_ZONE:
            raise SetIsFull(most=IN_A_ZONE)
        return [0] * amount
    if group is not None and not 1 <= group <= of.group_count:
        raise InvalidGroupNumber(most=of.group_count)
    sizes = Counter(one.deployment_group for one in present)
    found = []
    for _ in range(amount):
        number = group or min(range(1, of.group_count + 1), key=lambda one: sizes[one])
        sizes[number] += 1
        if sizes[number] > IN_A_ZONE:
            raise SetIsFull(most=IN_A_ZONE)
        found.append(number)
    return found


class CreateDeploymentSetRequest(Request, kw_only=True):
    region_id: str
    deployment_set_name: str = ""
    description: str = ""
    strategy: str = "Availability"
    domain: str = "Default"
    granularity: str = "Host"
    group_count: int | None = None
    on_unable_to_redeploy_failed_instance: str = "CancelMembershipAndStart"
    client_token: str = ""


class CreateDeploymentSetResponse(Response, kw_only=True):
    deployment_set_id: str


@ecs.operation(resource="deploymentset/*")
def create_deployment_set(call: Call, ask: CreateDeploymentSetRequest) -> CreateDeploymentSetResponse:
    if ask.strategy not in STRATEGIES:
        raise InvalidStrategy
    if ask.domain.lower() not in _DOMAINS or ask.granularity.lower() not in _GRANULARITIES:
        raise InvalidParameter(parameter="Domain or Granularity")
    if ask.on_unable_to_redeploy_failed_instance not in ("CancelMembershipAndStart", "KeepStopped"):
        raise InvalidParameter(parameter="OnUnableToRedeployFailedInstance")
    if ask.group_count is not None and not (ask.strategy == "AvailabilityGroup" and 1 <= ask.group_count <= 7):
        raise InvalidParameter(parameter="GroupCount")
    if call.state.count(DeploymentSet, account_id=call.account_id) >= MOST_SETS:
        raise TooManySets(most=MOST_SETS)
    made = DeploymentSet(
        id=call.new_id("ds"),
        account_id=call.account_id,
        name=_name(ask.deployment_set_name),
        description=names.check_description(ask.description),
        strategy=ask.strategy,
        group_count=(ask.group_count or 3) if ask.strategy == "AvailabilityGroup" else 0,
        redeploy=ask.on_unable_to_redeploy_failed_instance,
        created_at=iso_seconds(call.now),
    )
    call.state.insert(made)
    return CreateDeploymentSetResponse(deployment_set_id=made.id)


class ModifyDeploymentSetAttributeRequest(Request, kw_only=True):
    region_id: str
    deployment_set_id: str
    deployment_set_name: str | None = None
    description: str | None = None


@ecs.operation(resource="deploymentset/{deployment_set_id}")
def modify_deployment_set_attribute(call: Call, ask: ModifyDeploymentSetAttributeRequest) -> Response:
    found = find(call, ask.deployment_set_id)
    if ask.deployment_set_name is not None:
        found.name = _name(ask.deployment_set_name)
    if ask.description is not None:
        found.description = names.check_description(ask.description)
    call.state.put(found)
    return Response()


class DeleteDeploymentSetRequest(Request, kw_only=True):
    region_id: str
    deployment_set_id: str


@ecs.operation(resource="deploymentset/{deployment_set_id}")
def delete_deployment_set(call: Call, ask: DeleteDeploymentSetRequest) -> Response:
    found = find(call, ask.deployment_set_id)
    if members(call, found):
        raise SetNotEmpty
    call.state.delete(found)
    return Response()


class Capacity(Model, kw_only=True):
    zone_id: str
    used_amount: int
    available_amount: int


class Capacities(Model):
    capacity: list[Capacity]


class MemberIds(Model):
    instance_id: list[str]


class DeploymentSetItem(Model, kw_only=True):
    deployment_set_id: str
    deployment_set_name: str
    deployment_set_description: str
    deployment_strategy: str = "LooseDispersion"
    strategy: str
    domain: str = "Default"
    granularity: str = "Host"
    group_count: int
    instance_amount: int
    instance_ids: MemberIds
    capacities: Capacities
    creation_time: str
    account_id: int


class DeploymentSetItems(Model):
    deployment_set: list[DeploymentSetItem]


class DescribeDeploymentSetsRequest(Paged, Request, kw_only=True):
    region_id: str
    deployment_set_ids: list[str] = []
    deployment_set_name: str = ""
    strategy: str = ""
    domain: str = ""
    granularity: str = ""
    network_type: str = ""


class DescribeDeploymentSetsResponse(Response, kw_only=True):
    region_id: str
    page_number: int
    page_size: int
    total_count: int
    deployment_sets: DeploymentSetItems


@ecs.operation(resource="deploymentset/{deployment_set_ids}")
def describe_deployment_sets(call: Call, ask: DescribeDeploymentSetsRequest) -> DescribeDeploymentSetsResponse:
    found = [
        one
        for one in call.state.find(DeploymentSet, account_id=call.account_id)
        if (not ask.deployment_set_ids or one.id in ask.deployment_set_ids)
        and ask.deployment_set_name in one.name
        and ask.strategy in ("", one.strategy)
        and ask.domain.lower() in ("", *_DOMAINS)
        and ask.granularity.lower() in ("", *_GRANULARITIES)
        and ask.network_type.lower() in ("", "vpc")
    ]
    found.sort(key=lambda one: (one.created_at, one.id), reverse=True)
    return DescribeDeploymentSetsResponse(
        region_id=call.region.id,
        page_number=ask.page_number,
        page_size=ask.page_size,
        total_count=len(found),
        deployment_sets=DeploymentSetItems([_item(call, one) for one in page_of(ask, found)]),
    )


def _item(call: Call, one: DeploymentSet) -> DeploymentSetItem:
    present = members(call, one)
    used = Counter(member.zone_id for member in present)
    most = IN_A_ZONE * (one.group_count or 1)
    return DeploymentSetItem(
        deployment_set_id=one.id,
        deployment_set_name=one.name,
        deployment_set_description=one.description,
        strategy=one.strategy,
        group_count=one.group_count,
        instance_amount=len(present),
        instance_ids=MemberIds(sorted(member.id for member in present)),
        capacities=Capacities(
            [
                Capacity(zone_id=zone.id, used_amount=used[zone.id], available_amount=max(0, most - used[zone.id]))
                for zone in call.region.zones
            ]
        ),
        creation_time=one.created_at,
        account_id=int(one.account_id),
    )


class DescribeDeploymentSetSupportedInstanceTypeFamilyRequest(Request, kw_only=True):
    region_id: str
    strategy: str = ""


class DescribeDeploymentSetSupportedInstanceTypeFamilyResponse(Response, kw_only=True):
    instance_type_families: str


@ecs.operation()
def describe_deployment_set_supported_instance_type_family(
    call: Call, ask: DescribeDeploymentSetSupportedInstanceTypeFamilyRequest
) -> DescribeDeploymentSetSupportedInstanceTypeFamilyResponse:
    if ask.strategy not in ("", *STRATEGIES):
        raise InvalidStrategy
    return DescribeDeploymentSetSupportedInstanceTypeFamilyResponse(
        instance_type_families=",".join(sorted({kind.family for kind in INSTANCE_TYPES.values()}))
    )


def _name(text: str) -> str:
    if text and not is_name(text):
        raise InvalidParameter(parameter="DeploymentSetName")
    return text
