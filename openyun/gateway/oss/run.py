"""One operation of OSS for one caller: authorized and done in a transaction, with its bytes taken in or opened.

An upload does the transaction twice: first on its head, so that nobody sends gigabytes to be refused; then the body
goes to the blob engine; and the second time the row is written that makes the blob an object.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable
from typing import TypeVar

import msgspec

from openyun.access.principal import Principal
from openyun.cloud import RegionState
from openyun.engine.blob import Blob, BlobNotFound, BlobStoreFull, Bytes, LengthMismatch
from openyun.engine.file_part import FilePart
from openyun.engine.sealed import Algorithm
from openyun.errors import (
    CloudError,
    InternalError,
)
from openyun.gateway.http import HttpRequest
from openyun.gateway.oss.bodies import Held, announced_size, limited, until_gone
from openyun.gateway.oss.form import Form
from openyun.gateway.oss.pace import meters, paced
from openyun.gateway.oss.request import (
    content_md5,
)
from openyun.gateway.perform import Performer
from openyun.operation import Call, Operation
from openyun.services.oss.authorization import Caller, authorize
from openyun.services.oss.errors import (
    DigestMismatch,
    IncompleteBody,
    NoRoom,
)
from openyun.services.oss.object.content import SMALL, MustSeal, digest, in_turn
from openyun.services.oss.object.multipart import CompleteMultipartUploadRequest, Sequence, sequence_of
from openyun.services.oss.object.post_object import ANY_SIZE, Limits
from openyun.services.oss.service import OssRequest, OssResponse, Slice, UploadRequest
from openyun.state import Transaction

T = TypeVar("T")

_TRIES = 5
"""times that a reader looks again when what it found was replaced before it could be opened"""
_ONE_PIECE = 64 * 1024
"""Data up to this size is sent in one go, with its head."""

_QUICK = frozenset({"PutObject", "UploadPart", "DeleteObject", "PutObjectTagging", "PutObjectAcl"})
"""writes that are always of a few records"""

_NOTHING = Blob(id="", size=0, md5=hashlib.md5(b"", usedforsecurity=False).digest(), crc64=0)


class Run:
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
        await self.look(ask, lambda call: None)

    async def look(self, ask: OssRequest, then: Callable[[Call], T]) -> T:
        """Authorize, and then read what `then` asks for."""
        return await self._performer.run(self.at, self._work(ask, then), reads=True)

    async def check(self, ask: OssRequest) -> OssResponse:
        """Whether the operation could go on, as it answers before it has its bytes."""
        return await self.look(ask, self._function(ask))

    def in_region(self, at: RegionState, operation: Operation) -> Run:
        """Another operation for the same caller."""
        return Run(self._performer, self._request, at, self.caller, operation)

    async def do(self, ask: OssRequest) -> OssResponse:
        work, quick = self._work(ask, self._function(ask)), self.operation.name in _QUICK
        return await self._performer.run(self.at, work, reads=self.operation.reads, quick=quick)

    async def upload(self, ask: UploadRequest) -> OssResponse:
        request = self._request
        announced = content_md5(request)
        size = announced_size(request)
        if size is not None and size <= SMALL:
            return await self._upload_small(ask, announced)
        checked = await self._performer.run(self.at, self._work(ask, self._function(ask)), reads=True)
        blob = await self._store(size, announced, self._request.stream(), seal=checked.seal)
        return await self.commit(msgspec.structs.replace(ask, blob=blob))

    async def receive(self, ask: UploadRequest, form: Form, limits: Limits) -> OssResponse:
        """As `upload`, from the file of a form."""
        checked = await self._performer.run(self.at, self._work(ask, self._function(ask)), reads=True)
        blob = await self._store(None, None, form.file(), limits, checked.seal)
        return await self.commit(msgspec.structs.replace(ask, blob=blob))

    async def _upload_small(self, ask: UploadRequest, announced: bytes | None) -> OssResponse:
        """So few bytes come with the head or right behind it: there is no need to ask before whether they may."""
        if self._principal.kind == "anonymous":
            await self.may(ask)
        content = await self._request.body(SMALL)
        blob = digest(content) if content else _NOTHING
        if announced not in (None, blob.md5):
            raise DigestMismatch
        return await self.commit(msgspec.structs.replace(ask, blob=blob, content=content))

    async def complete(self, ask: CompleteMultipartUploadRequest) -> OssResponse:
        """A sequential upload tells the MD5 of the whole, so that is read once more."""
        sequence = await self.look(ask, lambda call: sequence_of(call, ask))
        if sequence is not None:
            hashed = hashlib.md5(usedforsecurity=False)
            try:
                async for chunk in in_turn(self.at.engines.blob, sequence.slices):
                    hashed.update(chunk)
            except BlobNotFound:
                sequence = Sequence((), ())  # a part was sent again meanwhile
            ask = msgspec.structs.replace(ask, md5=hashed.digest(), hashed=sequence.blob_ids)
        return await self.do(ask)

    async def commit(self, ask: UploadRequest) -> OssResponse:
        if self._request.checksums:
            ask = msgspec.structs.replace(ask, checksums=self._request.checksums)
        try:
            try:
                return await self.do(ask)
            except MustSeal as wanted:
                ask = await self._sealed(ask, wanted.algorithm)
                return await self.do(ask)
        except CloudError:
            # Only here is the blob freed at once: after other errors it may be that the row was written after all.
            if ask.blob is not None and ask.blob.id:
                self.at.engines.blob.discard(ask.blob.id)
            raise

    async def _sealed(self, ask: UploadRequest, algorithm: Algorithm) -> UploadRequest:
        """The same upload with its bytes encrypted."""
        blob = ask.blob
        assert blob is not None  # noqa: S101  for the type checker: only stored bytes must be sealed
        blobs = self.at.engines.blob
        part = Slice(blob.id, 0, blob.size, ask.content or None)
        try:
            made = await self.at.sealed.write_sealed(in_turn(blobs, [part]), algorithm=algorithm)
        except BlobStoreFull:
            raise NoRoom from None
        if blob.id:
            blobs.discard(blob.id)
        return msgspec.structs.replace(ask, blob=msgspec.structs.replace(blob, id=made.id), content=b"")

    async def open(self, ask: OssRequest, answer: OssResponse) -> tuple[OssResponse, Bytes | AsyncIterator[Bytes]]:
        """The bytes that the answer speaks of. If the object was replaced in between, ask again."""
        blobs = self.at.engines.blob
        for _ in range(_TRIES):
            if not answer.data:
                return answer, b""
            first, *rest = answer.data
            if first.data is not None and not rest:
                return answer, first.data
            if first.data is not None:
                return answer, until_gone(self._request, Held(first.data), in_turn(blobs, rest))
            try:
                chunks = await blobs.read(first.blob_id, first.start, first.length)
            except BlobNotFound:
                answer = await self.do(ask)
                continue
            if not rest and first.length <= _ONE_PIECE:
                return answer, await anext(aiter(chunks))
            if not rest and isinstance(chunks, FilePart):
                return answer, chunks
            return answer, until_gone(self._request, chunks, in_turn(blobs, rest))
        raise InternalError

    async def _store(
        self,
        size: int | None,
        announced: bytes | None,
        body: AsyncIterator[Bytes],
        limits: Limits = ANY_SIZE,
        seal: Algorithm | None = None,
    ) -> Blob:
        def accept(blob: Blob) -> None:
            limits.check(blob.size)
            if announced is not None and blob.md5 != announced:
                raise DigestMismatch

        try:
            chunks = limited(body, limits.most)
            passed = await meters(self._performer, self._request, self.at, self.caller.visit, upload=True)
            if passed:
                chunks = paced(chunks, passed)
            if seal:
                return await self.at.sealed.write_sealed(chunks, algorithm=seal, size=size, accept=accept)
            return await self.at.engines.blob.write(chunks, size=size, accept=accept)
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
