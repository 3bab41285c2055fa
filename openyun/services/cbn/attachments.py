"""VPCs of a CEN: attach, detach, describe. Another account's VPC needs that account's grant."""

from __future__ import annotations

from typing import Any

import msgspec

from openyun.clock import iso_seconds
from openyun.cloud import RegionState
from openyun.operation import Call, Model, Request, Response
from openyun.services.cbn import cens
from openyun.services.cbn.errors import (
    AttachedAlready,
    ChildInstanceNotFound,
    IllegalParameter,
    IncorrectChildStatus,
    NotGranted,
    QuotaExceededChildren,
    VpcNotReady,
)
from openyun.services.cbn.records import Attachment, Cen
from openyun.services.cbn.service import cbn
from openyun.services.paging import Paged, page_of
from openyun.services.vpc import cen_grants, crossings
from openyun.services.vpc import errors as vpc_errors
from openyun.services.vpc import records as vpc_records
from openyun.state import Transaction

MOST_CHILDREN = 10
"""VPCs of a region in a CEN"""


def find(call: Call, cen_id: str, vpc_id: str) -> Attachment:
    """For the CEN's account and for the VPC's. Raises CenNotFound, ChildInstanceNotFound."""
    found = call.state.get(Attachment, vpc_id)
    if found is not None and found.cen_id == cen_id and found.owner_id == call.account_id:
        return found
    cens.find(call, cen_id)
    if found is None or found.cen_id != cen_id:
        raise ChildInstanceNotFound(instance_id=vpc_id)
    return found


def wake(call: Call, cen_id: str) -> None:
    """All regions where the CEN is."""
    for region_id in {one.region_id for one in call.state.find(Attachment, cen_id=cen_id)}:
        at = call.cloud.in_use(region_id)
        if at is not None:
            call.state.after_commit(at.woken.set)


def check_type(text: str) -> None:
    """VPCs are all there is to attach. Raises IllegalParameter, NotOffered."""
    if text.upper() not in ("VPC", "VBR", "CCN"):
        raise IllegalParameter("ChildInstanceType")
    vpc_errors.refuse(ChildInstanceType=text.upper() != "VPC" and text)


class AttachCenChildInstanceRequest(Request, kw_only=True):
    cen_id: str
    child_instance_id: str
    child_instance_type: str
    child_instance_region_id: str
    child_instance_owner_id: int = 0


@cbn.operation(
    resource=("cen:ceninstance/{cen_id}", "vpc:vpc/{child_instance_id}"), action="cen:AttachCenChildInstance"
)
def attach_cen_child_instance(call: Call, ask: AttachCenChildInstanceRequest) -> Response:
    found = cens.find(call, ask.cen_id)
    check_type(ask.child_instance_type)
    owner = str(ask.child_instance_owner_id) if ask.child_instance_owner_id else call.account_id
    at = call.cloud.in_use(ask.child_instance_region_id)
    if at is None:
        raise IllegalParameter("ChildInstanceRegionId")
    look = _Look(found, ask.child_instance_id, owner)
    child = look(call.state) if at is call.at else at.store.read(look)
    if call.state.get(Attachment, child.id) is not None:
        raise AttachedAlready
    if call.state.count(Attachment, cen_id=found.id) and _of_region(call, found.id, at) >= MOST_CHILDREN:
        raise QuotaExceededChildren(most=MOST_CHILDREN)
    call.state.insert(
        Attachment(
            vpc_id=child.id,
            cen_id=found.id,
            region_id=at.region.id,
            owner_id=owner,
            name=child.name,
            attached_at=iso_seconds(call.now),
            attached=int(call.now.timestamp() * 1_000_000),
        )
    )
    wake(call, found.id)
    return Response()


class _Look:
    """Reads the VPC, in its region."""

    def __init__(self, cen: Cen, vpc_id: str, owner: str) -> None:
        self._cen = cen
        self._vpc_id = vpc_id
        self._owner = owner

    def __call__(self, state: Transaction) -> vpc_records.Vpc:
        found = state.get(vpc_records.Vpc, self._vpc_id)
        if found is None or found.account_id != self._owner:
            raise ChildInstanceNotFound(instance_id=self._vpc_id)
        if self._owner != self._cen.account_id and not cen_grants.has(state, found.id, self._cen.id):
            raise NotGranted
        if found.status != "Available":
            raise VpcNotReady
        return found


def _of_region(call: Call, cen_id: str, at: RegionState) -> int:
    return sum(one.region_id == at.region.id for one in call.state.find(Attachment, cen_id=cen_id))


