"""What can be changed about instances: type, bandwidth, place, charge type, renewal, options; and what it costs."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

import pytest
from alibabacloud_ecs20140526 import models
from alibabacloud_ecs20140526.client import Client as Ecs
from alibabacloud_vpc20160428.client import Client as Vpc

from tests.conformance.conftest import REGION, refused
from tests.conformance.networks import make_group, make_v_switch, make_vpc
from tests.conformance.place import Place, make_place
from tests.conftest import Server


@pytest.fixture
def place(ecs: Ecs, vpc: Vpc) -> Place:
    return make_place(ecs, vpc)


def stop(place: Place, instance_id: str) -> None:
    place.ecs.stop_instance(models.StopInstanceRequest(instance_id=instance_id))
    place.until("Stopped", instance_id)


def test_type_and_bandwidth(place: Place) -> None:
    (instance_id,) = place.running()

    def modify(**changes: Any) -> None:
        place.ecs.modify_instance_spec(models.ModifyInstanceSpecRequest(instance_id=instance_id, **changes))

    with refused("IncorrectInstanceStatus", 403):
        modify(instance_type="ecs.g7.xlarge")
    modify(internet_max_bandwidth_out=10)
    assert place.one(instance_id).internet_max_bandwidth_out == 10
    assert place.ecs.allocate_public_ip_address(
        models.AllocatePublicIpAddressRequest(instance_id=instance_id)
    ).body.ip_address
    stop(place, instance_id)
    with refused("DryRunOperation", 400):
        modify(instance_type="ecs.g7.xlarge", dry_run=True)
    with refused("InvalidInstanceType.ValueNotSupported"):
        modify(instance_type="ecs.none.large")
    modify(instance_type="ecs.g7.xlarge", client_token="t")
    modify(instance_type="ecs.g7.xlarge", client_token="t")
    one = place.one(instance_id)
    assert (one.instance_type, one.cpu, one.memory) == ("ecs.g7.xlarge", 4, 16384)
    found = place.ecs.describe_resources_modification(
        models.DescribeResourcesModificationRequest(
            region_id=REGION, resource_id=instance_id, destination_resource="InstanceType"
        )
    ).body.available_zones.available_zone[0]
    offered = [
        it.value for it in found.available_resources.available_resource[0].supported_resources.supported_resource
    ]
    assert "ecs.g7.2xlarge" in offered
    assert "ecs.g7.xlarge" not in offered
    with refused("ChargeTypeViolation", 403):
        place.ecs.modify_prepay_instance_spec(
            models.ModifyPrepayInstanceSpecRequest(
                region_id=REGION, instance_id=instance_id, instance_type="ecs.g7.large"
            )
        )
    place.ecs.modify_instance_network_spec(
        models.ModifyInstanceNetworkSpecRequest(
            instance_id=instance_id, internet_max_bandwidth_out=20, network_charge_type="PayByBandwidth"
        )
    )
    one = place.one(instance_id)
    assert (one.internet_max_bandwidth_out, one.internet_charge_type) == (20, "PayByBandwidth")


def test_a_stopped_instance_moves(place: Place, ecs: Ecs, vpc: Vpc) -> None:
    second = make_v_switch(vpc, place.vpc_id, "10.9.0.0/24")
    far = make_v_switch(vpc, place.vpc_id, "10.10.0.0/24", zone_id="cn-hangzhou-e")
    other_vpc = make_vpc(vpc)
    other_switch = make_v_switch(vpc, other_vpc, "192.168.7.0/24")
    other_group = make_group(ecs, other_vpc)
    (instance_id,) = place.running()

    def move(**changes: Any) -> None:
        place.ecs.modify_instance_vpc_attribute(
            models.ModifyInstanceVpcAttributeRequest(instance_id=instance_id, **changes)
        )

    with refused("IncorrectInstanceStatus", 403):
        move(v_switch_id=second)
    stop(place, instance_id)
    with refused("InvalidParameter.NotMatch", 403):
        move(v_switch_id=far)
    move(v_switch_id=second, private_ip_address="10.9.0.9")
    one = place.one(instance_id)
    assert one.vpc_attributes.v_switch_id == second
    assert one.vpc_attributes.private_ip_address.ip_address == ["10.9.0.9"]
    (interface,) = ecs.describe_network_interfaces(
        models.DescribeNetworkInterfacesRequest(region_id=REGION, instance_id=instance_id)
    ).body.network_interface_sets.network_interface_set
    assert (interface.private_ip_address, interface.v_switch_id) == ("10.9.0.9", second)
    with refused("MissingParameter", 400):
        move(v_switch_id=other_switch, vpc_id=other_vpc)
    move(v_switch_id=other_switch, vpc_id=other_vpc, security_group_id=[other_group])
    one = place.one(instance_id)
    assert (one.vpc_attributes.vpc_id, one.security_group_ids.security_group_id) == (other_vpc, [other_group])
    ecs.start_instance(models.StartInstanceRequest(instance_id=instance_id))
    place.until("Running", instance_id)


def test_subscriptions(place: Place) -> None:
    (instance_id,) = place.running()

    def charge(kind: str, **more: Any) -> Any:
        return place.ecs.modify_instance_charge_type(
            models.ModifyInstanceChargeTypeRequest(
                region_id=REGION, instance_ids=json.dumps([instance_id]), instance_charge_type=kind, **more
            )
        ).body

    with refused("ChargeTypeViolation", 403):
        place.ecs.renew_instance(models.RenewInstanceRequest(instance_id=instance_id, period=1))
    with refused("InvalidPeriod", 400):
        charge("PrePaid", period=11)
    answer = charge("PrePaid", period=1, is_detail_fee=True)
    assert answer.order_id.isdigit()
    assert float(answer.fee_of_instances.fee_of_instance[0].fee) > 0
    before = place.one(instance_id)
    assert before.instance_charge_type == "PrePaid"
    place.ecs.renew_instance(models.RenewInstanceRequest(instance_id=instance_id, period=1))
    after = place.one(instance_id)
    assert after.expired_time > before.expired_time
    place.ecs.modify_instance_auto_renew_attribute(
        models.ModifyInstanceAutoRenewAttributeRequest(
            region_id=REGION, instance_id=instance_id, renewal_status="AutoRenewal", duration=2, period_unit="Month"
        )
    )

    def renewals(**filters: Any) -> list[Any]:
        asked = models.DescribeInstanceAutoRenewAttributeRequest(region_id=REGION, **filters)
        body = place.ecs.describe_instance_auto_renew_attribute(asked).body
        return body.instance_renew_attributes.instance_renew_attribute

    (renewal,) = renewals(instance_id=instance_id)
    assert (renewal.auto_renew_enabled, renewal.duration, renewal.period_unit) == (True, 2, "Month")
    assert renewals(renewal_status="Normal") == []
    place.ecs.modify_prepay_instance_spec(
        models.ModifyPrepayInstanceSpecRequest(
            region_id=REGION,
            instance_id=instance_id,
            instance_type="ecs.g7.xlarge",
            operator_type="upgrade",
            reboot_when_finished=True,
        )
    )
    place.until("Running", instance_id)
    assert place.one(instance_id).cpu == 4
    price = place.ecs.describe_renewal_price(
        models.DescribeRenewalPriceRequest(region_id=REGION, resource_id=instance_id, period=1, price_unit="Month")
    ).body.price_info.price
    assert price.trade_price > 0
    with refused("ChargeTypeViolation", 403):
        place.ecs.delete_instance(models.DeleteInstanceRequest(instance_id=instance_id, force=True))
    charge("PostPaid")
    assert place.one(instance_id).instance_charge_type == "PostPaid"
    place.ecs.delete_instance(models.DeleteInstanceRequest(instance_id=instance_id, force=True))


def test_options_and_maintenance(place: Place) -> None:
    (instance_id,) = place.running()
    place.ecs.modify_instance_metadata_options(
        models.ModifyInstanceMetadataOptionsRequest(
            region_id=REGION,
            instance_id=instance_id,
            http_endpoint="enabled",
            http_tokens="required",
            http_put_response_hop_limit=3,
            instance_metadata_tags="enabled",
        )
    )
    options = place.one(instance_id).metadata_options
    assert (options.http_tokens, options.http_put_response_hop_limit) == ("required", 3)
    assert options.instance_metadata_tags == "enabled"
    place.ecs.modify_instance_maintenance_attributes(
        models.ModifyInstanceMaintenanceAttributesRequest(
            region_id=REGION, instance_id=[instance_id], action_on_maintenance="Stop", notify_on_maintenance=True
        )
    )
    (found,) = place.ecs.describe_instance_maintenance_attributes(
        models.DescribeInstanceMaintenanceAttributesRequest(region_id=REGION, instance_id=[instance_id])
    ).body.maintenance_attributes.maintenance_attribute
    assert (found.action_on_maintenance.value, found.notify_on_maintenance) == ("Stop", True)
    with refused("UnsupportedParameter", 400):
        place.ecs.get_instance_console_output(
            models.GetInstanceConsoleOutputRequest(region_id=REGION, instance_id=instance_id)
        )
    with refused("OperationNotImplemented", 400):
        place.ecs.get_instance_screenshot(
            models.GetInstanceScreenshotRequest(region_id=REGION, instance_id=instance_id)
        )


def test_deployment_sets(place: Place) -> None:
    def create(**fields: Any) -> str:
        asked = models.CreateDeploymentSetRequest(region_id=REGION, **fields)
        return str(place.ecs.create_deployment_set(asked).body.deployment_set_id)

    def described(**filters: Any) -> list[Any]:
        asked = models.DescribeDeploymentSetsRequest(region_id=REGION, **filters)
        return place.ecs.describe_deployment_sets(asked).body.deployment_sets.deployment_set

    spread = create(strategy="Availability", deployment_set_name="spread", client_token="once")
    assert create(strategy="Availability", deployment_set_name="spread", client_token="once") == spread
    groups = create(strategy="AvailabilityGroup", group_count=2)
    with refused("InvalidStrategy.NotSupported", 400):
        create(strategy="Elsewhere")
    ids = place.running(deployment_set_id=groups, amount=4)
    assert sorted(one.deployment_set_group_no for one in place.describe(*ids)) == [1, 1, 2, 2]
    with refused("OperationDenied.DeploymentSetExceedMaximum", 403):
        place.run(deployment_set_id=spread, amount=21)
    place.ecs.modify_instance_deployment(
        models.ModifyInstanceDeploymentRequest(region_id=REGION, instance_id=ids[0], deployment_set_id=spread)
    )
    (one,) = described(deployment_set_ids=json.dumps([spread]))
    assert (one.instance_ids.instance_id, one.instance_amount) == ([ids[0]], 1)
    assert [it.deployment_set_id for it in described(strategy="AvailabilityGroup")] == [groups]
    place.ecs.modify_deployment_set_attribute(
        models.ModifyDeploymentSetAttributeRequest(
            region_id=REGION, deployment_set_id=spread, deployment_set_name="wide"
        )
    )
    assert [it.deployment_set_id for it in described(deployment_set_name="wide")] == [spread]

    def delete(deployment_set_id: str) -> None:
        place.ecs.delete_deployment_set(
            models.DeleteDeploymentSetRequest(region_id=REGION, deployment_set_id=deployment_set_id)
        )

    with refused("DependencyViolation.DeploymentSet", 403):
        delete(spread)
    place.ecs.modify_instance_deployment(
        models.ModifyInstanceDeploymentRequest(region_id=REGION, instance_id=ids[0], remove_from_deployment_set=True)
    )
    delete(spread)
    with refused("InvalidDeploymentSetId.NotFound", 404):
        delete(spread)


def test_prices_and_the_spot_market(place: Place) -> None:
    def price(**asked: Any) -> float:
        request = models.DescribePriceRequest(region_id=REGION, instance_type="ecs.g7.large", **asked)
        return float(place.ecs.describe_price(request).body.price_info.price.trade_price)

    hour = price()
    assert hour > 0
    assert price(amount=3) == pytest.approx(3 * hour, rel=0.01)
    assert price(price_unit="Month", period=12) < 12 * price(price_unit="Month")
    assert price(spot_strategy="SpotAsPriceGo") < hour
    history = place.ecs.describe_spot_price_history(
        models.DescribeSpotPriceHistoryRequest(
            region_id=REGION, zone_id="cn-hangzhou-b", instance_type="ecs.g7.large", network_type="vpc"
        )
    ).body.spot_prices.spot_price_type
    assert len(history) >= 3
    assert all(0 < it.spot_price < it.origin_price for it in history)
    advice = place.ecs.describe_spot_advice(
        models.DescribeSpotAdviceRequest(region_id=REGION, zone_id="cn-hangzhou-b", instance_types=["ecs.g7.large"])
    ).body.available_spot_zones.available_spot_zone[0]
    assert 10 <= advice.available_spot_resources.available_spot_resource[0].average_spot_discount <= 60
    with refused("InvalidSpotPriceLimit", 400):
        place.run(spot_strategy="SpotWithPriceLimit")
    with refused("InvalidSpotPriceLimit.LowerThanPublicPrice", 403):
        place.run(spot_strategy="SpotWithPriceLimit", spot_price_limit=0.001)
    (instance_id,) = place.running(spot_strategy="SpotWithPriceLimit", spot_price_limit=5.5, spot_duration=0)
    one = place.one(instance_id)
    assert (one.spot_price_limit, one.spot_duration, one.spot_interruption_behavior) == (5.5, 0, "Terminate")
    quotas = place.ecs.describe_account_attributes(
        models.DescribeAccountAttributesRequest(
            region_id=REGION, attribute_name=["max-security-groups", "used-postpaid-instance-vcpu-count"]
        )
    ).body.account_attribute_items.account_attribute_item
    assert [it.attribute_values.value_item[0].value for it in quotas] == ["100", "2"]


def test_the_operator_takes_a_spot_instance_back(place: Place, server: Server) -> None:
    (spot,) = place.running(spot_strategy="SpotAsPriceGo")
    (plain,) = place.running()

    def order(**fields: Any) -> dict[str, Any]:
        request = urllib.request.Request(
            f"http://{server.endpoint}/_openyun/spot",
            method="POST",
            headers={"Authorization": f"Bearer {(server.data / 'operator.token').read_text()}"},
            data=json.dumps({"region_id": REGION, **fields}).encode(),
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return dict(json.load(answer))

    told = order(reclaim=spot)
    assert order(reclaim=spot) == told, "the notice is given once"
    with pytest.raises(urllib.error.HTTPError):
        order(reclaim=plain)
    events = place.ecs.describe_instance_history_events(
        models.DescribeInstanceHistoryEventsRequest(region_id=REGION, instance_id=spot)
    ).body.instance_system_event_set.instance_system_event_type
    assert [(it.event_type.name, it.event_cycle_status.name, it.not_before) for it in events] == [
        ("InstancePreemption.Delete", "Scheduled", told["reclaim_at"])
    ]
    (status,) = place.ecs.describe_instances_full_status(
        models.DescribeInstancesFullStatusRequest(region_id=REGION, event_type="InstancePreemption.Delete")
    ).body.instance_full_status_set.instance_full_status_type
    assert status.instance_id == spot
    order(zone_id="cn-hangzhou-k", instance_type="ecs.g7.large", price=9.75)
    asked = models.DescribePriceRequest(
        region_id=REGION, zone_id="cn-hangzhou-k", instance_type="ecs.g7.large", spot_strategy="SpotAsPriceGo"
    )
    details = place.ecs.describe_price(asked).body.price_info.price.detail_infos.detail_info
    assert details[0].trade_price == 9.75
    order(zone_id="cn-hangzhou-k", instance_type="ecs.g7.large")
    assert place.ecs.describe_price(asked).body.price_info.price.detail_infos.detail_info[0].trade_price < 9
