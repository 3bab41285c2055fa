"""Moving a stopped instance: another private address, another vSwitch of its zone, another VPC."""

from __future__ import annotations

from openyun.errors import MissingParameter
from openyun.operation import Call, Request, Response
from openyun.services.ecs import errors
from openyun.services.ecs.errors import IncorrectInstanceStatus
from openyun.services.ecs.instance import instances, private_addresses
from openyun.services.ecs.network_interface import interfaces
from openyun.services.ecs.network_interface.network_interfaces import available_v_switch
from openyun.services.ecs.security_group import membership
from openyun.services.ecs.service import ecs


class ModifyInstanceVpcAttributeRequest(Request, kw_only=True):
    instance_id: str
    v_switch_id: str
    private_ip_address: str = ""
    vpc_id: str = ""
    security_group_id: list[str] = []


@ecs.operation(
    resource="instance/{instance_id}", also=("vpc:vswitch/{v_switch_id}", "securitygroup/{security_group_id}")
)
def modify_instance_vpc_attribute(call: Call, ask: ModifyInstanceVpcAttributeRequest) -> Response:
    one = instances.find(call, ask.instance_id)
    if one.status != "Stopped":
        raise IncorrectInstanceStatus
    v_switch = available_v_switch(call, ask.v_switch_id)
    if v_switch.zone_id != one.zone_id:
        raise errors.ParametersNotMatch(reason=f"The vSwitch {v_switch.id} is not in the zone of the instance.")
    if ask.vpc_id not in ("", v_switch.vpc_id):
        raise errors.ParametersNotMatch(reason=f"The vSwitch {v_switch.id} is not in the VPC {ask.vpc_id}.")
    primary = interfaces.find(call, one.network_interface_id)
    if v_switch.vpc_id != one.vpc_id:
        if not ask.security_group_id:
            raise MissingParameter(parameter="SecurityGroupId")
        if len(interfaces.of_instance(call.state, one.id)) > 1:
            raise errors.InstanceHasInterfaces
        if one.public_address:
            raise errors.InstanceHasPublicAddress
    elif ask.security_group_id and not ask.vpc_id:
        raise errors.ParametersNotMatch(reason="SecurityGroupId.N goes with VpcId.")
    groups = ask.security_group_id or one.security_group_ids
    membership.check_groups(call, groups, v_switch.vpc_id, v_switch.id)
    if v_switch.id != one.v_switch_id or ask.private_ip_address not in ("", one.private_address):
        if primary.secondary_addresses and v_switch.id != one.v_switch_id:
            raise errors.InstanceHasInterfaces
        (address,) = private_addresses.allocate(call, v_switch, least=1, most=1, first=ask.private_ip_address)
        primary.mac = interfaces.macs(call.state, v_switch.vpc_id, [address])[0]
        primary.address = address
    primary.vpc_id, primary.v_switch_id = v_switch.vpc_id, v_switch.id
    primary.security_group_ids = groups
    call.state.put(primary)
    one.vpc_id, one.v_switch_id, one.private_address, one.mac = (
        v_switch.vpc_id,
        v_switch.id,
        primary.address,
        primary.mac,
    )
    one.security_group_ids = groups
    # The guest's own files name its address, and are written again at its next start.
    one.login_epoch += 1
    call.state.put(one)
    call.wake()
    return Response()
