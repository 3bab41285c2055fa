"""The OSS protocol: how a request for a bucket or an object runs.

target ─ operation ─ claim ─ region of the bucket ─ who is it ─ parameters ─ authorize and do, in one transaction

An upload does the last step twice: first on its head, so that nobody sends gigabytes to be refused; then the body
goes to the blob engine; and the second time the row is written that makes the blob an object.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Iterable
from time import perf_counter
from typing import TypeVar

import msgspec

from openyun.access import policy
from openyun.access.oss_signature import (
    AccessKeyDisabled,
    AccessKeyIdAndSecurityTokenNotMatch,
    Claim,
    InvalidAccessKeyId,
    InvalidSecurityToken,
    InvalidSigningRegion,
    SecurityTokenExpired,
    Signable,
    read_claim,
)
from openyun.access.principal import ANONYMOUS, Principal
from openyun.cloud import RegionState
from openyun.engine.blob import Blob, BlobEngine, BlobNotFound, BlobStoreFull, Bytes, Chunks, LengthMismatch
from openyun.errors import (
    CloudError,
    InternalError,
    InvalidAccessKeyIdInactive,
    InvalidAccessKeyIdNotFound,
    InvalidSecurityTokenExpired,
    InvalidSecurityTokenMalformed,
    InvalidSecurityTokenMismatch,
    MissingSecurityToken,
)
from openyun.gateway import oss_answer
from openyun.gateway.http import HttpRequest, HttpResponse
from openyun.gateway.oss_request import Target, content_md5, operation_of, read_parameters, target_of
from openyun.gateway.perform import Performer
from openyun.operation import Call, Operation
from openyun.region import find_region
from openyun.services.oss import names
from openyun.services.oss.acl import bucket_acl
from openyun.services.oss.authorization import Caller, authorize, permits
from openyun.services.oss.buckets import DeleteBucketRequest, PutBucketRequest, endpoint, read_wish
from openyun.services.oss.copies import CopyObjectRequest, SourceChanged
from openyun.services.oss.errors import (
    DigestMismatch,
    EntityTooLarge,
    IncompleteBody,
    InvalidLocationConstraint,
    MissingContentLength,
    NoRoom,
    NoSuchBucket,
    WrongEndpoint,
)
from openyun.services.oss.records import BucketName
from openyun.services.oss.service import OssRequest, OssResponse, Slice, UploadRequest
from openyun.state import StateError, Transaction

T = TypeVar("T")

_LARGEST_DOCUMENT = 2 * 1024 * 1024
_LARGEST_OBJECT = 5 * 1024**3
_TRIES = 5
"""times that a reader looks again when what it found was replaced before it could be opened"""
_ONE_PIECE = 256 * 1024
"""Data up to this size is sent in one go, with its head."""

_LONG = frozenset({"GetBucketStat"})
"""Operations that read so much that the event loop must not wait for them."""

_NOTHING = Blob(id="", size=0, md5=hashlib.md5(b"", usedforsecurity=False).digest(), crc64=0)

_IN_WORDS_OF_OSS: dict[type[CloudError], type[CloudError]] = {
    InvalidAccessKeyIdNotFound: InvalidAccessKeyId,
    InvalidAccessKeyIdInactive: AccessKeyDisabled,
    MissingSecurityToken: InvalidAccessKeyId,
    InvalidSecurityTokenMalformed: InvalidSecurityToken,
    InvalidSecurityTokenMismatch: AccessKeyIdAndSecurityTokenNotMatch,
    InvalidSecurityTokenExpired: SecurityTokenExpired,
}


class Oss:
    def __init__(self, performer: Performer) -> None:
        self._performer = performer
        self._cloud = performer.cloud
        self._regions: dict[str, str] = {}
        """where buckets are, as far as known; a wrong entry costs one look-up"""

    async def answer(self, request: HttpRequest) -> HttpResponse:
        started = perf_counter()
        target = target_of(request.host, request.path)
        operation = operation_of(request, target)
        claim = read_claim(
            Signable(
                method=request.method,
                bucket=target.bucket,
                key=target.key,
                query=request.query if request.raw_query else (),
                headers=request.headers,
            ),
            self._cloud.clock.now(),
        )
        document = await self._document(operation, request)
        at = await self._place(operation, target, claim, document)
        caller = await self._identify(request, at, claim)
        self._performer.throttle(caller.principal.account_id, operation.action)
        ask = read_parameters(_kind(operation), target, request, document)
        one = _Run(self._performer, request, at, caller, operation)
        try:
            answer = await self._act(one, ask)
        except NoSuchBucket:
            self._regions.pop(ask.bucket, None)
            raise
        if not answer.data:
            return oss_answer.render(request, answer, b"", started)
        answer, data = await one.open(ask, answer)
        return oss_answer.render(request, answer, data, started)

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
        self, operation: Operation, target: Target, claim: Claim | None, document: bytes | None
    ) -> RegionState:
        """The region where the operation runs. Raises NoSuchBucket, and errors of a wrong endpoint or signature."""
        signed = claim.region if claim else ""
        if not target.bucket:
            return self._cloud.home
        if operation.name == "PutBucket":
            names.check_name(target.bucket)
            wished = read_wish(document or b"").region_id
            region_id = wished or target.region_id or signed or self._cloud.config.default_region
            if find_region(region_id) is None or (target.region_id and region_id != target.region_id):
                raise InvalidLocationConstraint if wished else InvalidSigningRegion
        else:
            region_id = await self._region_of(target.bucket, target.region_id or signed)
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

    async def _identify(self, request: HttpRequest, at: RegionState, claim: Claim | None) -> Caller:
        """Raises the vendor's errors for an unknown key, a bad token and a wrong signature."""
        if claim is None:
            return Caller(ANONYMOUS, (), None, {})
        region_id = at.region.id
        try:
            credential = await self._performer.credential(region_id, claim.access_key_id, claim.security_token)
        except CloudError as problem:
            worded = _IN_WORDS_OF_OSS.get(type(problem))
            if worded is None:
                raise
            raise worded(OSSAccessKeyId=claim.access_key_id) from None
        claim.verify(credential.secret)
        principal = credential.principal
        if principal.kind == "root":
            return Caller(principal, (), None, {})
        policies = await self._performer.identity(
            region_id, lambda state: self._cloud.directory.policies(state, principal)
        )
        session = policy.parse(principal.session_policy) if principal.session_policy else None
        return Caller(principal, policies, session, self._performer.context(request, principal, {}))

    async def _act(self, one: _Run, ask: OssRequest) -> OssResponse:
        if isinstance(ask, CopyObjectRequest):
            return await one.copy(ask)
        if isinstance(ask, UploadRequest):
            return await one.upload(ask)
        if isinstance(ask, PutBucketRequest):
            return await self._put_bucket(one, ask)
        if isinstance(ask, DeleteBucketRequest):
            return await self._delete_bucket(one, ask)
        return await one.do(ask)

    async def _put_bucket(self, one: _Run, ask: PutBucketRequest) -> OssResponse:
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

    async def _delete_bucket(self, one: _Run, ask: DeleteBucketRequest) -> OssResponse:
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

    async def _give_back(self, one: _Run, bucket: str) -> None:
        """Also after a DeleteBucket that was interrupted before this, or a PutBucket that was before its row."""
        account_id, region_id = one.caller.principal.account_id, one.at.region.id
        await self._performer.run(
            self._cloud.home, lambda home: names.give_back(home, bucket, account_id, region_id), reads=False
        )


