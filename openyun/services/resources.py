"""What of every product carries tags and belongs to a resource group, so that Tag and ResourceManager know of all.

A product says what it has by registering kinds of resources, most of them through its `Tagging`. A resource is named by
its ARN, `acs:ecs:cn-hangzhou:1234:instance/i-1`; those of global products are kept at home and name no region.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

import msgspec

from openyun.cloud import RegionState
from openyun.operation import Call
from openyun.region import HOME
from openyun.state import Transaction

T = TypeVar("T")


class Resource(msgspec.Struct, kw_only=True):
    """One of an account's resources, as far as every product's are alike."""

    id: str
    tags: dict[str, str]
    resource_group_id: str = ""
    """empty where there is no group, or it was never asked for: then it is the account's default group"""
    created_at: str = ""


class ResourceKind(msgspec.Struct, frozen=True, kw_only=True):
    service: str
    """as ARNs name the product: `ecs`"""
    name: str
    """as ARNs name the type: `instance`"""
    find: Callable[[Call, str], Resource | None]
    """the account's resource of this id, in the call's region"""
    all: Callable[[Call], Iterable[Resource]]
    """all of the account's in the call's region"""
    put_tags: Callable[[Call, str, dict[str, str]], None]
    check_tags: Callable[[Mapping[str, str]], None]
    """raises what the product says of wrong tags, all that a resource would then have"""
    put_group: Callable[[Call, str, str], None] | None = None
    """None for what belongs to no resource group"""
    is_global: bool = False

    @property
    def type_code(self) -> str:
        """ALIYUN::ECS::INSTANCE, as the Tag product names types in filters."""
        return f"ALIYUN::{self.service}::{self.name}".upper()

    def is_at(self, call: Call) -> bool:
        return not self.is_global or call.region == HOME

    def arn(self, call: Call, id: str) -> str:
        place = "*" if self.is_global else call.region.id
        return f"arn:acs:{self.service}:{place}:{call.account_id}:{self.name}/{id}"


_KINDS: dict[tuple[str, str], ResourceKind] = {}


def register(kind: ResourceKind) -> None:
    """Called once for each kind when its product is imported."""
    _KINDS[kind.service, kind.name] = kind


def kinds() -> list[ResourceKind]:
    return [_KINDS[key] for key in sorted(_KINDS)]


def kind_of(service: str, name: str) -> ResourceKind | None:
    return _KINDS.get((service.lower(), name.lower()))


def find_arn(call: Call, arn: str) -> tuple[ResourceKind, Resource] | None:
    """The account's resource of this ARN in the call's region. Raises ValueError if it is no ARN."""
    parts = arn.removeprefix("arn:").split(":", 4)
    if len(parts) != 5 or parts[0] != "acs" or not all((parts[1], parts[3], parts[4])):
        raise ValueError(arn)
    _, service, place, account_id, rest = parts
    name, slash, id = rest.partition("/")
    if not slash and service == "oss":
        name, id = "bucket", rest
    kind = kind_of(service, name)
    if kind is None or not id or account_id != call.account_id or not kind.is_at(call):
        return None
    if place not in ("", "*", call.region.id):
        return None
    found = kind.find(call, id)
    return (kind, found) if found is not None else None


def all_here(call: Call) -> Iterator[tuple[ResourceKind, Resource]]:
    """Every registered resource of the account in the call's region."""
    for kind in kinds():
        if kind.is_at(call):
            for one in kind.all(call):
                yield kind, one


def there(call: Call, at: RegionState, work: Callable[[Call], T]) -> T:
    """What `work` reads in another region, for the same caller."""
    if at is call.at:
        return work(call)
    return at.store.read(lambda state: work(_elsewhere(call, at, state)))


def _elsewhere(call: Call, at: RegionState, state: Transaction) -> Call:
    return Call(cloud=call.cloud, at=at, principal=call.principal, request_id=call.request_id, state=state)


def of_record(record: Any, id: str) -> Resource:
    """Of a row with the fields that most products' rows have."""
    return Resource(
        id=id,
        tags=record.tags,
        resource_group_id=getattr(record, "resource_group_id", ""),
        created_at=getattr(record, "created_at", ""),
    )
