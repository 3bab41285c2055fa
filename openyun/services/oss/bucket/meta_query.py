"""Meta query: whether a bucket's objects may be asked for by what they are. Their rows are the index, so it is ready
at once and never behind."""

from __future__ import annotations

from typing import ClassVar

from openyun.errors import BadRequest, Conflict, NotFound
from openyun.operation import Call, Model
from openyun.services.oss.bucket.configuration import Kind
from openyun.services.oss.errors import InvalidArgument, NotImplementedHere
from openyun.services.oss.records import find_bucket
from openyun.services.oss.service import OssRequest, OssResponse, oss
from openyun.services.oss.times import iso


class MetaQueryNotExist(NotFound):
    code = "MetaQueryNotExist"
    message = "The meta query of the bucket is not open."


class MetaQueryAlreadyExist(Conflict):
    code = "MetaQueryAlreadyExist"
    message = "The meta query of the bucket is open already."


class DatasetsNotSupported(BadRequest):
    code = "OperationNotSupported"
    message = "The operation is not supported for this resource"
    ec: ClassVar[str] = "0037-00000001"


class Opened(Model, kw_only=True):
    at: int


META_QUERY = Kind("meta-query", "MetaQueryStatus", Opened, MetaQueryNotExist)


class OpenMetaQueryRequest(OssRequest, kw_only=True):
    mode: str = "basic"


@oss.operation(resource="{bucket}")
def open_meta_query(call: Call, ask: OpenMetaQueryRequest) -> OssResponse:
    check_mode(ask.mode)
    if META_QUERY.of(call.state, find_bucket(call.state, ask.bucket)) is not None:
        raise MetaQueryAlreadyExist
    META_QUERY.put(call, ask.bucket, Opened(at=int(call.now.timestamp())))
    return OssResponse()


class CloseMetaQueryRequest(OssRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def close_meta_query(call: Call, ask: CloseMetaQueryRequest) -> OssResponse:
    META_QUERY.delete(call, ask.bucket)
    return OssResponse()


class GetMetaQueryStatusRequest(OssRequest, kw_only=True):
    pass


class MetaQueryStatus(Model, kw_only=True):
    state: str = "Running"
    phase: str = "IncrementalScanning"
    create_time: str
    update_time: str
    meta_query_mode: str = "basic"


@oss.operation(resource="{bucket}")
def get_meta_query_status(call: Call, ask: GetMetaQueryStatusRequest) -> OssResponse:
    opened = META_QUERY.find(call, ask.bucket)
    shown = MetaQueryStatus(create_time=iso(opened.at), update_time=iso(int(call.now.timestamp())))
    return OssResponse(root=META_QUERY.root, document=shown)


class DoMetaQueryActionRequest(OssRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def do_meta_query_action(call: Call, ask: DoMetaQueryActionRequest) -> OssResponse:
    """Datasets, which a bucket has only where the vendor turned them on."""
    find_bucket(call.state, ask.bucket)
    raise DatasetsNotSupported


def check_mode(mode: str) -> None:
    """Raises NotImplementedHere, InvalidArgument."""
    if mode == "semantic":
        raise NotImplementedHere(feature="The semantic mode of meta query")
    if mode != "basic":
        raise InvalidArgument(reason="mode must be basic or semantic.", ArgumentName="mode", ArgumentValue=mode)
