"""The catalogue against numbers that the vendor publishes or answers, one of each family's peculiarities."""

import pytest

from openyun.services.ecs.instance_type.catalogue import DISK_CATEGORIES, INSTANCE_TYPES, find_instance_type


@pytest.mark.parametrize(
    ("instance_type", "vcpus", "memory", "architecture", "bandwidth", "pps", "enis", "addresses"),
    [
        ("ecs.g7.xlarge", 4, 16, "X86", 3_072_000, 1_100_000, 4, 15),
        ("ecs.u1-c1m4.xlarge", 4, 16, "X86", 1_536_000, 500_000, 3, 10),
        ("ecs.t6-c4m1.large", 2, 0.5, "X86", 81_920, 40_000, 2, 2),
        ("ecs.c6.13xlarge", 52, 96, "X86", 12_800_000, 3_000_000, 7, 20),
        ("ecs.r6.26xlarge", 104, 768, "X86", 25_600_000, 6_000_000, 15, 20),
        ("ecs.g8i.48xlarge", 192, 1024, "X86", 102_400_000, 30_000_000, 15, 50),
        ("ecs.r8i.32xlarge", 128, 1024, "X86", 65_536_000, 24_000_000, 15, 30),
        ("ecs.c7a.4xlarge", 16, 32, "X86", 5_120_000, 2_000_000, 8, 30),
        ("ecs.g7a.4xlarge", 16, 64, "X86", 7_168_000, 2_000_000, 8, 30),
        ("ecs.c7a.16xlarge", 64, 128, "X86", 16_384_000, 6_000_000, 7, 30),
        ("ecs.g8y.small", 1, 4, "ARM", 1_024_000, 500_000, 2, 3),
        ("ecs.c6r.xlarge", 4, 8, "ARM", 1_024_000, 1_000_000, 4, 15),
        ("ecs.hfc7.24xlarge", 96, 192, "X86", 32_768_000, 12_000_000, 15, 30),
    ],
)
def test_published_numbers(
    instance_type: str,
    vcpus: int,
    memory: float,
    architecture: str,
    bandwidth: int,
    pps: int,
    enis: int,
    addresses: int,
) -> None:
    kind = find_instance_type(instance_type)
    assert kind is not None
    assert (kind.vcpus, kind.memory, kind.architecture) == (vcpus, memory, architecture)
    assert (kind.bandwidth, kind.pps, kind.enis, kind.addresses) == (bandwidth, pps, enis, addresses)


def test_sizes_that_the_vendor_does_not_sell_are_absent() -> None:
    for absent in ("ecs.r8i.48xlarge", "ecs.r6a.32xlarge", "ecs.r8ae.16xlarge", "ecs.g7.12xlarge", "ecs.e-c1m1.xlarge"):
        assert find_instance_type(absent) is None


def test_the_catalogue_as_a_whole() -> None:
    kinds = INSTANCE_TYPES.values()
    assert len(kinds) > 300
    assert {kind.architecture for kind in kinds} == {"X86", "ARM"}
    assert all(kind.id.startswith((f"{kind.family}.", f"{kind.family}-")) for kind in kinds)
    assert {category for kind in kinds for category in kind.disks} == set(DISK_CATEGORIES)


def test_burstable_types_begin_with_thirty_credits_a_vcpu() -> None:
    assert {kind.initial_credit for kind in INSTANCE_TYPES.values() if kind.family == "ecs.t6"} == {60, 120, 240}
