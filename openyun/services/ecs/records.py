"""What the ECS service keeps: the shape of its state at a glance."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import msgspec

from openyun.state import Indexes, Record


class Rule(msgspec.Struct, kw_only=True):
    """One rule of a security group, as its customer wrote it."""

    id: str
    direction: Literal["ingress", "egress"]
    policy: Literal["Accept", "Drop"] = "Accept"
    protocol: str
    """TCP, UDP, ICMP, ICMPv6, GRE or ALL"""
    port_range: str
    """"22/22"; "-1/-1" for protocols without ports"""
    source_port_range: str = ""
    priority: int = 1
    nic_type: str = "intranet"
    source_cidr_ip: str = ""
    dest_cidr_ip: str = ""
    ipv6_source_cidr_ip: str = ""
    ipv6_dest_cidr_ip: str = ""
    source_group_id: str = ""
    source_group_owner: str = ""
    dest_group_id: str = ""
    dest_group_owner: str = ""
    prefix_list_id: str = ""
    """the peer of the rule, where it is neither a block nor a group"""
    description: str = ""
    created_at: str = ""


class SecurityGroup(Record, kw_only=True):
    TABLE: ClassVar[str] = "security_group"
    INDEXES: ClassVar[Indexes] = (("account_id",), ("vpc_id",))

    id: str
    account_id: str
    vpc_id: str
    name: str = ""
    description: str = ""
    type: Literal["normal", "enterprise"] = "normal"
    inner_access_policy: Literal["Accept", "Drop"] = "Accept"
    rules: list[Rule] = []
    resource_group_id: str = ""
    created_at: str
    tags: dict[str, str] = {}


class PrefixEntry(msgspec.Struct, kw_only=True):
    cidr: str
    description: str = ""


class PrefixList(Record, kw_only=True):
    """A set of address blocks that rules name."""

    TABLE: ClassVar[str] = "prefix_list"
    INDEXES: ClassVar[Indexes] = (("account_id",),)

    id: str
    account_id: str
    name: str
    description: str = ""
    address_family: str
    """IPv4 or IPv6"""
    max_entries: int
    entries: list[PrefixEntry] = []
    created_at: str
    resource_group_id: str = ""
    tags: dict[str, str] = {}


class KeyPair(Record, kw_only=True):
    """Only the public half is kept; the private one is shown once, when the pair is created."""

    TABLE: ClassVar[str] = "key_pair"
    KEY: ClassVar[tuple[str, ...]] = ("account_id", "name")

    account_id: str
    name: str
    id: str
    public_key: str
    """in OpenSSH's form"""
    fingerprint: str
    """MD5 in hexadecimal"""
    resource_group_id: str = ""
    created_at: str
    tags: dict[str, str] = {}


