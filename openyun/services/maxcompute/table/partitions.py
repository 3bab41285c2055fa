"""Partitions as the REST protocol shows them."""

from __future__ import annotations

import json
from typing import Any

from openyun.operation import Call
from openyun.services.maxcompute.errors import InvalidParameter, NoSuchPartition
from openyun.services.maxcompute.records import Partition, Table
from openyun.services.maxcompute.service import OdpsRequest, OdpsResponse, odps
from openyun.services.maxcompute.table.files import current_files, sizes
from openyun.services.maxcompute.table.tables import find_table, partitions_of

_MOST = 1000
"""partitions on one page"""
_TABLE = "projects/{project}/tables/{table}"


def read_spec(table: Table, text: str, *, whole: bool = True) -> str:
    """`a=1/b=x` of `a='1',b=x`. Raises InvalidParameter unless it names the table's partition columns, in order."""
    parts = [part.strip().partition("=") for part in text.replace("/", ",").split(",") if part.strip()]
    pairs = [(name.strip().lower(), value.strip().strip("'\"")) for name, _, value in parts]
    names = [one.name for one in table.partition_columns]
    given = [name for name, _ in pairs]
    if given != (names if whole else names[: len(given)]) or not pairs or any(not value for _, value in pairs):
        raise InvalidParameter(reason=f"the partition {text} does not fit the partition columns {','.join(names)}.")
    return "/".join(f"{name}={value}" for name, value in pairs)


def find_partition(call: Call, table: Table, text: str) -> Partition:
    """Raises NoSuchPartition, InvalidParameter."""
    spec = read_spec(table, text)
    found = call.state.get(Partition, table.id, spec)
    if found is None:
        raise NoSuchPartition(partition=spec)
    return found


class ListPartitionsRequest(OdpsRequest, kw_only=True):
    project: str
    table: str
    partition: str = ""
    marker: str = ""
    maxitems: int = _MOST
    curr_schema: str = ""
    reverse: str | None = None


@odps.operation(resource=_TABLE, path="/projects/{project}/tables/{table}?partitions", method="GET")
def list_partitions(call: Call, ask: ListPartitionsRequest) -> OdpsResponse:
    table = find_table(call, ask.project, ask.curr_schema, ask.table)
    if not table.partition_columns:
        raise InvalidParameter(reason=f"table {table.name} is not a partitioned table.")
    found = partitions_of(call, table)
    if ask.partition:
        prefix = read_spec(table, ask.partition, whole=False)
        found = [one for one in found if f"{one.spec}/".startswith(f"{prefix}/")]
    if ask.reverse is not None:
        found.reverse()
    if ask.marker:
        specs = [one.spec for one in found]
        found = found[specs.index(ask.marker) + 1 :] if ask.marker in specs else []
    most = min(max(ask.maxitems, 1), _MOST)
    items = []
    for one in found[:most]:
        _, size, records = sizes(current_files(call.state, table, one.spec))
        items.append(
            {
                "Column": [
                    {"@Name": column.name, "@Value": value}
                    for column, value in zip(table.partition_columns, one.values, strict=True)
                ],
                "CreationTime": one.created_at,
                "LastDDLTime": one.altered_at,
                "LastModifiedTime": one.modified_at,
                "PartitionSize": size,
                "PartitionRecordCount": records,
            }
        )
    marker = found[most - 1].spec if len(found) > most else ""
    return OdpsResponse(root="Partitions", xml={"Marker": marker, "MaxItems": most, "Partition": items})


class GetPartitionRequest(OdpsRequest, kw_only=True):
    project: str
    table: str
    partition: str
    curr_schema: str = ""


@odps.operation(resource=_TABLE, path="/projects/{project}/tables/{table}?partition", method="GET")
def get_partition(call: Call, ask: GetPartitionRequest) -> OdpsResponse:
    return _shown(call, ask)


class GetPartitionExtendedRequest(GetPartitionRequest, kw_only=True):
    pass


@odps.operation(resource=_TABLE, path="/projects/{project}/tables/{table}?partition&extended", method="GET")
def get_partition_extended(call: Call, ask: GetPartitionExtendedRequest) -> OdpsResponse:
    return _shown(call, ask)


def _shown(call: Call, ask: GetPartitionRequest) -> OdpsResponse:
    table = find_table(call, ask.project, ask.curr_schema, ask.table)
    one = find_partition(call, table, ask.partition)
    count, size, records = sizes(current_files(call.state, table, one.spec))
    facts: dict[str, Any] = {
        "createTime": one.created_at,
        "lastDDLTime": one.altered_at,
        "lastModifiedTime": one.modified_at,
        "partitionSize": size,
        "partitionRecordNum": records,
        "IsArchived": False,
        "IsExstore": False,
        "LifeCycle": table.lifecycle or -1,
        "PhysicalSize": size,
        "FileNum": count,
        "Reserved": "{}",
    }
    return OdpsResponse(root="Partition", xml={"Schema": {"!": json.dumps(facts)}})
