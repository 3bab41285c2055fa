"""With DuckDB, SELECT answers what it answers without; and DuckDB reaches nothing but the chunk it is given."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from openyun.services.oss.select import engine, run
from openyun.services.oss.select.errors import SelectProblem
from openyun.services.oss.select.plan import Plan
from openyun.services.oss.select.records import Csv, Json

duckdb = pytest.importorskip("duckdb", reason="duckdb is not installed")


@pytest.fixture(autouse=True, scope="module")
def everything_is_large() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "SMALLEST", 0)
        patch.setattr(engine, "SMALLEST", 0)
        patch.setattr(engine, "CHUNK", 40)
        yield


def answered(plan: Plan, data: bytes) -> tuple[bytes, str, str]:
    """The output, and the problem if there is one."""
    output = b""
    try:
        for piece in run.prepare(plan)([data[place : place + 23] for place in range(0, len(data), 23)]):
            output += piece
    except SelectProblem as problem:
        return b"", problem.code, problem.text
    return output, "", ""


def both(plan: Plan, data: bytes) -> None:
    with_engine = answered(plan, data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "is_installed", lambda: False)
        without = answered(plan, data)
    assert with_engine == without


ODD = """ann Bob é a_b 1e3 1e-400 1e400 +3 .5 1. 0x10 1_000 inf nan 9999999999999999 3.00 -0 00012
    1.00000000000000001 "a""b" x"y " Ａ"""
CELLS = st.one_of(
    st.integers(-50, 50).map(str),
    st.decimals(-50, 50, places=2).map(str),
    st.sampled_from([*ODD.split(), "", " 7", "7 ", '"q, r"', "a\rb"]),
)
ROWS = st.lists(st.lists(CELLS, min_size=3, max_size=3) | st.lists(CELLS, min_size=1, max_size=4), max_size=12)
CONDITIONS = """_1 = 3;_1 != 3;_1 < '3';_1 >= 2.5;3 > _1;not _1 = 3;_1 = 'ann';_1 > 'a' and _2 < 7;
    _1 = 3 or _2 like '%a%';_1 between 0 and 3;_1 in (1, 2, 3);_1 in ('ann', 'Bob');_1 is null;_2 is not null;
    _1 like 'a!_b' escape '!';_1 like '?n*';cast(_1 as int) = 3;cast(_1 as double) < 1.5;cast(_2 as decimal) >= 0;
    cast(_1 as string) = 'é';_1 + 1 = 4;_1 = 3 and _2 + 1 = 2;cast(_1 as int) = '3';_1 = 0;_1 < 0;_4 = 'ann';
    _1 = true;_1 || _2 = 'annann'"""
ITEMS = """*;_1;_3, _1;cast(_1 as int);cast(_1 as double), _2;cast(_2 as string);count(*);sum(_1);avg(_2), count(*);
    max(_1), min(_1);sum(cast(_1 as int)), avg(cast(_2 as int));max(cast(_1 as int));min(cast(_1 as decimal));_4"""


def one_of(texts: str) -> st.SearchStrategy[str]:
    return st.sampled_from([one.strip() for one in texts.split(";")])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    rows=ROWS,
    items=one_of(ITEMS),
    where=st.none() | one_of(CONDITIONS),
    limit=st.none() | st.integers(1, 5),
    end=st.sampled_from(["\n", "\r\n"]),
    header=st.sampled_from(["none", "ignore", "use"]),
    output=st.sampled_from([",", ";"]),
    skipped=st.sampled_from([0, 2, 100]),
)
@example([["1", "2", "3"]] * 30, "*", None, None, "\n", "use", ",", 0)
@example([["1", '"x\ny"', "3"]] * 30, "*", "_1 = 1", None, "\n", "none", ",", 0)
@example([["1.50", "2", "3"], ["2", "2", "3"]] * 30, "sum(_1)", "_2 = 2", None, "\n", "none", ",", 0)
def test_csv(
    rows: list[list[str]],
    items: str,
    where: str | None,
    limit: int | None,
    end: str,
    header: str,
    output: str,
    skipped: int,
) -> None:
    sql = f"select {items} from ossobject" + (f" where {where}" if where else "") + (f" limit {limit}" if limit else "")
    form = Csv(header=header)  # type: ignore[arg-type]  # one of the three
    data = "".join(",".join(row) + end for row in rows).encode()
    both(Plan(sql=sql, csv=form, raw=True, field_delimiter=output, most_skipped=skipped), data)


VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-50, 50),
        st.integers(10**15, 10**20),
        st.sampled_from([1.5, 3.0, 1e300, 1e-300, 0.1]),
        st.sampled_from(["ann", "3", "", 'q"r', "back\\slash", "é", "a b", "1e3"]),
    ),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["b", "c"]), inner, max_size=2),
    max_leaves=4,
)
JSON_CONDITIONS = """a = 3;a != 3;a > 1;a = 'ann';a != 'ann';a < 'b';s.a.b = 3;a like 'a%';a is null;a in (1, 2, 3);
    not a = 3;a > 1 and b = 'ann';cast(a as int) = 1;s."s p" = 3;a[0] = 3;a = '3';a = 1.5"""
DOCUMENTS = st.lists(st.dictionaries(st.sampled_from(["a", "b", "s p"]), VALUES, max_size=3), max_size=10)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    documents=DOCUMENTS,
    where=one_of(JSON_CONDITIONS),
    items=st.sampled_from(["*", "s.a", "count(*)", "s.a, s.b"]),
    broken=st.sampled_from([b"", b'{"a": 3} {"a": 4}\n', b"nonsense\n", b"\n"]),
    numbers=st.booleans(),
    skipped=st.sampled_from([0, 100]),
)
def test_json(
    documents: list[dict[str, object]], where: str, items: str, broken: bytes, numbers: bool, skipped: int
) -> None:
    data = b"".join(json.dumps(one, ensure_ascii=False).encode() + b"\n" for one in documents) + broken
    sql = f"select {items} from ossobject s where {where}"
    both(Plan(sql=sql, json=Json(numbers_as_text=numbers), raw=True, most_skipped=skipped), data)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('/proc/self/environ')",
        "COPY (SELECT 1) TO '/tmp/x'",
        "ATTACH '/tmp/x.db'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET allowed_paths = ['/etc/passwd']",
        "RESET lock_configuration",
        "SELECT * FROM glob('/*')",
    ],
)
def test_even_sql_of_its_own_would_get_nowhere(statement: str) -> None:
    """No statement of a customer's reaches the database; should one ever do, it finds it locked."""
    one = engine.Engine()
    try:
        with pytest.raises(duckdb.Error):
            one._database.execute(statement)
    finally:
        one.close()
