"""The index of a logstore: what of its logs can be queried, and how text is cut into words."""

from __future__ import annotations

from typing import Any

import msgspec

from openyun.operation import Call
from openyun.services.sls import log_stores, projects
from openyun.services.sls.errors import IndexAlreadyExist, IndexConfigNotExist, IndexInfoInvalid
from openyun.services.sls.service import LogModel, LogResponse, StoreRequest, sls


class IndexKey(LogModel, kw_only=True, rename="camel"):
    """How one field is indexed."""

    type: str
    """text, long, double or json"""
    alias: str = ""
    case_sensitive: bool = False
    chn: bool = False
    doc_value: bool = msgspec.field(default=False, name="doc_value")
    token: list[str] = []


class IndexLine(LogModel, kw_only=True, rename="camel"):
    """How all of a log is indexed."""

    token: list[str] = []
    case_sensitive: bool = False
    chn: bool = False
    include_keys: list[str] = msgspec.field(default=[], name="include_keys")
    exclude_keys: list[str] = msgspec.field(default=[], name="exclude_keys")


class Index(LogModel, kw_only=True, rename="camel"):
    line: IndexLine | None = None
    keys: dict[str, IndexKey] = {}


class IndexRequest(StoreRequest, kw_only=True, rename="camel"):
    line: Any = None
    keys: Any = None
    ttl: Any = None
    max_text_len: int = msgspec.field(default=2048, name="max_text_len")
    log_reduce: bool = msgspec.field(default=False, name="log_reduce")
    storage: str = "pg"


class CreateIndexRequest(IndexRequest, kw_only=True, rename="camel"):
    pass


@sls.operation(resource="project/{project}/logstore/{logstore}", path="/logstores/{logstore}/index", method="POST")
def create_index(call: Call, ask: CreateIndexRequest) -> LogResponse:
    if log_stores.find(call, ask.project, ask.logstore).index is not None:
        raise IndexAlreadyExist
    return _keep(call, ask)


class UpdateIndexRequest(IndexRequest, kw_only=True, rename="camel"):
    pass


@sls.operation(resource="project/{project}/logstore/{logstore}", path="/logstores/{logstore}/index", method="PUT")
def update_index(call: Call, ask: UpdateIndexRequest) -> LogResponse:
    if log_stores.find(call, ask.project, ask.logstore).index is None:
        raise IndexConfigNotExist
    return _keep(call, ask)


class GetIndexRequest(StoreRequest, kw_only=True, rename="camel"):
    pass


class GetIndexResponse(LogResponse, kw_only=True, rename="camel"):
    document: dict[str, Any]
    """which is the answer"""


@sls.operation(resource="project/{project}/logstore/{logstore}", path="/logstores/{logstore}/index", method="GET")
def get_index(call: Call, ask: GetIndexRequest) -> GetIndexResponse:
    store = log_stores.find(call, ask.project, ask.logstore)
    if store.index is None:
        raise IndexConfigNotExist
    more = {"index_mode": "v2", "lastModifyTime": store.index_modified_at, "ttl": store.ttl}
    return GetIndexResponse(document={**store.index, **more})


class DeleteIndexRequest(StoreRequest, kw_only=True, rename="camel"):
    pass


@sls.operation(resource="project/{project}/logstore/{logstore}", path="/logstores/{logstore}/index", method="DELETE")
def delete_index(call: Call, ask: DeleteIndexRequest) -> LogResponse:
    store = log_stores.find(call, ask.project, ask.logstore)
    if store.index is None:
        raise IndexConfigNotExist
    store.index = None
    call.state.put(store)
    return LogResponse()


def parse(document: dict[str, Any]) -> Index:
    """Raises IndexInfoInvalid."""
    try:
        return msgspec.convert(document, Index, strict=False)
    except msgspec.ValidationError as problem:
        raise IndexInfoInvalid(reason=str(problem)) from None


def _keep(call: Call, ask: IndexRequest) -> LogResponse:
    document = {
        "line": ask.line,
        "keys": ask.keys,
        "max_text_len": ask.max_text_len,
        "log_reduce": ask.log_reduce,
        "storage": ask.storage,
    }
    document = {name: value for name, value in document.items() if value is not None}
    index = parse(document)
    if index.line is None and not index.keys:
        raise IndexInfoInvalid(reason="an index has a line or keys")
    for name, key in index.keys.items():
        if key.type not in ("text", "long", "double"):
            raise IndexInfoInvalid(reason=f"key {name} has type {key.type}: OpenYun indexes text, long and double")
    if ask.log_reduce:
        raise IndexInfoInvalid(reason="log_reduce is not supported by OpenYun")
    store = log_stores.find(call, ask.project, ask.logstore)
    store.index, store.index_modified_at = document, projects.seconds(call)
    call.state.put(store)
    return LogResponse()
