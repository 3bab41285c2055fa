"""The steps that all protocols share: who is it, may they, do it.

A protocol module calls `identify`, `authorize` and `perform`, in this order, with what it parsed.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import chain
from typing import TypeVar

from openyun.access import policy
from openyun.access.directory import Credential
from openyun.access.key_use import KeyUses
from openyun.access.principal import Principal
from openyun.access.signature import Claim, matches, rpc_secret
from openyun.clock import iso_seconds
from openyun.cloud import Cloud, RegionState
from openyun.errors import (
    InvalidParameter,
    InvalidTimeStampExpired,
    InvalidTimeStampFormat,
    SignatureDoesNotMatch,
    SignatureNonceUsed,
    ThrottlingUser,
)
from openyun.gateway.http import HttpRequest
from openyun.once import SKEW, run, run_once, use_nonce
from openyun.operation import Call, Operation, Request, Response, Tag
from openyun.services import condition_keys, resource_groups
from openyun.state import StateError, Transaction

T = TypeVar("T")

_TIMESTAMP = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_LONGEST_NONCE = 256
"""characters; nonces are kept, and clients send a UUID"""
_MOST_NONCES = 200_000
"""of a generation: some 20 MB"""


class Performer:
    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self._nonces: tuple[set[int], set[int]] = (set(), set())
        self._nonces_turn = time.monotonic()
        self._buckets: dict[tuple[str, str], tuple[float, float]] = {}
        self._key_uses = KeyUses()

    async def region(self, region_id: str) -> RegionState:
        """Raises InvalidRegionId. A region's first use makes its state, for which the event loop does not wait."""
        found = self.cloud.in_use(region_id)
        return found if found is not None else await asyncio.to_thread(self.cloud.region, region_id)

    async def identify(self, region_id: str, claim: Claim, *, rpc: bool) -> Principal:
        """Whose signature this is; raises the vendor's error if it is nobody's, old, or used before."""
        credential = await self.credential(region_id, claim.access_key_id, claim.security_token)
        secret = rpc_secret(credential.secret) if rpc else credential.secret
        if not matches(secret, claim):
            raise SignatureDoesNotMatch(string_to_sign=claim.string_to_sign)
        self._check_time(claim.timestamp)
        if len(claim.nonce) > _LONGEST_NONCE:
            raise InvalidParameter(parameter="SignatureNonce")
        if claim.nonce:  # the old core sends none with ROA
            self._remember(hash((claim.access_key_id, claim.nonce)))
        self.note_use(credential.principal)
        return credential.principal

    def note_use(self, principal: Principal) -> None:
        """Call it when a signature has proved right: for GetAccessKeyLastUsed."""
        with suppress(StateError):  # a region that is cut off from home serves on without
            self._key_uses.note(self.cloud.home.store, principal, self.cloud.clock.now())

    async def credential(self, region_id: str, access_key_id: str, token: str) -> Credential:
        now = self.cloud.clock.now()
        return await self.identity(
            region_id, lambda state: self.cloud.directory.credential(state, access_key_id, token, now)
        )

    async def identity(self, region_id: str, work: Callable[[Transaction], T]) -> T:
        """Read identity, without stopping the event loop where state is far away."""
        if self.cloud.region(region_id).store.inline:
            return self.cloud.identity(region_id, work)
        return await asyncio.to_thread(self.cloud.identity, region_id, work)

    def context(self, request: HttpRequest, principal: Principal, tags: dict[str, str]) -> policy.Context:
        """The condition keys that are known of every request."""
        return {
            "acs:SourceIp": request.client,
            "acs:CurrentTime": iso_seconds(self.cloud.clock.now()),
            "acs:SecureTransport": "true" if request.secure else "false",
            "acs:MFAPresent": "true" if principal.mfa_present else "false",
            "acs:TagKeys": list(tags),
            **{f"acs:RequestTag/{key}": value for key, value in tags.items()},
        }

    async def admit(
        self, operation: Operation, ask: Request, *, at: RegionState, principal: Principal, request: HttpRequest
    ) -> None:
        """Raises Throttling.User, or the service's own refusal if no policy allows the call."""
        self.throttle(principal.account_id, operation.action)
        if principal.kind == "root":
            return
        arns = operation.arns(at.region.id, principal.account_id, ask, principal.name)
        bound = await self.identity(at.region.id, lambda state: self.binding(state, principal))
        about: dict[str, policy.Context] = {}
        if self._ask_about_resources(principal, bound):

            def look(state: Transaction) -> dict[str, policy.Context]:
                call = Call(cloud=self.cloud, at=at, principal=principal, request_id=request.id, state=state)
                return {arn: condition_keys.of(call, arn, _tags(ask), _group(ask)) for arn in arns}

            about = await self.run(at, look, reads=True)
        self._permit(operation, principal, bound, arns, self.context(request, principal, _tags(ask)), about)

    def _ask_about_resources(
        self, principal: Principal, bound: tuple[tuple[policy.Policy, ...], policy.Bounds]
    ) -> bool:
        policies, bounds = bound
        session = [policy.parse(principal.session_policy)] if principal.session_policy else []
        return condition_keys.are_asked(chain(policies, *bounds, session))

    def binding(self, state: Transaction, principal: Principal) -> tuple[tuple[policy.Policy, ...], policy.Bounds]:
        """What a RAM user or role has been allowed, and the bounds of it."""
        directory = self.cloud.directory
        return directory.policies(state, principal), directory.bounds(state, principal.account_id)

    def _permit(
        self,
        operation: Operation,
        principal: Principal,
        bound: tuple[Iterable[policy.Policy], policy.Bounds],
        arns: list[str],
        context: policy.Context,
        about: Mapping[str, policy.Context],
    ) -> None:
        """Raises the service's refusal unless the policies allow the operation on every resource."""
        session = policy.parse(principal.session_policy) if principal.session_policy else None
        policies, bounds = bound
        decisions = (
            policy.decide(
                policies,
                operation.action,
                arn,
                {**context, **about[arn]} if arn in about else context,
                session=session,
                bounds=bounds,
            )
            for arn in arns
        )
        refusal = next((one for one in decisions if not one.allowed), None)
        if refusal is None:
            return
        problem = operation.service.forbidden(
            action=operation.action, resource=" ".join(arns), reason=refusal.verdict.value
        )
        problem.detail["AccessDeniedDetail"] = {
            "AuthAction": operation.action,
            "AuthPrincipalType": "AssumedRoleUser" if principal.kind == "role" else "SubUser",
            "AuthPrincipalOwnerId": principal.account_id,
            "AuthPrincipalDisplayName": principal.id,
            "NoPermissionType": refusal.verdict.value,
            "PolicyType": _policy_type(refusal),
        }
        raise problem

    def throttle(self, account_id: str, operation: str) -> None:
        """A bucket an account and operation that refills at the configured rate and holds one second of it."""
        rate = self.cloud.config.requests_per_second
        if not rate:
            return
        now = time.monotonic()
        left, then = self._buckets.get((account_id, operation), (float(rate), now))
        left = min(float(rate), left + (now - then) * rate)
        if left < 1:
            raise ThrottlingUser
        self._buckets[account_id, operation] = (left - 1, now)

    async def perform(
        self,
        operation: Operation,
        ask: Request,
        *,
        at: RegionState,
        principal: Principal,
        request: HttpRequest,
        nonce: str = "",
    ) -> Response:
        """Run the operation in a transaction of its region."""

        prepared = await asyncio.to_thread(operation.before, ask) if operation.before else None

        def permit(call: Call, resources: Sequence[str]) -> None:
            region_id = at.region.id
            bound = self.cloud.identity(region_id, lambda state: self.binding(state, principal))
            arns = [operation.arn(region_id, principal.account_id, one) for one in resources]
            about: dict[str, policy.Context] = {}
            if self._ask_about_resources(principal, bound):
                about = {arn: condition_keys.of(call, arn, _tags(ask), _group(ask)) for arn in arns}
            self._permit(operation, principal, bound, arns, self.context(request, principal, _tags(ask)), about)

        group_id = _group(ask)

        def work(state: Transaction) -> Response:
            call = Call(
                cloud=self.cloud,
                at=at,
                principal=principal,
                request_id=request.id,
                state=state,
                source_ip=request.client,
                host=request.host,
                secure=request.secure,
                prepared=prepared,
                permit=permit,
            )
            if operation.reads:
                return run(call, operation, ask)
            if group_id and not operation.service.is_global:
                resource_groups.check(call, group_id)
            if nonce:
                use_nonce(call, nonce)
            return run_once(call, operation, ask)

        return await self.run(at, work, reads=operation.reads)

    async def run(self, at: RegionState, work: Callable[[Transaction], T], *, reads: bool, quick: bool = False) -> T:
        """Run work on a region's state: quick reads here, and `quick` writes; all else where waiting harms nobody."""
        if not reads:
            return await at.store.send(work, quick=quick)
        if at.store.inline:
            return at.store.read(work)
        return await asyncio.to_thread(at.store.read, work)

    def _check_time(self, timestamp: str) -> None:
        if not _TIMESTAMP.fullmatch(timestamp):
            raise InvalidTimeStampFormat
        try:
            at = datetime.fromisoformat(timestamp)
        except ValueError:
            raise InvalidTimeStampFormat from None
        if abs(self.cloud.clock.now() - at) > SKEW:
            raise InvalidTimeStampExpired

    def _remember(self, nonce: int) -> None:
        """Two generations, each as long as a signature can stay valid, hold every nonce that could come again.

        Under a heavy load they turn sooner, as memory has an end: then a call that only reads could come twice, but
        none that writes, whose nonces are in state."""
        new, old = self._nonces
        if time.monotonic() - self._nonces_turn > 2 * SKEW.total_seconds() or len(new) >= _MOST_NONCES:
            new, old = self._nonces = (set(), new)
            self._nonces_turn = time.monotonic()
        if nonce in new or nonce in old:
            raise SignatureNonceUsed
        new.add(nonce)


def _policy_type(refusal: policy.Decision) -> str:
    if refusal.by_control:
        return "ControlPolicy"
    return "SessionPolicy" if refusal.by_session else "AccountLevelIdentityBasedPolicy"


def _group(ask: Request) -> str:
    """The resource group that a request names."""
    return getattr(ask, "resource_group_id", None) or ""


def _tags(ask: Request) -> dict[str, str]:
    """The tags that a request would put on something."""
    return {one.key: one.value for one in getattr(ask, "tag", None) or [] if isinstance(one, Tag)}
