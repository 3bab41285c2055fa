"""Making instances: what RunInstances and CreateInstance have in common."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import msgspec

from openyun.clock import iso_seconds, new_request_id
from openyun.errors import MissingParameter
from openyun.operation import Call, Request, Tag
from openyun.services.ecs import errors, names, tags
from openyun.services.ecs.deployment_set import deployment_sets
from openyun.services.ecs.instance import periods, private_addresses, public_addresses, ram_roles, user_data
from openyun.services.ecs.instance_type.catalogue import DISK_CATEGORIES, InstanceType, find_instance_type
from openyun.services.ecs.network_interface import interfaces
from openyun.services.ecs.network_interface.launching import NewInterface, furnish
from openyun.services.ecs.price import spot
from openyun.services.ecs.records import Instance, KeyPair
from openyun.services.ecs.security_group import membership
from openyun.services.ecs.storage import images
from openyun.services.ecs.storage import launching as disks
from openyun.services.ecs.storage.launching import DataDisk, SystemDisk
from openyun.services.vpc.records import VSwitch
from openyun.services.vpc.vpcs import default_resource_group

MOST_AT_ONCE = 100
MOST_INSTANCES = 10_000
"""of an account in a region"""
LARGEST_SYSTEM_DISK = 2048
"""GiB"""
SOONEST_RELEASE = timedelta(minutes=30)
LATEST_RELEASE = timedelta(days=3 * 365)

TOUCHED = ("instance/*", "image/{image_id}")
"""the RAM resources of an operation that makes instances"""
USED = ("securitygroup/{group_ids}", "vpc:vswitch/{switch_ids}", "keypair/{key_pair_name}")
"""those that it names"""


class Making(Request, kw_only=True):
    """The parameters of both operations that make instances. What has no value here may have one in a launch template,
    and `completed` says what it is otherwise."""

    region_id: str
    instance_type: str = ""
    image_id: str = ""
    image_family: str = ""
    zone_id: str = ""
    v_switch_id: str = ""
    private_ip_address: str = ""
    security_group_id: str = ""
    instance_name: str = ""
    host_name: str = ""
    description: str = ""
    password: str | None = None
    password_inherit: bool | None = None
    key_pair_name: str = ""
    user_data: str = ""
    ram_role_name: str = ""
    internet_charge_type: str = ""
    internet_max_bandwidth_in: int | None = None
    internet_max_bandwidth_out: int | None = None
    system_disk: SystemDisk = msgspec.field(default_factory=SystemDisk)
    data_disk: list[DataDisk] = []
    instance_charge_type: str = ""
    period: int | None = None
    period_unit: str = ""
    auto_renew: bool | None = None
    auto_renew_period: int | None = None
    spot_strategy: str = ""
    spot_price_limit: float | None = None
    spot_duration: int | None = None
    spot_interruption_behavior: str = ""
    deletion_protection: bool | None = None
    credit_specification: str = ""
    http_endpoint: str = ""
    http_tokens: str = ""
    http_put_response_hop_limit: int | None = None
    resource_group_id: str = ""
    deployment_set_id: str = ""
    deployment_set_group_no: int | None = None
    tenancy: str = ""
    dedicated_host_id: str = ""
    hpc_cluster_id: str = ""
    tag: list[Tag] = []
    client_token: str = ""
    dry_run: bool = False

    @property
    def group_ids(self) -> list[str]:
        """Every security group that the request names, wherever it does."""
        return [self.security_group_id] if self.security_group_id else []

    @property
    def switch_ids(self) -> list[str]:
        return [self.v_switch_id] if self.v_switch_id else []


M = TypeVar("M", bound=Making)


class Several(msgspec.Struct, kw_only=True):
    """How many instances, and in what they differ."""

    least: int = 1
    most: int = 1
    unique_suffix: bool = False
    host_names: list[str] = []
    security_group_ids: list[str]
    auto_release_at: str = ""
    running: bool = True
    """whether they start at once, and with a public address if they have bandwidth for one"""
    primary: NewInterface | None = None
    interfaces: list[NewInterface] = []
    """besides the primary one"""


def completed(ask: M) -> M:
    """With the vendor's defaults for what neither the request nor a launch template says."""
    defaults: dict[str, Any] = {
        "password_inherit": False,
        "internet_charge_type": "PayByTraffic",
        "internet_max_bandwidth_out": 0,
        "instance_charge_type": "PostPaid",
        "period_unit": "Month",
        "spot_strategy": "NoSpot",
        "deletion_protection": False,
        "http_endpoint": "enabled",
        "http_tokens": "optional",
    }
    return msgspec.structs.replace(
        ask, **{name: value for name, value in defaults.items() if getattr(ask, name) in ("", None)}
    )


