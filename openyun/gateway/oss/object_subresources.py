"""Which operation each sub-resource of an object asks for that computes something, or is about a stream."""

from __future__ import annotations

from openyun.services.oss.image.steps import InvalidImageArgument

LIVE: dict[tuple[str, str, str], str] = {
    ("GET", "bucket", "live"): "ListLiveChannel",
    ("PUT", "object", "live"): "PutLiveChannel",
    ("PUT", "object", "live&status"): "PutLiveChannelStatus",
    ("GET", "object", "live"): "GetLiveChannel",
    ("GET", "object", "live&comp=stat"): "GetLiveChannelStat",
    ("GET", "object", "live&comp=history"): "GetLiveChannelHistory",
    ("DELETE", "object", "live"): "DeleteLiveChannel",
    ("POST", "object", "vod"): "PostVodPlaylist",
    ("GET", "object", "vod"): "GetVodPlaylist",
}

RETENTION: dict[tuple[str, str, str], str] = {
    ("PUT", "object", "retention"): "PutObjectRetention",
    ("GET", "object", "retention"): "GetObjectRetention",
    ("PUT", "object", "legalHold"): "PutObjectLegalHold",
    ("GET", "object", "legalHold"): "GetObjectLegalHold",
}

CALLBACK: dict[tuple[str, str, str], str] = {
    ("PUT", "bucket", "policy&comp=callback"): "PutBucketCallbackPolicy",
    ("GET", "bucket", "policy&comp=callback"): "GetBucketCallbackPolicy",
    ("DELETE", "bucket", "policy&comp=callback"): "DeleteBucketCallbackPolicy",
}

PROCESSING: dict[tuple[str, str, str], str] = {
    ("GET", "object", "x-oss-process"): "GetObjectProcessed",
    ("POST", "object", "x-oss-process"): "ProcessObject",
    ("POST", "object", "x-oss-async-process"): "AsyncProcessObject",
    ("POST", "object", "seal"): "SealAppendObject",
}

_BY_PROCESS = {
    "": "ProcessObject",
    "csv/select": "SelectObject",
    "json/select": "SelectObject",
    "csv/meta": "CreateSelectObjectMeta",
    "json/meta": "CreateSelectObjectMeta",
}


def posted_process(query: list[tuple[str, str]]) -> str:
    """POST with x-oss-process is one of three operations, by its value. Raises InvalidImageArgument."""
    value = dict(query).get("x-oss-process", "")
    name = _BY_PROCESS.get(value)
    if name is None:
        raise InvalidImageArgument(reason="Unsupported process operation.")
    return name
