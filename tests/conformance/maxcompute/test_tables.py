"""Tables and partitions, made by PyODPS and by SQL."""

from __future__ import annotations

from typing import Any

import pytest
from odps import errors

from tests.conformance.maxcompute.conftest import rows


def test_a_table_from_its_making_to_its_end(o: Any) -> None:
    made = o.create_table("t", "a bigint, b string, c array<map<string,int>>", comment="it's", lifecycle=7)
    assert (made.comment, made.lifecycle, made.table_schema.names) == ("it's", 7, ["a", "b", "c"])
    assert str(made.table_schema["c"].type).lower() == "array<map<string,int>>"
    assert made.record_num == 0
    with pytest.raises(errors.ODPSError, match="ODPS-0130121"):
        o.create_table("t", "a bigint")
    o.create_table("t", "z string", if_not_exists=True)
    assert [one.name for one in o.list_tables()] == ["t"]
    o.execute_sql("insert into t (a, b) values (1, 'x'), (2, null)")
    o.execute_sql("alter table t change column b rename to bb; alter table t add columns (b string comment 'new')")
    o.execute_sql("insert into t (a, b) values (3, 'new')")
    assert rows(o, "select a, bb, b from t order by a") == [[1, "x", None], [2, None, None], [3, None, "new"]]
    o.execute_sql("alter table t rename to u")
    assert (o.exist_table("t"), o.get_table("u").record_num) == (False, 3)
    assert "`bb` STRING" in str(o.execute_sql("show create table u").get_task_result())
    o.execute_sql("truncate table u")
    assert rows(o, "select count(*) from u") == [[0]]
    o.delete_table("u")
    o.delete_table("u", if_exists=True)
    with pytest.raises(errors.NoSuchTable):
        o.delete_table("u")


def test_partitions(o: Any) -> None:
    table = o.create_table("t", ("a bigint", "pt string, n int"))
    for spec in ("pt=a,n=1", "pt=a,n=2", "pt=b,n=1"):
        table.create_partition(spec)
    table.create_partition("pt=a,n=1", if_not_exists=True)
    with pytest.raises(errors.ODPSError, match="already exists"):
        table.create_partition("pt=a,n=1")
    assert table.exist_partition("pt=a,n=2")
    assert not table.exist_partition("pt=c,n=1")
    assert [str(one) for one in table.iterate_partitions("pt=a")] == ["pt='a',n='1'", "pt='a',n='2'"]
    assert table.get_max_partition() is None  # all are empty
    o.execute_sql("insert into t partition (pt='a', n=2) values (1), (2)")
    assert table.get_max_partition().partition_spec["n"] == "2"
    assert table.get_partition("pt=a,n=2").record_num == 2
    o.execute_sql("insert overwrite table t partition (pt, n) select a + 10, pt, n + 1 from t")
    assert rows(o, "select a, pt, n from t where n > 1 order by a") == [
        [1, "a", 2],
        [2, "a", 2],
        [11, "a", 3],
        [12, "a", 3],
    ]
    o.execute_sql("insert overwrite table t partition (pt='a', n=2) select 7")
    assert rows(o, "select a from t where n = 2") == [[7]]
    table.delete_partition("pt=a,n=2")
    assert rows(o, "select count(*) from t") == [[2]]
    with pytest.raises(errors.ODPSError, match="ODPS-0130221"):
        o.execute_sql("insert into t partition (pt='a') values (1, 2)")


def test_create_as_and_views(o: Any) -> None:
    o.execute_sql("create table t as select 1 as a, 1.5 as b, cast(2.25 as decimal(10,2)) as c, array('x') as d")
    types = {one.name: str(one.type).lower() for one in o.get_table("t").table_schema.columns}
    assert types == {"a": "int", "b": "double", "c": "decimal(10,2)", "d": "array<string>"}
    o.execute_sql("create view v as select a * 2 as twice from t")
    assert rows(o, "select twice from v") == [[2]]
    assert o.get_table("v").type.value == "VIRTUAL_VIEW"
    o.execute_sql("drop view v")