def launch(call: Call, ask: Making, several: Several) -> list[Instance]:
    """The new instances, written. Every rule is checked before anything is.

    `passwords.hashed` must have run before."""
    if why := call.at.engines.compute.absence:
        raise errors.NoHost(why=why)
    _refuse_what_is_not_offered(ask)
    ask = completed(ask)
    if not ask.instance_type:
        raise MissingParameter(parameter="InstanceType")
    kind = find_instance_type(ask.instance_type)
    if kind is None:
        raise errors.InstanceTypeNotSupported(instance_type=ask.instance_type)
    image = images.find(call, ask.image_id, ask.image_family)
    if not images.supports(image, kind):
        raise errors.ImageNotSupportInstanceType(image_id=image.id, instance_type=kind.id)
    v_switch = _v_switch(call, ask)
    membership.check_groups(call, several.security_group_ids, v_switch.vpc_id, v_switch.id)
    category, size = _system_disk(ask.system_disk, kind, image.size)
    disks.check(call, ask.system_disk, ask.data_disk, kind, image)
    expires_at = _charge(call, ask)
    spot.check(call, ask, kind, v_switch.zone_id)
    placed = deployment_sets.places(call, ask.deployment_set_id, ask.deployment_set_group_no, several.most)
    if ask.internet_charge_type not in ("PayByTraffic", "PayByBandwidth"):
        raise errors.InvalidInternetChargeType
    check_bandwidth(ask.internet_max_bandwidth_in, ask.internet_max_bandwidth_out)
    check_metadata_options(ask.http_endpoint, ask.http_tokens)
    public_key = _public_key(call, ask.key_pair_name)
    if ask.password and ask.password_inherit:
        raise errors.PasswordAndInherit
    sealed = user_data.sealed(call.cloud.vault, ask.user_data)
    put_on = tags.rules.checked(ask.tag)
    role = ram_roles.passed(call, ask.ram_role_name) if ask.ram_role_name else ""
    names.check_description(ask.description)
    most = min(several.most, MOST_INSTANCES - call.state.count(Instance, account_id=call.account_id))
    if most < several.least:
        raise errors.QuotaExceeded(most=MOST_INSTANCES)
    addresses = private_addresses.allocate(call, v_switch, least=several.least, most=most, first=ask.private_ip_address)
    ids = [call.new_id("i") for _ in addresses]
    named = _names(ask, several, ids)
    hosts = _hosts(ask, several, ids)
    running = several.running
    bandwidth = ask.internet_max_bandwidth_out or 0
    outside = running and bandwidth > 0
    public = public_addresses.allocate(call, ids) if outside else [""] * len(ids)
    macs = interfaces.macs(call.state, v_switch.vpc_id, addresses)
    created_at = iso_seconds(call.now)
    made = [
        Instance(
            id=instance_id,
            account_id=call.account_id,
            name=named[at],
            hostname=hosts[at],
            description=ask.description,
            zone_id=v_switch.zone_id,
            instance_type=kind.id,
            cpu=kind.vcpus,
            memory=int(kind.memory * 1024),
            image_id=image.id,
            os_name=image.os_name,
            key_pair_name=ask.key_pair_name,
            public_key=public_key,
            password_hash=call.prepared or "",
            sealed_user_data=sealed,
            ram_role_name=role,
            serial_number=new_request_id().lower(),
            # One that is made stopped needs no machine before its first start; old clients start it right away.
            status="Pending" if running else "Stopped",
            wanted="Running" if running else "Stopped",
            due=running,
            stopped_mode="Not-applicable" if running else "KeepCharging",
            vpc_id=v_switch.vpc_id,
            v_switch_id=v_switch.id,
            private_address=addresses[at],
            mac=macs[at],
            network_interface_id=call.new_id("eni"),
            security_group_ids=several.security_group_ids,
            public_address=public[at],
            internet_charge_type=ask.internet_charge_type,
            internet_max_bandwidth_in=ask.internet_max_bandwidth_in or max(10, bandwidth),
            internet_max_bandwidth_out=bandwidth,
            system_disk_id=call.new_id("d"),
            system_disk_category=category,
            system_disk_size=size,
            charge_type=ask.instance_charge_type,
            spot_strategy=ask.spot_strategy,
            spot_price_limit=ask.spot_price_limit or 0.0,
            spot_duration=1 if ask.spot_duration is None else ask.spot_duration,
            spot_interruption="Stop" if ask.spot_interruption_behavior == "Stop" else "Terminate",
            deployment_set_id=ask.deployment_set_id,
            deployment_group=placed[at],
            renewal_status="AutoRenewal" if ask.auto_renew else "Normal",
            renewal_period=ask.auto_renew_period or 1,
            renewal_unit=ask.period_unit,
            deletion_protection=bool(ask.deletion_protection),
            auto_release_at=several.auto_release_at,
            expires_at=expires_at,
            created_at=created_at,
            resource_group_id=ask.resource_group_id or default_resource_group(call),
            credit_specification=ask.credit_specification,
            http_endpoint=ask.http_endpoint,
            http_tokens=ask.http_tokens,
            hop_limit=ask.http_put_response_hop_limit or 0,
            tags=put_on,
        )
        for at, instance_id in enumerate(ids)
    ]
    for one in made:
        call.state.insert(one)
        call.state.insert(interfaces.primary_of(one))
        disks.insert(call, one, ask.system_disk, ask.data_disk, kind, image)
    furnish(call, made, kind, several.primary, several.interfaces)
    call.wake()
    return made


