"""Statements that define and change tables, each inside one transaction."""

from __future__ import annotations

import re
from collections.abc import Iterator

from openyun.clock import random_text
from openyun.cloud import RegionState
from openyun.services.maxcompute.errors import InvalidParameter, NoSuchSchema, ObjectAlreadyExists, SchemaNotEmpty
from openyun.services.maxcompute.records import Column, Job, Partition, Project, Schema, Table
from openyun.services.maxcompute.schema.schemas import DEFAULT, add_schema, check_schema, remove_schema
from openyun.services.maxcompute.sql.definitions import (
    AddPartitions,
    Alter,
    CreateSchema,
    CreateTable,
    Drop,
    DropPartitions,
    Name,
    Spec,
    Statement,
    Truncate,
)
from openyun.services.maxcompute.sql_errors import PartitionProblem, SqlProblem, TableMissing, TableThere, Unsupported
from openyun.services.maxcompute.table.files import add_partition, remove_files
from openyun.state import Transaction

_NAME = re.compile(r"[a-z_][a-z0-9_]{0,127}")
_PARTITION_TYPES = ("string", "varchar", "char", "tinyint", "smallint", "int", "bigint", "date")
_MOST_LEVELS = 6


class Scope:
    """A job's statement, at work on the catalogue."""

    def __init__(self, state: Transaction, at: RegionState, job: Job, now: int) -> None:
        self.state = state
        self.at = at
        self.job = job
        self.now = now

    def full_name(self, name: Name, place: tuple[int, int]) -> tuple[str, str, str]:
        """Project, schema and table. Of two parts, the first is a project, or a schema where the job says so."""
        lowered = [one.lower() for one in name]
        if len(lowered) == 3:
            project, schema, table = lowered
        elif len(lowered) == 2 and self.job.settings.get("odps.namespace.schema", "").lower() == "true":
            project, (schema, table) = self.job.project, lowered
        elif len(lowered) == 2:
            (project, table), schema = lowered, DEFAULT
        else:
            project, schema, table = self.job.project, self.job.schema, lowered[-1]
        found = self.state.get(Project, project)
        if found is None or found.account_id != self.job.account_id or len(lowered) > 3:
            raise TableMissing(f"table {'.'.join(name)} cannot be resolved", place)
        try:
            return project, check_schema(self.state, project, schema), table
        except NoSuchSchema as problem:
            raise TableMissing(problem.text, place) from None

    def find(self, name: Name, place: tuple[int, int]) -> Table | None:
        return self.state.get(Table, *self.full_name(name, place))

    def table(self, name: Name, place: tuple[int, int]) -> Table:
        """Raises TableMissing."""
        found = self.find(name, place)
        if found is None:
            project, _, table = self.full_name(name, place)
            raise TableMissing(f"table {project}.{table} cannot be resolved", place)
        return found


def define(scope: Scope, statement: Statement) -> str:
    """Do it; what there is to tell. Raises SqlProblem."""
    try:
        match statement:
            case CreateTable():
                create_table(scope, statement)
            case Drop():
                _drop(scope, statement)
            case Truncate():
                _truncate(scope, statement)
            case AddPartitions():
                _add_partitions(scope, statement)
            case DropPartitions():
                _drop_partitions(scope, statement)
            case Alter():
                _alter(scope, statement)
            case CreateSchema():
                _create_schema(scope, statement)
            case _:
                raise Unsupported(type(statement).__name__, statement.place)
    except (InvalidParameter, ObjectAlreadyExists, NoSuchSchema, SchemaNotEmpty) as problem:
        raise SqlProblem(problem.text, statement.place) from None
    return ""


def create_table(scope: Scope, ask: CreateTable, view_text: str = "") -> Table | None:
    """None if it is there and that is well."""
    project, schema, name = scope.full_name(ask.table, ask.place)
    if scope.find(ask.table, ask.place) is not None:
        if ask.if_not_exists:
            return None
        raise TableThere(f"{project}.{name}", ask.place)
    if not _NAME.fullmatch(name):
        raise SqlProblem(f"invalid table name {name}", ask.place)
    if ask.like:
        model = scope.table(ask.like, ask.place)
        ask.columns, ask.partition_columns, ask.comment = model.columns, model.partition_columns, model.comment
    _check_columns(ask)
    made = Table(
        project=project,
        schema=schema,
        name=name,
        id=random_text(32),
        owner=scope.job.owner,
        columns=ask.columns,
        partition_columns=ask.partition_columns,
        comment=ask.comment,
        lifecycle=ask.lifecycle,
        transactional=ask.properties.get("transactional", "").lower() == "true",
        primary_key=ask.primary_key,
        properties={name: value for name, value in ask.properties.items() if name != "transactional"},
        view_text=view_text,
        created_at=scope.now,
        altered_at=scope.now,
        modified_at=scope.now,
    )
    scope.state.insert(made)
    return made


def _check_columns(ask: CreateTable) -> None:
    names = [one.name for one in (*ask.columns, *ask.partition_columns)]
    if twice := next((name for name in names if names.count(name) > 1), ""):
        raise SqlProblem(f"column {twice} is defined twice", ask.place)
    if len(ask.partition_columns) > _MOST_LEVELS:
        raise SqlProblem(f"a table has at most {_MOST_LEVELS} partition levels", ask.place)
    for one in ask.partition_columns:
        if one.type.partition("(")[0] not in _PARTITION_TYPES:
            raise SqlProblem(f"partition column {one.name} cannot be of type {one.type}", ask.place)
    if ask.primary_key and not set(ask.primary_key) <= set(names):
        raise SqlProblem("the primary key names columns that are not there", ask.place)


