"""ModifyInstanceDeployment: into a deployment set, into another, or out of one."""

from __future__ import annotations

from openyun.errors import MissingParameter
from openyun.operation import Call, Request, Response
from openyun.services.ecs.deployment_set import deployment_sets
from openyun.services.ecs.errors import IncorrectInstanceStatus, NotOffered
from openyun.services.ecs.instance import instances
from openyun.services.ecs.service import ecs


class ModifyInstanceDeploymentRequest(Request, kw_only=True):
    region_id: str
    instance_id: str
    deployment_set_id: str = ""
    deployment_set_group_no: int | None = None
    remove_from_deployment_set: bool = False
    force: bool = False
    affinity: str = ""
    tenancy: str = ""
    dedicated_host_id: str = ""
    dedicated_host_cluster_id: str = ""
    instance_type: str = ""
    migration_type: str = ""


@ecs.operation(resource="instance/{instance_id}", also=("deploymentset/{deployment_set_id}",))
def modify_instance_deployment(call: Call, ask: ModifyInstanceDeploymentRequest) -> Response:
    one = instances.find(call, ask.instance_id)
    for parameter, value in (
        ("DedicatedHostId", ask.dedicated_host_id or ask.dedicated_host_cluster_id),
        ("Tenancy", ask.tenancy not in ("", "default")),
        ("InstanceType", ask.instance_type),
    ):
        if value:
            raise NotOffered(parameter=parameter)
    if one.status not in ("Running", "Stopped"):
        raise IncorrectInstanceStatus
    if ask.remove_from_deployment_set:
        one.deployment_set_id, one.deployment_group = "", 0
    elif not ask.deployment_set_id:
        raise MissingParameter(parameter="DeploymentSetId")
    else:
        # It leaves its old place before a new one is looked for.
        one.deployment_set_id, one.deployment_group = "", 0
        call.state.put(one)
        group = deployment_sets.places(call, ask.deployment_set_id, ask.deployment_set_group_no, 1, one.zone_id)[0]
        one.deployment_set_id, one.deployment_group = ask.deployment_set_id, group
    call.state.put(one)
    return Response()
