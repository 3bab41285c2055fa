"""A region is a unit of failure: where its state is broken it fails alone, be it home itself."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Server
from tests.protocol.wire import Wire, wire_of


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    made = Server(tmp_path / "cloud")
    made.start()
    yield made
    made.kill()


def break_state(server: Server, region_id: str) -> None:
    """While the server is down: its pages become noise."""
    folder = server.data / "state"
    for path in folder.glob(f"{region_id}.db*"):
        path.write_bytes(b"broken" * 4096)


def names(wire: Wire, region_id: str) -> list[str]:
    answer = wire.v1("DescribeVpcs", RegionId=region_id)
    assert answer.status == 200, answer.body
    return [one["VpcName"] for one in answer.fields["Vpcs"]["Vpc"]]


def test_a_broken_region_fails_alone(server: Server) -> None:
    wire = wire_of(server, server.account())
    for region_id in ("cn-hangzhou", "me-east-1"):
        assert wire.v1("CreateVpc", RegionId=region_id, VpcName=region_id).status == 200
    server.kill()
    break_state(server, "me-east-1")
    (server.data / "regions" / "no-region-at-all").mkdir()
    server.start()
    assert names(wire, "cn-hangzhou") == ["cn-hangzhou"]
    assert names(wire, "eu-central-1") == []
    for _ in range(3):
        answer = wire.v1("DescribeVpcs", RegionId="me-east-1")
        assert (answer.status, answer.code) == (503, "ServiceUnavailable")
    assert names(wire, "cn-hangzhou") == ["cn-hangzhou"]


def test_a_region_goes_on_without_home(server: Server) -> None:
    """It has its own copy of who is who, and of what they may do."""
    wire = wire_of(server, server.account())
    ram = wire.but(version="2015-05-01")
    ram.v1("CreateUser", UserName="alice")
    ram.v1("AttachPolicyToUser", PolicyType="System", PolicyName="AliyunVPCReadOnlyAccess", UserName="alice")
    key = ram.v1("CreateAccessKey", UserName="alice").fields["AccessKey"]
    alice = wire.but(access_key_id=key["AccessKeyId"], access_key_secret=key["AccessKeySecret"])
    assert wire.v1("CreateVpc", RegionId="me-east-1", VpcName="far").status == 200
    server.stop()
    # At its start a region looks at home at once, and takes over what it lacks.
    server.start()
    deadline = time.monotonic() + 30
    while not _copied(server) and time.monotonic() < deadline:
        time.sleep(0.05)
    server.kill()
    break_state(server, "cn-hangzhou")
    server.start()
    assert names(wire, "me-east-1") == ["far"]
    assert names(alice, "me-east-1") == ["far"]
    assert alice.v1("CreateVpc", RegionId="me-east-1").status == 403
    assert wire.v1("CreateVpc", RegionId="me-east-1", VpcName="new").status == 200
    assert wire.v1("DescribeVpcs", RegionId="cn-hangzhou").code == "ServiceUnavailable"


def _copied(server: Server) -> bool:
    """Whether the far region has alice's key: seen in its file, as no client can ask."""
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(f"file:{server.data}/state/me-east-1.db?mode=ro", uri=True)) as connection:
        rows = connection.execute("SELECT count(*) FROM access_key WHERE user_name = 'alice'").fetchall()
    return bool(rows[0][0])