# Rules that ModifyInstanceAttribute shares.


def check_protection(charge_type: str, spot_strategy: str) -> None:
    if charge_type != "PostPaid" or spot_strategy != "NoSpot":
        raise errors.ProtectionNotForChargeType


def check_metadata_options(http_endpoint: str, http_tokens: str) -> None:
    if http_endpoint not in ("enabled", "disabled"):
        raise errors.InvalidHttpEndpoint
    if http_tokens not in ("optional", "required"):
        raise errors.InvalidHttpTokens


def check_bandwidth(inward: int | None, outward: int | None) -> None:
    if outward is not None and not 0 <= outward <= 100:
        raise errors.InvalidBandwidthOut
    # The vendor's default of 200 stands for no limit.
    if inward is not None and not 1 <= inward <= 200:
        raise errors.InvalidBandwidthIn


# The parts of `launch`.


def _refuse_what_is_not_offered(ask: Making) -> None:
    given = {
        "DedicatedHostId": ask.dedicated_host_id,
        "HpcClusterId": ask.hpc_cluster_id,
        "Tenancy": ask.tenancy not in ("", "default"),
    }
    for parameter, value in given.items():
        if value:
            raise errors.NotOffered(parameter=parameter)


def _v_switch(call: Call, ask: Making) -> VSwitch:
    if ask.zone_id and call.region.zone(ask.zone_id) is None:
        raise errors.ZoneNotFound(zone_id=ask.zone_id)
    if not ask.v_switch_id:
        raise MissingParameter(parameter="VSwitchId")
    found = call.state.get(VSwitch, ask.v_switch_id)
    if found is None or found.account_id != call.account_id:
        raise errors.VSwitchNotFound(v_switch_id=ask.v_switch_id)
    if ask.zone_id not in ("", found.zone_id):
        raise errors.ParametersNotMatch(reason=f"The vSwitch {found.id} is in {found.zone_id}, not in {ask.zone_id}.")
    if found.status != "Available":
        raise errors.IncorrectVSwitchStatus
    return found


