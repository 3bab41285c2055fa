"""What is told of an instance: the item of DescribeInstances, built once for each state of its record."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from weakref import WeakKeyDictionary

import msgspec

from openyun.cloud import RegionState
from openyun.operation import UNSET, Call, Model, Unset
from openyun.services.ecs.instance_type.catalogue import INSTANCE_TYPES
from openyun.services.ecs.network_interface import interfaces
from openyun.services.ecs.records import Instance, NetworkInterface
from openyun.services.ecs.storage import images
from openyun.services.tags import TagFields, shown
from openyun.services.vpc import eips
from openyun.services.vpc.records import Eip

NEVER_EXPIRES = "2099-12-31T15:59Z"
SIMULATED_TAG = "acs:openyun:engine"


class IpAddresses(Model):
    ip_address: list[str] = []


class SecurityGroupIds(Model):
    security_group_id: list[str] = []


class VpcAttributes(Model, kw_only=True):
    vpc_id: str
    v_switch_id: str
    private_ip_address: IpAddresses
    nat_ip_address: str = ""


class EipAddress(Model, kw_only=True):
    allocation_id: str = ""
    ip_address: str = ""
    bandwidth: int = 0
    internet_charge_type: str = ""
    is_support_unassociate: bool | Unset = UNSET


class PrivateIpSet(Model, kw_only=True):
    private_ip_address: str
    primary: bool = True


class PrivateIpSets(Model):
    private_ip_set: list[PrivateIpSet] = []


class Ipv6Sets(Model):
    ipv6_set: list[str] = msgspec.field(name="Ipv6Set", default_factory=list)


class InstanceInterface(Model, kw_only=True):
    network_interface_id: str
    mac_address: str
    primary_ip_address: str
    type: str = "Primary"
    private_ip_sets: PrivateIpSets


class InstanceInterfaces(Model):
    network_interface: list[InstanceInterface] = []


class LockReason(Model):
    lock_reason: str = ""


class OperationLocks(Model):
    lock_reason: list[LockReason] = []


class MetadataOptions(Model, kw_only=True):
    http_endpoint: str
    http_tokens: str
    http_put_response_hop_limit: int = 0
    instance_metadata_tags: str = ""


class CpuOptions(Model, kw_only=True):
    core_count: int
    threads_per_core: int
    numa: str = ""


class DedicatedHostAttribute(Model):
    dedicated_host_cluster_id: str = ""
    dedicated_host_id: str = ""
    dedicated_host_name: str = ""


class DedicatedInstanceAttribute(Model):
    affinity: str = ""
    tenancy: str = ""


class CapacityReservation(Model):
    capacity_reservation_id: str = ""
    capacity_reservation_preference: str = ""


class HibernationOptions(Model):
    configured: bool = False


class ImageOptions(Model):
    login_as_non_root: bool = False


class InstanceItem(Model, kw_only=True):
    instance_id: str
    instance_name: str
    description: str
    status: str
    region_id: str
    zone_id: str
    image_id: str
    os_name: str = msgspec.field(name="OSName")
    os_name_en: str = msgspec.field(name="OSNameEn")
    os_type: str = msgspec.field(name="OSType", default="linux")
    host_name: str
    serial_number: str
    instance_type: str
    instance_type_family: str
    cpu: int
    memory: int
    """MiB"""
    cpu_options: CpuOptions
    gpu_amount: int = msgspec.field(name="GPUAmount", default=0)
    gpu_spec: str = msgspec.field(name="GPUSpec", default="")
    io_optimized: bool = True
    local_storage_amount: int | Unset = UNSET
    local_storage_capacity: int | Unset = UNSET
    instance_network_type: str = "vpc"
    vpc_attributes: VpcAttributes
    security_group_ids: SecurityGroupIds
    network_interfaces: InstanceInterfaces
    public_ip_address: IpAddresses
    inner_ip_address: IpAddresses
    rdma_ip_address: IpAddresses
    eip_address: EipAddress
    internet_charge_type: str
    internet_max_bandwidth_in: int
    internet_max_bandwidth_out: int
    instance_charge_type: str
    spot_strategy: str
    spot_price_limit: float = 0.0
    spot_duration: int | Unset = UNSET
    spot_interruption_behavior: str | Unset = UNSET
    sale_cycle: str = ""
    expired_time: str
    auto_release_time: str
    creation_time: str
    start_time: str
    stopped_mode: str
    key_pair_name: str
    resource_group_id: str
    deletion_protection: bool
    credit_specification: str
    metadata_options: MetadataOptions
    tags: TagFields
    operation_locks: OperationLocks
    dedicated_host_attribute: DedicatedHostAttribute
    dedicated_instance_attribute: DedicatedInstanceAttribute
    ecs_capacity_reservation_attr: CapacityReservation
    hibernation_options: HibernationOptions
    image_options: ImageOptions
    cluster_id: str = ""
    deployment_set_id: str = ""
    deployment_set_group_no: int | Unset = UNSET
    device_available: bool = True
    hpc_cluster_id: str = ""
    isp: str = msgspec.field(name="ISP", default="")
    recyclable: bool = False
    vlan_id: str = ""


_NO_ADDRESSES = IpAddresses()
_NO_EIP = EipAddress()
_NO_LOCKS = OperationLocks()
_NO_HOST = DedicatedHostAttribute()
_NO_TENANCY = DedicatedInstanceAttribute()
_NO_RESERVATION = CapacityReservation()
_NO_HIBERNATION = HibernationOptions()
_IMAGE_OPTIONS = ImageOptions()


def minutes(at: str) -> str:
    """The ECS form of a time: 2026-01-02T03:04Z; empty stays empty."""
    return at and f"{at[:16]}Z"


_MOST_KEPT = 1024
_kept: WeakKeyDictionary[RegionState, dict[str, tuple[Instance, list[Eip], InstanceItem]]] = WeakKeyDictionary()
"""by region and instance: the item, and the records it was built of. Clients that wait for a status ask again and
again, and comparing two records costs a twentieth of building an item."""


def item_of(call: Call) -> Callable[[Instance], InstanceItem]:
    """What makes an answer's item of a record. Nobody may change either afterwards."""
    region_id = call.region.id
    own_tags = engine_tags(call)
    kept = _kept.setdefault(call.at, {})
    bound = eips.of_account(call, "EcsInstance")

    def item(one: Instance) -> InstanceItem:
        earlier = kept.get(one.id)
        held = bound.get(one.id, [])
        if earlier is not None and earlier[0] == one and earlier[1] == held:
            return earlier[2]
        several = interfaces.of_instance(call.state, one.id) if one.plugs else []
        made = _item(one, several or [interfaces.primary_of(one)], region_id, own_tags)
        if held:
            made.eip_address = eip_address(held)
        if len(kept) >= _MOST_KEPT:
            kept.clear()
        kept[one.id] = (one, held, made)
        return made

    return item


