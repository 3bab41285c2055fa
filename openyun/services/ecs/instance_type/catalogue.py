"""The instance types that this cloud offers, with the numbers that the vendor publishes for them.

Families of one generation share a table of sizes: a compute-optimized type has half the memory of the general-purpose
type of its size, a memory-optimized type twice as much, and nearly always the same network. What the vendor does not
publish is None here, and left out of answers.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import msgspec

Architecture = Literal["X86", "ARM"]


class InstanceType(msgspec.Struct, frozen=True, kw_only=True):
    """One instance type, such as ecs.g7.xlarge."""

    id: str
    family: str
    category: str
    """"General-purpose", "Compute-optimized", "Memory-optimized", "Local SSDs", "High Clock Speed" or "Shared\""""
    level: str
    """"EntryLevel", "EnterpriseLevel" or "CreditEntryLevel\""""
    generation: str | None
    architecture: Architecture
    processor: str
    clock: float | None
    """GHz"""
    turbo: float | None
    """GHz, all cores"""
    nvme: bool | None
    vcpus: int
    memory: float
    """GiB"""
    bandwidth: int
    """baseline in kbit/s, each way"""
    pps: int | None
    """packets a second, each way"""
    queues: int
    enis: int
    """network interfaces, the primary one included"""
    addresses: int | None
    """private IPv4 addresses an interface"""
    ipv6_addresses: int | None
    local_disks: int = 0
    local_disk_size: int = 0
    """GiB, each"""
    initial_credit: int | None = None
    disks: tuple[str, ...]
    """categories of cloud disk that may be attached"""


class Size(NamedTuple):
    """A row of a family's table; memory is that of the general-purpose family."""

    name: str
    vcpus: int
    memory: float
    gigabits: float
    kilopackets: int | None
    queues: int
    enis: int
    addresses: int | None
    ipv6_addresses: int | None
    local_disks: int
    local_disk_size: int


def sizes(table: str) -> tuple[Size, ...]:
    """Rows of: name, vCPU, GiB, Gbit/s, thousand packets/s, queues, ENIs, IPv4 and IPv6 an ENI, disks as 2x894 GiB."""
    rows = []
    for line in table.strip().splitlines():
        name, vcpus, memory, gigabits, kilopackets, queues, enis, addresses, ipv6, *disks = line.split()
        count, _, capacity = disks[0].partition("x") if disks else ("0", "", "0")
        rows.append(
            Size(
                name=name,
                vcpus=int(vcpus),
                memory=float(memory),
                gigabits=float(gigabits),
                kilopackets=_known(kilopackets),
                queues=int(queues),
                enis=int(enis),
                addresses=_known(addresses),
                ipv6_addresses=_known(ipv6),
                local_disks=int(count),
                local_disk_size=int(capacity),
            )
        )
    return tuple(rows)


def amended(table: tuple[Size, ...], rows: str) -> tuple[Size, ...]:
    """The table with other rows for some of its sizes."""
    others = {size.name: size for size in sizes(rows)}
    return tuple(others.get(size.name, size) for size in table)


def _known(cell: str) -> int | None:
    return None if cell == "-" else int(cell)


T5 = sizes("""
lc2m1.nano   1   0.5  0.1   40  1  2  2  1
lc1m1.small  1   1    0.2   60  1  2  2  1
lc1m2.small  1   2    0.2   60  1  2  2  1
lc1m2.large  2   4    0.4  100  1  2  2  1
lc1m4.large  2   8    0.4  100  1  2  2  1
c1m1.large   2   2    0.5  100  1  2  2  1
c1m2.large   2   4    0.5  100  1  2  2  1
c1m4.large   2   8    0.5  100  1  2  2  1
c1m1.xlarge  4   4    0.8  200  1  2  6  1
c1m2.xlarge  4   8    0.8  200  1  2  6  1
c1m4.xlarge  4  16    0.8  200  1  2  6  1
c1m1.2xlarge 8   8    1.2  400  1  2  6  1
c1m2.2xlarge 8  16    1.2  400  1  2  6  1
c1m4.2xlarge 8  32    1.2  400  1  2  6  1
c1m1.4xlarge 16 16    1.2  600  2  2  6  1
c1m2.4xlarge 16 32    1.2  600  2  2  6  1
""")

