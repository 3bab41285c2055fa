"""What a version of a launch template says about instances."""

from __future__ import annotations

from typing import Any

import msgspec

from openyun.operation import UNSET, Model, Request, Tag, Unset
from openyun.services.ecs.network_interface.launching import TemplateInterface
from openyun.services.ecs.storage.launching import DataDisk, SystemDisk


class TemplateFields(Request, kw_only=True):
    """The parameters of CreateLaunchTemplate that are about instances, named as RunInstances names them."""

    image_id: str = ""
    instance_type: str = ""
    instance_name: str = ""
    host_name: str = ""
    description: str = ""
    zone_id: str = ""
    vpc_id: str = ""
    v_switch_id: str = ""
    private_ip_address: str = ""
    network_type: str = ""
    security_group_id: str = ""
    security_group_ids: list[str] = []
    network_interface: list[TemplateInterface] = []
    ipv6_address_count: int | None = None
    internet_charge_type: str = ""
    internet_max_bandwidth_in: int | None = None
    internet_max_bandwidth_out: int | None = None
    key_pair_name: str = ""
    password_inherit: bool | None = None
    user_data: str = ""
    ram_role_name: str = ""
    system_disk: SystemDisk = msgspec.field(default_factory=SystemDisk)
    data_disk: list[DataDisk] = []
    instance_charge_type: str = ""
    period: int | None = None
    period_unit: str = ""
    auto_renew: bool | None = None
    auto_renew_period: int | None = None
    auto_release_time: str = ""
    spot_strategy: str = ""
    spot_price_limit: float | None = None
    spot_duration: int | None = None
    deletion_protection: bool | None = None
    credit_specification: str = ""
    http_endpoint: str = ""
    http_tokens: str = ""
    http_put_response_hop_limit: int | None = None
    deployment_set_id: str = ""
    resource_group_id: str = ""
    security_enhancement_strategy: str = ""
    io_optimized: str = ""
    enable_vm_os_config: bool | None = None
    tag: list[Tag] = []


class GroupIds(Model):
    security_group_id: list[str]


class InterfaceOut(Model, kw_only=True):
    instance_type: str
    v_switch_id: str
    primary_ip_address: str
    security_group_id: str
    security_group_ids: GroupIds
    network_interface_name: str
    description: str
    delete_on_release: bool
    network_interface_traffic_mode: str


class InterfacesOut(Model):
    network_interface: list[InterfaceOut]


class DisksOut(Model):
    data_disk: list[DataDisk]


class TagOut(Model, kw_only=True):
    key: str
    value: str


class TagsOut(Model):
    instance_tag: list[TagOut]


class TemplateData(Model, kw_only=True):
    """The same in answers, where lists have a level of their own."""

    image_id: str | Unset = UNSET
    instance_type: str | Unset = UNSET
    instance_name: str | Unset = UNSET
    host_name: str | Unset = UNSET
    description: str | Unset = UNSET
    zone_id: str | Unset = UNSET
    vpc_id: str | Unset = UNSET
    v_switch_id: str | Unset = UNSET
    private_ip_address: str | Unset = UNSET
    network_type: str | Unset = UNSET
    security_group_id: str | Unset = UNSET
    security_group_ids: GroupIds | Unset = UNSET
    network_interfaces: InterfacesOut | Unset = UNSET
    internet_charge_type: str | Unset = UNSET
    internet_max_bandwidth_in: int | Unset = UNSET
    internet_max_bandwidth_out: int | Unset = UNSET
    key_pair_name: str | Unset = UNSET
    password_inherit: bool | Unset = UNSET
    user_data: str | Unset = UNSET
    ram_role_name: str | Unset = UNSET
    system_disk: SystemDisk | Unset = msgspec.field(name="SystemDisk", default=UNSET)
    data_disks: DisksOut | Unset = UNSET
    instance_charge_type: str | Unset = UNSET
    period: int | Unset = UNSET
    period_unit: str | Unset = UNSET
    auto_renew: bool | Unset = UNSET
    auto_renew_period: int | Unset = UNSET
    auto_release_time: str | Unset = UNSET
    spot_strategy: str | Unset = UNSET
    spot_price_limit: float | Unset = UNSET
    spot_duration: int | Unset = UNSET
    deletion_protection: bool | Unset = UNSET
    credit_specification: str | Unset = UNSET
    http_endpoint: str | Unset = UNSET
    http_tokens: str | Unset = UNSET
    http_put_response_hop_limit: int | Unset = UNSET
    deployment_set_id: str | Unset = UNSET
    resource_group_id: str | Unset = UNSET
    security_enhancement_strategy: str | Unset = UNSET
    io_optimized: str | Unset = UNSET
    enable_vm_os_config: bool | Unset = UNSET
    tags: TagsOut | Unset = UNSET


_LISTS = ("security_group_ids", "network_interface", "data_disk", "tag", "system_disk", "user_data")
_NOTHING = TemplateFields()


def stored(ask: TemplateFields) -> dict[str, Any]:
    """What the request gives a value to, by the names of fields; user data is kept apart."""
    return {
        name: msgspec.to_builtins(value)
        for name in TemplateFields.__struct_fields__
        if name != "user_data" and (value := getattr(ask, name)) not in ("", None) and value != getattr(_NOTHING, name)
    }


def restored(data: dict[str, Any]) -> TemplateFields:
    wire = dict(zip(TemplateFields.__struct_fields__, TemplateFields.__struct_encode_fields__, strict=True))
    return msgspec.convert({wire[name]: value for name, value in data.items() if name in wire}, TemplateFields)


def told(fields: TemplateFields, data: dict[str, Any], user_data: str) -> TemplateData:
    """For an answer: only what the template says."""
    plain = {name: getattr(fields, name) for name in data if name not in _LISTS and name in _TOLD}
    answer = TemplateData(**plain)
    if user_data:
        answer.user_data = user_data
    if fields.security_group_ids:
        answer.security_group_ids = GroupIds(fields.security_group_ids)
    if fields.system_disk != _NOTHING.system_disk:
        answer.system_disk = fields.system_disk
    if fields.data_disk:
        answer.data_disks = DisksOut(fields.data_disk)
    if fields.tag:
        answer.tags = TagsOut([TagOut(key=one.key, value=one.value) for one in fields.tag])
    if fields.network_interface:
        answer.network_interfaces = InterfacesOut([_interface(one) for one in fields.network_interface])
    return answer


def _interface(one: TemplateInterface) -> InterfaceOut:
    return InterfaceOut(
        instance_type=one.instance_type,
        v_switch_id=one.v_switch_id,
        primary_ip_address=one.primary_ip_address,
        security_group_id=one.security_group_id,
        security_group_ids=GroupIds(one.security_group_ids),
        network_interface_name=one.network_interface_name,
        description=one.description,
        delete_on_release=one.delete_on_release is not False,
        network_interface_traffic_mode=one.network_interface_traffic_mode or "Standard",
    )


_TOLD = frozenset(TemplateData.__struct_fields__)
