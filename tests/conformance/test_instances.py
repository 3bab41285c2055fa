from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from alibabacloud_ecs20140526 import models
from alibabacloud_ecs20140526.client import Client as Ecs
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from alibabacloud_vpc20160428 import models as vpc_models
from alibabacloud_vpc20160428.client import Client as Vpc

from tests.conformance.conftest import REGION, Cloud, cloud_of, eventually, refused
from tests.conformance.networks import make_group, make_v_switch
from tests.conformance.place import Place, make_place
from tests.conftest import Server


@pytest.fixture
def place(ecs: Ecs, vpc: Vpc) -> Place:
    return make_place(ecs, vpc)


@pytest.fixture(scope="module")
def empty_place(server: Server) -> Place:
    """One for all the refusals, which leave nothing behind."""
    account = cloud_of(server, server.new_account())
    return make_place(Ecs(account.config()), Vpc(account.config()))


# RunInstances


def test_an_instance_runs_and_is_gone_after_its_deletion(place: Place) -> None:
    (instance_id,) = place.run(instance_name="web", description="a web server")
    assert instance_id.startswith("i-bp1")
    place.until("Running", instance_id)
    one = place.one(instance_id)
    assert (one.instance_name, one.description) == ("web", "a web server")
    assert one.vpc_attributes.private_ip_address.ip_address == ["10.1.0.1"]
    assert one.public_ip_address.ip_address == []
    place.ecs.delete_instance(models.DeleteInstanceRequest(instance_id=instance_id, force=True))
    assert place.describe(instance_id) == []
    with refused("InvalidInstanceId.NotFound", 404):
        place.ecs.start_instance(models.StartInstanceRequest(instance_id=instance_id))


def test_a_hundred_instances_at_once_have_an_address_each(place: Place) -> None:
    ids = place.run(amount=100, internet_max_bandwidth_out=5)
    found = place.describe(*ids)
    private = {one.vpc_attributes.private_ip_address.ip_address[0] for one in found}
    assert private == {f"10.1.0.{number}" for number in range(1, 101)}
    assert len({one.public_ip_address.ip_address[0] for one in found}) == 100
    assert len({one.network_interfaces.network_interface[0].mac_address for one in found}) == 100
    place.until("Running", *ids)


def test_the_first_and_the_last_three_addresses_are_reserved(place: Place) -> None:
    small = make_v_switch(place.vpc, place.vpc_id, "10.9.0.0/29")
    with refused("QuotaExceeded.PrivateIpAddress", 400):
        place.run(v_switch_id=small, amount=5)
    ids = place.run(v_switch_id=small, amount=5, min_amount=1)
    addresses = [one.vpc_attributes.private_ip_address.ip_address[0] for one in place.describe(*ids)]
    assert addresses == ["10.9.0.1", "10.9.0.2", "10.9.0.3", "10.9.0.4"]
    with refused("QuotaExceeded.PrivateIpAddress", 400):
        place.run(v_switch_id=small)


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("10.1.0.0", "InvalidPrivateIpAddress"),
        ("10.1.0.253", "InvalidPrivateIpAddress"),
        ("10.2.0.5", "InvalidPrivateIpAddress"),
        ("10.1.0", "InvalidPrivateIpAddress.Malformed"),
        ("10.1.0.9", "InvalidPrivateIpAddress.Duplicated"),
    ],
)
def test_an_address_that_cannot_be_had_is_refused(place: Place, address: str, code: str) -> None:
    place.run(private_ip_address="10.1.0.9")
    with refused(code, 400):
        place.run(private_ip_address=address)


def test_several_instances_take_consecutive_addresses_from_the_given_one(place: Place) -> None:
    ids = place.run(private_ip_address="10.1.0.100", amount=3)
    addresses = [one.vpc_attributes.private_ip_address.ip_address[0] for one in place.describe(*ids)]
    assert addresses == ["10.1.0.100", "10.1.0.101", "10.1.0.102"]


