"""Logstores: what logs are written to. Each has some shards, between which what is written is spread."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from openyun.operation import Call
from openyun.services.sls import projects
from openyun.services.sls.errors import (
    ExceedQuota,
    LogStoreAlreadyExist,
    LogStoreInfoInvalid,
    LogStoreNotExist,
    ParameterInvalid,
)
from openyun.services.sls.records import LogStore
from openyun.services.sls.service import LogRequest, LogResponse, StoreRequest, sls

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,61}[a-z0-9]")
FOR_EVER = 3650
"""days of a TTL that means that nothing is ever deleted"""
_MOST_SHARDS = 10
_MOST = 200
"""of a project"""
_KEYS = 1 << 128
"""of the hash keys, which are MD5 digests"""


def find(call: Call, project: str, name: str) -> LogStore:
    """Raises ProjectNotExist, Unauthorized, LogStoreNotExist."""
    projects.find(call, project)
    found = call.state.get(LogStore, project, name)
    if found is None:
        raise LogStoreNotExist(logstore=name)
    return found


class LogStoreFields(LogRequest, kw_only=True, rename="camel"):
    """What can be set; what would need more than this cloud has is refused in `_check`."""

    ttl: int = 30
    shard_count: int = 2
    enable_tracking: bool = msgspec.field(default=False, name="enable_tracking")
    """web tracking, which is refused"""
    auto_split: bool = False
    """kept and shown: a shard here takes as much as comes, so there is never a reason to split one"""
    max_split_shard: int = 0
    append_meta: bool = False
    telemetry_type: str = ""
    mode: str = "standard"
    hot_ttl: int = msgspec.field(default=-1, name="hot_ttl")
    encrypt_conf: dict[str, Any] | None = msgspec.field(default=None, name="encrypt_conf")
    enable_modify: bool = False
    infrequent_access_ttl: int = msgspec.field(default=-1, name="infrequentAccessTTL")


def _check(ask: LogStoreFields) -> None:
    """Raises LogStoreInfoInvalid, ParameterInvalid."""
    if not 1 <= ask.ttl <= FOR_EVER:
        raise LogStoreInfoInvalid(reason=f"ttl must be in the range [1,{FOR_EVER}]")
    if ask.mode not in ("standard", "query"):
        raise ParameterInvalid(reason="mode must be standard or query")
    lacking = {
        "enable_tracking": ask.enable_tracking,
        "telemetryType": ask.telemetry_type not in ("", "None"),
        "encrypt_conf": bool(ask.encrypt_conf and ask.encrypt_conf.get("enable")),
        "enableModify": ask.enable_modify,
        "hot_ttl": ask.hot_ttl > 0 and ask.hot_ttl != ask.ttl,
        "infrequentAccessTTL": ask.infrequent_access_ttl > 0,
    }
    if wished := [name for name, wanted in lacking.items() if wanted]:
        raise ParameterInvalid(reason=f"{wished[0]} is not supported by OpenYun")


class CreateLogStoreRequest(LogStoreFields, kw_only=True, rename="camel"):
    logstore_name: str


@sls.operation(resource="project/{project}/logstore/{logstore_name}", path="/logstores", method="POST")
def create_log_store(call: Call, ask: CreateLogStoreRequest) -> LogResponse:
    projects.find(call, ask.project)
    if not _NAME.fullmatch(ask.logstore_name):
        raise LogStoreInfoInvalid(reason=f"logstore name {ask.logstore_name} is invalid")
    _check(ask)
    if not 1 <= ask.shard_count <= _MOST_SHARDS:
        raise LogStoreInfoInvalid(reason=f"shardCount must be in the range [1,{_MOST_SHARDS}]")
    if call.state.get(LogStore, ask.project, ask.logstore_name) is not None:
        raise LogStoreAlreadyExist(logstore=ask.logstore_name)
    if call.state.count(LogStore, project=ask.project) >= _MOST:
        raise ExceedQuota(what="logstore", most=_MOST)
    now = projects.seconds(call)
    call.state.insert(
        LogStore(
            project=ask.project,
            name=ask.logstore_name,
            id=call.new_id("ls"),
            ttl=ask.ttl,
            shards=ask.shard_count,
            append_meta=ask.append_meta,
            auto_split=ask.auto_split,
            max_split_shard=ask.max_split_shard,
            mode=ask.mode,
            created_at=now,
            modified_at=now,
        )
    )
    return LogResponse()


class GetLogStoreRequest(StoreRequest, kw_only=True, rename="camel"):
    pass


class GetLogStoreResponse(LogResponse, kw_only=True, rename="camel"):
    logstore_name: str
    ttl: int
    shard_count: int
    enable_tracking: bool = msgspec.field(default=False, name="enable_tracking")
    auto_split: bool = False
    max_split_shard: int = 0
    append_meta: bool
    telemetry_type: str = ""
    mode: str
    create_time: int
    last_modify_time: int


@sls.operation(resource="project/{project}/logstore/{logstore}", path="/logstores/{logstore}", method="GET")
def get_log_store(call: Call, ask: GetLogStoreRequest) -> GetLogStoreResponse:
    found = find(call, ask.project, ask.logstore)
    return GetLogStoreResponse(
        logstore_name=found.name,
        ttl=found.ttl,
        shard_count=found.shards,
        append_meta=found.append_meta,
        auto_split=found.auto_split,
        max_split_shard=found.max_split_shard,
        mode=found.mode,
        create_time=found.created_at,
        last_modify_time=found.modified_at,
    )


class UpdateLogStoreRequest(LogStoreFields, kw_only=True, rename="camel"):
    logstore: str
    logstore_name: str = ""
    shard_count: int = 0


@sls.operation(resource="project/{project}/logstore/{logstore}", path="/logstores/{logstore}", method="PUT")
def update_log_store(call: Call, ask: UpdateLogStoreRequest) -> LogResponse:
    found = find(call, ask.project, ask.logstore)
    _check(ask)
    if ask.shard_count not in (0, found.shards):
        raise ParameterInvalid(reason="shardCount cannot be changed: OpenYun does not split or merge shards")
    found.ttl, found.append_meta, found.mode = ask.ttl, ask.append_meta, ask.mode
    found.auto_split, found.max_split_shard = ask.auto_split, ask.max_split_shard
    found.modified_at = projects.seconds(call)
    call.state.put(found)
    call.wake()
    return LogResponse()


class DeleteLogStoreRequest(StoreRequest, kw_only=True, rename="camel"):
    pass


@sls.operation(resource="project/{project}/logstore/{logstore}", path="/logstores/{logstore}", method="DELETE")
def delete_log_store(call: Call, ask: DeleteLogStoreRequest) -> LogResponse:
    call.state.delete(find(call, ask.project, ask.logstore))
    return LogResponse()


class ListLogStoresRequest(LogRequest, kw_only=True, rename="camel"):
    logstore_name: str = ""
    mode: str = ""
    telemetry_type: str = ""
    offset: int = 0
    size: int = 200


class ListLogStoresResponse(LogResponse, kw_only=True, rename="camel"):
    count: int
    total: int
    logstores: list[str]


@sls.operation(resource="project/{project}/logstore/*", path="/logstores", method="GET")
def list_log_stores(call: Call, ask: ListLogStoresRequest) -> ListLogStoresResponse:
    projects.find(call, ask.project)
    projects.check_page(ask.offset, ask.size)
    found = [
        one.name
        for one in call.state.find(LogStore, project=ask.project)
        if ask.logstore_name in one.name and ask.mode in ("", one.mode) and ask.telemetry_type in ("", "None")
    ]
    page = found[ask.offset : ask.offset + ask.size]
    return ListLogStoresResponse(count=len(page), total=len(found), logstores=page)


class ListShardsRequest(StoreRequest, kw_only=True, rename="camel"):
    pass


class ListShardsResponse(LogResponse, kw_only=True, rename="camel"):
    items: list[dict[str, Any]]
    """which are the document"""


@sls.operation(resource="project/{project}/logstore/{logstore}", path="/logstores/{logstore}/shards", method="GET")
def list_shards(call: Call, ask: ListShardsRequest) -> ListShardsResponse:
    found = find(call, ask.project, ask.logstore)
    return ListShardsResponse(
        items=[
            {
                "shardID": shard,
                "status": "readwrite",
                "inclusiveBeginKey": f"{_KEYS * shard // found.shards:032x}",
                "exclusiveEndKey": _end_key(shard, found.shards),
                "createTime": found.created_at,
            }
            for shard in range(found.shards)
        ]
    )


def _end_key(shard: int, shards: int) -> str:
    return "f" * 32 if shard + 1 == shards else f"{_KEYS * (shard + 1) // shards:032x}"


def shard_of(store: LogStore, hash_key: str) -> int:
    """Where logs with this key go. Raises ParameterInvalid."""
    try:
        number = int(hash_key, 16)
    except ValueError:
        number = _KEYS
    if len(hash_key) > 32 or number >= _KEYS:
        raise ParameterInvalid(reason="key must be an MD5 digest in hexadecimal")
    return number * store.shards // _KEYS
