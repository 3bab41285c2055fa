"""RunInstances from a launch template: what the request itself says wins."""

from __future__ import annotations

import base64
from typing import Any, TypeVar

import msgspec

from openyun.operation import Call, Request
from openyun.services.ecs.instance import user_data
from openyun.services.ecs.launch_template import templates
from openyun.services.ecs.launch_template.data import TemplateFields, restored
from openyun.services.ecs.network_interface.launching import NewInterface
from openyun.services.ecs.storage.launching import SystemDisk

R = TypeVar("R", bound=Request)

_ELSEWHERE = {
    "security_group_id": ("security_group_ids", "network_interface"),
    "security_group_ids": ("security_group_id", "network_interface"),
    "v_switch_id": ("network_interface",),
    "private_ip_address": ("network_interface",),
    "network_interface": ("v_switch_id", "security_group_id", "security_group_ids", "private_ip_address"),
    "image_id": ("image_family",),
    "key_pair_name": ("password",),
}
"""what a request says by another of these parameters a template says no more"""


def applied(call: Call, ask: R) -> R:
    """The request, completed by the template that it names. The caller must be allowed to use what that names."""
    template_id, name = getattr(ask, "launch_template_id", ""), getattr(ask, "launch_template_name", "")
    if not template_id and not name:
        return ask
    template = templates.find(call, template_id, name)
    version = templates.find_version(call, template, getattr(ask, "launch_template_version", None))
    fields = restored(version.data)
    if raw := user_data.opened(call.cloud.vault, version):
        fields.user_data = base64.b64encode(raw).decode()
    added: dict[str, Any] = {}
    for field in TemplateFields.__struct_fields__:
        if not hasattr(ask, field):
            continue
        mine, theirs = getattr(ask, field), getattr(fields, field)
        if field == "network_interface":
            theirs = [NewInterface(**msgspec.structs.asdict(one)) for one in theirs]
        if field == "system_disk":
            added[field] = _disk(mine, theirs)
        elif _empty(mine) and not _empty(theirs) and all(_empty(one) for one in _rivals(ask, field)):
            added[field] = theirs
    call.demand([f"launchtemplate/{template.id}", *_named(added)])
    return msgspec.structs.replace(ask, **added)


def _rivals(ask: Request, field: str) -> list[Any]:
    return [getattr(ask, other, None) for other in _ELSEWHERE.get(field, ())]


def _empty(value: object) -> bool:
    return value is None or value in ("", [])


def _disk(mine: SystemDisk, theirs: SystemDisk) -> SystemDisk:
    nothing = SystemDisk()
    given = {
        name: value for name in SystemDisk.__struct_fields__ if (value := getattr(mine, name)) != getattr(nothing, name)
    }
    return msgspec.structs.replace(theirs, **given)


def _named(added: dict[str, Any]) -> list[str]:
    """RAM resources that the template names."""
    switches = [added.get("v_switch_id", "")]
    groups = [added.get("security_group_id", ""), *added.get("security_group_ids", [])]
    for one in added.get("network_interface", []):
        switches.append(one.v_switch_id)
        groups += one.group_ids
    named = [f"vpc:vswitch/{one}" for one in switches if one] + [f"securitygroup/{one}" for one in groups if one]
    if image_id := added.get("image_id"):
        named.append(f"image/{image_id}")
    if key_pair := added.get("key_pair_name"):
        named.append(f"keypair/{key_pair}")
    return named