def _item(one: Instance, several: list[NetworkInterface], region_id: str, own_tags: dict[str, str]) -> InstanceItem:
    private = [one.private_address]
    os_name = _os_name(one)
    return InstanceItem(
        instance_id=one.id,
        instance_name=one.name,
        description=one.description,
        status=one.status,
        region_id=region_id,
        zone_id=one.zone_id,
        image_id=one.image_id,
        os_name=os_name,
        os_name_en=os_name,
        host_name=one.hostname,
        serial_number=one.serial_number,
        instance_type=one.instance_type,
        instance_type_family=family_of(one.instance_type),
        cpu=one.cpu,
        memory=one.memory,
        cpu_options=CpuOptions(core_count=one.cpu // 2 or 1, threads_per_core=2 if one.cpu > 1 else 1, numa="ON"),
        vpc_attributes=VpcAttributes(
            vpc_id=one.vpc_id, v_switch_id=one.v_switch_id, private_ip_address=IpAddresses(private)
        ),
        security_group_ids=SecurityGroupIds(one.security_group_ids),
        network_interfaces=InstanceInterfaces(
            [
                InstanceInterface(
                    network_interface_id=it.id,
                    mac_address=it.mac,
                    primary_ip_address=it.address,
                    type=it.type,
                    private_ip_sets=PrivateIpSets(
                        [
                            PrivateIpSet(private_ip_address=address, primary=address == it.address)
                            for address in interfaces.addresses(it)
                        ]
                    ),
                )
                for it in several
            ]
        ),
        public_ip_address=IpAddresses([one.public_address]) if one.public_address else _NO_ADDRESSES,
        inner_ip_address=_NO_ADDRESSES,
        rdma_ip_address=_NO_ADDRESSES,
        eip_address=_NO_EIP,
        internet_charge_type=one.internet_charge_type,
        internet_max_bandwidth_in=one.internet_max_bandwidth_in,
        internet_max_bandwidth_out=one.internet_max_bandwidth_out,
        instance_charge_type=one.charge_type,
        spot_strategy=one.spot_strategy,
        spot_price_limit=one.spot_price_limit,
        spot_duration=UNSET if one.spot_strategy == "NoSpot" else one.spot_duration,
        spot_interruption_behavior=UNSET if one.spot_strategy == "NoSpot" else one.spot_interruption,
        expired_time=minutes(one.expires_at) or NEVER_EXPIRES,
        auto_release_time=minutes(one.auto_release_at),
        creation_time=minutes(one.created_at),
        start_time=minutes(one.started_at),
        stopped_mode=one.stopped_mode,
        key_pair_name=one.key_pair_name,
        resource_group_id=one.resource_group_id,
        deletion_protection=one.deletion_protection,
        credit_specification=one.credit_specification,
        metadata_options=MetadataOptions(
            http_endpoint=one.http_endpoint,
            http_tokens=one.http_tokens,
            http_put_response_hop_limit=one.hop_limit,
            instance_metadata_tags=one.metadata_tags,
        ),
        tags=shown(one.tags | own_tags),
        deployment_set_id=one.deployment_set_id,
        deployment_set_group_no=one.deployment_group or UNSET,
        operation_locks=locks_of(one),
        dedicated_host_attribute=_NO_HOST,
        dedicated_instance_attribute=_NO_TENANCY,
        ecs_capacity_reservation_attr=_NO_RESERVATION,
        hibernation_options=_NO_HIBERNATION,
        image_options=_IMAGE_OPTIONS,
    )


def locks_of(one: Instance) -> OperationLocks:
    return OperationLocks([LockReason(one.lock_reason)]) if one.lock_reason else _NO_LOCKS


def eip_address(held: Sequence[Eip]) -> EipAddress:
    """The block about the elastic IP address that is bound to an instance; empty without one."""
    if not held:
        return _NO_EIP
    one = held[0]
    return EipAddress(
        allocation_id=one.id,
        ip_address=one.address,
        bandwidth=one.bandwidth,
        internet_charge_type=one.internet_charge_type,
        is_support_unassociate=True,
    )


def engine_tags(call: Call) -> dict[str, str]:
    """An instance that only exists on paper says so."""
    compute = call.at.engines.compute
    return {SIMULATED_TAG: compute.name} if compute.simulated else {}


def family_of(instance_type: str) -> str:
    kind = INSTANCE_TYPES.get(instance_type)
    return kind.family if kind else ""


def _os_name(one: Instance) -> str:
    if one.os_name:
        return one.os_name
    image = images.known(one.image_id)
    return image.os_name if image else ""