class _Run:
    """One operation for one caller in one region."""

    def __init__(
        self, performer: Performer, request: HttpRequest, at: RegionState, caller: Caller, operation: Operation
    ) -> None:
        self.at = at
        self.caller = caller
        self.operation = operation
        self._performer = performer
        self._request = request

    async def may(self, ask: OssRequest) -> None:
        """Only authorize."""
        await self._performer.run(self.at, self._work(ask, lambda call: None), reads=True)

    async def do(self, ask: OssRequest) -> OssResponse:
        if self.operation.name in _LONG:
            return await asyncio.to_thread(self.at.store.read, self._work(ask, self._function(ask)))
        return await self._performer.run(self.at, self._work(ask, self._function(ask)), reads=self.operation.reads)

    async def upload(self, ask: UploadRequest) -> OssResponse:
        request = self._request
        announced = content_md5(request)
        size = _announced_size(request)
        await self._performer.run(self.at, self._work(ask, self._function(ask)), reads=True)
        blob = _NOTHING
        if size != 0:
            blob = await self._store(size, announced)
        elif announced not in (None, blob.md5):
            raise DigestMismatch
        return await self._commit(msgspec.structs.replace(ask, blob=blob))

    async def copy(self, ask: UploadRequest) -> OssResponse:
        """As an upload, but the bytes are those that the check names."""
        for _ in range(_TRIES):
            checked = await self._performer.run(self.at, self._work(ask, self._function(ask)), reads=True)
            if checked.status == 304:
                return checked
            try:
                blob = await self._duplicate(checked.data)
                return await self._commit(msgspec.structs.replace(ask, blob=blob, copied=checked.data))
            except (BlobNotFound, SourceChanged):
                continue
            except BlobStoreFull:
                raise NoRoom from None
        raise SourceChanged

    async def _duplicate(self, data: tuple[Slice, ...]) -> Blob:
        """One blob of these bytes. Its MD5 is empty where nothing was read: then it is the source's."""
        blobs = self.at.engines.blob
        if not data:
            return _NOTHING
        if len(data) == 1:
            return Blob(id=await blobs.copy(data[0].blob_id), size=data[0].length, md5=b"", crc64=0)
        return await blobs.write(_in_turn(blobs, data))

    async def _commit(self, ask: UploadRequest) -> OssResponse:
        try:
            return await self.do(ask)
        except CloudError:
            # Only here is the blob freed at once: after other errors it may be that the row was written after all.
            if ask.blob is not None and ask.blob.id:
                self.at.engines.blob.discard(ask.blob.id)
            raise

    async def open(self, ask: OssRequest, answer: OssResponse) -> tuple[OssResponse, Bytes | AsyncIterator[Bytes]]:
        """The bytes that the answer speaks of. If the object was replaced in between, ask again."""
        blobs = self.at.engines.blob
        for _ in range(_TRIES):
            if not answer.data:
                return answer, b""
            first, *rest = answer.data
            try:
                chunks = await blobs.read(first.blob_id, first.start, first.length)
            except BlobNotFound:
                answer = await self.do(ask)
                continue
            if not rest and first.length <= _ONE_PIECE:
                return answer, await anext(aiter(chunks))
            return answer, until_gone(self._request, chunks, _in_turn(blobs, rest))
        raise InternalError

    async def _store(self, size: int | None, announced: bytes | None) -> Blob:
        def accept(blob: Blob) -> None:
            if announced is not None and blob.md5 != announced:
                raise DigestMismatch

        try:
            return await self.at.engines.blob.write(_limited(self._request.stream()), size=size, accept=accept)
        except LengthMismatch:
            raise IncompleteBody from None
        except BlobStoreFull:
            raise NoRoom from None

    def _function(self, ask: OssRequest) -> Callable[[Call], OssResponse]:
        def function(call: Call) -> OssResponse:
            answer = self.operation.function(call, ask)
            assert isinstance(answer, OssResponse)  # noqa: S101  for the type checker: all of OSS's do
            return answer

        return function

    def _work(self, ask: OssRequest, then: Callable[[Call], T]) -> Callable[[Transaction], T]:
        def work(state: Transaction) -> T:
            call = Call(
                cloud=self._performer.cloud,
                at=self.at,
                principal=self._principal,
                request_id=self._request.id,
                state=state,
                source_ip=self._request.client,
                secure=self._request.secure,
            )
            authorize(call, self.caller, self.operation, ask)
            return then(call)

        return work

    @property
    def _principal(self) -> Principal:
        return self.caller.principal


