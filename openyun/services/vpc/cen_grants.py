"""Grants to another account's CEN: only with one can that account attach the VPC."""

from __future__ import annotations

from openyun.clock import iso_seconds
from openyun.errors import BadRequest, InvalidParameter, NotFound
from openyun.operation import Call, Model, Request, Response
from openyun.services.paging import Paged, page_of
from openyun.services.vpc import vpcs
from openyun.services.vpc.errors import VpcIdNotFound, refuse
from openyun.services.vpc.records import CenGrant
from openyun.services.vpc.service import vpc
from openyun.state import Transaction


class GrantExists(BadRequest):
    code = "InvalidInstanceId.AlreadyGranted"
    message = "The instance is granted to the CEN already."


class GrantNotFound(NotFound):
    code = "InvalidGrantRule.NotFound"
    message = "The instance is not granted to the CEN."


def has(state: Transaction, vpc_id: str, cen_id: str) -> bool:
    return state.get(CenGrant, vpc_id, cen_id) is not None


class GrantInstanceToCenRequest(Request, kw_only=True):
    instance_id: str
    instance_type: str
    cen_id: str
    cen_owner_id: int
    client_token: str = ""


@vpc.operation(resource="vpc/{instance_id}")
def grant_instance_to_cen(call: Call, ask: GrantInstanceToCenRequest) -> Response:
    _check_type(ask.instance_type)
    granted = vpcs.find(call, ask.instance_id, VpcIdNotFound)
    if has(call.state, granted.id, ask.cen_id):
        raise GrantExists
    call.state.insert(
        CenGrant(
            vpc_id=granted.id, cen_id=ask.cen_id, cen_owner_id=str(ask.cen_owner_id), created_at=iso_seconds(call.now)
        )
    )
    return Response()


class RevokeInstanceFromCenRequest(Request, kw_only=True):
    instance_id: str
    instance_type: str
    cen_id: str
    cen_owner_id: int
    client_token: str = ""


@vpc.operation(resource="vpc/{instance_id}")
def revoke_instance_from_cen(call: Call, ask: RevokeInstanceFromCenRequest) -> Response:
    """A VPC that is attached already stays so until it is detached."""
    _check_type(ask.instance_type)
    granted = vpcs.find(call, ask.instance_id, VpcIdNotFound)
    found = call.state.get(CenGrant, granted.id, ask.cen_id)
    if found is None:
        raise GrantNotFound
    call.state.delete(found)
    return Response()


class CbnGrantRule(Model, kw_only=True):
    cen_instance_id: str
    cen_owner_id: int
    creation_time: str


class CenGrantRules(Model, kw_only=True):
    cbn_grant_rule: list[CbnGrantRule]


class DescribeGrantRulesToCenRequest(Paged, Request, kw_only=True):
    instance_id: str
    instance_type: str


class DescribeGrantRulesToCenResponse(Response, kw_only=True):
    page_number: int
    page_size: int
    total_count: int
    cen_grant_rules: CenGrantRules


@vpc.operation(resource="vpc/{instance_id}")
def describe_grant_rules_to_cen(call: Call, ask: DescribeGrantRulesToCenRequest) -> DescribeGrantRulesToCenResponse:
    _check_type(ask.instance_type)
    found = call.state.find(CenGrant, vpc_id=vpcs.find(call, ask.instance_id, VpcIdNotFound).id)
    return DescribeGrantRulesToCenResponse(
        page_number=ask.page_number,
        page_size=ask.page_size,
        total_count=len(found),
        cen_grant_rules=CenGrantRules(
            cbn_grant_rule=[
                CbnGrantRule(
                    cen_instance_id=one.cen_id, cen_owner_id=int(one.cen_owner_id), creation_time=one.created_at
                )
                for one in page_of(ask, found)
            ]
        ),
    )


def _check_type(text: str) -> None:
    if text.upper() not in ("VPC", "VBR"):
        raise InvalidParameter(parameter="InstanceType")
    refuse(InstanceType=text.upper() != "VPC" and text)


def _go(state: Transaction, vpc_id: str) -> None:
    for one in state.find(CenGrant, vpc_id=vpc_id):
        state.delete(one)


vpcs.goodbyes.append(_go)
