"""Moving networks between resource groups."""

from __future__ import annotations

from openyun.operation import Call, Request, Response
from openyun.services import resource_groups, resources
from openyun.services.vpc.errors import ResourcesNotFound, ResourceTypeNotFound
from openyun.services.vpc.service import vpc


class MoveResourceGroupRequest(Request, kw_only=True):
    resource_type: str
    resource_id: str
    new_resource_group_id: str

    def __post_init__(self) -> None:
        self.resource_type = self.resource_type.lower()


@vpc.operation(resource="{resource_type}/{resource_id}")
def move_resource_group(call: Call, ask: MoveResourceGroupRequest) -> Response:
    kind = resources.kind_of("vpc", ask.resource_type)
    if kind is None or kind.put_group is None:
        raise ResourceTypeNotFound
    if kind.find(call, ask.resource_id) is None:
        raise ResourcesNotFound
    kind.put_group(call, ask.resource_id, resource_groups.check(call, ask.new_resource_group_id))
    return Response()
