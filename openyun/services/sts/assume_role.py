"""AssumeRole: a trusted user, role or service becomes a role for a while."""

from __future__ import annotations

import re
from datetime import timedelta

from openyun.access import policy
from openyun.access.credentials import new_temporary_access_key_id, new_temporary_secret
from openyun.access.identity import Role
from openyun.access.policy import MalformedPolicy, Party
from openyun.access.principal import Principal
from openyun.access.vault import Token
from openyun.clock import iso_seconds
from openyun.errors import NoPermission
from openyun.operation import Call, Model, Request, Response
from openyun.services.sts.errors import (
    AssumedByRoot,
    InvalidDurationSeconds,
    InvalidExternalId,
    InvalidPolicyGrammar,
    InvalidPolicySize,
    InvalidRoleArn,
    InvalidRoleSessionName,
    RoleNotExist,
)
from openyun.services.sts.service import sts

_ROLE_ARN = re.compile(r"acs:ram::([0-9]{1,32}):role/([A-Za-z0-9.-]{1,64})")
_SESSION_NAME = re.compile(r"[A-Za-z0-9.@_-]{2,64}")
_EXTERNAL_ID = re.compile(r"[\w+=,.@:/-]{2,1224}", re.ASCII)

_SHORTEST = 900
_USUAL = 3600
_LONGEST_POLICY = 2048


class Credentials(Model, kw_only=True):
    access_key_id: str
    access_key_secret: str
    security_token: str
    expiration: str


class AssumedRoleUser(Model, kw_only=True):
    arn: str
    assumed_role_id: str


class AssumeRoleRequest(Request, kw_only=True):
    role_arn: str
    role_session_name: str
    duration_seconds: int | None = None
    policy: str = ""
    external_id: str = ""


class AssumeRoleResponse(Response, kw_only=True):
    credentials: Credentials
    assumed_role_user: AssumedRoleUser


@sts.operation(resource="{role_arn}", reads=True)
def assume_role(call: Call, ask: AssumeRoleRequest) -> AssumeRoleResponse:
    if call.principal.kind == "root":
        raise AssumedByRoot
    if not _SESSION_NAME.fullmatch(ask.role_session_name):
        raise InvalidRoleSessionName
    if ask.external_id and not _EXTERNAL_ID.fullmatch(ask.external_id):
        raise InvalidExternalId
    _check_policy(ask.policy)
    role = _find(call, ask.role_arn)
    most = role.max_session_duration
    seconds = min(_USUAL, most) if ask.duration_seconds is None else ask.duration_seconds
    if not _SHORTEST <= seconds <= most:
        raise InvalidDurationSeconds(least=_SHORTEST, most=most)
    _check_trust(call, role, _party(call.principal), ask.external_id)
    return AssumeRoleResponse(
        credentials=_issue(call, role, ask.role_session_name, seconds, ask.policy),
        assumed_role_user=AssumedRoleUser(
            arn=f"{role.arn}/{ask.role_session_name}", assumed_role_id=f"{role.id}:{ask.role_session_name}"
        ),
    )


def assume_for_service(call: Call, role_name: str, service: str, session_name: str) -> Credentials:
    """What another service gets for a role of the call's account that trusts it: `ecs.aliyuncs.com` for an instance.

    Raises RoleNotExist, NoPermission."""
    role = _find(call, f"acs:ram::{call.account_id}:role/{role_name}")
    _check_trust(call, role, {"Service": [service, f"{call.account_id}@{service}"]})
    return _issue(call, role, session_name, _USUAL)


def _find(call: Call, role_arn: str) -> Role:
    match = _ROLE_ARN.fullmatch(role_arn)
    if match is None:
        raise InvalidRoleArn
    role = call.state.get(Role, *match.groups())
    if role is None:
        raise RoleNotExist(role_arn=role_arn)
    return role


def _party(principal: Principal) -> Party:
    """The names that a trust policy may know a caller by; the account's stands for all who belong to it."""
    names = [principal.arn, f"acs:ram::{principal.account_id}:root"]
    if principal.kind == "role":
        names.append(f"acs:ram::{principal.account_id}:role/{principal.name}")
    return {"RAM": names}


def _check_trust(call: Call, role: Role, party: Party, external_id: str = "") -> None:
    context = {
        "acs:SourceIp": call.source_ip,
        "acs:CurrentTime": iso_seconds(call.now),
        "acs:SecureTransport": "true" if call.secure else "false",
        "acs:MFAPresent": "true" if call.principal.mfa_present else "false",
    }
    if external_id:
        context["sts:ExternalId"] = external_id
    decision = policy.trusts(policy.parse_trust(role.trust_policy), party, "sts:AssumeRole", context)
    if not decision.allowed:
        reason = f"{decision.verdict} by the trust policy of the role"
        raise NoPermission(action="sts:AssumeRole", resource=role.arn, reason=reason)


def _check_policy(document: str) -> None:
    if len(document.encode()) > _LONGEST_POLICY:
        raise InvalidPolicySize(most=_LONGEST_POLICY)
    if document:
        try:
            policy.parse(document)
        except MalformedPolicy as malformed:
            raise InvalidPolicyGrammar(reason=malformed.reason) from None


def _issue(call: Call, role: Role, session_name: str, seconds: int, session_policy: str = "") -> Credentials:
    expires_at = call.now + timedelta(seconds=seconds)
    token = Token(
        access_key_id=new_temporary_access_key_id(),
        secret=new_temporary_secret(),
        account_id=role.account_id,
        role_id=role.id,
        role_name=role.name,
        session_name=session_name,
        expires_at=expires_at.timestamp(),
        policy=session_policy,
    )
    return Credentials(
        access_key_id=token.access_key_id,
        access_key_secret=token.secret,
        security_token=call.cloud.vault.issue(token),
        expiration=iso_seconds(expires_at),
    )