def _system_disk(disk: SystemDisk, kind: InstanceType, image_size: int) -> tuple[str, int]:
    category = disk.category or next(iter(kind.disks))
    if category not in DISK_CATEGORIES:
        raise errors.InvalidSystemDiskCategory
    if category not in kind.disks:
        raise errors.DiskCategoryNotOfType(category=category, instance_type=kind.id)
    size = disk.size if disk.size is not None else max(40, image_size)
    if size < image_size:
        raise errors.SystemDiskSmallerThanImage(least=image_size)
    if size > LARGEST_SYSTEM_DISK:
        raise errors.SystemDiskTooLarge(most=LARGEST_SYSTEM_DISK)
    return category, size


def _charge(call: Call, ask: Making) -> str:
    """When a subscription ends; empty for pay-as-you-go."""
    if ask.spot_strategy not in ("NoSpot", "SpotWithPriceLimit", "SpotAsPriceGo"):
        raise errors.InvalidSpotStrategy
    if ask.deletion_protection:
        check_protection(ask.instance_charge_type, ask.spot_strategy)
    if ask.instance_charge_type == "PostPaid":
        return ""
    if ask.instance_charge_type != "PrePaid":
        raise errors.InvalidInstanceChargeType
    if ask.spot_strategy != "NoSpot":
        raise errors.SpotPrepaid
    if ask.auto_renew:
        periods.check_renewal(ask.auto_renew_period or 1, ask.period_unit)
    return iso_seconds(periods.after(call.now, ask.period, ask.period_unit))


def _public_key(call: Call, key_pair_name: str) -> str:
    if not key_pair_name:
        return ""
    pair = call.state.get(KeyPair, call.account_id, key_pair_name)
    if pair is None:
        raise errors.KeyPairNotFound(key_pair_name=key_pair_name)
    return pair.public_key


def _names(ask: Making, several: Several, ids: list[str]) -> list[str]:
    if not ask.instance_name:
        return ids
    return names.instance_names(ask.instance_name, len(ids), unique_suffix=several.unique_suffix)


def _hosts(ask: Making, several: Several, ids: list[str]) -> list[str]:
    """Hostnames, by default made from the ids as the vendor makes them."""
    if several.host_names:
        if ask.host_name:
            raise errors.HostNameAndHostNames
        if len(several.host_names) != several.most:
            raise errors.HostNamesSize
        patterns = several.host_names
    elif ask.host_name:
        patterns = names.host_names(ask.host_name, len(ids), unique_suffix=several.unique_suffix)
    else:
        return [f"iZ{instance_id.removeprefix('i-')}Z" for instance_id in ids]
    return [
        names.check_host_name(pattern.replace("${instance_id}", instance_id))
        for pattern, instance_id in zip(patterns, ids, strict=False)
    ]


def release_time(call: Call, text: str) -> str:
    """AutoReleaseTime as it is kept, to the minute; empty for never. Raises InvalidAutoReleaseTime."""
    if not text:
        return ""
    try:
        at = datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC, second=0)
    except ValueError:
        raise errors.InvalidAutoReleaseTime from None
    earliest = (call.now + SOONEST_RELEASE).replace(second=0, microsecond=0)
    if not earliest <= at <= call.now + LATEST_RELEASE:
        raise errors.InvalidAutoReleaseTime
    return iso_seconds(at)
