"""Instances that run, as their owner sees them from outside and inside. Needs root and what runc needs."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from alibabacloud_ecs20140526 import models
from alibabacloud_ecs20140526.client import Client as Ecs
from alibabacloud_vpc20160428.client import Client as Vpc

from openyun.engine.drivers import doctor, guest_image
from tests.conformance.conftest import REGION, cloud_of, eventually
from tests.conformance.place import Place, make_place
from tests.conftest import Server


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    lacking = [finding for finding in doctor.check() if finding.needed and not finding.ok]
    if os.geteuid() != 0 or lacking:
        pytest.skip("; ".join(finding.what for finding in lacking) or "needs root")
    guest_image.build_image(guest_image.cache(), guest_image.DEBIAN_12)
    server = Server(tmp_path_factory.mktemp("real"), {"OPENYUN_COMPUTE": "runc"})
    server.start()
    cloud = cloud_of(server, server.new_account())
    yield make_place(Ecs(cloud.config()), Vpc(cloud.config()))
    server.kill()
    settings = {**os.environ, "OPENYUN_DATA": str(server.data), "OPENYUN_COMPUTE": "runc"}
    subprocess.run([sys.executable, "-m", "openyun", "reset", "--yes"], env=settings, check=True, capture_output=True)


def run(place: Place, instance_id: str, script: str) -> tuple[int | None, str]:
    """How the script ended inside the instance, and what it said."""
    asked = models.RunCommandRequest(
        region_id=REGION, type="RunShellScript", command_content=script, instance_id=[instance_id]
    )
    look = models.DescribeInvocationResultsRequest(
        region_id=REGION, invoke_id=place.ecs.run_command(asked).body.invoke_id, content_encoding="PlainText"
    )

    def told() -> Any:
        return place.ecs.describe_invocation_results(look).body.invocation.invocation_results.invocation_result[0]

    found = eventually(told, lambda one: bool(one.finished_time))
    return found.exit_code, found.output.strip()


def test_a_second_interface_carries_packets_while_it_is_attached(place: Place) -> None:
    one, two = place.running(amount=2)
    interface = place.ecs.create_network_interface(
        models.CreateNetworkInterfaceRequest(
            region_id=REGION,
            v_switch_id=place.v_switch_id,
            security_group_id=place.group_id,
            secondary_private_ip_address_count=1,
        )
    ).body
    addresses = [it.private_ip_address for it in interface.private_ip_sets.private_ip_set]
    look = models.DescribeNetworkInterfacesRequest(
        region_id=REGION, network_interface_id=[interface.network_interface_id]
    )

    def until(status: str) -> None:
        eventually(
            lambda: place.ecs.describe_network_interfaces(look).body.network_interface_sets.network_interface_set[0],
            lambda found: found.status == status,
        )

    named = {"region_id": REGION, "network_interface_id": interface.network_interface_id, "instance_id": one}
    place.ecs.attach_network_interface(models.AttachNetworkInterfaceRequest(**named))
    until("InUse")
    for address in addresses:
        assert run(place, two, f"until nc -z -w 1 {address} 22; do :; done") == (0, "")
    macs = "curl -s http://100.100.100.200/latest/meta-data/network/interfaces/macs/"
    assert interface.mac_address in run(place, one, macs)[1]
    place.ecs.detach_network_interface(models.DetachNetworkInterfaceRequest(**named))
    until("Available")
    assert run(place, one, "grep -c eth1 /proc/net/dev") == (1, "0")
    assert run(place, two, f"nc -z -w 1 {addresses[0]} 22")[0] == 1


def test_what_a_guest_does_to_itself_shows_outside(place: Place) -> None:
    (instance_id,) = place.running()
    place.ecs.send_file(
        models.SendFileRequest(
            region_id=REGION, instance_id=[instance_id], name="it's", content="sent", target_dir="/opt/new"
        )
    )
    assert run(place, instance_id, 'until cat "/opt/new/it\'s" 2>/dev/null; do :; done') == (0, "sent")
    run(place, instance_id, "echo hello from inside >/proc/1/fd/1; poweroff")
    place.until("Stopped", instance_id)
    assert b"hello from inside" in console(place, instance_id)
    place.ecs.start_instance(models.StartInstanceRequest(instance_id=instance_id))
    place.until("Running", instance_id)
    run(place, instance_id, "echo kept >/root/here; reboot")
    eventually(
        lambda: console(place, instance_id).rpartition(b"reboot: Restarting system")[2],
        lambda after: b"--- start" in after,
    )
    place.until("Running", instance_id)
    assert run(place, instance_id, "cat /root/here") == (0, "kept")


def console(place: Place, instance_id: str) -> bytes:
    asked = models.GetInstanceConsoleOutputRequest(region_id=REGION, instance_id=instance_id)
    return base64.b64decode(place.ecs.get_instance_console_output(asked).body.console_output)
