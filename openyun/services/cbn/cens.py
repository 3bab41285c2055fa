"""CENs: create, describe, modify, delete."""

from __future__ import annotations

from typing import Any

from openyun.clock import iso_seconds, random_text
from openyun.operation import Call, Model, Request, Response, Tag
from openyun.services import resource_groups
from openyun.services.cbn.errors import CenNotFound, ChildrenLeft, IllegalParameter, PackagesLeft, QuotaExceededCen
from openyun.services.cbn.records import Attachment, BandwidthPackage, Cen
from openyun.services.cbn.service import cbn
from openyun.services.naming import is_name
from openyun.services.paging import Paged, page_of
from openyun.services.tags import carries
from openyun.services.vpc import tag_rules

MOST_CENS = 10
"""of an account"""
REDUCED = "REDUCED"
"""the protection level at which CIDR blocks of VPCs may overlap, as far as vSwitches do not; there is no other"""


def find(call: Call, cen_id: str) -> Cen:
    """The account's CEN. Raises CenNotFound."""
    found = call.state.get(Cen, cen_id)
    if found is None or found.account_id != call.account_id:
        raise CenNotFound(cen_id=cen_id)
    return found


class CreateCenRequest(Request, kw_only=True):
    name: str = ""
    description: str = ""
    protection_level: str = REDUCED
    tag: list[Tag] = []
    client_token: str = ""


class CreateCenResponse(Response, kw_only=True):
    cen_id: str


@cbn.operation(resource="cen:ceninstance/*", action="cen:CreateCen")
def create_cen(call: Call, ask: CreateCenRequest) -> CreateCenResponse:
    if call.state.count(Cen, account_id=call.account_id) >= MOST_CENS:
        raise QuotaExceededCen(most=MOST_CENS)
    made = Cen(
        id=f"cen-{random_text(18)}",
        account_id=call.account_id,
        name=checked_name(ask.name),
        description=checked_description(ask.description),
        protection_level=_level(ask.protection_level),
        resource_group_id=resource_groups.default_group(call.account_id),
        tags=tag_rules.rules.checked(ask.tag),
        created_at=iso_seconds(call.now),
    )
    call.state.insert(made)
    return CreateCenResponse(cen_id=made.id)


class Filter(Model, kw_only=True):
    key: str = ""
    value: list[str] = []


class PackageIds(Model, kw_only=True):
    cen_bandwidth_package_id: list[str]


class Tags(Model, kw_only=True):
    tag: list[Tag]


class CenItem(Model, kw_only=True):
    cen_id: str
    name: str
    description: str
    protection_level: str
    status: str = "Active"
    resource_group_id: str
    creation_time: str
    cen_bandwidth_package_ids: PackageIds
    tags: Tags


class Cens(Model, kw_only=True):
    cen: list[CenItem]


class DescribeCensRequest(Paged, Request, kw_only=True):
    filter: list[Filter] = []
    tag: list[Tag] = []
    resource_group_id: str = ""


class DescribeCensResponse(Response, kw_only=True):
    page_number: int
    page_size: int
    total_count: int
    cens: Cens


@cbn.operation(resource="cen:ceninstance/*", action="cen:DescribeCens")
def describe_cens(call: Call, ask: DescribeCensRequest) -> DescribeCensResponse:
    every = call.state.find(Cen, account_id=call.account_id)
    found = [
        one
        for one in every
        if passes(ask.filter, {"CenId": one.id, "Name": one.name})
        and carries(one.tags, ask.tag)
        and ask.resource_group_id in ("", one.resource_group_id)
    ]
    found.sort(key=lambda one: one.created_at, reverse=True)
    return DescribeCensResponse(
        page_number=ask.page_number,
        page_size=ask.page_size,
        total_count=len(found),
        cens=Cens(cen=[_item(call, one) for one in page_of(ask, found)]),
    )


def passes(filters: list[Filter], values: dict[str, Any]) -> bool:
    """Whether each filter has one of these values, whatever the case of its key."""
    by_key = {key.lower(): value for key, value in values.items()}
    for one in filters:
        if one.key.lower() not in by_key:
            raise IllegalParameter("Filter")
        if by_key[one.key.lower()] not in one.value:
            return False
    return True


def _item(call: Call, one: Cen) -> CenItem:
    packages = call.state.find(BandwidthPackage, cen_id=one.id)
    return CenItem(
        cen_id=one.id,
        name=one.name,
        description=one.description,
        protection_level=one.protection_level,
        resource_group_id=one.resource_group_id,
        creation_time=one.created_at,
        cen_bandwidth_package_ids=PackageIds(cen_bandwidth_package_id=[it.id for it in packages]),
        tags=Tags(tag=[Tag(key=key, value=value) for key, value in one.tags.items()]),
    )


class ModifyCenAttributeRequest(Request, kw_only=True):
    cen_id: str
    name: str | None = None
    description: str | None = None
    protection_level: str | None = None


@cbn.operation(resource="cen:ceninstance/{cen_id}", action="cen:ModifyCenAttribute")
def modify_cen_attribute(call: Call, ask: ModifyCenAttributeRequest) -> Response:
    found = find(call, ask.cen_id)
    if ask.name is not None:
        found.name = checked_name(ask.name)
    if ask.description is not None:
        found.description = checked_description(ask.description)
    if ask.protection_level is not None:
        found.protection_level = _level(ask.protection_level)
    call.state.put(found)
    return Response()


class DeleteCenRequest(Request, kw_only=True):
    cen_id: str


@cbn.operation(resource="cen:ceninstance/{cen_id}", action="cen:DeleteCen")
def delete_cen(call: Call, ask: DeleteCenRequest) -> Response:
    found = find(call, ask.cen_id)
    if call.state.count(Attachment, cen_id=found.id):
        raise ChildrenLeft
    if call.state.count(BandwidthPackage, cen_id=found.id):
        raise PackagesLeft
    call.state.delete(found)
    return Response()


# Rules


def checked_name(text: str) -> str:
    if text and not is_name(text):
        raise IllegalParameter("Name")
    return text


def checked_description(text: str) -> str:
    if text and not is_name(text, longest=256):
        raise IllegalParameter("Description")
    return text


def _level(text: str) -> str:
    if text.upper() != REDUCED:
        raise IllegalParameter("ProtectionLevel")
    return REDUCED