class Instance(Record, kw_only=True):
    """An instance: what its customer wants, and how far the reconciler has come.

    Operations set `wanted` (and raise `boots` or `login_epoch`), a transitional `status`, and `due`. The reconciler
    makes it true, then sets the settled status and clears `due`."""

    TABLE: ClassVar[str] = "instance"
    INDEXES: ClassVar[Indexes] = (
        ("account_id", "created_at"),
        ("account_id", "wanted"),
        ("vpc_id",),
        ("v_switch_id",),
        ("due",),
    )

    id: str
    account_id: str
    name: str
    hostname: str
    description: str = ""
    zone_id: str
    instance_type: str
    cpu: int
    memory: int
    """MiB"""
    image_id: str
    os_name: str = ""
    key_pair_name: str = ""
    public_key: str = ""
    password_hash: str = ""
    sealed_user_data: str = ""
    """encrypted, for it often holds passwords; `user_data.opened` reads it"""
    ram_role_name: str = ""
    serial_number: str

    status: Literal["Pending", "Starting", "Running", "Stopping", "Stopped"] = "Pending"
    wanted: Literal["Running", "Stopped", "Deleted"] = "Running"
    boots: int = 1
    login_epoch: int = 0
    stop_at_once: bool = False
    stopped_mode: str = "Not-applicable"
    due: bool = True

    vpc_id: str
    v_switch_id: str
    private_address: str
    mac: str
    network_interface_id: str
    security_group_ids: list[str]
    public_address: str = ""
    internet_charge_type: str = "PayByTraffic"
    internet_max_bandwidth_in: int = 200
    internet_max_bandwidth_out: int = 0

    system_disk_id: str
    system_disk_category: str = "cloud_essd"
    system_disk_size: int = 20
    """GiB"""

    charge_type: str = "PostPaid"
    spot_strategy: str = "NoSpot"
    deletion_protection: bool = False
    auto_release_at: str = ""
    """when the instance is deleted by itself; empty: never"""
    expires_at: str = ""
    """end of a subscription"""
    created_at: str
    started_at: str = ""
    resource_group_id: str = ""
    credit_specification: str = ""
    http_endpoint: str = "enabled"
    http_tokens: str = "optional"
    hop_limit: int = 0
    """as it was given; how far an answer of the metadata service travels is the network's"""
    metadata_tags: str = "disabled"
    """whether the metadata service tells the instance its tags"""
    disk_changes: int = 0
    """raised when its disks change"""
    plugs: int = 0
    """raised when its network interfaces or their addresses change; 0: it only ever had its primary one"""
    deployment_set_id: str = ""
    deployment_group: int = 0
    spot_price_limit: float = 0.0
    spot_duration: int = 1
    spot_interruption: Literal["Terminate", "Stop"] = "Terminate"
    reclaim_at: str = ""
    """when a spot instance is taken away; its customer was told five minutes before"""
    renewal_status: Literal["AutoRenewal", "Normal", "NotRenewal"] = "Normal"
    renewal_period: int = 1
    renewal_unit: str = "Month"
    lock_reason: str = ""
    """why the instance may not be started: financial, Recycling"""
    maintenance_action: str = "AutoRecover"
    maintenance_notice: bool = False
    tags: dict[str, str] = {}


class NetworkInterface(Record, kw_only=True):
    """An elastic network interface. An instance's primary one lives and dies with it, and the instance's record repeats
    its addresses and security groups; others come and go."""

    TABLE: ClassVar[str] = "network_interface"
    INDEXES: ClassVar[Indexes] = (("account_id",), ("vpc_id",), ("v_switch_id",), ("instance_id",))

    id: str
    account_id: str
    type: Literal["Primary", "Secondary"] = "Secondary"
    name: str = ""
    description: str = ""
    vpc_id: str
    v_switch_id: str
    zone_id: str
    mac: str
    address: str
    """its primary private address"""
    secondary_addresses: list[str] = []
    security_group_ids: list[str]
    status: Literal["Available", "Attaching", "InUse", "Detaching"] = "Available"
    instance_id: str = ""
    device_index: int = 0
    """eth0, eth1, ... of its instance"""
    delete_on_release: bool = False
    source_dest_check: bool = False
    queue_number: int = 1
    resource_group_id: str = ""
    created_at: str
    tags: dict[str, str] = {}


class InstanceEvent(Record, kw_only=True):
    """What the cloud does to an instance by itself. It stays known after the instance."""

    TABLE: ClassVar[str] = "instance_event"
    INDEXES: ClassVar[Indexes] = (("account_id",), ("instance_id", "status"))

    id: str
    account_id: str
    instance_id: str
    type: str
    status: Literal["Scheduled", "Avoided", "Executing", "Executed", "Canceled", "Failed"] = "Scheduled"
    published_at: str
    not_before: str
    finished_at: str = ""
    reason: str = ""


class DeploymentSet(Record, kw_only=True):
    TABLE: ClassVar[str] = "deployment_set"
    INDEXES: ClassVar[Indexes] = (("account_id",),)

    id: str
    account_id: str
    name: str = ""
    description: str = ""
    strategy: str
    group_count: int = 0
    redeploy: str = "CancelMembershipAndStart"
    created_at: str


class LaunchTemplate(Record, kw_only=True):
    TABLE: ClassVar[str] = "launch_template"
    INDEXES: ClassVar[Indexes] = (("account_id", "name"),)

    id: str
    account_id: str
    name: str
    default_version: int = 1
    latest_version: int = 1
    """the highest number that was ever given, whatever was deleted since"""
    created_by: str
    created_at: str
    modified_at: str
    resource_group_id: str = ""
    tags: dict[str, str] = {}


