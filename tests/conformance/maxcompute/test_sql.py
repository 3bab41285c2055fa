"""Queries: what they answer, how they fail, and that they can be watched and stopped."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from odps import errors
from odps.models import Instance

from tests.conformance.conftest import eventually
from tests.conformance.maxcompute.conftest import rows

TYPES = (
    "select cast(1 as tinyint) a, 2 as b, 3L as c, 1.5 as d, 'x' as e, true as f, cast(1.25 as decimal(10,2)) as g, "
    "cast('2020-01-02' as date) as h, cast('2020-01-02 03:04:05' as datetime) as i, array(1,2) as j, map('k',1) as k, "
    "named_struct('x',1,'y','z') as l, cast(null as string) as m"
)

ANSWERS = [
    ("to_char(dateadd(datetime '2020-01-31 00:00:00', 1, 'mm'), 'yyyy-mm-dd hh:mi:ss')", "2020-02-29 00:00:00"),
    ("datediff('2020-03-01', '2020-02-01', 'dd')", 29),
    ("to_char(datetrunc(datetime '2020-05-06 07:08:09', 'month'), 'yyyymmdd')", "20200501"),
    ("unix_timestamp(datetime '1970-01-01 08:00:00')", 0),
    ("get_json_object('{\"a\":{\"b\":[1,2]}}', '$.a.b[1]')", "2"),
    ("get_json_object('no json', '$.a')", None),
    ("regexp_replace('aabb', 'a', 'x')", "xxbb"),
    ("regexp_extract('abc123', '([a-z]+)([0-9]+)', 2)", "123"),
    ("cast('1.9' as bigint)", 1),
    ("cast(-1.9 as bigint)", -1),
    ("cast('x' as bigint)", None),
    ("7 / 2", 3.5),
    ("1 / 0", None),
    ("concat('a', null)", None),
    ("array(10, 20)[1]", 20),
    ("size(map('a', 1))", 1),
    ("str_to_map('a:1,b:2')['b']", "2"),
    ("lengthb('é')", 2),
]


def test_types_in_both_results(o: Any) -> None:
    expected = [1, 2, 3, 1.5, "x", True, Decimal("1.25"), date(2020, 1, 2)]
    instance = o.execute_sql(TYPES)
    with instance.open_reader(tunnel=False) as reader:
        values = next(iter(reader)).values
        assert list(values[:8]) == expected
        assert values[8] == datetime(2020, 1, 2, 3, 4, 5)
        assert (values[9], values[10], tuple(values[11]), values[12]) == ([1, 2], {"k": 1}, (1, "z"), None)
    with instance.open_reader(tunnel=True) as reader:
        assert reader.count == 1
        values = next(iter(reader)).values
        assert list(values[:8]) == expected
        assert (values[9], values[10], tuple(values[11]), values[12]) == ([1, 2], {"k": 1}, (1, "z"), None)
    with instance.open_reader(tunnel=True, arrow=True) as reader:
        assert reader.to_pandas()["e"].tolist() == ["x"]


def test_functions(o: Any) -> None:
    found = rows(o, f"select {', '.join(text for text, _ in ANSWERS)}")[0]
    assert dict(zip((text for text, _ in ANSWERS), found, strict=True)) == dict(ANSWERS)


def test_shapes_of_queries(o: Any) -> None:
    o.execute_sql("create table t (a bigint, b string); insert into t values (1,'x,y'),(2,'z'),(3,null)")
    for query, expected in (
        ("select a from t lateral view explode(split(b, ',')) e as w order by w", [[1], [1], [2]]),
        ("select a, p, w from t lateral view outer posexplode(split(b, ',')) e as p, w where a = 3", [[3, None, None]]),
        ("select a from t qualify row_number() over (order by a desc) = 1", [[3]]),
        ("with q as (select * from t) select /*+ mapjoin(q) */ count(*) from q join t on q.a = t.a", [[3]]),
        (
            "select b is null, count(*) from t group by b is null with rollup order by 2",
            [[True, 1], [False, 2], [None, 3]],
        ),
        ("select wm_concat('-', a) within group (order by a desc) from t", [["3-2-1"]]),
        ("select a from t where b in (select 'z') union all select 9 order by a", [[2], [9]]),
        ("set odps.sql.timezone=UTC; select unix_timestamp(datetime '1970-01-01 00:00:00')", [[0]]),
    ):
        assert rows(o, query) == expected, query


@pytest.mark.parametrize(
    ("query", "kind", "text"),
    [
        ("select * from nope", errors.NoSuchTable, r"ODPS-0130131:\[1,15\] Table not found"),
        ("select 1,\n  nofunction(2)", errors.ODPSError, r"ODPS-0130071:\[2,3\].*nofunction.*cannot be resolved"),
        ("select a + from t", errors.ParseError, r"ODPS-0130161:\[1,12\]"),
        ("creat table t (a bigint)", errors.ParseError, r"ODPS-0130161:\[1,1\].*creat"),
        ("select * from read_csv('/etc/passwd')", errors.ODPSError, "table function"),
    ],
)
def test_faults_have_the_vendors_code_and_a_place(o: Any, query: str, kind: type[Exception], text: str) -> None:
    with pytest.raises(kind, match=text):
        o.execute_sql(query)


def test_a_job_is_watched_and_stopped(o: Any) -> None:
    many = "(select explode(sequence(1, 1000000)) as x)"
    endless = f"select count(*) from {many} a cross join {many} b where a.x * b.x % 7 = 3"
    instance = o.run_sql(endless)
    eventually(lambda: next(iter(instance.get_task_statuses().values())).status.value, lambda found: found == "RUNNING")
    assert instance.get_sql_query().startswith("select count(*)")
    assert instance.get_task_progress("AnonymousSQLTask").stages[0].total_workers == 1
    instance.stop()
    instance.wait_for_completion()
    assert instance.status == Instance.Status.TERMINATED
    assert not instance.is_successful()
    assert instance.id in [one.id for one in o.list_instances()]
    assert o.exist_instance(instance.id)
    assert not o.exist_instance("20200101000000000gnothing")
    assert instance.id in instance.get_logview_address()


def test_the_database_interfaces(o: Any) -> None:
    from odps import dbapi

    o.execute_sql("create table t as select 1 as a, 'x' as b")
    with dbapi.connect(o) as connection:
        cursor = connection.cursor()
        cursor.execute("select a, b from t")
        assert [tuple(one) for one in cursor.fetchall()] == [(1, "x")]
        assert [one[0] for one in cursor.description] == ["a", "b"]
    sqlalchemy = pytest.importorskip("sqlalchemy")
    address = f"odps://{o.account.access_id}:{o.account.secret_access_key}@{o.project}/?endpoint={o.endpoint}"
    with sqlalchemy.create_engine(address).connect() as connection:
        assert [tuple(one) for one in connection.execute(sqlalchemy.text("select a, b from t"))] == [(1, "x")]
        assert sqlalchemy.inspect(connection).get_table_names() == ["t"]
