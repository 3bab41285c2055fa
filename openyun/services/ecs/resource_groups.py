"""Moving what ECS has between resource groups."""

from __future__ import annotations

from openyun.operation import Call, Request, Response
from openyun.services import resources
from openyun.services.ecs.service import ecs
from openyun.services.ecs.tags import ResourceIdNotFound, ResourceTypeNotFound


class JoinResourceGroupRequest(Request, kw_only=True):
    resource_group_id: str
    resource_type: str
    resource_id: str

    def __post_init__(self) -> None:
        self.resource_type = self.resource_type.lower()


@ecs.operation(resource="{resource_type}/{resource_id}")
def join_resource_group(call: Call, ask: JoinResourceGroupRequest) -> Response:
    """That the group exists is checked of every operation that names one."""
    kind = resources.kind_of("ecs", ask.resource_type)
    if kind is None or kind.put_group is None:
        raise ResourceTypeNotFound
    if kind.find(call, ask.resource_id) is None:
        raise ResourceIdNotFound
    kind.put_group(call, ask.resource_id, ask.resource_group_id)
    return Response()
