"""Cloud Assistant through the official client. The engines are simulated here, so commands end by saying so."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from alibabacloud_ecs20140526 import models
from alibabacloud_ecs20140526.client import Client as Ecs
from alibabacloud_vpc20160428.client import Client as Vpc

from tests.conformance.conftest import REGION, Cloud, eventually, refused
from tests.conformance.place import Place, make_place


@pytest.fixture
def place(ecs: Ecs, vpc: Vpc) -> Place:
    return make_place(ecs, vpc)


def run(place: Place, **more: Any) -> models.RunCommandResponseBody:
    asked = {"region_id": REGION, "type": "RunShellScript", "command_content": "echo hello", **more}
    return place.ecs.run_command(models.RunCommandRequest(**asked)).body


def results(place: Place, **filters: Any) -> list[Any]:
    asked = models.DescribeInvocationResultsRequest(region_id=REGION, **filters)
    return place.ecs.describe_invocation_results(asked).body.invocation.invocation_results.invocation_result


def ended(place: Place, invoke_id: str, **more: Any) -> list[Any]:
    return eventually(
        lambda: results(place, invoke_id=invoke_id, **more),
        lambda found: bool(found) and all(one.finished_time for one in found),
    )


def test_a_command_on_a_simulated_instance_ends_by_saying_so(place: Place) -> None:
    (instance_id,) = place.running()
    made = run(place, instance_id=[instance_id], name="greet", username="root", timeout=30)
    assert made.invoke_id.startswith("t-bp1")
    (one,) = ended(place, made.invoke_id)
    assert (one.instance_id, one.command_id, one.invoke_id) == (instance_id, made.command_id, made.invoke_id)
    assert (one.invocation_status, one.invoke_record_status) == ("Failed", "Finished")
    assert one.error_code == "ClientNotRunning"
    assert "simulated" in one.error_info
    assert one.username == "root"


def test_a_command_on_a_stopped_instance_is_aborted(place: Place) -> None:
    (instance_id,) = place.running()
    place.ecs.stop_instance(models.StopInstanceRequest(instance_id=instance_id))
    place.until("Stopped", instance_id)
    (one,) = ended(place, run(place, instance_id=[instance_id]).invoke_id)
    assert (one.invocation_status, one.error_code) == ("Aborted", "InstanceNotRunning")


def test_invocations_tell_of_all_their_instances(place: Place) -> None:
    ids = place.running(amount=2)
    invoke_id = run(
        place, instance_id=ids, name="both", command_content="ZWNobyAx", content_encoding="Base64"
    ).invoke_id
    ended(place, invoke_id)

    def invocations(**filters: Any) -> list[Any]:
        asked = models.DescribeInvocationsRequest(region_id=REGION, **filters)
        return place.ecs.describe_invocations(asked).body.invocations.invocation

    (one,) = invocations(invoke_id=invoke_id)
    assert (one.command_name, one.command_type, one.timeout, one.repeat_mode) == ("both", "RunShellScript", 60, "Once")
    assert base64.b64decode(one.command_content) == b"echo 1"
    assert {task.instance_id for task in one.invoke_instances.invoke_instance} == set(ids)
    (plain,) = invocations(invoke_id=invoke_id, content_encoding="PlainText")
    assert plain.command_content == "echo 1"
    assert [found.invoke_id for found in invocations(instance_id=ids[0], invoke_status="Failed")] == [invoke_id]
    assert invocations(invoke_status="Running") == []
    assert invocations(command_name="other") == []
    assert [found.instance_id for found in results(place, instance_id=ids[1])] == [ids[1]]


def test_instances_by_tag(place: Place) -> None:
    (tagged,) = place.running(tag=[models.RunInstancesRequestTag(key="role", value="web")])
    place.running()
    web = [models.RunCommandRequestResourceTag(key="role", value="web")]
    found = ended(place, run(place, resource_tag=web).invoke_id)
    assert [one.instance_id for one in found] == [tagged]
    with refused("InvalidInstance.NotFound", 404):
        run(place, resource_tag=[models.RunCommandRequestResourceTag(key="role", value="db")])


def test_a_kept_command_is_invoked_described_and_deleted(place: Place) -> None:
    (instance_id,) = place.running()
    made = place.ecs.create_command(
        models.CreateCommandRequest(
            region_id=REGION,
            name="hello",
            description="greets",
            type="RunShellScript",
            command_content=base64.b64encode(b"echo {{who}} {{ACS::RegionId}}").decode(),
            enable_parameter=True,
            timeout=90,
        )
    ).body

    def commands() -> list[Any]:
        asked = models.DescribeCommandsRequest(region_id=REGION, command_id=made.command_id)
        return place.ecs.describe_commands(asked).body.commands.command

    (one,) = commands()
    assert (one.name, one.description, one.timeout, one.enable_parameter) == ("hello", "greets", 90, True)
    assert (one.parameter_names.parameter_name, one.invoke_times) == (["who"], 0)
    invoke = {"region_id": REGION, "command_id": made.command_id, "instance_id": [instance_id]}
    with refused("Parameter.NotMatched", 403):
        place.ecs.invoke_command(models.InvokeCommandRequest(**invoke, parameters={"whom": "you"}))
    invoke_id = place.ecs.invoke_command(
        models.InvokeCommandRequest(**invoke, parameters={"who": "you"})
    ).body.invoke_id
    assert [found.command_id for found in ended(place, invoke_id)] == [made.command_id]
    assert commands()[0].invoke_times == 1
    place.ecs.delete_command(models.DeleteCommandRequest(region_id=REGION, command_id=made.command_id))
    assert commands() == []
    assert results(place, invoke_id=invoke_id)
    with refused("InvalidCmdId.NotFound", 404):
        place.ecs.invoke_command(models.InvokeCommandRequest(**invoke))


def test_only_a_kept_command_stays(place: Place) -> None:
    (instance_id,) = place.running()
    run(place, instance_id=[instance_id])
    kept = run(place, instance_id=[instance_id], keep_command=True, name="kept").command_id
    body = place.ecs.describe_commands(models.DescribeCommandsRequest(region_id=REGION)).body
    assert [one.command_id for one in body.commands.command] == [kept]


@pytest.mark.parametrize(
    ("wrong", "code", "status"),
    [
        ({"type": "RunFortran"}, "InvalidCmdType.NotFound", 403),
        ({"type": "RunBatScript"}, "InvalidInstance.NotMatch", 403),
        ({"command_content": "%%%", "content_encoding": "Base64"}, "CmdContent.DecodeError", 403),
        ({"command_content": "#" * (18 * 1024 + 1)}, "CmdContent.ExceedLimit", 403),
        ({"name": "n" * 129}, "CmdName.ExceedLimit", 403),
        ({"description": "d" * 513}, "CmdDesc.ExceedLimit", 403),
        ({"username": "u" * 256}, "Username.ExceedLimit", 403),
        ({"timeout": 0}, "InvalidParameter", 400),
        ({"instance_id": ["i-none"]}, "InvalidInstance.NotFound", 404),
        ({"instance_id": []}, "MissingParameter", 400),
        ({"parameters": {"a": "b"}}, "Parameter.Disabled", 404),
        ({"command_content": "{{bad name}}", "enable_parameter": True}, "CmdParam.InvalidParamName", 403),
        ({"repeat_mode": "Always"}, "RepeatMode.NotSupported", 403),
        ({"repeat_mode": "Period"}, "MissingParam.Frequency", 403),
        ({"frequency": "rate(5s)"}, "InvalidParam.Frequency", 403),
        ({"container_id": "c"}, "UnsupportedParameter", 400),
    ],
)
def test_commands_that_cannot_be(place: Place, wrong: dict[str, Any], code: str, status: int) -> None:
    (instance_id,) = place.run()
    with refused(code, status):
        run(place, **{"instance_id": [instance_id], **wrong})
    assert results(place) == []


def test_what_has_ended_stays_as_it_ended(place: Place) -> None:
    (instance_id,) = place.running()
    invoke_id = run(place, instance_id=[instance_id]).invoke_id
    ended(place, invoke_id)
    place.ecs.stop_invocation(models.StopInvocationRequest(region_id=REGION, invoke_id=invoke_id))
    assert [one.invocation_status for one in results(place, invoke_id=invoke_id)] == ["Failed"]
    with refused("InvalidInvokeId.NotFound", 404):
        place.ecs.stop_invocation(models.StopInvocationRequest(region_id=REGION, invoke_id="t-none"))


def test_another_account_sees_nothing_of_it(place: Place, other_cloud: Cloud) -> None:
    (instance_id,) = place.running()
    invoke_id = run(place, instance_id=[instance_id]).invoke_id
    stranger = Ecs(other_cloud.config())
    with refused("InvalidInstance.NotFound", 404):
        stranger.run_command(
            models.RunCommandRequest(
                region_id=REGION, type="RunShellScript", command_content="echo", instance_id=[instance_id]
            )
        )
    with refused("InvalidInvokeId.NotFound", 404):
        stranger.describe_invocation_results(
            models.DescribeInvocationResultsRequest(region_id=REGION, invoke_id=invoke_id)
        )


def test_the_assistant_of_a_simulated_instance_does_not_run(place: Place) -> None:
    (instance_id,) = place.running()
    asked = models.DescribeCloudAssistantStatusRequest(region_id=REGION, instance_id=[instance_id])
    body = place.ecs.describe_cloud_assistant_status(asked).body
    (one,) = body.instance_cloud_assistant_status_set.instance_cloud_assistant_status
    assert (one.instance_id, one.cloud_assistant_status, one.invocation_count) == (instance_id, "false", 0)


def test_a_scheduled_command_waits_until_it_is_stopped(place: Place) -> None:
    (instance_id,) = place.running()
    made = run(place, instance_id=[instance_id], repeat_mode="Period", frequency="0 0 3 * * ? Asia/Shanghai")

    def described(**filters: Any) -> list[Any]:
        asked = models.DescribeInvocationsRequest(region_id=REGION, **filters)
        return place.ecs.describe_invocations(asked).body.invocations.invocation

    (one,) = described(repeat_mode="Period", timed=True)
    assert (one.invoke_id, one.invocation_status, one.frequency) == (
        made.invoke_id,
        "Scheduled",
        "0 0 3 * * ? Asia/Shanghai",
    )
    assert described(repeat_mode="EveryReboot") == []
    place.ecs.stop_invocation(models.StopInvocationRequest(region_id=REGION, invoke_id=made.invoke_id))
    (one,) = described(invoke_id=made.invoke_id)
    assert (one.invocation_status, one.invoke_instances.invoke_instance[0].invocation_status) == (
        "Stopped",
        "Cancelled",
    )
    run(place, instance_id=[instance_id], repeat_mode="EveryReboot")
    assert [one.invocation_status for one in described(repeat_mode="EveryReboot")] == ["Scheduled"]


def test_files_are_sent_and_commands_modified(place: Place) -> None:
    (instance_id,) = place.running()

    def send(**more: Any) -> str:
        asked = {
            "region_id": REGION,
            "instance_id": [instance_id],
            "name": "motd",
            "content": "hello",
            "target_dir": "/etc",
            "file_owner": "root",
            **more,
        }
        return str(place.ecs.send_file(models.SendFileRequest(**asked)).body.invoke_id)

    invoke_id = send(client_token="t")
    assert send(client_token="t") == invoke_id

    def sent(**filters: Any) -> list[Any]:
        asked = models.DescribeSendFileResultsRequest(region_id=REGION, **filters)
        return place.ecs.describe_send_file_results(asked).body.invocations.invocation

    (one,) = eventually(
        lambda: sent(invoke_id=invoke_id), lambda found: found[0].invocation_status not in ("Pending", "Running")
    )
    assert (one.name, one.content, one.target_dir, one.vm_count) == ("motd", "hello", "/etc", 1)
    assert one.invoke_instances.invoke_instance[0].error_code == "ClientNotRunning"
    assert results(place, instance_id=instance_id) == [], "a file is no command"
    assert sent(name="other") == []
    with refused("InvalidFileName.Malformed", 403):
        send(name="../motd")
    with refused("FileContent.ExceedLimit", 403):
        send(content="x" * 25000)
    place.ecs.install_cloud_assistant(models.InstallCloudAssistantRequest(region_id=REGION, instance_id=[instance_id]))
    made = run(place, instance_id=[instance_id], keep_command=True, name="first")
    content = base64.b64encode(b"echo {{who}}").decode()
    place.ecs.modify_command(
        models.ModifyCommandRequest(
            region_id=REGION, command_id=made.command_id, name="second", timeout=99, command_content=content
        )
    )
    (command,) = place.ecs.describe_commands(
        models.DescribeCommandsRequest(region_id=REGION, command_id=made.command_id)
    ).body.commands.command
    assert (command.name, command.timeout, command.command_content) == ("second", 99, content)
