"""What the rest of the cloud may ask about instances."""

from __future__ import annotations

from openyun.operation import Call
from openyun.services.ecs.errors import InstanceNotFound
from openyun.services.ecs.records import Instance


def find(call: Call, instance_id: str) -> Instance:
    """The account's instance; raises InstanceNotFound. One that is being deleted is not found any more."""
    found = call.state.get(Instance, instance_id)
    if found is None or found.account_id != call.account_id or found.wanted == "Deleted":
        raise InstanceNotFound(instance_id=instance_id)
    return found


def find_all(call: Call, instance_ids: list[str]) -> list[Instance]:
    """In the order of the ids, each once; raises InstanceNotFound for the first that is not there."""
    found = {one.id: one for one in call.state.find(Instance, id=instance_ids)}
    wanted = dict.fromkeys(instance_ids)
    for instance_id in wanted:
        one = found.get(instance_id)
        if one is None or one.account_id != call.account_id or one.wanted == "Deleted":
            raise InstanceNotFound(instance_id=instance_id)
    return [found[instance_id] for instance_id in wanted]


def images_in_use(call: Call) -> set[str]:
    """Ids of the images of the account's instances."""
    return {one.image_id for one in call.state.find(Instance, account_id=call.account_id) if one.wanted != "Deleted"}
