"""Lists of what cannot exist here, so they are truly empty: clients walk through them to clean up a bucket."""

from __future__ import annotations

from openyun.operation import Call, Model
from openyun.services.oss.paging import check_encoding
from openyun.services.oss.records import find_bucket
from openyun.services.oss.service import OssRequest, OssResponse, oss


class ListMultipartUploadsRequest(OssRequest, kw_only=True):
    prefix: str = ""
    delimiter: str = ""
    key_marker: str = ""
    upload_id_marker: str = ""
    max_uploads: int = 1000
    encoding_type: str = ""


class ListMultipartUploadsResult(Model, kw_only=True):
    encoding_type: str | None
    bucket: str
    key_marker: str
    upload_id_marker: str
    next_key_marker: str = ""
    next_upload_id_marker: str = ""
    delimiter: str
    prefix: str
    max_uploads: int
    is_truncated: bool = False


@oss.operation(resource="{bucket}")
def list_multipart_uploads(call: Call, ask: ListMultipartUploadsRequest) -> OssResponse:
    find_bucket(call.state, ask.bucket)
    check_encoding(ask.encoding_type)
    result = ListMultipartUploadsResult(
        encoding_type=ask.encoding_type or None,
        bucket=ask.bucket,
        key_marker=ask.key_marker,
        upload_id_marker=ask.upload_id_marker,
        delimiter=ask.delimiter,
        prefix=ask.prefix,
        max_uploads=ask.max_uploads,
    )
    return OssResponse(root="ListMultipartUploadsResult", document=result)


class ListLiveChannelRequest(OssRequest, kw_only=True):
    prefix: str = ""
    marker: str = ""
    max_keys: int = 100


class ListLiveChannelResult(Model, kw_only=True):
    prefix: str
    marker: str
    max_keys: int
    is_truncated: bool = False
    next_marker: str = ""


@oss.operation(resource="{bucket}")
def list_live_channel(call: Call, ask: ListLiveChannelRequest) -> OssResponse:
    find_bucket(call.state, ask.bucket)
    result = ListLiveChannelResult(prefix=ask.prefix, marker=ask.marker, max_keys=ask.max_keys)
    return OssResponse(root="ListLiveChannelResult", document=result)
