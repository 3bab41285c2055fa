"""Answers that are computed from an object: images and SELECT. Workers compute them; here they meet the request."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any, Protocol

import msgspec

from openyun.engine.blob import Blob, BlobEngine, Bytes
from openyun.gateway.oss.workers import Workers
from openyun.operation import Operation
from openyun.services.oss.image.steps import SaveAs, object_of
from openyun.services.oss.object.content import SMALL, digest, in_turn
from openyun.services.oss.object.objects import GetObjectRequest, PutObjectRequest
from openyun.services.oss.object.processing import ImageResponse
from openyun.services.oss.select.requests import (
    CreateSelectObjectMetaRequest,
    SelectObjectRequest,
    read_meta_plan,
    read_plan,
)
from openyun.services.oss.service import OssRequest, OssResponse, Slice, UploadRequest, oss
from openyun.services.oss.work.worker import Task


class Running(Protocol):
    """One operation for the caller of this request."""

    async def may(self, ask: OssRequest) -> None: ...

    async def commit(self, ask: UploadRequest) -> OssResponse: ...


Run = Callable[[Operation], Running]

Answer = tuple[OssResponse, Bytes | AsyncIterator[Bytes]]


class Processing:
    def __init__(self) -> None:
        self._workers = Workers()

    def is_for(self, ask: OssRequest, answer: OssResponse) -> bool:
        return isinstance(answer, ImageResponse) or isinstance(ask, SelectObjectRequest | CreateSelectObjectMetaRequest)

    async def run(
        self, blobs: BlobEngine, ask: OssRequest, answer: OssResponse, headers: dict[str, str], run: Run
    ) -> Answer:
        """Raises what the service raises for bad images, statements and data."""
        if isinstance(answer, ImageResponse):
            for name in answer.images:
                # A watermark shows an object, so only to those who may see it.
                await run(oss.operations["GetObject"]).may(GetObjectRequest(bucket=ask.bucket, key=object_of(name)[0]))
            return await self._image(blobs, ask, answer, run)
        is_json, document = getattr(ask, "process", "").startswith("json"), getattr(ask, "document", b"")
        is_select = isinstance(ask, SelectObjectRequest)
        span = headers.get("range", "")
        wanted = read_plan(document, is_json, span) if is_select else read_meta_plan(document, is_json)
        plan: Any = msgspec.to_builtins(wanted)
        _, data = await self._workers.run(Task("select", select=plan), in_turn(blobs, answer.data))
        return answer, data

    async def about(self, blobs: BlobEngine, data: Iterable[Slice]) -> dict[str, str]:
        """Width, height and format of an image. Raises what the service raises for bad images."""
        _, pieces = await self._workers.run(Task("image", instruction="image/info"), in_turn(blobs, data))
        facts = msgspec.json.decode(b"".join([piece async for piece in pieces]), type=dict[str, dict[str, str]])
        names = {"ImageHeight": "height", "ImageWidth": "width", "Format": "format"}
        return {f"imageInfo.{ours}": facts[theirs]["value"] for theirs, ours in names.items()}

    async def _image(self, blobs: BlobEngine, ask: OssRequest, answer: ImageResponse, run: Run) -> Answer:
        names = list(answer.images)
        marks = [one for name in names for one in answer.images[name]]
        sizes = [sum(one.length for one in answer.images[name]) for name in names]
        task = Task("image", instruction=answer.instruction, names=names, sizes=sizes)
        head, data = await self._workers.run(task, in_turn(blobs, [*marks, *answer.data]))
        if answer.save is not None:
            return await self._save(blobs, ask.bucket, answer.save, head.content_type, data, run)
        headers = {**answer.headers, "Content-Type": head.content_type}
        if head.length is not None:
            headers["Content-Length"] = str(head.length)
        return OssResponse(headers=headers), data

    async def _save(
        self, blobs: BlobEngine, source: str, save: SaveAs, content_type: str, data: AsyncIterator[bytes], run: Run
    ) -> Answer:
        ask = PutObjectRequest(bucket=save.bucket or source, key=save.key, content_type=content_type)
        put = run(oss.operations["PutObject"])
        await put.may(ask)
        blob, content = await _kept(blobs, data)
        await put.commit(msgspec.structs.replace(ask, blob=blob, content=content))
        told = {"bucket": save.bucket, "fileSize": blob.size, "object": save.key, "status": "OK"}
        return OssResponse(headers={"Content-Type": "application/json"}), msgspec.json.encode(told)


async def _kept(blobs: BlobEngine, data: AsyncIterator[bytes]) -> tuple[Blob, bytes]:
    """A blob, or the bytes themselves if they are few."""
    first: list[bytes] = []
    async for piece in data:
        first.append(piece)
        if sum(map(len, first)) > SMALL:
            break
    else:
        content = b"".join(first)
        return digest(content), content

    async def whole() -> AsyncIterator[bytes]:
        for piece in first:
            yield piece
        async for piece in data:
            yield piece

    return await blobs.write(whole()), b""
