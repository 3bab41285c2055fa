"""Putting a network ACL at the border of vSwitches, and taking it away."""

from __future__ import annotations

from openyun.operation import Call, Model, Request, Response
from openyun.services.vpc import v_switches
from openyun.services.vpc.errors import refuse
from openyun.services.vpc.network_acl import network_acls
from openyun.services.vpc.network_acl.errors import AssociatedAlready, NotAssociated, ResourceElsewhere
from openyun.services.vpc.records import NetworkAcl, VSwitch
from openyun.services.vpc.service import vpc
from openyun.state import Transaction


class Resource(Model, kw_only=True):
    resource_id: str
    resource_type: str = "VSwitch"


class AssociateNetworkAclRequest(Request, kw_only=True):
    network_acl_id: str
    resource: list[Resource]
    client_token: str = ""
    dry_run: bool = False


@vpc.operation(resource="networkacl/{network_acl_id}")
def associate_network_acl(call: Call, ask: AssociateNetworkAclRequest) -> Response:
    one = network_acls.find(call, ask.network_acl_id)
    for v_switch_id in _named(call, one, ask.resource):
        if network_acls.of_v_switch(call.state, one.vpc_id, v_switch_id):
            raise AssociatedAlready(v_switch_id=v_switch_id)
        one.v_switch_ids.append(v_switch_id)
    call.state.put(one)
    call.wake()
    return Response()


class UnassociateNetworkAclRequest(Request, kw_only=True):
    network_acl_id: str
    resource: list[Resource]
    client_token: str = ""
    dry_run: bool = False


@vpc.operation(resource="networkacl/{network_acl_id}")
def unassociate_network_acl(call: Call, ask: UnassociateNetworkAclRequest) -> Response:
    one = network_acls.find(call, ask.network_acl_id)
    for v_switch_id in _named(call, one, ask.resource):
        if v_switch_id not in one.v_switch_ids:
            raise NotAssociated(v_switch_id=v_switch_id)
        one.v_switch_ids.remove(v_switch_id)
    call.state.put(one)
    call.wake()
    return Response()


def _named(call: Call, acl: NetworkAcl, resources: list[Resource]) -> list[str]:
    """Ids of the account's vSwitches, all in the ACL's VPC."""
    found = []
    for resource in resources:
        refuse(ResourceType=resource.resource_type.lower() != "vswitch" and resource.resource_type)
        v_switch = v_switches.find(call, resource.resource_id)
        if v_switch.vpc_id != acl.vpc_id:
            raise ResourceElsewhere(v_switch_id=v_switch.id)
        found.append(v_switch.id)
    return list(dict.fromkeys(found))


def _at_border(state: Transaction, v_switch_id: str) -> int:
    v_switch = state.get(VSwitch, v_switch_id)
    return int(v_switch is not None and bool(network_acls.of_v_switch(state, v_switch.vpc_id, v_switch_id)))


v_switches.dependencies.append(_at_border)