T6 = sizes("""
c4m1.large   2   0.5  0.08  40  1  2  2  1
c2m1.large   2   1    0.08  60  1  2  2  1
c1m1.large   2   2    0.08 100  1  2  2  1
c1m2.large   2   4    0.08 100  1  2  2  1
c1m4.large   2   8    0.08 100  1  2  2  1
c1m4.xlarge  4  16    0.16 200  1  2  6  1
c1m4.2xlarge 8  32    0.32 400  2  2  6  1
""")

E = sizes("""
c4m1.large   2   0.5  0.2  -  1  2  2  1
c2m1.large   2   1    0.2  -  1  2  2  1
c1m1.large   2   2    0.2  -  1  2  2  1
c1m2.large   2   4    0.2  -  1  2  2  1
c1m4.large   2   8    0.4  -  1  2  2  1
c1m2.xlarge  4   8    0.4  -  1  2  6  1
c1m4.xlarge  4  16    0.8  -  1  2  6  1
c1m2.2xlarge 8  16    0.8  -  2  2  6  1
c1m4.2xlarge 8  32    1.2  -  2  2  6  1
""")

U1 = tuple(
    size._replace(name=f"c1m{ratio}.{size.name}", memory=float(size.vcpus * ratio))
    for ratio in (1, 2, 4, 8)
    for size in sizes("""
        large   2  -1 1    300 2 2  6 1
        xlarge  4  -1 1.5  500 2 3 10 1
        2xlarge 8  -1 2.5  800 4 4 10 1
        3xlarge 12 -1 4    900 4 6 10 1
        4xlarge 16 -1 5   1000 4 8 20 1
        8xlarge 32 -1 10  2000 8 8 20 1
    """)
)

G5 = sizes("""
large    2   8  1    300  2 2  6 1
xlarge   4  16  1.5  500  2 3 10 1
2xlarge  8  32  2.5  800  4 4 10 1
3xlarge  12 48  4    900  4 6 10 1
4xlarge  16 64  5   1000  4 8 20 1
6xlarge  24 96  7.5 1500  6 8 20 1
8xlarge  32 128 10  2000  8 8 20 1
16xlarge 64 256 20  4000 16 8 20 1
""")

G6 = sizes("""
large    2   8   1     300  2  2  6 1
xlarge   4   16  1.5   500  4  3 10 1
2xlarge  8   32  2.5   800  8  4 10 1
3xlarge  12  48  4     900  8  6 10 1
4xlarge  16  64  5    1000  8  8 20 1
6xlarge  24  96  7.5  1500 12  8 20 1
8xlarge  32  128 10   2000 16  8 20 1
13xlarge 52  192 12.5 3000 32  7 20 1
26xlarge 104 384 25   6000 32 15 20 1
""")

G6E = sizes("""
large    2   8   1.2   900  2  3  6 1
xlarge   4   16  2    1000  4  4 15 1
2xlarge  8   32  3    1600  8  4 15 1
4xlarge  16  64  6    3000  8  8 30 1
8xlarge  32  128 10   6000 16  8 30 1
13xlarge 52  192 16   9000 32  7 30 1
26xlarge 104 384 32  24000 32 15 30 1
""")

G6A = sizes("""
large    2   8   1     900  2  2  6 1
xlarge   4   16  1.5  1000  4  3 15 1
2xlarge  8   32  2.5  1600  8  4 15 1
4xlarge  16  64  5    2000  8  8 30 1
8xlarge  32  128 8    3000 16  7 30 1
16xlarge 64  256 16   6000 32  8 30 1
32xlarge 128 512 32  12000 32 15 30 1
""")

G6R = sizes("""
large    2   8   1    900  2 3  6 1
xlarge   4   16  1.5 1000  4 4 15 1
2xlarge  8   32  2.5 1600  8 4 15 1
4xlarge  16  64  5   2000  8 8 30 1
8xlarge  32  128 8   3000 16 7 30 1
16xlarge 64  256 16  6000 32 8 30 1
""")

C6R = amended(
    G6R,
    """
xlarge   4   16  1   1000  4 4 15 1
2xlarge  8   32  2   1600  8 4 15 1
""",
)

G7 = sizes("""
large    2   8   2   1100  2  3  6  6
xlarge   4   16  3   1100  4  4 15 15
2xlarge  8   32  5   1600  8  4 15 15
3xlarge  12  48  8   2400  8  8 15 15
4xlarge  16  64  10  3000  8  8 30 30
6xlarge  24  96  12  4500 12  8 30 30
8xlarge  32  128 16  6000 16  8 30 30
16xlarge 64  256 32 12000 32  8 30 30
32xlarge 128 512 64 24000 32 15 30 30
""")

