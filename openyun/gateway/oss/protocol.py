"""The OSS protocol: how a request for a bucket or an object runs.

target ─ operation ─ claim ─ region of the bucket ─ who is it ─ parameters ─ authorize and do, in one transaction

An upload does the last step twice: first on its head, so that nobody sends gigabytes to be refused; then the body
goes to the blob engine; and the second time the row is written that makes the blob an object.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from functools import partial
from time import perf_counter

import msgspec

from openyun.access import policy
from openyun.access.oss_form_signature import read_form_claim
from openyun.access.oss_signature import Claimed, Signable, read_claim
from openyun.access.oss_signature_errors import (
    AccessKeyDisabled,
    AccessKeyIdAndSecurityTokenNotMatch,
    InvalidAccessKeyId,
    InvalidSecurityToken,
    InvalidSigningRegion,
    SecurityTokenExpired,
)
from openyun.access.principal import ANONYMOUS
from openyun.access.s3_form_signature import is_s3_form, read_s3_form_claim
from openyun.cloud import RegionState
from openyun.engine.blob import Bytes
from openyun.errors import (
    CloudError,
    InvalidAccessKeyIdInactive,
    InvalidAccessKeyIdNotFound,
    InvalidSecurityTokenExpired,
    InvalidSecurityTokenMalformed,
    InvalidSecurityTokenMismatch,
    MissingSecurityToken,
)
from openyun.gateway.http import HttpRequest, HttpResponse
from openyun.gateway.oss import answer as oss_answer
from openyun.gateway.oss.callback import Callbacks
from openyun.gateway.oss.compression import compress, is_compressed
from openyun.gateway.oss.copying import copy
from openyun.gateway.oss.form import Form, form_target, is_form
from openyun.gateway.oss.front import Front, is_access_point
from openyun.gateway.oss.pace import TRAFFIC_LIMIT, meters, paced, wished_limit
from openyun.gateway.oss.processing import Processing
from openyun.gateway.oss.request import (
    Target,
    behind_domain,
    content_md5,
    is_accelerated,
    is_internal,
    may_be_domain,
    operation_of,
    read_form,
    read_parameters,
    target_of,
)
from openyun.gateway.oss.run import Run
from openyun.gateway.oss.traffic import note_traffic
from openyun.gateway.perform import Performer
from openyun.gateway.s3 import form as s3_form
from openyun.gateway.s3.request import Translated
from openyun.operation import Operation
from openyun.region import find_region
from openyun.services.oss import names, oss
from openyun.services.oss.authorization import Caller, Visit, permits
from openyun.services.oss.bucket.acl import bucket_acl
from openyun.services.oss.bucket.buckets import DeleteBucketRequest, PutBucketRequest, endpoint, read_wish
from openyun.services.oss.errors import (
    DigestMismatch,
    InvalidLocationConstraint,
    NoBucketToConfigure,
    NoSuchBucket,
    NoSuchKey,
    WrongEndpoint,
)
from openyun.services.oss.object.copies import CopyBetweenRegions, CopyingRequest
from openyun.services.oss.object.multipart import CompleteMultipartUploadRequest
from openyun.services.oss.object.post_object import Limits, PostObjectRequest, check_policy
from openyun.services.oss.records import BucketName
from openyun.services.oss.service import OssRequest, OssResponse, UploadRequest
from openyun.state import StateError

_LARGEST_DOCUMENT = 2 * 1024 * 1024


_IN_WORDS_OF_OSS: dict[type[CloudError], type[CloudError]] = {
    InvalidAccessKeyIdNotFound: InvalidAccessKeyId,
    InvalidAccessKeyIdInactive: AccessKeyDisabled,
    MissingSecurityToken: InvalidAccessKeyId,
    InvalidSecurityTokenMalformed: InvalidSecurityToken,
    InvalidSecurityTokenMismatch: AccessKeyIdAndSecurityTokenNotMatch,
    InvalidSecurityTokenExpired: SecurityTokenExpired,
}


_TAKEN_FOR_PUT_BUCKET = ("PutBucketObjectWormConfiguration", "PutBucketOverwriteConfig")


class Oss:
    def __init__(self, performer: Performer) -> None:
        self._performer = performer
        self._cloud = performer.cloud
        self._front = Front(performer)
        self._regions: dict[str, str] = {}
        """where buckets are, as far as known; a wrong entry costs one look-up"""
        self._processing = Processing()
        self._callbacks = Callbacks(performer, self._processing)

    async def answer(self, request: HttpRequest) -> HttpResponse:
        started = perf_counter()
        target = target_of(request.host, request.path)
        if may_be_domain(request.host):
            domain = await self._front.bucket_of(request.host)
            target = behind_domain(domain, request.path) if domain else target
        if request.method == "OPTIONS" and target.bucket:
            return await self.preflight(request, target)
        visit = Visit()
        name = ""
        signed = target
        try:
            target = await self.through(request, target, visit)
            if is_form(request, target):
                name = "PostObject"
                answer = await self._post(request, target, visit)
                data: Bytes | AsyncIterator[Bytes] = answer.body
            else:
                claim = self._claim(request, signed)
                if claim is None and target.bucket and not target.key and not request.raw_query:
                    target = await self._shown_root(request, target)
                operation = operation_of(request, target)
                name = operation.name
                answer, data = await self.run(request, target, operation, claim, visit)
                if is_compressed(request, answer):
                    answer, data = compress(answer, data)
            response = oss_answer.render(request, answer, data, started)
        except CloudError as problem:
            response = await self._instead(request, target, visit, problem, started)
        return await self.finish(request, target, visit, name, response, started)

    async def finish(
        self, request: HttpRequest, target: Target, visit: Visit, name: str, response: HttpResponse, started: float
    ) -> HttpResponse:
        """With the headers that a page of another origin needs; and noted in the bucket's log."""
        at = self._at(target.bucket)
        if at is None:
            note_traffic(self._cloud.home, request, target.bucket, visit, name, response, started)
            return response
        response = await self._front.finish(request, at, visit, response)
        self._front.log(request, at, visit, name, target, response, started)
        note_traffic(at, request, target.bucket, visit, name, response, started)
        return response

    async def preflight(self, request: HttpRequest, target: Target) -> HttpResponse:
        """The answer to OPTIONS. Raises NoSuchBucket, CORSForbidden."""
        at = self._cloud.region(await self._region_of(target.bucket, target.region_id))
        return await self._front.preflight(request, at, target)

    def _claim(self, request: HttpRequest, target: Target) -> Claimed | None:
        return read_claim(
            Signable(
                method=request.method,
                bucket=target.bucket,
                key=target.key,
                query=request.query if request.raw_query else (),
                headers=request.headers,
            ),
            self._cloud.clock.now(),
        )

    def _at(self, bucket: str) -> RegionState | None:
        region_id = self._regions.get(bucket)
        return self._cloud.in_use(region_id) if region_id else None

    async def _shown_root(self, request: HttpRequest, target: Target) -> Target:
        """The index document, where a browser opens a website."""
        if request.method not in ("GET", "HEAD"):
            return target
        at = self._cloud.region(await self._region_of(target.bucket, target.region_id))
        index = await self._front.show_root(at, target.bucket)
        return msgspec.structs.replace(target, key=index) if index else target

    async def _instead(
        self, request: HttpRequest, target: Target, visit: Visit, problem: CloudError, started: float
    ) -> HttpResponse:
        """What a website shows instead of an error, else the error."""
        at = self._at(target.bucket)
        try:
            shown = await self._front.instead(request, at, visit, target, problem) if at else None
            if shown is None:
                return oss_answer.render_error(request, problem, started)
            if shown.location:
                answer = OssResponse(status=shown.status, headers={"Location": shown.location})
                return oss_answer.render(request, answer, b"", started)
            name = "HeadObject" if request.method == "HEAD" else "GetObject"
            place = msgspec.structs.replace(target, key=shown.key)
            found, content = await self.run(request, place, oss.operations[name], self._claim(request, target), visit)
            if shown.status != 200:
                found = msgspec.structs.replace(found, status=shown.status)
            return oss_answer.render(request, found, content, started)
        except CloudError as another:
            kept = problem if isinstance(another, NoSuchKey) else another
            return oss_answer.render_error(request, kept, started)

    async def run(
        self,
        request: HttpRequest,
        target: Target,
        operation: Operation,
        claim: Claimed | None,
        visit: Visit | None = None,
    ) -> tuple[OssResponse, Bytes | AsyncIterator[Bytes]]:
        """Also for other protocols that speak of the same buckets. The answer, and the data that go with it."""
        document = await self._document(operation, request)
        at = await self._place(operation, target, claim, document)
        caller = await self._identify(request, at, claim, visit or Visit())
        self._performer.throttle(caller.principal.account_id, operation.action)
        ask = read_parameters(_kind(operation), target, request, document)
        wished_limit(request)
        one = Run(self._performer, request, at, caller, operation)
        callback = await self._callbacks.wanted(request, operation, at, target.bucket)
        try:
            answer = await self._act(one, ask, request)
        except NoSuchBucket:
            self._regions.pop(ask.bucket, None)
            raise
        if callback is not None:
            answer = await self._callbacks.answer(callback, request, at, one.caller.principal, ask, answer)
        if self._processing.is_for(ask, answer):
            run = partial(Run, self._performer, request, at, caller)
            return await self._processing.run(at.engines.blob, ask, answer, request.headers, run)
        if not answer.data:
            return answer, answer.body
        answer, data = await one.open(ask, answer)
        passed = await meters(self._performer, request, at, caller.visit, upload=False)
        return answer, paced(data, passed) if passed else data

    async def _post(self, request: HttpRequest, target: Target, visit: Visit) -> OssResponse:
        """An upload by a form: what else stands in head and path comes in its fields."""
        form = Form(request.headers["content-type"], request.stream())
        await form.read_fields()
        operation = oss.operations["PostObject"]
        fields: Mapping[str, str] = form.fields
        claim: Claimed | None
        if is_s3_form(fields):
            claim = read_s3_form_claim(fields, self.now)
            fields = s3_form.to_oss(fields)
        else:
            claim = read_form_claim(fields, self.now)
        target = form_target(target, form)
        at = await self._place(operation, target, claim, None)
        caller = await self._identify(request, at, claim, visit)
        self._performer.throttle(caller.principal.account_id, operation.action)
        limits = Limits()
        if "policy" in form.fields:
            limits = check_policy(form.fields["policy"], form.fields, target.bucket, self.now)
        if TRAFFIC_LIMIT in fields:
            request.headers[TRAFFIC_LIMIT] = fields[TRAFFIC_LIMIT]
        wished_limit(request)
        ask = read_form(PostObjectRequest, target, fields)
        callback = await self._callbacks.wanted_by_form(fields, at, target.bucket)
        answer = await Run(self._performer, request, at, caller, operation).receive(ask, form, limits)
        if callback is None:
            return answer
        return await self._callbacks.answer(callback, request, at, caller.principal, ask, answer)

    @property
    def now(self) -> datetime:
        return self._cloud.clock.now()

    async def through(self, request: HttpRequest, target: Target, visit: Visit) -> Target:
        """What a request is about that may have come to an access point. Raises NoSuchAccessPoint."""
        return await self._front.through(target, visit) if is_access_point(request.host, target) else target

    async def owner_of(self, bucket: str) -> str:
        """The account's id; empty if there is no such bucket."""
        found = await self._performer.run(self._cloud.home, lambda state: state.get(BucketName, bucket), reads=True)
        return found.account_id if found else ""

    def known_region(self, bucket: str) -> str:
        """Of a bucket that was just spoken of; empty if it is not known."""
        return self._regions.get(bucket, "")

    def render_error(self, request: HttpRequest, problem: CloudError) -> HttpResponse:
        return oss_answer.render_error(request, problem)

    async def _document(self, operation: Operation, request: HttpRequest) -> bytes | None:
        """The body of an operation that has a document."""
        if "document" not in operation.request.__struct_fields__:
            return None
        announced = content_md5(request)
        body = await request.body(_LARGEST_DOCUMENT)
        if announced is not None and hashlib.md5(body, usedforsecurity=False).digest() != announced:
            raise DigestMismatch
        return body

    async def _place(
        self, operation: Operation, target: Target, claim: Claimed | None, document: bytes | None
    ) -> RegionState:
        """The region where the operation runs. Raises NoSuchBucket, and errors of a wrong endpoint or signature."""
        signed = claim.region if claim else ""
        if not target.bucket:
            if operation.name == "ListAccessPoints":
                wished = target.region_id or signed
                return self._cloud.region(wished if find_region(wished) else self._cloud.config.default_region)
            return self._cloud.home
        if operation.name == "PutBucket":
            names.check_name(target.bucket)
            wished = read_wish(document or b"").region_id
            region_id = wished or target.region_id or signed or self._cloud.config.default_region
            if find_region(region_id) is None or (target.region_id and region_id != target.region_id):
                raise InvalidLocationConstraint if wished else InvalidSigningRegion
        else:
            try:
                region_id = await self._region_of(target.bucket, target.region_id or signed)
            except NoSuchBucket:
                if operation.name in _TAKEN_FOR_PUT_BUCKET:
                    raise NoBucketToConfigure from None
                raise
            if target.region_id and target.region_id != region_id:
                raise WrongEndpoint(Bucket=target.bucket, Endpoint=endpoint(region_id))
        if claim is not None:
            claim.check_region(region_id)
        return self._cloud.region(region_id)

    async def _region_of(self, bucket: str, hint: str) -> str:
        known = self._regions.get(bucket)
        if known is not None:
            return known
        try:
            found = await self._performer.run(
                self._cloud.home, lambda state: names.region_of(state, bucket), reads=True
            )
        except StateError:
            # Home is out of reach: a request that says where its bucket is can still be served there.
            if not hint or find_region(hint) is None:
                raise
            return hint
        if found is None:
            names.check_name(bucket)
            raise NoSuchBucket(BucketName=bucket)
        if len(self._regions) > 100_000:
            self._regions.clear()
        self._regions[bucket] = found
        return found

    async def _identify(self, request: HttpRequest, at: RegionState, claim: Claimed | None, visit: Visit) -> Caller:
        """Raises the vendor's errors for an unknown key, a bad token and a wrong signature."""
        if "authorization" not in request.headers:
            visit.referer = request.headers.get("referer", "")
        visit.intranet = is_internal(request.host)
        visit.accelerated = is_accelerated(request.host)
        visit.pays = "requester" in (
            request.headers.get("x-oss-request-payer"),
            dict(request.query).get("x-oss-request-payer") if request.raw_query else None,
        )
        if claim is None:
            return Caller(ANONYMOUS, (), None, partial(self._performer.context, request, ANONYMOUS, {}), visit)
        region_id = at.region.id
        try:
            credential = await self._performer.credential(region_id, claim.access_key_id, claim.security_token)
        except CloudError as problem:
            worded = _IN_WORDS_OF_OSS.get(type(problem))
            if worded is None:
                raise
            raise worded(OSSAccessKeyId=claim.access_key_id) from None
        claim.verify(credential.secret)
        principal = visit.principal = credential.principal
        self._performer.note_use(principal)
        if principal.kind == "root":
            return Caller(principal, (), None, partial(self._performer.context, request, principal, {}), visit)
        policies, bounds = await self._performer.identity(
            region_id, lambda state: self._performer.binding(state, principal)
        )
        session = policy.parse(principal.session_policy) if principal.session_policy else None
        context = partial(self._performer.context, request, principal, {})
        return Caller(principal, policies, session, context, visit, bounds)

    async def _act(self, one: Run, ask: OssRequest, request: HttpRequest) -> OssResponse:
        if isinstance(ask, CopyingRequest):
            there = self._cloud.region(await self._region_of(ask.source[0], ""))
            if there is not one.at and not isinstance(request, Translated):
                raise CopyBetweenRegions
            return await copy(one, ask, there)
        if isinstance(ask, UploadRequest):
            return await one.upload(ask)
        if isinstance(ask, CompleteMultipartUploadRequest):
            return await one.complete(ask)
        if isinstance(ask, PutBucketRequest):
            return await self._put_bucket(one, ask)
        if isinstance(ask, DeleteBucketRequest):
            return await self._delete_bucket(one, ask)
        return await one.do(ask)

    async def _put_bucket(self, one: Run, ask: PutBucketRequest) -> OssResponse:
        """Take the name, then make the bucket."""
        await one.may(ask)
        wanted = BucketName(
            name=ask.bucket,
            account_id=one.caller.principal.account_id,
            region_id=one.at.region.id,
            storage_class=read_wish(ask.document).storage_class,
            created_at=int(self._cloud.clock.now().timestamp()),
        )
        if ask.acl:
            bucket_acl(ask.acl)
        await self._performer.run(self._cloud.home, lambda home: names.take(home, wanted), reads=False)
        return await one.do(ask)

    async def _delete_bucket(self, one: Run, ask: DeleteBucketRequest) -> OssResponse:
        """End the bucket, then give its name back."""
        try:
            answer = await one.do(ask)
        except NoSuchBucket:
            # Nothing was there to be authorized on, but somebody of the account may be making the bucket just now.
            if permits(one.caller, one.operation, one.at.region.id, ask):
                await self._give_back(one, ask.bucket)
            raise
        self._regions.pop(ask.bucket, None)
        await self._give_back(one, ask.bucket)
        return answer

    async def _give_back(self, one: Run, bucket: str) -> None:
        """Also after a DeleteBucket that was interrupted before this, or a PutBucket that was before its row."""
        account_id, region_id = one.caller.principal.account_id, one.at.region.id
        await self._performer.run(
            self._cloud.home, lambda home: names.give_back(home, bucket, account_id, region_id), reads=False
        )


def _kind(operation: Operation) -> type[OssRequest]:
    assert issubclass(operation.request, OssRequest)  # noqa: S101  for the type checker: all of OSS's are
    return operation.request
