"""RunInstances, and CreateInstance, its older sister that makes one stopped instance."""

from __future__ import annotations

from itertools import chain

import msgspec

from openyun.operation import Call, Model, Response
from openyun.services.ecs import errors
from openyun.services.ecs.instance.launch import MOST_AT_ONCE, TOUCHED, USED, Making, Several, launch, release_time
from openyun.services.ecs.instance.passwords import hashed
from openyun.services.ecs.launch_template import from_templates
from openyun.services.ecs.network_interface.launching import NewInterface, parted
from openyun.services.ecs.service import ecs


class RunInstancesRequest(Making, kw_only=True):
    amount: int = 1
    min_amount: int | None = None
    unique_suffix: bool = False
    host_names: list[str] = []
    security_group_ids: list[str] = []
    auto_release_time: str = ""
    network_interface: list[NewInterface] = []
    launch_template_id: str = ""
    launch_template_name: str = ""
    launch_template_version: int | None = None
    ipv6_address: list[str] = []
    ipv6_address_count: int | None = None

    @property
    def group_ids(self) -> list[str]:
        of_interfaces = [one.group_ids for one in self.network_interface]
        named = [self.security_group_id, *self.security_group_ids, *chain.from_iterable(of_interfaces)]
        return [one for one in named if one]

    @property
    def switch_ids(self) -> list[str]:
        return [one for one in (self.v_switch_id, *(one.v_switch_id for one in self.network_interface)) if one]


class InstanceIdSets(Model):
    instance_id_set: list[str]


class RunInstancesResponse(Response, kw_only=True):
    instance_id_sets: InstanceIdSets


@ecs.operation(resource=TOUCHED, also=USED, before=hashed)
def run_instances(call: Call, ask: RunInstancesRequest) -> RunInstancesResponse:
    for parameter, value in (
        ("Ipv6Address", ask.ipv6_address),
        ("Ipv6AddressCount", ask.ipv6_address_count),
    ):
        if value:
            raise errors.NotOffered(parameter=parameter)
    if not 1 <= ask.amount <= MOST_AT_ONCE:
        raise errors.InvalidAmount(most=MOST_AT_ONCE)
    if ask.min_amount is not None and not 1 <= ask.min_amount <= ask.amount:
        raise errors.InvalidMinAmount
    ask = from_templates.applied(call, ask)
    primary, others = parted(ask.network_interface)
    ask = _with_primary_interface(ask, primary)
    if ask.security_group_id and ask.security_group_ids:
        raise errors.SecurityGroupOneAndMany
    made = launch(
        call,
        ask,
        Several(
            least=ask.min_amount or ask.amount,
            most=ask.amount,
            unique_suffix=ask.unique_suffix,
            host_names=ask.host_names,
            security_group_ids=ask.security_group_ids or _one(ask.security_group_id),
            auto_release_at=release_time(call, ask.auto_release_time),
            primary=primary,
            interfaces=others,
        ),
    )
    return RunInstancesResponse(instance_id_sets=InstanceIdSets([one.id for one in made]))


def _one(security_group_id: str) -> list[str]:
    return [security_group_id] if security_group_id else []


def _with_primary_interface(ask: RunInstancesRequest, primary: NewInterface | None) -> RunInstancesRequest:
    """What NetworkInterface.N says of the primary interface becomes what the other parameters would have said."""
    if primary is None:
        return ask
    if ask.v_switch_id or ask.security_group_id or ask.security_group_ids or ask.private_ip_address:
        raise errors.InvalidNetworkInterface(
            reason="VSwitchId, SecurityGroupId and PrivateIpAddress belong to the primary interface."
        )
    return msgspec.structs.replace(
        ask,
        v_switch_id=primary.v_switch_id,
        private_ip_address=primary.primary_ip_address,
        security_group_id=primary.security_group_id,
        security_group_ids=primary.security_group_ids,
    )


class CreateInstanceRequest(Making, kw_only=True):
    pass


class CreateInstanceResponse(Response, kw_only=True):
    instance_id: str


@ecs.operation(resource=TOUCHED, also=USED, before=hashed)
def create_instance(call: Call, ask: CreateInstanceRequest) -> CreateInstanceResponse:
    made = launch(call, ask, Several(security_group_ids=_one(ask.security_group_id), running=False))
    return CreateInstanceResponse(instance_id=made[0].id)
