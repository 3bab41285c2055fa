"""One job at work: statement after statement, each with its effect in one transaction together with the job's progress.

A query runs outside any transaction, over files that one transaction named; what it wrote becomes a part of a table in
another. So if the server is killed in between, nothing has happened, and the statement can be run again.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import TypeVar

import msgspec

from openyun.cloud import Cloud, RegionState
from openyun.engine.query import Field, Output, Query, QueryEngine, QueryProblem, Source, Target
from openyun.services.maxcompute.job.showing import show
from openyun.services.maxcompute.places import local_paths, scratch, store
from openyun.services.maxcompute.project.projects import DEFAULTS
from openyun.services.maxcompute.records import Column, DataFile, Job, Project, Table
from openyun.services.maxcompute.sql import definitions as sql
from openyun.services.maxcompute.sql.statements import read_script
from openyun.services.maxcompute.sql.translate import Translated, translate
from openyun.services.maxcompute.sql_errors import PartitionProblem, RunProblem, SqlProblem, TableMissing
from openyun.services.maxcompute.table.defining import Scope, create_table, define
from openyun.services.maxcompute.table.files import NewFile, add_files, add_partition, current_files, remove_files
from openyun.state import Transaction

T = TypeVar("T")


class Reading(msgspec.Struct):
    """A translated query and the files it reads."""

    query: Query
    scanned: int


class Execution:
    def __init__(self, cloud: Cloud, at: RegionState, engine: QueryEngine, job: Job, cancelled: Event) -> None:
        self._cloud = cloud
        self._at = at
        self._engine = engine
        self._job = job
        self._cancelled = cancelled
        self._folder = scratch(cloud, at) / job.id

    def run(self) -> None:
        """Raises SqlProblem, QueryCancelled, QueryEngineBroke; what was done before stays done."""
        statements = read_script(self._job.query)
        settings = dict(self._job.settings)
        for number, statement in enumerate(statements):
            if isinstance(statement, sql.SetFlag):
                settings[statement.name] = statement.value
            self._job.settings = settings
            if number >= self._job.done:
                self._folder.mkdir(parents=True)
                try:
                    self._do(statement, number + 1)
                finally:
                    shutil.rmtree(self._folder, ignore_errors=True)

    def _do(self, statement: sql.Statement, done: int) -> None:
        match statement:
            case sql.SetFlag():
                self._commit(done, lambda _: "OK")
            case sql.Query():
                self._query(statement, done)
            case sql.Insert():
                self._insert(statement, done)
            case sql.CreateTable() if statement.query:
                self._create_as(statement, done)
            case sql.CreateView():
                self._create_view(statement, done)
            case sql.Show():
                self._commit(done, lambda scope: show(scope, statement))
            case _:
                self._commit(done, lambda scope: define(scope, statement))

    def _query(self, statement: sql.Query, done: int) -> None:
        reading = self._read(statement.text)
        output = self._run(reading)
        files = self._keep(output)

        def effect(scope: Scope) -> str:
            job = scope.job
            job.columns = [(one.name.lower(), one.type) for one in output.fields]
            job.records = output.records
            job.blob_id = files[0].blob_id if files else ""
            job.scanned += reading.scanned
            return ""

        self._commit(done, effect)

    def _insert(self, ask: sql.Insert, done: int) -> None:
        table = self._look(lambda scope: scope.table(ask.table, ask.place))
        if table.view_text:
            raise SqlProblem(f"{table.name} is a view", ask.place)
        fixed, dynamic = _partition_of(table, ask)
        reading = self._read(ask.query)
        columns = self._chosen(table, ask)
        names = [one.name for one in (*columns, *dynamic)]
        inner = ", ".join(f'"{name}"' for name in names)
        given = {name: f'"{name}"' for name in names}
        given |= {name: "'" + value.replace("'", "''") + "'" for name, value in fixed.items()}
        whole = [*table.columns, *table.partition_columns]
        outer = ", ".join(given.get(one.name, "NULL") for one in whole)
        fields = tuple(Field(one.name, one.type, one.stored) for one in whole)
        query = msgspec.structs.replace(
            reading.query,
            sql=f"SELECT {outer} FROM ({reading.query.sql}) AS rows({inner})",  # noqa: S608  a query is what it is for
            target=Target(fields=fields, partitioned_by=tuple(one.name for one in dynamic)),
        )
        output = self._run(Reading(query, reading.scanned), given=len(names))
        files = self._keep(output, table, fixed)

        def effect(scope: Scope) -> str:
            now = scope.table(ask.table, ask.place)
            if now.id != table.id or now.columns != table.columns:
                raise RunProblem("the table was changed while the statement ran")
            spec = None
            if table.partition_columns and not dynamic:
                spec = "/".join(f"{one.name}={fixed[one.name]}" for one in table.partition_columns)
                add_partition(scope.state, now, spec, scope.now, touch=True)
            if ask.overwrite:
                touched = {one.partition for one in files} if dynamic else {spec}
                for partition in touched:
                    remove_files(scope.state, now, partition, scope.now)
            add_files(scope.state, now, files, scope.now)
            scope.job.scanned += reading.scanned
            return ""

        self._commit(done, effect)

    def _chosen(self, table: Table, ask: sql.Insert) -> list[Column]:
        """The columns that the query's become. Raises SqlProblem."""
        if not ask.columns:
            return table.columns
        by_name = {one.name: one for one in table.columns}
        missing = next((name for name in ask.columns if name not in by_name), "")
        if missing:
            raise SqlProblem(f"column {missing} cannot be resolved", ask.place)
        return [by_name[name] for name in ask.columns]

    def _create_as(self, ask: sql.CreateTable, done: int) -> None:
        if self._look(lambda scope: scope.find(ask.table, ask.place)) is not None:
            self._commit(done, lambda scope: define(scope, ask))
            return
        reading = self._read(ask.query)
        output = self._run(reading)
        files = self._keep(output)
        ask.columns = [Column(name=one.name.lower(), type=one.type) for one in output.fields]

        def effect(scope: Scope) -> str:
            made = create_table(scope, ask)
            if made is not None:
                add_files(scope.state, made, files, scope.now)
            scope.job.scanned += reading.scanned
            return ""

        self._commit(done, effect)

    def _create_view(self, ask: sql.CreateView, done: int) -> None:
        """It is run once, over nothing, to know its columns."""
        reading = self._read(ask.query)
        bare = msgspec.structs.replace(reading.query, sql=f"SELECT * FROM ({reading.query.sql}) AS view LIMIT 0")  # noqa: S608  a query is what it is for
        output = self._run(Reading(bare, 0))
        names = ask.columns or tuple(one.name.lower() for one in output.fields)
        if len(names) != len(output.fields):
            raise SqlProblem("the view has another number of columns than its query", ask.place)
        columns = [Column(name=name, type=one.type) for name, one in zip(names, output.fields, strict=True)]

        def effect(scope: Scope) -> str:
            found = scope.find(ask.view, ask.place)
            if found is not None and found.view_text and ask.replace:
                scope.state.delete(found)
            table = sql.CreateTable(
                table=ask.view,
                if_not_exists=ask.if_not_exists,
                columns=columns,
                comment=ask.comment,
                place=ask.place,
            )
            create_table(scope, table, view_text=ask.query)
            return ""

        self._commit(done, effect)

    def _read(self, text: str) -> Reading:
        """Raises SqlProblem."""

        def look(scope: Scope) -> tuple[Translated, dict[str, list[DataFile]], str]:
            translated = translate(text, lambda name, place: scope.table(tuple(name), place))
            files = {name: current_files(scope.state, table) for name, table in translated.tables.items()}
            project = scope.state.get(Project, scope.job.project)
            properties = {**DEFAULTS, **(project.properties if project else {}), **scope.job.settings}
            return translated, files, properties["odps.sql.timezone"]

        translated, files, zone = self._look(look)
        sources = tuple(
            Source(
                name=name,
                fields=tuple(
                    Field(one.name, one.type, one.stored) for one in (*table.columns, *table.partition_columns)
                ),
                files=tuple(asyncio.run(local_paths(self._cloud, self._at, [one.blob_id for one in files[name]]))),
            )
            for name, table in translated.tables.items()
        )
        scanned = sum(one.size for several in files.values() for one in several)
        return Reading(
            Query(sql=translated.sql, definitions=translated.macros, sources=sources, time_zone=zone), scanned
        )

    def _run(self, reading: Reading, given: int = 0) -> Output:
        """Raises RunProblem, QueryCancelled, QueryEngineBroke."""
        try:
            return self._engine.run(reading.query, self._folder, self._cancelled)
        except QueryProblem as problem:
            raise _worded(str(problem), given) from None

    def _keep(self, output: Output, table: Table | None = None, fixed: dict[str, str] | None = None) -> list[NewFile]:
        """Its files as blobs. Raises PartitionProblem for a partition that has no value."""
        kept = []
        for one in output.files:
            if not one.records:
                continue
            partition = ""
            if table is not None and table.partition_columns:
                found = iter(one.partition)
                values = {
                    column.name: (fixed or {}).get(column.name) or next(found) for column in table.partition_columns
                }
                if not all(values.values()) or any("/" in str(value) for value in values.values()):
                    raise PartitionProblem("a dynamic partition's value is NULL, empty or has a slash")
                partition = "/".join(f"{name}={value}" for name, value in values.items())
            blob = asyncio.run(store(self._at, Path(one.path)))
            kept.append(NewFile(blob_id=blob.id, records=one.records, size=blob.size, partition=partition))
        return kept

    def _look(self, work: Callable[[Scope], T]) -> T:
        return self._at.store.read(lambda state: work(self._scope(state, self._job)))

    def _commit(self, done: int, effect: Callable[[Scope], str]) -> None:
        def work(state: Transaction) -> Job:
            job = state.get(Job, self._job.id)
            if job is None:
                raise TableMissing(f"instance {self._job.id}")
            job.settings = self._job.settings
            job.columns, job.blob_id, job.records = [], "", 0
            job.text = effect(self._scope(state, job))
            job.done = done
            state.put(job)
            return job

        self._job = self._at.store.write(work)

    def _scope(self, state: Transaction, job: Job) -> Scope:
        return Scope(state, self._at, job, int(self._cloud.clock.now().timestamp()))


def _partition_of(table: Table, ask: sql.Insert) -> tuple[dict[str, str], list[Column]]:
    """The partition columns that have a value, and those that the rows tell. Raises PartitionProblem."""
    names = [one.name for one in table.partition_columns]
    given = dict(ask.spec)
    if set(given) != set(names) or len(ask.spec) != len(names):
        raise PartitionProblem(f"the partition columns of {table.name} are {','.join(names) or 'none'}", ask.place)
    fixed = {name: str(value) for name, value in given.items() if value is not None}
    dynamic = [one for one in table.partition_columns if one.name not in fixed]
    if any(name in fixed for name in names[len(names) - len(dynamic) :]):
        raise PartitionProblem("a dynamic partition column stands before a static one", ask.place)
    return fixed, dynamic


def _worded(text: str, given: int) -> SqlProblem:
    """The engine's words, where there is no better: what cannot be resolved is a fault of the statement."""
    first = text.partition("\n")[0]
    if "has " in first and "columns available but" in first:
        return SqlProblem(f"the query has another number of columns than the {given} that are wanted")
    if first.startswith(("Binder Error", "Catalog Error", "Parser Error")):
        return SqlProblem(first.partition(": ")[2] or first)
    return RunProblem(first)