def test_an_address_is_free_again_once_its_instance_is_gone(place: Place) -> None:
    (first,) = place.running(private_ip_address="10.1.0.50", internet_max_bandwidth_out=1)
    place.ecs.delete_instance(models.DeleteInstanceRequest(instance_id=first, force=True))

    def again() -> list[str]:
        try:
            return place.run(private_ip_address="10.1.0.50")
        except AlibabaCloudException as problem:
            if problem.code != "InvalidPrivateIpAddress.Duplicated":
                raise
            return []

    assert eventually(again)


@pytest.mark.parametrize(
    ("name", "unique_suffix", "names"),
    [
        ("web", False, ["web", "web", "web"]),
        ("web", True, ["web001", "web002", "web003"]),
        ("web-[1,3]", False, ["web-001", "web-002", "web-003"]),
        ("web-[99,1]-db", False, ["web-99-db", "web-100-db", "web-101-db"]),
        ("web-[]", False, ["web-000000", "web-000001", "web-000002"]),
        ("web-[1,]", True, ["web-000001", "web-000002", "web-000003"]),
    ],
)
def test_names_of_several_instances(place: Place, name: str, unique_suffix: bool, names: list[str]) -> None:
    ids = place.run(amount=3, instance_name=name, host_name=name, unique_suffix=unique_suffix)
    found = place.describe(*ids)
    assert [one.instance_name for one in found] == names
    assert [one.host_name for one in found] == names


def test_hostnames_by_default_by_list_and_by_instance_id(place: Place) -> None:
    ids = place.run(amount=2)
    found = place.describe(*ids)
    assert [one.instance_name for one in found] == ids
    assert [one.host_name for one in found] == [f"iZ{one.removeprefix('i-')}Z" for one in ids]
    ids = place.run(amount=2, host_names=["alpha", "beta"])
    assert [one.host_name for one in place.describe(*ids)] == ["alpha", "beta"]
    (instance_id,) = place.run(host_name="k8s-${instance_id}")
    assert place.one(instance_id).host_name == f"k8s-{instance_id}"


