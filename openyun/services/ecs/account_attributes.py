"""DescribeAccountAttributes: the quotas of an account, which are the ones that the operations enforce."""

from __future__ import annotations

from openyun.operation import UNSET, Call, Model, Request, Response, Unset
from openyun.services.ecs.command.commands import MOST_COMMANDS
from openyun.services.ecs.deployment_set.deployment_sets import MOST_SETS
from openyun.services.ecs.errors import ZoneNotFound
from openyun.services.ecs.instance.launch import MOST_INSTANCES
from openyun.services.ecs.instance_type.catalogue import INSTANCE_TYPES
from openyun.services.ecs.launch_template.templates import MOST_TEMPLATES, MOST_VERSIONS
from openyun.services.ecs.network_interface.network_interfaces import MOST_INTERFACES
from openyun.services.ecs.records import Instance
from openyun.services.ecs.security_group.security_groups import MOST_GROUPS
from openyun.services.ecs.service import ecs

VCPUS = "max-postpaid-instance-vcpu-count"
"""instances are what is counted here; told in vCPUs it is the most that so many of the largest type have"""

_PLAIN = {
    "max-security-groups": MOST_GROUPS,
    "max-elastic-network-interfaces": MOST_INTERFACES,
    "max-axt-command-count": MOST_COMMANDS,
    "max-deployment-set-count": MOST_SETS,
    "max-launch-template-count": MOST_TEMPLATES,
    "max-launch-template-version-count": MOST_VERSIONS,
}


class ValueItem(Model, kw_only=True):
    value: str
    zone_id: str | Unset = UNSET
    instance_charge_type: str | Unset = UNSET
    count: int | Unset = UNSET


class ValueItems(Model):
    value_item: list[ValueItem]


class AttributeItem(Model, kw_only=True):
    attribute_name: str
    attribute_values: ValueItems


class AttributeItems(Model):
    account_attribute_item: list[AttributeItem]


class DescribeAccountAttributesRequest(Request, kw_only=True):
    region_id: str
    zone_id: str = ""
    attribute_name: list[str] = []


class DescribeAccountAttributesResponse(Response, kw_only=True):
    account_attribute_items: AttributeItems


@ecs.operation()
def describe_account_attributes(call: Call, ask: DescribeAccountAttributesRequest) -> DescribeAccountAttributesResponse:
    """All that are known, unless some are named; a name that is not known is left out."""
    if ask.zone_id and call.region.zone(ask.zone_id) is None:
        raise ZoneNotFound(zone_id=ask.zone_id)
    values: dict[str, list[ValueItem]] = {name: [ValueItem(value=str(most))] for name, most in _PLAIN.items()}
    values["instance-network-type"] = [ValueItem(value="vpc")]
    values["real-name-authentication"] = [ValueItem(value="yes")]
    zones = [ask.zone_id] if ask.zone_id else [zone.id for zone in call.region.zones]
    values["supported-postpay-instance-types"] = [
        ValueItem(value=kind, zone_id=zone_id, instance_charge_type="PostPaid")
        for zone_id in zones
        for kind in INSTANCE_TYPES
    ]
    largest = max(kind.vcpus for kind in INSTANCE_TYPES.values())
    values[VCPUS] = [ValueItem(value=str(MOST_INSTANCES * largest))]
    used = sum(one.cpu for one in call.state.find(Instance, account_id=call.account_id) if one.wanted != "Deleted")
    values["used-postpaid-instance-vcpu-count"] = [ValueItem(value=str(used))]
    wanted = ask.attribute_name or list(values)
    return DescribeAccountAttributesResponse(
        account_attribute_items=AttributeItems(
            [
                AttributeItem(attribute_name=name, attribute_values=ValueItems(values[name]))
                for name in dict.fromkeys(wanted)
                if name in values
            ]
        )
    )
