"""Describing the catalogue of instance types."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from openyun.operation import UNSET, Call, Model, Request, Response, Unset
from openyun.services.ecs.instance_type.catalogue import FAMILIES, INSTANCE_TYPES, InstanceType
from openyun.services.ecs.service import ecs
from openyun.services.paging import InvalidNextToken


class DescribedInstanceType(Model, kw_only=True):
    instance_type_id: str
    instance_type_family: str
    instance_category: str
    instance_family_level: str
    cpu_architecture: Literal["X86", "ARM"]
    cpu_core_count: int
    cpu_speed_frequency: float
    """GHz; 0 where the vendor places instances on processors of several kinds"""
    cpu_turbo_frequency: float
    physical_processor_model: str
    memory_size: float
    """GiB"""
    instance_bandwidth_rx: int
    """kbit/s"""
    instance_bandwidth_tx: int
    instance_pps_rx: int | Unset = UNSET
    instance_pps_tx: int | Unset = UNSET
    eni_quantity: int
    eni_private_ip_address_quantity: int | Unset = UNSET
    eni_ipv6_address_quantity: int | Unset = UNSET
    primary_eni_queue_number: int
    nvme_support: Literal["required", "unsupported"] | Unset = UNSET
    local_storage_amount: int | Unset = UNSET
    local_storage_capacity: int | Unset = UNSET
    """GiB, each disk"""
    local_storage_category: str
    gpu_amount: int = msgspec.field(name="GPUAmount", default=0)
    gpu_spec: str = msgspec.field(name="GPUSpec", default="")
    initial_credit: int | Unset = UNSET


class DescribedInstanceTypes(Model, kw_only=True):
    instance_type: list[DescribedInstanceType]


class DescribeInstanceTypesRequest(Request, kw_only=True):
    instance_types: list[str] = []
    instance_type_family: str = ""
    instance_type_families: list[str] = []
    instance_category: str = ""
    instance_categories: list[str] = []
    instance_family_level: str = ""
    cpu_architecture: str = ""
    cpu_architectures: list[str] = []
    physical_processor_model: str = ""
    physical_processor_models: list[str] = []
    gpu_spec: str = msgspec.field(name="GPUSpec", default="")
    local_storage_category: str = ""
    nvme_support: str = ""
    minimum_cpu_core_count: int | None = None
    maximum_cpu_core_count: int | None = None
    minimum_memory_size: float | None = None
    maximum_memory_size: float | None = None
    minimum_cpu_speed_frequency: float | None = None
    maximum_cpu_speed_frequency: float | None = None
    minimum_cpu_turbo_frequency: float | None = None
    maximum_cpu_turbo_frequency: float | None = None
    minimum_eni_quantity: int | None = None
    minimum_eni_private_ip_address_quantity: int | None = None
    minimum_eni_ipv6_address_quantity: int | None = None
    minimum_primary_eni_queue_number: int | None = None
    minimum_instance_bandwidth_rx: int | None = None
    minimum_instance_bandwidth_tx: int | None = None
    minimum_instance_pps_rx: int | None = None
    minimum_instance_pps_tx: int | None = None
    minimum_local_storage_amount: int | None = None
    minimum_local_storage_capacity: int | None = None
    minimum_initial_credit: int | None = None
    minimum_gpu_amount: int | None = msgspec.field(name="MinimumGPUAmount", default=None)
    maximum_gpu_amount: int | None = msgspec.field(name="MaximumGPUAmount", default=None)
    max_results: Annotated[int, msgspec.Meta(ge=1, le=1600)] = 1600
    next_token: str = ""


class DescribeInstanceTypesResponse(Response, kw_only=True):
    instance_types: DescribedInstanceTypes
    next_token: str = ""


@ecs.operation()
def describe_instance_types(call: Call, ask: DescribeInstanceTypesRequest) -> DescribeInstanceTypesResponse:
    found = [kind for kind in INSTANCE_TYPES.values() if _matches(kind, ask)]
    start = _position(found, ask.next_token)
    end = start + ask.max_results
    return DescribeInstanceTypesResponse(
        instance_types=DescribedInstanceTypes(instance_type=[_described(kind) for kind in found[start:end]]),
        next_token=found[end].id if end < len(found) else "",
    )


def _position(found: list[InstanceType], token: str) -> int:
    """A token is the id of the type that the next page begins with."""
    if not token:
        return 0
    for position, kind in enumerate(found):
        if kind.id == token:
            return position
    raise InvalidNextToken


def _matches(kind: InstanceType, ask: DescribeInstanceTypesRequest) -> bool:
    local_category = _local_category(kind)
    wanted = (
        (ask.instance_types, kind.id),
        (ask.instance_type_families, kind.family),
        (ask.instance_categories, kind.category),
        (ask.cpu_architectures, kind.architecture),
        (ask.physical_processor_models, kind.processor),
    )
    exact = (
        (ask.instance_type_family, kind.family),
        (ask.instance_category, kind.category),
        (ask.instance_family_level, kind.level),
        (ask.cpu_architecture, kind.architecture),
        (ask.local_storage_category, local_category),
        (ask.nvme_support, _nvme_support(kind)),
    )
    # Each range holds its lowest and highest value. A number that nobody published is in no range that has a limit.
    ranges: tuple[tuple[float | None, float | None, float | None], ...] = (
        (ask.minimum_cpu_core_count, kind.vcpus, ask.maximum_cpu_core_count),
        (ask.minimum_memory_size, kind.memory, ask.maximum_memory_size),
        (ask.minimum_cpu_speed_frequency, kind.clock or 0, ask.maximum_cpu_speed_frequency),
        (ask.minimum_cpu_turbo_frequency, kind.turbo or 0, ask.maximum_cpu_turbo_frequency),
        (ask.minimum_eni_quantity, kind.enis, None),
        (ask.minimum_eni_private_ip_address_quantity, kind.addresses, None),
        (ask.minimum_eni_ipv6_address_quantity, kind.ipv6_addresses, None),
        (ask.minimum_primary_eni_queue_number, kind.queues, None),
        (ask.minimum_instance_bandwidth_rx, kind.bandwidth, None),
        (ask.minimum_instance_bandwidth_tx, kind.bandwidth, None),
        (ask.minimum_instance_pps_rx, kind.pps, None),
        (ask.minimum_instance_pps_tx, kind.pps, None),
        (ask.minimum_local_storage_amount, kind.local_disks, None),
        (ask.minimum_local_storage_capacity, kind.local_disk_size, None),
        (ask.minimum_initial_credit, kind.initial_credit, None),
        (ask.minimum_gpu_amount, 0, ask.maximum_gpu_amount),
    )
    return (
        not ask.gpu_spec
        and ask.physical_processor_model.lower() in kind.processor.lower()
        and all(not several or value in several for several, value in wanted)
        and all(not one or one == value for one, value in exact)
        and all(_within(*limits) for limits in ranges)
    )


def _within(low: float | None, value: float | None, high: float | None) -> bool:
    if value is None:
        return low is None and high is None
    return (low is None or low <= value) and (high is None or value <= high)


def _local_category(kind: InstanceType) -> str:
    return "local_ssd_pro" if kind.local_disks else ""


def _nvme_support(kind: InstanceType) -> Literal["required", "unsupported"] | Unset:
    if kind.nvme is None:
        return UNSET
    return "required" if kind.nvme else "unsupported"


def _described(kind: InstanceType) -> DescribedInstanceType:
    return DescribedInstanceType(
        instance_type_id=kind.id,
        instance_type_family=kind.family,
        instance_category=kind.category,
        instance_family_level=kind.level,
        cpu_architecture=kind.architecture,
        cpu_core_count=kind.vcpus,
        cpu_speed_frequency=kind.clock or 0,
        cpu_turbo_frequency=kind.turbo or 0,
        physical_processor_model=kind.processor,
        memory_size=kind.memory,
        instance_bandwidth_rx=kind.bandwidth,
        instance_bandwidth_tx=kind.bandwidth,
        instance_pps_rx=_or_unset(kind.pps),
        instance_pps_tx=_or_unset(kind.pps),
        eni_quantity=kind.enis,
        eni_private_ip_address_quantity=_or_unset(kind.addresses),
        eni_ipv6_address_quantity=_or_unset(kind.ipv6_addresses),
        primary_eni_queue_number=kind.queues,
        nvme_support=_nvme_support(kind),
        local_storage_amount=kind.local_disks or UNSET,
        local_storage_capacity=kind.local_disk_size or UNSET,
        local_storage_category=_local_category(kind),
        initial_credit=_or_unset(kind.initial_credit),
    )


def _or_unset(value: int | None) -> int | Unset:
    return UNSET if value is None else value


class DescribedFamily(Model, kw_only=True):
    instance_type_family_id: str
    generation: str | Unset = UNSET


class DescribedFamilies(Model, kw_only=True):
    instance_type_family: list[DescribedFamily]


class DescribeInstanceTypeFamiliesRequest(Request, kw_only=True):
    region_id: str
    generation: str = ""


class DescribeInstanceTypeFamiliesResponse(Response, kw_only=True):
    instance_type_families: DescribedFamilies


@ecs.operation()
def describe_instance_type_families(
    call: Call, ask: DescribeInstanceTypeFamiliesRequest
) -> DescribeInstanceTypeFamiliesResponse:
    return DescribeInstanceTypeFamiliesResponse(
        instance_type_families=DescribedFamilies(
            instance_type_family=[
                DescribedFamily(instance_type_family_id=f"ecs.{family.name}", generation=family.generation or UNSET)
                for family in FAMILIES
                if not ask.generation or family.generation == ask.generation
            ]
        )
    )