@pytest.mark.parametrize(
    ("wrong", "code", "status"),
    [
        ({"image_id": "no_such.vhd"}, "InvalidImageId.NotFound", 404),
        ({"image_id": None}, "InvalidImageId.NotFound", 404),
        ({"image_id": None, "image_family": "acs:plan9"}, "InvalidImageFamily.MissingAvailableImage", 403),
        ({"instance_type": "ecs.enormous"}, "InvalidInstanceType.ValueNotSupported", 400),
        ({"instance_type": "ecs.g8y.large"}, "ImageNotSupportInstanceType", 403),
        ({"v_switch_id": "vsw-none"}, "InvalidVSwitchId.NotFound", 404),
        ({"v_switch_id": None}, "MissingParameter", 400),
        ({"security_group_id": "sg-none"}, "InvalidSecurityGroupId.NotFound", 404),
        ({"security_group_id": None}, "MissingParameter", 400),
        ({"zone_id": "cn-hangzhou-z"}, "InvalidZoneId.NotFound", 404),
        ({"zone_id": "cn-hangzhou-k"}, "InvalidParameter.NotMatch", 403),
        ({"key_pair_name": "none"}, "InvalidKeyPairName.NotFound", 404),
        ({"ram_role_name": "none"}, "InvalidRamRole.NotFound", 404),
        ({"password": "short"}, "InvalidPassword.Malformed", 400),
        ({"password": "alllowercase"}, "InvalidPassword.Malformed", 400),
        ({"password": "Abcd1234!", "password_inherit": True}, "InvalidPasswordParam.Mismatch", 400),
        ({"user_data": "not base64!"}, "InvalidUserData.Base64FormatInvalid", 400),
        ({"amount": 0}, "InvalidMaxAmount.Malformed", 400),
        ({"amount": 101}, "InvalidMaxAmount.Malformed", 400),
        ({"amount": 2, "min_amount": 3}, "InvalidMinAmount.Malformed", 400),
        ({"instance_name": "1web"}, "InvalidInstanceName.Malformed", 400),
        ({"instance_name": "web[1"}, "InvalidInstanceName.Malformed", 400),
        ({"instance_name": "web[1,2,3]"}, "InvalidInstanceName.CustomMalformed", 400),
        ({"host_name": "-web"}, "InvalidHostName.Malformed", 400),
        ({"host_name": "web", "host_names": ["web"]}, "InvalidHostname.SingleAndMultiConflict", 403),
        ({"amount": 2, "host_names": ["web"]}, "InvalidHostname.SizeInvalid", 403),
        ({"description": "https://example.com"}, "InvalidDescription.Malformed", 400),
        ({"internet_max_bandwidth_out": 101}, "InvalidInternetMaxBandwidthOut.Malformed", 400),
        ({"internet_charge_type": "PayByPacket"}, "InvalidInternetChargeType.ValueNotSupported", 400),
        ({"instance_charge_type": "Gift"}, "InvalidInstanceChargeType.NotFound", 404),
        ({"instance_charge_type": "PrePaid"}, "InvalidPeriod", 400),
        ({"spot_strategy": "Cheap"}, "InvalidSpotStrategy", 400),
        ({"spot_strategy": "SpotAsPriceGo", "deletion_protection": True}, "InvalidChargeType.ValueNotSupported", 403),
        ({"http_tokens": "maybe"}, "InvalidHttpTokens.NotSupported", 400),
        ({"auto_release_time": "tomorrow"}, "InvalidAutoReleaseTime.Malformed", 400),
        ({"auto_release_time": "2020-01-01T00:00:00Z"}, "InvalidAutoReleaseTime.Malformed", 400),
        ({"data_disk": [models.RunInstancesRequestDataDisk(size=5)]}, "InvalidDataDiskSize.ValueNotSupported", 400),
        ({"tag": [models.RunInstancesRequestTag(key="acs:x", value="1")]}, "InvalidTagKey.Malformed", 400),
    ],
)
def test_what_cannot_be_is_refused(empty_place: Place, wrong: dict[str, object], code: str, status: int) -> None:
    with refused(code, status):
        empty_place.run(**wrong)
    assert empty_place.describe() == []


@pytest.mark.parametrize(
    ("disk", "code"),
    [
        ({"size": "10"}, "InvalidSystemDiskSize.LessThanImageSize"),
        ({"size": "4096"}, "InvalidSystemDiskSize.MoreThanMaxSize"),
        ({"category": "floppy"}, "InvalidSystemDiskCategory.ValueNotSupported"),
    ],
)
def test_system_disks_that_cannot_be(empty_place: Place, disk: dict[str, str], code: str) -> None:
    with refused(code):
        empty_place.run(system_disk=models.RunInstancesRequestSystemDisk(**disk))


def test_a_group_or_vswitch_of_another_vpc_or_account_is_refused(
    place: Place, ecs: Ecs, vpc: Vpc, other_cloud: Cloud
) -> None:
    elsewhere = make_place(ecs, vpc)
    with refused("OperationDenied.InconsistentNetwork", 403):
        place.run(security_group_id=elsewhere.group_id)
    stranger = make_place(Ecs(other_cloud.config()), Vpc(other_cloud.config()))
    with refused("InvalidVSwitchId.NotFound", 404):
        place.run(v_switch_id=stranger.v_switch_id)
    with refused("InvalidSecurityGroupId.NotFound", 404):
        place.run(security_group_id=stranger.group_id)


def test_several_groups(place: Place) -> None:
    second = make_group(place.ecs, place.vpc_id)
    both = [place.group_id, second]
    (instance_id,) = place.run(security_group_id=None, security_group_ids=both)
    assert place.one(instance_id).security_group_ids.security_group_id == both
    with refused("InvalidSecurityGroupId.SingleIdAndMultiIdConflict", 400):
        place.run(security_group_ids=both)
    with refused("InvalidParameter.SecurityGroupIdRepeated", 400):
        place.run(security_group_id=None, security_group_ids=[second, second])


