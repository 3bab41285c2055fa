"""Statements that tell of the catalogue, in the text that the vendor's client prints."""

from __future__ import annotations

import fnmatch
import json
from datetime import UTC, datetime

from openyun.services.maxcompute.records import Column, Partition, Schema, Table
from openyun.services.maxcompute.schema.schemas import DEFAULT, check_schema
from openyun.services.maxcompute.sql.definitions import Show
from openyun.services.maxcompute.sql_errors import PartitionProblem, SqlProblem
from openyun.services.maxcompute.table.defining import Scope, spec_of
from openyun.services.maxcompute.table.files import current_files, sizes

_RULE = "+" + "-" * 84 + "+"


def show(scope: Scope, ask: Show) -> str:
    """Raises SqlProblem."""
    match ask.what:
        case "SHOW TABLES":
            return _tables(scope, ask)
        case "SHOW SCHEMAS":
            names = [one.name for one in scope.state.find(Schema, project=scope.job.project)]
            return "\n".join(sorted([DEFAULT, *names]))
        case "DESC SCHEMA":
            return json.dumps({"Name": check_schema(scope.state, scope.job.project, ask.name[-1])})
        case "SHOW PARTITIONS":
            table = scope.table(ask.name, ask.place)
            if not table.partition_columns:
                raise SqlProblem(f"table {table.name} is not a partitioned table", ask.place)
            return "\n".join(one.spec for one in scope.state.scan(Partition, "spec", table_id=table.id))
        case "SHOW CREATE TABLE":
            return create_text(scope.table(ask.name, ask.place))
        case _:
            return _described(scope, scope.table(ask.name, ask.place), ask)


def _tables(scope: Scope, ask: Show) -> str:
    project, schema, _ = scope.full_name((*ask.name, "any") if ask.name else ("any",), ask.place)
    found = scope.state.scan(Table, "name", project=project, schema=schema)
    listed = [one for one in found if not ask.like or fnmatch.fnmatch(one.name, ask.like.lower())]
    return "\n".join(f"{one.owner}:{one.name}" for one in listed)


def _described(scope: Scope, table: Table, ask: Show) -> str:
    spec = None
    if ask.spec:
        spec = spec_of(table, ask.spec, ask.place)
        if scope.state.get(Partition, table.id, spec) is None:
            raise PartitionProblem(f"partition {spec} does not exist", ask.place)
    _, size, _ = sizes(current_files(scope.state, table, spec))
    lines = [
        _RULE,
        _line(f"Owner: {table.owner} | Project: {table.project}"),
        _line(f"TableComment: {table.comment}"),
        _RULE,
        _line(f"CreateTime:               {_time(table.created_at)}"),
        _line(f"LastDDLTime:              {_time(table.altered_at)}"),
        _line(f"LastModifiedTime:         {_time(table.modified_at)}"),
        *([_line(f"Lifecycle:                {table.lifecycle}")] if table.lifecycle else []),
        _RULE,
        _line(f"InternalTable: {'NO' if table.view_text else 'YES'}      | Size: {size}"),
        _RULE,
        _line("Native Columns:"),
        _RULE,
        _line(f"{'Field':<16}| {'Type':<11}| {'Label':<6}| Comment"),
        _RULE,
        *(_line(_column(one)) for one in table.columns),
        _RULE,
    ]
    if table.partition_columns:
        lines += [_line("Partition Columns:"), _RULE, *(_line(_column(one)) for one in table.partition_columns), _RULE]
    return "\n".join(lines)


def _line(text: str) -> str:
    return f"| {text:<82} |"


def _column(one: Column) -> str:
    return f"{one.name:<16}| {one.type:<11}| {'':<6}| {one.comment}"


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")


def create_text(table: Table) -> str:
    if table.view_text:
        return f"CREATE VIEW IF NOT EXISTS {table.project}.{table.name} AS {table.view_text};"
    columns = ", ".join(map(_defined, table.columns))
    text = f"CREATE TABLE IF NOT EXISTS {table.project}.{table.name}({columns})"
    if table.comment:
        text += f" COMMENT {_quoted(table.comment)}"
    if table.partition_columns:
        text += f" PARTITIONED BY ({', '.join(map(_defined, table.partition_columns))})"
    properties = {**table.properties, **({"transactional": "true"} if table.transactional else {})}
    if properties:
        pairs = ", ".join(f"{_quoted(name)}={_quoted(value)}" for name, value in properties.items())
        text += f" TBLPROPERTIES ({pairs})"
    if table.lifecycle:
        text += f" LIFECYCLE {table.lifecycle}"
    return text + ";"


def _defined(one: Column) -> str:
    nullable = "" if one.nullable else " NOT NULL"
    comment = f" COMMENT {_quoted(one.comment)}" if one.comment else ""
    return f"`{one.name}` {one.type.upper()}{nullable}{comment}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