class LaunchTemplateVersion(Record, kw_only=True):
    TABLE: ClassVar[str] = "launch_template_version"
    KEY: ClassVar[tuple[str, ...]] = ("template_id", "number")

    template_id: str
    number: int
    description: str = ""
    data: dict[str, Any]
    """what it says about instances, by the names of `TemplateFields`; user data is beside it"""
    sealed_user_data: str = ""
    created_by: str
    created_at: str
    modified_at: str


class SpotPrice(Record, kw_only=True):
    """What an operator says that spot instances cost, in place of the price curve."""

    TABLE: ClassVar[str] = "spot_price"
    KEY: ClassVar[tuple[str, ...]] = ("zone_id", "instance_type")

    zone_id: str
    instance_type: str
    price: float
    """an hour"""


class Command(Record, kw_only=True):
    """A Cloud Assistant command that its customer keeps, to invoke it again."""

    TABLE: ClassVar[str] = "command"
    INDEXES: ClassVar[Indexes] = (("account_id",),)

    id: str
    account_id: str
    name: str
    description: str = ""
    type: str
    content: bytes
    working_directory: str = ""
    username: str = ""
    timeout: int = 60
    launcher: str = ""
    enable_parameter: bool = False
    """whether {{names}} in the content stand for parameters"""
    created_at: str
    resource_group_id: str = ""
    tags: dict[str, str] = {}


class SentFile(msgspec.Struct, kw_only=True):
    """Where the content of an invocation goes, if it is a file and no script."""

    content_type: str = "PlainText"
    target_dir: str = "/"
    owner: str = "root"
    group: str = "root"
    mode: str = "0644"
    overwrite: bool = False


RepeatMode = Literal["Once", "Period", "NextRebootOnly", "EveryReboot"]


class Invocation(Record, kw_only=True):
    """One running of a command, on several instances. The command may be gone since."""

    TABLE: ClassVar[str] = "invocation"
    INDEXES: ClassVar[Indexes] = (("account_id",), ("command_id",), ("created_at",))

    id: str
    account_id: str
    command_id: str
    command_name: str = ""
    command_description: str = ""
    command_type: str
    command_content: bytes
    """as it was written, with {{names}}"""
    enable_parameter: bool = False
    parameters: dict[str, str] = {}
    working_directory: str = ""
    username: str = ""
    timeout: int = 60
    launcher: str = ""
    repeat_mode: RepeatMode = "Once"
    frequency: str = ""
    termination_mode: str = "Process"
    file: SentFile | None = None
    created_at: str
    resource_group_id: str = ""
    tags: dict[str, str] = {}


TaskStatus = Literal[
    "Scheduled",  # it waits for its time, or for the next start of its instance
    "Pending", "Running", "Stopping",  # under way
    "Success", "Failed", "Timeout", "Error", "Aborted", "Cancelled", "Terminated",  # over
]  # fmt: skip


class InvocationTask(Record, kw_only=True):
    """One running of a command on one instance. `due` until it is finished."""

    TABLE: ClassVar[str] = "invocation_task"
    KEY: ClassVar[tuple[str, ...]] = ("invocation_id", "instance_id")
    INDEXES: ClassVar[Indexes] = (("account_id",), ("instance_id",), ("due",), ("status",))

    invocation_id: str
    instance_id: str
    account_id: str
    status: TaskStatus = "Pending"
    due: bool = True
    exit_code: int | None = None
    output: bytes = b""
    dropped: int = 0
    error_code: str = ""
    error_info: str = ""
    created_at: str
    started_at: str = ""
    finished_at: str = ""
    stopped_at: str = ""
    """when StopInvocation asked for its end"""
    updated_at: str = ""
    repeats: int = 0
    """how often it was launched"""
    next_at: str = ""
    """when a scheduled one runs next"""
    start: str = ""
    """of its instance, which one that waits for the next start has seen"""


class InvocationRun(Record, kw_only=True):
    """One run of a task that runs again and again, when it is over."""

    TABLE: ClassVar[str] = "invocation_run"
    KEY: ClassVar[tuple[str, ...]] = ("invocation_id", "instance_id", "number")

    invocation_id: str
    instance_id: str
    number: int
    task: InvocationTask
    """as it was at the end of the run"""