def _kind(operation: Operation) -> type[OssRequest]:
    assert issubclass(operation.request, OssRequest)  # noqa: S101  for the type checker: all of OSS's are
    return operation.request


def _announced_size(request: HttpRequest) -> int | None:
    """Bytes of the body, None for a chunked one. Raises MissingContentLength, EntityTooLarge."""
    text = request.headers.get("content-length", "")
    if text.isascii() and text.isdigit():
        size = int(text[:20])
        if size > _LARGEST_OBJECT:
            raise EntityTooLarge(MaxSizeAllowed=str(_LARGEST_OBJECT), ProposedSize=text)
        return size
    if "chunked" in request.headers.get("transfer-encoding", "").lower():
        return None
    raise MissingContentLength


async def _limited(body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    seen = 0
    async for chunk in body:
        seen += len(chunk)
        if seen > _LARGEST_OBJECT:
            raise EntityTooLarge(MaxSizeAllowed=str(_LARGEST_OBJECT))
        yield chunk


async def _in_turn(blobs: BlobEngine, slices: Iterable[Slice]) -> AsyncIterator[Bytes]:
    for one in slices:
        chunks = await blobs.read(one.blob_id, one.start, one.length)
        async for chunk in chunks:
            yield chunk


async def until_gone(request: HttpRequest, chunks: Chunks, more: AsyncIterator[Bytes]) -> AsyncIterator[Bytes]:
    """The server takes what is sent to a client that has hung up, so reading on must end here."""
    gone = asyncio.ensure_future(request.hung_up())
    try:
        for source in (chunks, more):
            async for chunk in source:
                yield chunk
                if gone.done():
                    return
    finally:
        gone.cancel()
        await chunks.aclose()