G7A = sizes("""
large    2   8   1     900  2  3  6  6
xlarge   4   16  1.5  1000  4  4 15 15
2xlarge  8   32  2.5  1600  8  4 15 15
4xlarge  16  64  7    2000  8  8 30 30
8xlarge  32  128 8    3000 16  7 30 30
16xlarge 64  256 16   6000 32  8 30 30
32xlarge 128 512 32  12000 32 15 30 30
""")

C7A = amended(
    G7A,
    """
4xlarge  16  64  5    2000  8  8 30 30
16xlarge 64  256 16   6000 32  7 30 30
""",
)

G8A = sizes("""
large    2   8   1.5   900  2  3  6  6
xlarge   4   16  2.5  1000  4  4 15 15
2xlarge  8   32  4    1600  8  4 15 15
4xlarge  16  64  7    2000 16  8 30 30
8xlarge  32  128 10   3000 32  8 30 30
12xlarge 48  192 16   4500 48  8 30 30
16xlarge 64  256 20   6000 64  8 30 30
24xlarge 96  384 32   9000 64 15 30 30
32xlarge 128 512 40  12000 64 15 30 30
48xlarge 192 768 64  18000 64 15 50 50
""")

G8AE = sizes("""
large    2   8   3   1000  2  3  6  6
xlarge   4   16  4   1200  4  4 15 15
2xlarge  8   32  6   1600  8  4 15 15
4xlarge  16  64  12  3000 16  8 30 30
8xlarge  32  128 20  6000 32  8 30 30
16xlarge 64  256 32  9000 64  8 30 30
32xlarge 128 512 64 18000 64 15 30 30
""")

G8I = sizes("""
large    2   8    2.5  1000  2  3  6  6
xlarge   4   16   4    1200  4  4 15 15
2xlarge  8   32   6    1600  8  4 15 15
3xlarge  12  48   10   2400 12  8 15 15
4xlarge  16  64   12   3000 16  8 30 30
6xlarge  24  96   15   4500 24  8 30 30
8xlarge  32  128  20   6000 32  8 30 30
12xlarge 48  192  25   9000 48  8 30 30
16xlarge 64  256  32  12000 64  8 30 30
24xlarge 96  384  50  18000 64 15 30 30
48xlarge 192 1024 100 30000 64 15 50 50
""")

R8I = (*G8I[:-2], *sizes("32xlarge 128 512 64 24000 64 15 30 30"))

G8Y = sizes("""
small    1   4   1    500  1  2  3  3
large    2   8   2    900  2  3  6  6
xlarge   4   16  3   1000  4  4 15 15
2xlarge  8   32  5   1600  8  4 15 15
4xlarge  16  64  10  3000 16  8 30 30
8xlarge  32  128 16  5000 32  8 30 30
16xlarge 64  256 32 10000 64  8 30 30
32xlarge 128 512 64 20000 64 15 30 30
""")

G9I = sizes("""
large    2   8   2.5  1000  2  3  6  6
xlarge   4   16  4    1200  4  4 15 15
2xlarge  8   32  6    1600  8  4 15 15
3xlarge  12  48  10   2400 12  8 15 15
4xlarge  16  64  12   3000 16  8 30 30
6xlarge  24  96  15   4500 24  8 30 30
8xlarge  32  128 20   6000 32  8 30 30
12xlarge 48  192 25   9000 48  8 30 30
16xlarge 64  256 28  12000 64  8 30 30
24xlarge 96  384 32  18000 64 15 30 30
32xlarge 128 512 36  20000 64 15 30 30
48xlarge 192 768 64  24000 64 15 50 50
""")

HFG7 = sizes("""
large    2  8   1.2   900  2  2  6  6
xlarge   4  16  2    1000  4  3 15 15
2xlarge  8  32  3    1600  8  4 15 15
3xlarge  12 48  4.5  2000  8  6 15 15
4xlarge  16 64  6    2500  8  8 30 30
6xlarge  24 96  8    3000 12  8 30 30
8xlarge  32 128 10   4000 16  8 30 30
12xlarge 48 192 16   6000 24  8 30 30
24xlarge 96 384 32  12000 32 15 30 30
""")

I3 = sizes("""
xlarge   4   32  1.5  1000  4  4 15 -  1x894
2xlarge  8   64  2.5  1600  8  4 15 -  1x1788
4xlarge  16  128 5    3000  8  8  - -  2x1788
8xlarge  32  256 10   6000 16  8  - -  4x1788
13xlarge 52  384 16   9000 32  7  - -  6x1788
26xlarge 104 768 32  24000 32 15  - - 12x1788
""")

