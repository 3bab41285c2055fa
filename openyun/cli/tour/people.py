"""RAM and STS: a user who may do a few things, and no others."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from openyun.cli.tour import sdks
from openyun.cli.tour.failed import Failed
from openyun.cli.tour.scene import Keys, Scene


def create_user(scene: Scene) -> str:
    ram, models, name = scene.ram(), sdks.ram().models, scene.name
    ram.create_user(models.CreateUserRequest(user_name=name, comments="The guided tour's own user"))
    scene.undo.append(("RAM user", lambda: ram.delete_user(models.DeleteUserRequest(user_name=name))))

    document = json.dumps({"Version": "1", "Statement": _statements(scene)})
    ram.create_policy(models.CreatePolicyRequest(policy_name=name, policy_document=document))
    scene.undo.append(("policy", lambda: ram.delete_policy(models.DeletePolicyRequest(policy_name=name))))

    binding = {"policy_type": "Custom", "policy_name": name, "user_name": name}
    ram.attach_policy_to_user(models.AttachPolicyToUserRequest(**binding))
    scene.undo.append(
        ("attachment", lambda: ram.detach_policy_from_user(models.DetachPolicyFromUserRequest(**binding)))
    )

    made = ram.create_access_key(models.CreateAccessKeyRequest(user_name=name)).body.access_key
    scene.user = Keys(made.access_key_id, made.access_key_secret)
    pair = {"user_name": name, "user_access_key_id": made.access_key_id}
    scene.undo.append(("AccessKey pair", lambda: ram.delete_access_key(models.DeleteAccessKeyRequest(**pair))))
    return f"{name}, with {made.access_key_id}"


def ask_who(scene: Scene) -> str:
    caller = scene.sts().get_caller_identity().body
    expected = f"acs:ram::{scene.account.account_id}:user/{scene.name}"
    if caller.arn != expected:
        raise Failed(f"STS says {caller.arn}, not {expected}")
    return str(caller.arn)


def be_refused(scene: Scene) -> str:
    """The key works for what the policy grants, as every step before has shown. Here it must not."""
    models, ecs_models = sdks.ram().models, sdks.ecs().models
    place = scene.places[0]
    codes = [
        _refusal(
            "create a RAM user",
            lambda: scene.ram(as_account=False).create_user(models.CreateUserRequest(user_name=f"{scene.name}-more")),
        ),
        _refusal(
            "delete the instance",
            lambda: scene.ecs(place).delete_instance(
                ecs_models.DeleteInstanceRequest(instance_id=place.instance_id or "i-none", force=True)
            ),
        ),
        _refusal("create another bucket", lambda: scene.bucket(f"{scene.name}-other").create_bucket()),
    ]
    return f"a user, a deletion, another bucket: {', '.join(codes)}"


def _refusal(what: str, attempt: Callable[[], Any]) -> str:
    try:
        attempt()
    except Exception as problem:
        # each SDK has its own exception, but all of them carry the server's code
        code = str(getattr(problem, "code", type(problem).__name__))
        if code in ("NoPermission", "Forbidden.RAM", "AccessDenied"):
            return code
        raise
    raise Failed(f"the user could {what}, which the policy does not grant")


def _statements(scene: Scene) -> list[dict[str, Any]]:
    return [
        {
            "Effect": "Allow",
            "Action": ["ecs:Create*", "ecs:Authorize*", "ecs:Run*", "ecs:Describe*", "vpc:Create*", "vpc:Describe*"],
            "Resource": "*",
        },
        {
            "Effect": "Allow",
            "Action": "oss:*",
            "Resource": [f"acs:oss:*:*:{scene.name}", f"acs:oss:*:*:{scene.name}/*"],
        },
    ]
