"""Versions of custom policies: a new document is a new version, and one of them is in force."""

from __future__ import annotations

from typing import Literal

from openyun.access.identity import CustomPolicy, PolicyVersion, touch
from openyun.clock import iso_seconds
from openyun.operation import Call, Model, Request, Response
from openyun.services.ram import policies, quotas, rules
from openyun.services.ram.errors import DefaultVersionStays, InvalidFormat, PolicyVersionNotExist, TooManyVersions
from openyun.services.ram.policies import VersionModel
from openyun.services.ram.service import ram


def _versions_of(call: Call, policy: CustomPolicy) -> list[PolicyVersion]:
    """Oldest first."""
    return call.state.find(PolicyVersion, account_id=call.account_id, policy_name=policy.name)


def _find(call: Call, policy: CustomPolicy, version_id: str) -> PolicyVersion:
    version = call.state.get(PolicyVersion, call.account_id, policy.name, _number(version_id))
    if version is None:
        raise PolicyVersionNotExist
    return version


def _number(version_id: str) -> int:
    """3 of "v3"."""
    digits = version_id.removeprefix("v")
    if digits == version_id or not digits.isascii() or not digits.isdecimal() or len(digits) > 9:
        raise InvalidFormat("VersionId")
    return int(digits)


def _put_in_force(policy: CustomPolicy, version: PolicyVersion) -> None:
    policy.default_version = version.number
    policy.document = version.document


def _shown(version: PolicyVersion, default: int) -> VersionModel:
    return VersionModel(
        version_id=f"v{version.number}",
        is_default_version=version.number == default,
        policy_document=version.document,
        create_date=version.created_at,
    )


class CreatePolicyVersionRequest(Request, kw_only=True):
    policy_name: str
    policy_document: str
    set_as_default: bool = False
    rotate_strategy: Literal["None", "DeleteOldestNonDefaultVersionWhenLimitExceeded"] = "None"


class VersionResponse(Response, kw_only=True):
    policy_version: VersionModel


@ram.operation(resource="policy/{policy_name}")
def create_policy_version(call: Call, ask: CreatePolicyVersionRequest) -> VersionResponse:
    rules.check_policy_document(ask.policy_document)
    policy = policies.find_custom(call, ask.policy_name)
    versions = _versions_of(call, policy)
    if len(versions) >= quotas.VERSIONS_OF_A_POLICY:
        if ask.rotate_strategy == "None":
            raise TooManyVersions
        call.state.delete(next(version for version in versions if version.number != policy.default_version))
    policy.last_version += 1
    version = PolicyVersion(
        account_id=call.account_id,
        policy_name=policy.name,
        number=policy.last_version,
        document=ask.policy_document,
        created_at=iso_seconds(call.now),
    )
    call.state.insert(version)
    if ask.set_as_default:
        _put_in_force(policy, version)
    policy.updated_at = version.created_at
    call.state.put(policy)
    touch(call.state)
    return VersionResponse(policy_version=_shown(version, policy.default_version))


class GetPolicyVersionRequest(Request, kw_only=True):
    policy_name: str
    policy_type: str
    version_id: str


@ram.operation(resource="policy/{policy_name}")
def get_policy_version(call: Call, ask: GetPolicyVersionRequest) -> VersionResponse:
    found = policies.find(call, ask.policy_type, ask.policy_name)
    if found.type == "System":
        if _number(ask.version_id) != found.default_version:
            raise PolicyVersionNotExist
        return VersionResponse(policy_version=_only_version(found))
    policy = policies.find_custom(call, found.name)
    return VersionResponse(policy_version=_shown(_find(call, policy, ask.version_id), policy.default_version))


def _only_version(policy: policies.Policy) -> VersionModel:
    return VersionModel(
        version_id=f"v{policy.default_version}",
        is_default_version=True,
        policy_document=policy.document,
        create_date=policy.created_at,
    )


class ListPolicyVersionsRequest(Request, kw_only=True):
    policy_name: str
    policy_type: str


class _Versions(Model, kw_only=True):
    policy_version: list[VersionModel]


class ListPolicyVersionsResponse(Response, kw_only=True):
    policy_versions: _Versions


@ram.operation(resource="policy/{policy_name}")
def list_policy_versions(call: Call, ask: ListPolicyVersionsRequest) -> ListPolicyVersionsResponse:
    found = policies.find(call, ask.policy_type, ask.policy_name)
    if found.type == "System":
        return ListPolicyVersionsResponse(policy_versions=_Versions(policy_version=[_only_version(found)]))
    policy = policies.find_custom(call, found.name)
    shown = [_shown(version, policy.default_version) for version in _versions_of(call, policy)]
    return ListPolicyVersionsResponse(policy_versions=_Versions(policy_version=shown))


class DeletePolicyVersionRequest(Request, kw_only=True):
    policy_name: str
    version_id: str


@ram.operation(resource="policy/{policy_name}")
def delete_policy_version(call: Call, ask: DeletePolicyVersionRequest) -> Response:
    policy = policies.find_custom(call, ask.policy_name)
    version = _find(call, policy, ask.version_id)
    if version.number == policy.default_version:
        raise DefaultVersionStays
    call.state.delete(version)
    touch(call.state)
    return Response()


class SetDefaultPolicyVersionRequest(Request, kw_only=True):
    policy_name: str
    version_id: str


@ram.operation(resource="policy/{policy_name}")
def set_default_policy_version(call: Call, ask: SetDefaultPolicyVersionRequest) -> Response:
    policy = policies.find_custom(call, ask.policy_name)
    _put_in_force(policy, _find(call, policy, ask.version_id))
    policy.updated_at = iso_seconds(call.now)
    call.state.put(policy)
    touch(call.state)
    return Response()
