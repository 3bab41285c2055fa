"""Who comes in, and what of projects and schemas they see."""

from __future__ import annotations

from typing import Any

import pytest
from odps import errors

from tests.conformance.conftest import Cloud
from tests.conformance.maxcompute.conftest import client, make_project, rows


def test_a_project_is_seen_by_its_account_alone(o: Any, other_cloud: Cloud, project: str) -> None:
    assert o.exist_project(project)
    assert not o.exist_project("no_such_project")
    assert [one.name for one in o.list_projects()] == [project]
    assert o.get_project().owner.startswith("ALIYUN$")
    assert o.get_project().get_property("odps.sql.timezone") == "Asia/Shanghai"
    o.create_table("secret", "a bigint")

    stranger = client(other_cloud, project)
    assert list(stranger.list_projects()) == []
    assert not stranger.exist_project(project)
    for ask in (
        lambda: stranger.get_project().reload(),
        lambda: stranger.execute_sql("select 1"),
        lambda: list(stranger.list_tables()),
        lambda: stranger.get_table("secret").reload(),
        lambda: stranger.write_table("secret", [[1]]),
    ):
        with pytest.raises(errors.NoSuchObject):
            ask()
    with pytest.raises(errors.ObjectAlreadyExists):
        make_project(stranger)
    own = client(other_cloud, project + "x")
    make_project(own)
    with pytest.raises(errors.NoSuchTable):
        own.execute_sql(f"select * from {project}.secret")


def test_v1_and_v4_signatures_and_wrong_secrets(o: Any, cloud: Cloud, project: str) -> None:
    assert rows(client(cloud, project, region_name="cn-hangzhou"), "select 1") == [[1]]
    wrong = client(cloud.with_key(cloud.access_key_id, "x" * 30), project)
    with pytest.raises(errors.SignatureNotMatch):
        wrong.get_project().reload()
    nobody = client(cloud.with_key("LTAI5tnobody", "x" * 30), project)
    with pytest.raises(errors.ODPSError, match="ODPS-0410051"):
        nobody.get_project().reload()


def test_schemas(o: Any, project: str) -> None:
    assert [one.name for one in o.list_schemas()] == ["default"]
    o.create_schema("sales")
    assert o.exist_schema("sales")
    hints = {"odps.namespace.schema": "true", "odps.sql.allow.namespace.schema": "true"}
    o.execute_sql("create table sales.t (a bigint)", hints=hints)
    o.execute_sql(f"insert into {project}.sales.t values (1)", hints=hints)
    assert rows(o, f"select a from {project}.sales.t") == [[1]]
    assert [one.name for one in o.list_tables(schema="sales")] == ["t"]
    assert list(o.list_tables()) == []
    with pytest.raises(errors.ODPSError, match="not empty"):
        o.delete_schema("sales")
    o.execute_sql("drop table sales.t", hints=hints)
    o.delete_schema("sales")
    assert not o.exist_schema("sales")


def test_what_is_not_there_says_so(o: Any) -> None:
    with pytest.raises(errors.MethodNotAllowed):
        o.create_resource("x.txt", "file", fileobj="x")
    with pytest.raises(errors.ODPSError, match="OpenYun does not implement"):
        o.execute_sql("merge into t using s on t.a = s.a when matched then delete")