def test_the_primary_interface_may_say_where_the_instance_goes(place: Place) -> None:
    primary = models.RunInstancesRequestNetworkInterface(
        instance_type="Primary",
        v_switch_id=place.v_switch_id,
        security_group_ids=[place.group_id],
        primary_ip_address="10.1.0.77",
    )
    (instance_id,) = place.run(v_switch_id=None, security_group_id=None, network_interface=[primary])
    assert place.one(instance_id).vpc_attributes.private_ip_address.ip_address == ["10.1.0.77"]
    with refused("InvalidParam.NetworkInterface", 400):
        place.run(network_interface=[primary])


def test_the_same_client_token_gives_the_same_instances_and_a_dry_run_none(place: Place) -> None:
    first = place.run(amount=2, client_token="only-once")
    assert place.run(amount=2, client_token="only-once") == first
    with refused("IdempotentParameterMismatch", 400):
        place.run(amount=3, client_token="only-once")
    with refused("DryRunOperation", 400):
        place.run(dry_run=True)
    assert len(place.describe()) == 2


def test_user_data_is_kept_up_to_32_kib(place: Place) -> None:
    script = b"#!/bin/sh\n" + b"#" * (32 * 1024 - 10)
    (instance_id,) = place.run(user_data=base64.b64encode(script).decode())
    asked = models.DescribeUserDataRequest(region_id=REGION, instance_id=instance_id)
    assert base64.b64decode(place.ecs.describe_user_data(asked).body.user_data) == script
    with refused("InvalidUserData.SizeExceeded", 400):
        place.run(user_data=base64.b64encode(script + b"#").decode())


def test_no_plain_password_is_kept(place: Place, server: Server) -> None:
    place.running(password="Very-Secret-7")
    files = [path for path in server.data.rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if b"Very-Secret-7" in path.read_bytes()]


def test_a_subscription_ends_when_its_months_are_over(place: Place) -> None:
    (instance_id,) = place.running(instance_charge_type="PrePaid", period=1)
    one = place.one(instance_id)
    ends = datetime.strptime(one.expired_time, "%Y-%m-%dT%H:%MZ").replace(tzinfo=UTC)
    assert timedelta(days=27) < ends - datetime.now(UTC) < timedelta(days=32)
    with refused("ChargeTypeViolation", 403):
        place.ecs.delete_instance(models.DeleteInstanceRequest(instance_id=instance_id, force=True))
    place.ecs.delete_instance(
        models.DeleteInstanceRequest(instance_id=instance_id, force=True, terminate_subscription=True)
    )


def test_create_instance_makes_a_stopped_one(place: Place) -> None:
    asked = models.CreateInstanceRequest(**place.usual(), internet_max_bandwidth_out=5)
    instance_id = place.ecs.create_instance(asked).body.instance_id
    one = place.one(instance_id)
    assert (one.status, one.public_ip_address.ip_address) == ("Stopped", [])
    place.ecs.start_instance(models.StartInstanceRequest(instance_id=instance_id))
    place.until("Running", instance_id)


# Start, stop, reboot, delete


def test_stop_and_start(place: Place) -> None:
    (instance_id,) = place.running()
    with refused("IncorrectInstanceStatus", 403):
        place.ecs.start_instance(models.StartInstanceRequest(instance_id=instance_id))
    place.ecs.stop_instance(models.StopInstanceRequest(instance_id=instance_id, stopped_mode="StopCharging"))
    place.until("Stopped", instance_id)
    assert place.one(instance_id).stopped_mode == "StopCharging"
    with refused("IncorrectInstanceStatus", 403):
        place.ecs.stop_instance(models.StopInstanceRequest(instance_id=instance_id))
    with refused("IncorrectInstanceStatus", 403):
        place.ecs.reboot_instance(models.RebootInstanceRequest(instance_id=instance_id))
    place.ecs.start_instance(models.StartInstanceRequest(instance_id=instance_id))
    place.until("Running", instance_id)
    assert place.one(instance_id).stopped_mode == "Not-applicable"