class DetachCenChildInstanceRequest(Request, kw_only=True):
    cen_id: str
    child_instance_id: str
    child_instance_type: str
    child_instance_region_id: str
    child_instance_owner_id: int = 0
    cen_owner_id: int = 0


@cbn.operation(
    resource=("cen:ceninstance/{cen_id}", "vpc:vpc/{child_instance_id}"), action="cen:DetachCenChildInstance"
)
def detach_cen_child_instance(call: Call, ask: DetachCenChildInstanceRequest) -> Response:
    """By the account of either."""
    check_type(ask.child_instance_type)
    found = find(call, ask.cen_id, ask.child_instance_id)
    if found.status == "Detaching":
        raise IncorrectChildStatus
    found.status = "Detaching"
    call.state.put(found)
    wake(call, found.cen_id)
    return Response()


class ChildInstance(Model, kw_only=True):
    cen_id: str
    child_instance_id: str
    child_instance_type: str = "VPC"
    child_instance_region_id: str
    child_instance_owner_id: int
    child_instance_attach_time: str
    status: str


class ChildInstances(Model, kw_only=True):
    child_instance: list[ChildInstance]


class DescribeCenAttachedChildInstancesRequest(Paged, Request, kw_only=True):
    cen_id: str
    child_instance_region_id: str = ""
    child_instance_type: str = ""


class DescribeCenAttachedChildInstancesResponse(Response, kw_only=True):
    page_number: int
    page_size: int
    total_count: int
    child_instances: ChildInstances


@cbn.operation(resource="cen:ceninstance/{cen_id}", action="cen:DescribeCenAttachedChildInstances")
def describe_cen_attached_child_instances(
    call: Call, ask: DescribeCenAttachedChildInstancesRequest
) -> DescribeCenAttachedChildInstancesResponse:
    cens.find(call, ask.cen_id)
    found = [
        one
        for one in call.state.find(Attachment, cen_id=ask.cen_id)
        if ask.child_instance_region_id in ("", one.region_id) and ask.child_instance_type.upper() in ("", "VPC")
    ]
    return DescribeCenAttachedChildInstancesResponse(
        page_number=ask.page_number,
        page_size=ask.page_size,
        total_count=len(found),
        child_instances=ChildInstances(child_instance=[ChildInstance(**_fields(one)) for one in page_of(ask, found)]),
    )


class SecondaryCidrBlocks(Model, kw_only=True):
    secondary_cidr_block: list[str] = msgspec.field(name="secondaryCidrBlock")


class ChildInstanceAttributes(Model, kw_only=True):
    cidr_block: str
    secondary_cidr_blocks: SecondaryCidrBlocks


class DescribeCenAttachedChildInstanceAttributeRequest(Request, kw_only=True):
    cen_id: str
    child_instance_id: str
    child_instance_type: str
    child_instance_region_id: str


class DescribeCenAttachedChildInstanceAttributeResponse(ChildInstance, Response, kw_only=True):
    child_instance_name: str
    child_instance_attributes: ChildInstanceAttributes


@cbn.operation(resource="cen:ceninstance/{cen_id}", action="cen:DescribeCenAttachedChildInstanceAttribute")
def describe_cen_attached_child_instance_attribute(
    call: Call, ask: DescribeCenAttachedChildInstanceAttributeRequest
) -> DescribeCenAttachedChildInstanceAttributeResponse:
    check_type(ask.child_instance_type)
    found = find(call, ask.cen_id, ask.child_instance_id)
    first, *more = blocks(call, found)[0] or [""]
    return DescribeCenAttachedChildInstanceAttributeResponse(
        **_fields(found),
        child_instance_name=found.name,
        child_instance_attributes=ChildInstanceAttributes(
            cidr_block=first, secondary_cidr_blocks=SecondaryCidrBlocks(secondary_cidr_block=more)
        ),
    )


def blocks(call: Call, one: Attachment) -> tuple[list[str], list[str]]:
    """CIDR blocks of the VPC and of its vSwitches."""
    at = call.cloud.in_use(one.region_id)
    if at is None:
        return [], []
    if at is call.at:
        return crossings.place(call.state, one.vpc_id) or ([], [])
    return at.store.read(lambda state: crossings.place(state, one.vpc_id)) or ([], [])


def _fields(one: Attachment) -> dict[str, Any]:
    """The values of ChildInstance."""
    return {
        "cen_id": one.cen_id,
        "child_instance_id": one.vpc_id,
        "child_instance_region_id": one.region_id,
        "child_instance_owner_id": int(one.owner_id),
        "child_instance_attach_time": one.attached_at,
        "status": one.status,
    }