GENERAL, COMPUTE, MEMORY = "General-purpose", "Compute-optimized", "Memory-optimized"
SHARED, FAST, LOCAL = "Shared", "High Clock Speed", "Local SSDs"


class Family(NamedTuple):
    """What the types of a family have in common."""

    name: str
    category: str
    sizes: tuple[Size, ...]
    processor: str
    clock: float | None = None
    turbo: float | None = None
    memory: float = 1
    """how much of the table's memory"""
    architecture: Architecture = "X86"
    generation: str | None = None
    nvme: bool | None = None
    level: str = "EnterpriseLevel"
    disks: tuple[str, ...] = ("cloud_essd", "cloud_auto")


CASCADE_LAKE = "Intel Xeon(Cascade Lake) Platinum 8269CY"
SKYLAKE = f"Intel Xeon(Skylake) Platinum 8163 / {CASCADE_LAKE}"
ICE_LAKE = "Intel Xeon (Ice Lake) Platinum 8369B"
SAPPHIRE_RAPIDS = "Intel Xeon(Sapphire Rapids) Platinum 8475B"
COOPER_LAKE = "Intel Xeon(Cooper Lake)"
CREDIT = "CreditEntryLevel"
OLDER = ("cloud_efficiency", "cloud_ssd")
ALL_BUT_ENTRY = (*OLDER, "cloud_essd", "cloud_auto")
WITH_ENTRY = ("cloud_essd_entry", "cloud_essd", "cloud_auto")

FAMILIES: tuple[Family, ...] = (
    Family("t5", SHARED, T5, "Intel Xeon", 2.5, generation="ecs-4", level=CREDIT, disks=OLDER),
    Family("t6", SHARED, T6, "Intel Xeon(Cascade Lake)", 2.5, 3.2, level=CREDIT, disks=ALL_BUT_ENTRY),
    Family("e", SHARED, E, "Intel(R) Xeon(R) Platinum", level="EntryLevel", disks=WITH_ENTRY),
    Family("u1", GENERAL, U1, "Intel(R) Xeon(R) Platinum", nvme=False, disks=WITH_ENTRY),
    Family("g5", GENERAL, G5, SKYLAKE, 2.5, generation="ecs-4", disks=ALL_BUT_ENTRY),
    Family("c5", COMPUTE, G5, SKYLAKE, 2.5, memory=0.5, generation="ecs-4", disks=ALL_BUT_ENTRY),
    Family("r5", MEMORY, G5, SKYLAKE, 2.5, memory=2, generation="ecs-4", disks=ALL_BUT_ENTRY),
    Family("g6", GENERAL, G6, CASCADE_LAKE, 2.5, 3.2, generation="ecs-5", disks=ALL_BUT_ENTRY),
    Family("c6", COMPUTE, G6, CASCADE_LAKE, 2.5, 3.2, memory=0.5, generation="ecs-5", disks=ALL_BUT_ENTRY),
    Family("r6", MEMORY, G6, CASCADE_LAKE, 2.5, 3.2, memory=2, generation="ecs-5", disks=ALL_BUT_ENTRY),
    Family("g6e", GENERAL, G6E, CASCADE_LAKE, 2.5, 3.2, generation="ecs-5"),
    Family("c6e", COMPUTE, G6E, CASCADE_LAKE, 2.5, 3.2, memory=0.5, generation="ecs-5"),
    Family("r6e", MEMORY, G6E, CASCADE_LAKE, 2.5, 3.2, memory=2, generation="ecs-5"),
    Family("g6a", GENERAL, G6A, "AMD EPYC ROME", 2.6, 3.3, disks=ALL_BUT_ENTRY),
    Family("c6a", COMPUTE, G6A, "AMD EPYC ROME", 2.6, 3.3, memory=0.5, disks=ALL_BUT_ENTRY),
    Family("r6a", MEMORY, G6A[:-1], "AMD EPYC ROME", 2.6, 3.3, memory=2, disks=ALL_BUT_ENTRY),
    Family("g6r", GENERAL, G6R, "Ampere Altra", 2.8, architecture="ARM", disks=ALL_BUT_ENTRY),
    Family("c6r", COMPUTE, C6R, "Ampere Altra", 2.8, memory=0.5, architecture="ARM", disks=ALL_BUT_ENTRY),
    Family("g7", GENERAL, G7, ICE_LAKE, 2.7, 3.5, nvme=False),
    Family("c7", COMPUTE, G7, ICE_LAKE, 2.7, 3.5, memory=0.5, nvme=False),
    Family("r7", MEMORY, G7, ICE_LAKE, 2.7, 3.5, memory=2, nvme=False),
    Family("g7a", GENERAL, G7A, "AMD EPYC MILAN", 2.55),
    Family("c7a", COMPUTE, C7A, "AMD EPYC MILAN", 2.55, memory=0.5),
    Family("r7a", MEMORY, C7A, "AMD EPYC MILAN", 2.55, memory=2),
    Family("g8a", GENERAL, G8A, "AMD EPYC Genoa 9T24", 2.7, 3.7, nvme=True),
    Family("c8a", COMPUTE, G8A, "AMD EPYC Genoa 9T24", 2.7, 3.7, memory=0.5, nvme=True),
    Family("r8a", MEMORY, G8A, "AMD EPYC Genoa 9T24", 2.7, 3.7, memory=2, nvme=True),
    Family("g8ae", GENERAL, G8AE, "AMD EPYC Genoa", 3.4, nvme=True),
    Family("c8ae", COMPUTE, G8AE, "AMD EPYC Genoa", 3.4, memory=0.5, nvme=True),
    Family("r8ae", MEMORY, G8AE[:-2], "AMD EPYC Genoa", 3.4, memory=2, nvme=True),
    Family("g8i", GENERAL, G8I, SAPPHIRE_RAPIDS, 2.7, 3.2, nvme=True),
    Family("c8i", COMPUTE, G8I, SAPPHIRE_RAPIDS, 2.7, 3.2, memory=0.5, nvme=True),
    Family("r8i", MEMORY, R8I, SAPPHIRE_RAPIDS, 2.7, 3.2, memory=2, nvme=True),
    Family("g8y", GENERAL, G8Y, "YiTian710", 2.75, architecture="ARM", nvme=True),
    Family("c8y", COMPUTE, G8Y, "YiTian710", 2.75, memory=0.5, architecture="ARM", nvme=True),
    Family("r8y", MEMORY, G8Y, "YiTian710", 2.75, memory=2, architecture="ARM", nvme=True),
    Family("g9i", GENERAL, G9I, "Intel Xeon(Granite Rapids)", 3.2, 3.6, nvme=True),
    Family("hfg7", FAST, HFG7, COOPER_LAKE, 3.3, 3.8, generation="ecs-6"),
    Family("hfc7", FAST, HFG7, COOPER_LAKE, 3.3, 3.8, memory=0.5, generation="ecs-6"),
    Family("hfr7", FAST, HFG7, COOPER_LAKE, 3.3, 3.8, memory=2, generation="ecs-6"),
    Family("i3", LOCAL, I3, CASCADE_LAKE, 2.5, 3.2, disks=ALL_BUT_ENTRY),
)