def test_reboot_ends_in_running(place: Place) -> None:
    (instance_id,) = place.running()
    place.ecs.reboot_instance(models.RebootInstanceRequest(instance_id=instance_id))
    place.until("Running", instance_id)


def test_a_running_instance_is_deleted_by_force_only(place: Place) -> None:
    (instance_id,) = place.running()
    with refused("IncorrectInstanceStatus", 403):
        place.ecs.delete_instance(models.DeleteInstanceRequest(instance_id=instance_id))
    place.ecs.stop_instance(models.StopInstanceRequest(instance_id=instance_id))
    place.until("Stopped", instance_id)
    place.ecs.delete_instance(models.DeleteInstanceRequest(instance_id=instance_id))
    assert place.describe(instance_id) == []


def test_deletion_protection(place: Place) -> None:
    (instance_id,) = place.running(deletion_protection=True)
    with refused("InvalidOperation.DeletionProtection", 403):
        place.ecs.delete_instance(models.DeleteInstanceRequest(instance_id=instance_id, force=True))
    place.ecs.modify_instance_attribute(
        models.ModifyInstanceAttributeRequest(instance_id=instance_id, deletion_protection=False)
    )
    place.ecs.delete_instance(models.DeleteInstanceRequest(instance_id=instance_id, force=True))


def test_several_instances_share_one_fate_or_have_an_answer_each(place: Place) -> None:
    ids = place.running(amount=3)
    place.ecs.stop_instance(models.StopInstanceRequest(instance_id=ids[0]))
    place.until("Stopped", ids[0])
    with refused("IncorrectInstanceStatus", 403):
        place.ecs.stop_instances(models.StopInstancesRequest(region_id=REGION, instance_id=ids))
    assert [one.status for one in place.describe(*ids)] == ["Stopped", "Running", "Running"]
    body = place.ecs.stop_instances(
        models.StopInstancesRequest(region_id=REGION, instance_id=ids, batch_optimization="SuccessFirst")
    ).body
    answers = body.instance_responses.instance_response
    assert [one.code for one in answers] == ["IncorrectInstanceStatus", "200", "200"]
    assert [(one.previous_status, one.current_status) for one in answers[1:]] == [("Running", "Stopping")] * 2
    place.until("Stopped", *ids)
    place.ecs.start_instances(models.StartInstancesRequest(region_id=REGION, instance_id=ids))
    place.until("Running", *ids)
    place.ecs.reboot_instances(models.RebootInstancesRequest(region_id=REGION, instance_id=ids))
    place.until("Running", *ids)
    with refused("InvalidInstanceId.NotFound", 404):
        place.ecs.delete_instances(
            models.DeleteInstancesRequest(region_id=REGION, instance_id=[*ids, "i-none"], force=True)
        )
    place.ecs.delete_instances(models.DeleteInstancesRequest(region_id=REGION, instance_id=ids, force=True))
    assert place.describe() == []


def test_a_vswitch_is_deleted_only_after_its_instances(place: Place) -> None:
    (instance_id,) = place.running()
    asked = vpc_models.DeleteVSwitchRequest(region_id=REGION, v_switch_id=place.v_switch_id)
    with refused("DependencyViolation"):
        place.vpc.delete_vswitch(asked)
    place.ecs.delete_instance(models.DeleteInstanceRequest(instance_id=instance_id, force=True))

    def gone() -> bool:
        try:
            place.vpc.delete_vswitch(asked)
        except AlibabaCloudException as problem:
            if problem.code != "DependencyViolation":
                raise
            return False
        return True

    assert eventually(gone)


