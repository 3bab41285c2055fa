"""GetCallerIdentity: who am I? Everyone may ask."""

from __future__ import annotations

from openyun.operation import UNSET, Call, Request, Response, Unset
from openyun.services.sts.service import sts


class GetCallerIdentityRequest(Request, kw_only=True):
    pass


class GetCallerIdentityResponse(Response, kw_only=True):
    identity_type: str
    account_id: str
    arn: str
    principal_id: str
    user_id: str | Unset = UNSET
    role_id: str | Unset = UNSET


@sts.operation(resource=())
def get_caller_identity(call: Call, ask: GetCallerIdentityRequest) -> GetCallerIdentityResponse:
    who = call.principal
    if who.kind == "role":
        return GetCallerIdentityResponse(
            identity_type="AssumedRoleUser",
            account_id=who.account_id,
            arn=who.arn,
            principal_id=f"{who.id}:{who.session_name}",
            role_id=who.id,
        )
    return GetCallerIdentityResponse(
        identity_type="RAMUser" if who.kind == "user" else "Account",
        account_id=who.account_id,
        arn=who.arn,
        principal_id=who.id,
        user_id=who.id,
    )
