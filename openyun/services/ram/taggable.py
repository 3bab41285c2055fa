"""What of RAM the Tag product can put tags on."""

from __future__ import annotations

from collections.abc import Mapping

from openyun.access.identity import CustomPolicy, Role, User, touch
from openyun.operation import Call, Tag
from openyun.services import resources
from openyun.services.ram import tags
from openyun.services.ram.errors import PolicyNotExist, RoleNotExist, UserNotExist
from openyun.services.resources import Resource, ResourceKind

_MISSING = {User: UserNotExist, Role: RoleNotExist, CustomPolicy: PolicyNotExist}


def _register(name: str, record: type[User] | type[Role] | type[CustomPolicy]) -> None:
    def find(call: Call, id: str) -> Resource | None:
        found = call.state.get(record, call.account_id, id)
        return None if found is None else resources.of_record(found, id)

    def put_tags(call: Call, id: str, wanted: dict[str, str]) -> None:
        found = call.state.get(record, call.account_id, id)
        if found is None:
            raise _MISSING[record]
        found.tags = wanted
        call.state.put(found)
        touch(call.state)

    resources.register(
        ResourceKind(
            service="ram",
            name=name,
            find=find,
            all=lambda call: [
                resources.of_record(one, one.name) for one in call.state.find(record, account_id=call.account_id)
            ],
            put_tags=put_tags,
            check_tags=_check,
            is_global=True,
        )
    )


def _check(wanted: Mapping[str, str]) -> None:
    tags.checked([Tag(key=key, value=value) for key, value in wanted.items()])


_register("user", User)
_register("role", Role)
_register("policy", CustomPolicy)