def test_another_account_cannot_touch_an_instance(place: Place, other_cloud: Cloud) -> None:
    (instance_id,) = place.running()
    stranger = Ecs(other_cloud.config())
    with refused("InvalidInstanceId.NotFound", 404):
        stranger.stop_instance(models.StopInstanceRequest(instance_id=instance_id))
    with refused("InvalidInstanceId.NotFound", 404):
        stranger.delete_instance(models.DeleteInstanceRequest(instance_id=instance_id, force=True))
    asked = models.DescribeInstancesRequest(region_id=REGION, instance_ids=f'["{instance_id}"]')
    assert stranger.describe_instances(asked).body.total_count == 0


# ModifyInstanceAttribute


def test_attributes_change(place: Place) -> None:
    (instance_id,) = place.running()
    place.ecs.modify_instance_attribute(
        models.ModifyInstanceAttributeRequest(
            instance_id=instance_id, instance_name="renamed", description="words", host_name="host", password="Abc12345"
        )
    )
    one = place.one(instance_id)
    assert (one.instance_name, one.description, one.host_name) == ("renamed", "words", "host")
    # Terraform changes it before it stops the instance.
    place.ecs.modify_instance_attribute(
        models.ModifyInstanceAttributeRequest(instance_id=instance_id, user_data="ZWNobw==")
    )
    asked = models.DescribeUserDataRequest(region_id=REGION, instance_id=instance_id)
    assert place.ecs.describe_user_data(asked).body.user_data == "ZWNobw=="
    with refused("InvalidPassword.Malformed", 400):
        place.ecs.modify_instance_attribute(
            models.ModifyInstanceAttributeRequest(instance_id=instance_id, password="short")
        )


def test_an_instance_moves_to_other_groups(place: Place, ecs: Ecs, vpc: Vpc) -> None:
    (instance_id,) = place.run()
    second = make_group(ecs, place.vpc_id)
    ecs.modify_instance_attribute(
        models.ModifyInstanceAttributeRequest(instance_id=instance_id, security_group_ids=[second])
    )
    assert place.one(instance_id).security_group_ids.security_group_id == [second]
    elsewhere = make_place(ecs, vpc)
    with refused("OperationDenied.InconsistentNetwork", 403):
        ecs.modify_instance_attribute(
            models.ModifyInstanceAttributeRequest(instance_id=instance_id, security_group_ids=[elsewhere.group_id])
        )


def test_a_public_address_can_be_had_later(place: Place) -> None:
    (instance_id,) = place.running()
    asked = models.AllocatePublicIpAddressRequest(instance_id=instance_id)
    address = place.ecs.allocate_public_ip_address(asked).body.ip_address
    assert place.one(instance_id).public_ip_address.ip_address == [address]
    with refused("AllocatedAlready", 403):
        place.ecs.allocate_public_ip_address(asked)


def test_the_time_of_release_is_set_and_taken_back(place: Place) -> None:
    (instance_id,) = place.run()
    at = (datetime.now(UTC) + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    asked = models.ModifyInstanceAutoReleaseTimeRequest(region_id=REGION, instance_id=instance_id)
    asked.auto_release_time = at
    place.ecs.modify_instance_auto_release_time(asked)
    assert place.one(instance_id).auto_release_time == f"{at[:16]}Z"
    asked.auto_release_time = None
    place.ecs.modify_instance_auto_release_time(asked)
    assert place.one(instance_id).auto_release_time == ""


def test_metadata_options_change(place: Place) -> None:
    (instance_id,) = place.run()
    asked = models.ModifyInstanceMetadataOptionsRequest(
        region_id=REGION, instance_id=instance_id, http_endpoint="enabled", http_tokens="required"
    )
    place.ecs.modify_instance_metadata_options(asked)
    assert place.one(instance_id).metadata_options.http_tokens == "required"
    asked.http_endpoint = "ajar"
    with refused("InvalidHttpEndpoint.NotSupported", 400):
        place.ecs.modify_instance_metadata_options(asked)
