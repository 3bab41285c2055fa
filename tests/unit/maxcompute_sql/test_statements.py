"""Queries and scripts: what the grammar reads, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

pytest.importorskip("sqlglot")

from sqlglot import exp

from openyun.services.maxcompute.language import SqlProblem
from openyun.services.maxcompute.language.script import parse
from openyun.services.maxcompute.language.translate import to_duckdb, translated

Answer = Callable[[str], list[tuple[Any, ...]]]
QUERIES: list[tuple[str, list[tuple[Any, ...]]]] = [
    ("select tags[0], marks['m'], place.city from people where id = 1", [("x", 5, "hz")]),
    ("select id, tag from people lateral view explode(tags) t as tag order by id, tag", [(1, "x"), (1, "y"), (2, "z")]),
    (
        "select id, p, tag from people lateral view outer posexplode(tags) t as p, tag order by id, p",
        [(1, 0, "x"), (1, 1, "y"), (2, 0, "z"), (3, None, None)],
    ),
    (
        "select id, k, v from people lateral view explode(marks) t as k, v order by id, k",
        [(1, "m", 5), (2, "m", 7), (2, "n", 1)],
    ),
    (
        "select id, tag, k from people lateral view explode(tags) t as tag lateral view explode(marks) u as k, v "
        "where id = 1 order by tag",
        [(1, "x", "m"), (1, "y", "m")],
    ),
    ("select a, b from values ('x') t(n) lateral view json_tuple('{\"a\":1}', 'a', 'b') j as a, b", [("1", None)]),
    ("select explode(map('a', 1)) as (k, v)", [("a", 1)]),
    ("select posexplode(array('a', 'b')) as (p, c)", [(0, "a"), (1, "b")]),
    ("select a, b from values ('x') t(n) lateral view stack(2, 1, 'p', 2, 'q') s as a, b", [(1, "p"), (2, "q")]),
    ("select a, b from values (1) t(n) lateral view inline(array(struct(1, 'p'), struct(2, 'q'))) i as a, b",
     [(1, "p"), (2, "q")]),
    (
        "select dept, name, count(*) from people group by dept, name grouping sets ((dept), (dept, name), ()) "
        "order by dept, name",
        [(None, None, 3), ("a", None, 2), ("a", "ann", 1), ("a", "bob", 1), ("b", None, 1), ("b", "eve", 1)],
    ),
    ("select dept, count(*) from people group by dept with rollup order by dept", [(None, 3), ("a", 2), ("b", 1)]),
    ("select dept, grouping__id from people group by cube(dept) order by dept", [(None, 1), ("a", 0), ("b", 0)]),
    ("select grouping(dept), grouping_id(dept) from people group by rollup(dept) order by 1 limit 1", [(0, 0)]),
    ("select id from people qualify row_number() over (partition by dept order by id desc) = 1 order by id",
     [(2,), (3,)]),
    ("select /*+ mapjoin(b) */ a.id from people a join people b on a.id = b.id order by a.id", [(1,), (2,), (3,)]),
    ("select id from people distribute by dept sort by id desc", [(3,), (2,), (1,)]),
    ("select count(*) from (select id from people cluster by id) t", [(3,)]),
    ("select count(*) from people tablesample(100 percent)", [(3,)]),
    ("select count(*) from people tablesample(bucket 1 out of 1 on id)", [(3,)]),
    ("select * from values (1, 'a'), (2, 'b') as t(x, y) order by x", [(1, "a"), (2, "b")]),
    (
        "select * from (select dept, id from people) pivot (sum(id) as s for dept in ('a', 'b'))",
        [(3, 3)],
    ),
    (
        "select * from (select id, id * 2 as b from people where id = 2) unpivot (v for n in (id, b)) order by v",
        [("id", 2), ("b", 4)],
    ),
    ("with a as (select 1 as x), b as (select x + 1 as x from a) select * from b", [(2,)]),
    ("select id from people where text_number > 8 order by id", [(1,), (2,)]),
    ("select id from people where born = '2021-02-28 00:00:00'", [(2,)]),
    ("select id from people where day > '2020-02-01'", [(2,)]),
    ("select id from people a left anti join people b on a.id = b.id and b.id > 1", [(1,)]),
    ("select id from people a left semi join people b on a.id = b.id and b.id > 2", [(3,)]),
    ("select p.default.people.id from p.default.people where id = 1", [(1,)]),
    ("select count(distinct dept) from people union all select 9", [(2,), (9,)]),
    ("select id from people order by pay limit 1", [(3,)]),
    ("select id from people order by pay desc limit 1", [(2,)]),
    ("select id from people order by id limit 1, 1", [(2,)]),
    ("select sum(pay) from people group by dept having sum(pay) > 1 -- a comment", [(Decimal("30.75"),)]),
    ("select date'2020-01-01', datetime'2020-01-01 01:00:00', 1.0bd", [(date(2020, 1, 1), datetime(2020, 1, 1, 1), 1)]),
    ("select \"double\\tquoted\"", [("double\tquoted",)]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), QUERIES, ids=[text[:60] for text, _ in QUERIES])
def test_rows(answer: Answer, text: str, wanted: list[tuple[Any, ...]]) -> None:
    assert answer(text) == wanted


PROBLEMS = [
    ("select from people", "ODPS-0130161:[1,8] Parse exception - invalid token 'from', a query selects nothing"),
    (f"select {'(' * 3000}1{')' * 3000}", "ODPS-0130161:[1,1] Parse exception - the statement is nested too deeply"),
    ("select * from nowhere", "ODPS-0130131:[1,15] Table not found - table nowhere cannot be resolved"),
    ("select 1,\n  nothing(2)", "ODPS-0130071:[2,3] Semantic analysis exception - function nothing cannot be resolved"),
    ("selec 1", "ODPS-0130161:[1,7] Parse exception - invalid token '1'"),
    ("select 1 +\nfrom t", "ODPS-0130161:[2,1] Parse exception - invalid token 'from'"),
    ("select 'abc", "ODPS-0130161:[1,12] Parse exception - invalid token"),
    ("select to_char(getdate(), id) from people", "ODPS-0130071:[1,8] Semantic analysis exception - function to_char"),
]


def _translate(text: str, tables: Any) -> list[str]:
    return [to_duckdb(statement, tables) for statement in parse(text)]


@pytest.mark.parametrize(("text", "wanted"), PROBLEMS)
def test_problem(tables: Any, text: str, wanted: str) -> None:
    with pytest.raises(SqlProblem) as found:
        _translate(text, tables)
    assert str(found.value).startswith(wanted)
    assert f"[{found.value.line},{found.value.column}]" in wanted


def test_columns_without_a_name_are_numbered(tables: Any) -> None:
    (statement,) = parse("select id, 1 + 1, UPPER(name) AS Big, count(*) over () from people")
    assert translated(statement, tables).named_selects == ["id", "_c1", "big", "_c3"]


def test_a_number_with_a_point_is_a_double_unless_it_is_beside_decimals(answer: Answer) -> None:
    ((alone, beside_whole, beside_decimal, exact),) = answer(
        "select 1.5, id * 1.5, pay * 1.5, 0.06 + 0.01 = 0.07 from people where id = 1"
    )
    assert [type(one) for one in (alone, beside_whole, beside_decimal)] == [float, float, Decimal]
    assert exact is True


def test_a_script_has_flags_and_variables(answer: Answer, tables: Any) -> None:
    flag, query = parse(
        "set odps.sql.type.system.odps2=true; @rows := select id from people; @most bigint := 2;\n"
        "select max(id) from @rows where id < @most + 1; -- the end"
    )
    assert (flag.this, flag.expression) == ("SET", "odps.sql.type.system.odps2=true")
    assert 'FROM "p.default.people"' in to_duckdb(query, tables)


def test_inserts_are_read_with_their_partitions() -> None:
    (insert,) = parse("insert overwrite table t partition (ds='1', hh) select a, b from s")
    assert isinstance(insert, exp.Insert)
    assert insert.args["overwrite"]
    assert [one.sql() for one in insert.this.args["partition"].expressions] == ["ds = '1'", "hh"]
    (many,) = parse("from t insert overwrite table a select x insert into b select y where y > 1")
    assert isinstance(many, exp.MultitableInserts)
    assert [one.this.name for one in many.expressions] == ["a", "b"]


def test_tables_are_read_with_their_lifecycle() -> None:
    (create,) = parse(
        "create table if not exists t (a bigint comment 'x', c char(3), s struct<x:int,y:array<string>>) "
        "comment 'y' partitioned by (ds string) lifecycle 7"
    )
    properties = {one.name: one.args.get("value") for one in create.args["properties"].expressions}
    assert properties["LIFECYCLE"].name == "7"
    assert [column.name for column in create.this.expressions] == ["a", "c", "s"]
