"""PyODPS, for an account and a project of the test's own."""

from __future__ import annotations

import secrets
from typing import Any

import pytest

from tests.conformance.conftest import Cloud

odps = pytest.importorskip("odps")
for package in ("duckdb", "sqlglot", "pyarrow"):
    pytest.importorskip(package)


def client(cloud: Cloud, project: str, **more: Any) -> Any:
    endpoint = f"http://{cloud.endpoint}/api"
    return odps.ODPS(cloud.access_key_id, cloud.access_key_secret, project=project, endpoint=endpoint, **more)


def make_project(entry: Any) -> None:
    """The vendor makes projects in its console."""
    entry.rest.post(f"{entry.endpoint}/projects", f"<Project><Name>{entry.project}</Name></Project>")


@pytest.fixture
def project() -> str:
    return f"p_{secrets.token_hex(6)}"


@pytest.fixture
def o(cloud: Cloud, project: str) -> Any:
    """PyODPS, as its documents call it."""
    entry = client(cloud, project)
    make_project(entry)
    return entry


def rows(entry: Any, query: str, **more: Any) -> list[list[Any]]:
    """What a query answers, through the instance tunnel."""
    with entry.execute_sql(query, **more).open_reader(tunnel=True) as reader:
        return [list(record.values) for record in reader]