def _of(family: Family) -> list[InstanceType]:
    return [
        InstanceType(
            # a size that names its ratio is part of the family's word: ecs.t6-c1m2.large beside ecs.g6.large
            id=f"ecs.{family.name}{'-' if '.' in size.name else '.'}{size.name}",
            family=f"ecs.{family.name}",
            category=family.category,
            level=family.level,
            generation=family.generation,
            architecture=family.architecture,
            processor=family.processor,
            clock=family.clock,
            turbo=family.turbo,
            nvme=family.nvme,
            vcpus=size.vcpus,
            memory=size.memory * family.memory,
            bandwidth=round(size.gigabits * 1_024_000),
            pps=size.kilopackets * 1000 if size.kilopackets else None,
            queues=size.queues,
            enis=size.enis,
            addresses=size.addresses,
            ipv6_addresses=size.ipv6_addresses,
            local_disks=size.local_disks,
            local_disk_size=size.local_disk_size,
            initial_credit=30 * size.vcpus if family.level == CREDIT else None,
            disks=family.disks,
        )
        for size in family.sizes
    ]


INSTANCE_TYPES: dict[str, InstanceType] = {kind.id: kind for family in FAMILIES for kind in _of(family)}


def find_instance_type(instance_type_id: str) -> InstanceType | None:
    """The instance type of this id, such as ecs.g7.large."""
    return INSTANCE_TYPES.get(instance_type_id)


DISK_CATEGORIES = ("cloud_essd", "cloud_auto", "cloud_essd_entry", "cloud_ssd", "cloud_efficiency")
"""Categories of cloud disk that some instance type takes."""
