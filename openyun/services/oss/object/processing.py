"""What is computed from an object while it is read: images. The operations say of which bytes; the gateway has a worker
compute it, and for ProcessObject stores the result as another object."""

from __future__ import annotations

import importlib.util

import msgspec

from openyun.errors import CloudError, NotFound
from openyun.operation import Call
from openyun.services.oss.bucket.style import style_content
from openyun.services.oss.errors import NoSuchKey
from openyun.services.oss.image.steps import (
    MOST_BYTES,
    ImageTooLarge,
    InvalidImageArgument,
    NoSuchStyle,
    SaveAs,
    names_of,
    object_of,
    read_process,
)
from openyun.services.oss.object.content import slices_of
from openyun.services.oss.object.objects import behind
from openyun.services.oss.object.readable import check_readable
from openyun.services.oss.object.versions import find_version
from openyun.services.oss.records import find_bucket
from openyun.services.oss.service import ObjectRequest, OssResponse, Slice, oss
from openyun.services.oss.times import http_date


class ImageSupportMissing(CloudError):
    status = 501
    code = "NotImplemented"
    message = "Image processing needs Pillow on the server: install openyun[image]."


class NoMediaService(NotFound):
    code = "Imm Client"
    message = "ResourceNotFound, The specified resource Attachment is not found."


class SourceRequest(ObjectRequest, kw_only=True):
    process: str = msgspec.field(default="", name="x-oss-process")
    version_id: str = msgspec.field(default="", name="versionId")


class ImageResponse(OssResponse, kw_only=True):
    """`data` is the image; what becomes of it is worked out from the instruction."""

    instruction: str
    images: dict[str, tuple[Slice, ...]] = {}
    """watermarks, by their names in the instruction"""
    save: SaveAs | None = None


class GetObjectProcessedRequest(SourceRequest, kw_only=True):
    """GetObject with x-oss-process, which the real OSS gives no name of its own."""


@oss.operation(resource="{bucket}/{key}", action="oss:GetObject", reads=True)
def get_object_processed(call: Call, ask: GetObjectProcessedRequest) -> OssResponse:
    return image_of(call, ask, ask.process)


class ProcessObjectRequest(SourceRequest, kw_only=True):
    document: bytes = b""


@oss.operation(resource="{bucket}/{key}", action="oss:GetObject", reads=True)
def process_object(call: Call, ask: ProcessObjectRequest) -> OssResponse:
    """That the result may be written is asked when it is."""
    text = ask.document.decode(errors="replace").strip()
    instruction, save = read_process(text.removeprefix("x-oss-process="))
    answer = image_of(call, ask, instruction)
    answer.save = save
    return answer


class AsyncProcessObjectRequest(SourceRequest, kw_only=True):
    document: bytes = b""


@oss.operation(resource="{bucket}/{key}", action="oss:GetObject", reads=True)
def async_process_object(call: Call, ask: AsyncProcessObjectRequest) -> OssResponse:
    """Videos and documents are the work of a media service that a bucket is attached to, and images are not done so at
    all; so the vendor's answer of a bucket that is attached to none is the whole of it."""
    find_version(call.state, find_bucket(call.state, ask.bucket).name, ask.key, ask.version_id)
    raise NoMediaService


def image_of(call: Call, ask: SourceRequest, process: str) -> ImageResponse:
    """Raises InvalidImageArgument, NoSuchStyle, ImageTooLarge, ImageSupportMissing, and what reading an object does."""
    instruction = process
    if process.startswith("style/"):
        style = style_content(call.state, find_bucket(call.state, ask.bucket), process.removeprefix("style/"))
        if style is None:
            raise NoSuchStyle
        instruction = style
    if not instruction.startswith("image/"):
        raise InvalidImageArgument(reason="Unsupported process operation.")
    if importlib.util.find_spec("PIL") is None:
        raise ImageSupportMissing
    find_bucket(call.state, ask.bucket)
    link = find_version(call.state, ask.bucket, ask.key, ask.version_id)
    found = behind(call, link)
    check_readable(call, found)
    if found.size > MOST_BYTES:
        raise ImageTooLarge(reason=f"The image file is larger than {MOST_BYTES} bytes.")
    headers = {"Last-Modified": http_date(max(link.modified, found.modified)), "ETag": f'"{found.etag}"'}
    images = {name: _watermark(call, ask.bucket, name) for name in names_of(instruction)}
    return ImageResponse(
        headers=headers,
        data=slices_of(call.state, found, 0, found.size),
        instruction=instruction,
        images={name: slices for name, slices in images.items() if slices is not None},
    )


def _watermark(call: Call, bucket: str, name: str) -> tuple[Slice, ...] | None:
    """The image that a watermark shows, of the same bucket; None if there is none that could be read."""
    key, _ = object_of(name)
    try:
        found = behind(call, find_version(call.state, bucket, key, ""))
    except NoSuchKey:
        return None
    check_readable(call, found)
    if found.size > MOST_BYTES:
        raise ImageTooLarge(reason=f"The watermark's image is larger than {MOST_BYTES} bytes.")
    return slices_of(call.state, found, 0, found.size)


def source_of(call: Call, ask: SourceRequest) -> tuple[Slice, ...]:
    """All bytes of the object that a request speaks of."""
    find_bucket(call.state, ask.bucket)
    found = behind(call, find_version(call.state, ask.bucket, ask.key, ask.version_id))
    check_readable(call, found)
    return slices_of(call.state, found, 0, found.size)