def _drop(scope: Scope, ask: Drop) -> None:
    if ask.kind == "SCHEMA":
        project, name = (scope.job.project, *ask.name)[-2:]
        if ask.if_exists and name != DEFAULT and scope.state.get(Schema, project, name) is None:
            return
        remove_schema(scope.state, project, name)
        return
    table = scope.find(ask.name, ask.place)
    if table is None and ask.if_exists:
        return
    table = scope.table(ask.name, ask.place)
    if bool(table.view_text) != (ask.kind == "VIEW"):
        raise SqlProblem(f"{table.name} is {'a' if table.view_text else 'no'} view", ask.place)
    remove_files(scope.state, table, None, scope.now)
    for one in scope.state.find(Partition, table_id=table.id):
        scope.state.delete(one)
    scope.state.delete(table)


def _truncate(scope: Scope, ask: Truncate) -> None:
    table = scope.table(ask.table, ask.place)
    spec = None
    if ask.spec:
        spec = spec_of(table, ask.spec, ask.place)
        if scope.state.get(Partition, table.id, spec) is None:
            raise PartitionProblem(f"partition {spec} does not exist", ask.place)
    elif table.partition_columns:
        raise SqlProblem(f"{table.name} is partitioned, so a partition must be given", ask.place)
    remove_files(scope.state, table, spec, scope.now)
    table.version += 1
    table.modified_at = scope.now
    scope.state.put(table)


def _add_partitions(scope: Scope, ask: AddPartitions) -> None:
    table = scope.table(ask.table, ask.place)
    for one in ask.specs:
        spec = spec_of(table, one, ask.place)
        if not add_partition(scope.state, table, spec, scope.now) and not ask.if_not_exists:
            raise SqlProblem(f"partition {spec} already exists", ask.place)


def _drop_partitions(scope: Scope, ask: DropPartitions) -> None:
    table = scope.table(ask.table, ask.place)
    for one in ask.specs:
        spec = spec_of(table, one, ask.place)
        found = scope.state.get(Partition, table.id, spec)
        if found is None:
            if ask.if_exists:
                continue
            raise PartitionProblem(f"partition {spec} does not exist", ask.place)
        remove_files(scope.state, table, spec, scope.now)
        scope.state.delete(found)
        table.version += 1
        scope.state.put(table)


def spec_of(table: Table, given: Spec, place: tuple[int, int]) -> str:
    """`a=1/b=x`. Raises PartitionProblem unless it names all partition columns with a value."""
    values = dict(given)
    names = [one.name for one in table.partition_columns]
    if set(values) != set(names) or len(given) != len(names) or not names:
        raise PartitionProblem(f"the partition columns of {table.name} are {','.join(names) or 'none'}", place)
    for name in names:
        if not values[name] or "/" in str(values[name]):
            raise PartitionProblem(f"{name}={values[name]}", place)
    return "/".join(f"{name}={values[name]}" for name in names)


def _alter(scope: Scope, ask: Alter) -> None:
    table = scope.table(ask.table, ask.place)
    if ask.rename_to:
        if not _NAME.fullmatch(ask.rename_to):
            raise SqlProblem(f"invalid table name {ask.rename_to}", ask.place)
        if scope.state.get(Table, table.project, table.schema, ask.rename_to) is not None:
            raise TableThere(f"{table.project}.{ask.rename_to}", ask.place)
        scope.state.delete(table)
        table.name = ask.rename_to
    if ask.comment is not None:
        table.comment = ask.comment
    if ask.lifecycle is not None:
        table.lifecycle = ask.lifecycle
    table.properties |= ask.properties
    table.columns = list(_changed(table, ask))
    table.altered_at = scope.now
    if ask.touch:
        table.modified_at = scope.now
    scope.state.put(table)


def _changed(table: Table, ask: Alter) -> Iterator[Column]:
    taken = {one.name for one in (*table.columns, *table.partition_columns)}
    stored = {one.stored for one in (*table.columns, *table.partition_columns)}
    for name in (*ask.drop, *((ask.change[0],) if ask.change else ())):
        if name not in {one.name for one in table.columns}:
            raise SqlProblem(f"column {name} cannot be resolved", ask.place)
    for one in table.columns:
        if one.name in ask.drop:
            raise Unsupported("ALTER TABLE ... DROP COLUMN", ask.place)
        if ask.change and one.name == ask.change[0]:
            new = ask.change[1]
            if new.type not in ("", one.type):
                raise Unsupported(f"a change of type from {one.type} to {new.type}", ask.place)
            if new.name != one.name and new.name in taken:
                raise SqlProblem(f"column {new.name} is there already", ask.place)
            comment = new.comment or one.comment
            yield Column(name=new.name, type=one.type, comment=comment, nullable=one.nullable, field=one.stored)
        else:
            yield one
    for one in ask.add:
        if one.name in taken:
            raise SqlProblem(f"column {one.name} is there already", ask.place)
        taken.add(one.name)
        number = 2
        while (one.field or one.name) in stored:  # another one's, before it was renamed
            one.field = f"{one.name}_{number}"
            number += 1
        yield one


def _create_schema(scope: Scope, ask: CreateSchema) -> None:
    project, name = (scope.job.project, *ask.name)[-2:]
    if ask.if_not_exists and scope.state.get(Schema, project, name) is not None:
        return
    made = Schema(project=project, name=name, owner=scope.job.owner, comment=ask.comment, created_at=scope.now)
    add_schema(scope.state, made)
