"""Simple Log Service through its own SDK and the generated one."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from alibabacloud_sls20201230 import models as generated
from alibabacloud_sls20201230.client import Client as Generated
from alibabacloud_tea_openapi.models import Config
from aliyun.log import (
    IndexConfig,
    IndexKeyConfig,
    IndexLineConfig,
    LogClient,
    LogException,
    LogItem,
    PutLogsRequest,
)

from tests.conformance.conftest import REGION, Cloud, eventually
from tests.conformance.log_clients import local_names, log_client, project_name

DELIMITERS = list(", '\";=()[]{}?@&<>/:\n\t\r")


@pytest.fixture(autouse=True)
def names(monkeypatch: pytest.MonkeyPatch) -> None:
    local_names(monkeypatch)


@pytest.fixture(params=["v1", "v4"])
def client(cloud: Cloud, request: pytest.FixtureRequest) -> LogClient:
    return log_client(cloud, request.param)


@pytest.fixture
def logs(cloud: Cloud) -> LogClient:
    return log_client(cloud)


@pytest.fixture
def project(logs: LogClient) -> str:
    name = project_name()
    logs.create_project(name, "")
    return name


@contextmanager
def refused(code: str, status: int) -> Iterator[None]:
    with pytest.raises(LogException) as caught:
        yield
    assert (caught.value.get_error_code(), caught.value.resp_status) == (code, status), caught.value


def index() -> IndexConfig:
    keys = {"path": IndexKeyConfig(DELIMITERS), "status": IndexKeyConfig(index_type="long")}
    return IndexConfig(line_config=IndexLineConfig(DELIMITERS), key_config_list=keys)


def put(client: LogClient, project: str, entries: list[tuple[int, dict[str, str]]], **how: Any) -> None:
    items = [LogItem(timestamp=at, contents=list(fields.items())) for at, fields in entries]
    how = {"topic": "web", "source": "10.0.0.1", "logtags": [("zone", "b")], **how}
    client.put_logs(PutLogsRequest(project, "access", logitems=items, **how))


def test_projects_and_logstores(client: LogClient, cloud: Cloud, other_cloud: Cloud) -> None:
    name = project_name()
    client.create_project(name, "first")
    with refused("ProjectAlreadyExist", 400):
        client.create_project(name, "again")
    with refused("ProjectNameInvalid", 400):
        client.create_project("-bad", "")
    client.update_project(name, "second")
    shown = client.get_project(name).get_description(), client.get_project(name).get_owner()
    assert shown == ("second", cloud.account_id)
    assert [one["projectName"] for one in client.list_project().get_projects()] == [name]

    client.create_logstore(name, "access", ttl=7, shard_count=3)
    client.create_logstore(name, "errors")
    with refused("LogStoreAlreadyExist", 400):
        client.create_logstore(name, "access")
    with refused("LogStoreInfoInvalid", 400):
        client.create_logstore(name, "third", ttl=0)
    with refused("ParameterInvalid", 400):
        client.create_logstore(name, "third", enable_tracking=True)
    assert client.list_logstore(name).get_logstores() == ["access", "errors"]
    assert client.list_logstore(name, "acc").get_logstores() == ["access"]
    client.update_logstore(name, "access", ttl=30, shard_count=3)
    found = client.get_logstore(name, "access")
    assert (found.get_ttl(), found.get_shard_count()) == (30, 3)
    shards = client.list_shards(name, "access").get_shards_info()
    assert [one["shardID"] for one in shards] == [0, 1, 2]
    assert shards[0]["inclusiveBeginKey"] == "0" * 32
    assert shards[0]["exclusiveEndKey"] == shards[1]["inclusiveBeginKey"]
    client.delete_logstore(name, "errors")
    with refused("LogStoreNotExist", 404):
        client.get_logstore(name, "errors")

    stranger = log_client(other_cloud)
    with refused("Unauthorized", 401):
        stranger.get_project(name)
    with refused("Unauthorized", 401):
        stranger.get_logstore(name, "access")
    assert stranger.list_project().get_projects() == []
    client.delete_project(name)
    with refused("ProjectNotExist", 404):
        client.list_logstore(name)


def test_who_is_nobody(cloud: Cloud) -> None:
    with refused("SignatureNotMatch", 401):
        log_client(cloud.with_key(cloud.access_key_id, "wrong")).list_project()
    with refused("SignatureNotMatch", 401):
        log_client(cloud.with_key(cloud.access_key_id, "wrong"), "v4").list_project()
    with refused("Unauthorized", 401):
        log_client(cloud.with_key("LTAInobody", "wrong")).list_project()


@pytest.mark.parametrize("packing", ["lz4", "zstd", ""])
def test_logs_are_found(logs: LogClient, project: str, packing: str) -> None:
    logs.create_logstore(project, "access", shard_count=1)
    now = int(time.time())
    with refused("IndexConfigNotExist", 404):
        logs.get_log(project, "access", now - 60, now + 60)
    logs.create_index(project, "access", index())
    with refused("IndexAlreadyExist", 400):
        logs.create_index(project, "access", index())
    kept = logs.get_index_config(project, "access").get_index_config()
    assert kept.key_config_list["status"].index_type == "long"

    entries = [
        (now - 30 + number, {"path": f"/a/{number}", "status": str(200 + 100 * (number % 4)), "who": "Alice O'Hara"})
        for number in range(20)
    ]
    how = {"compress": True, "compress_type": packing} if packing else {"compress": False}
    put(logs, project, entries[:10], **how)
    put(logs, project, entries[10:], topic="api", **how)

    def paths(query: str = "", **more: Any) -> list[str]:
        found = logs.get_log(project, "access", now - 60, now + 60, query=query, **more)
        assert found.is_completed()
        return [one.get_contents()["path"] for one in found.get_logs()]

    everything = [fields["path"] for _, fields in entries]
    assert paths() == paths("*") == everything
    assert paths(reverse=True) == everything[::-1]
    assert paths(size=3, offset=5) == everything[5:8]
    assert paths(size=3, offset=5, reverse=True) == everything[::-1][5:8]
    assert paths(size=-1) == everything
    assert paths("alice") == paths('"alice o"') == everything
    assert paths("bob") == []
    assert paths("path: 7") == ["/a/7"]
    assert paths("path: 1*") == [f"/a/{number}" for number in (1, *range(10, 20))]
    assert paths("path: 1?") == [f"/a/{number}" for number in range(10, 20)]
    assert paths("status: 500") == paths("status > 400") == paths("status in [401 600]") == everything[3::4]
    assert paths("status >= 400 and not status: 500") == everything[2::4]
    assert paths("path: 3 or (path: 4 and status: 200)") == ["/a/3", "/a/4"]
    assert paths("path: 3 alice") == ["/a/3"]
    assert paths("__topic__: api") == paths(topic="api") == everything[10:]
    assert paths("__tag__:zone: b and __source__: 10.0.0.1") == everything
    assert logs.get_log(project, "access", now - 30, now - 28).get_count() == 2
    with refused("ParameterInvalid", 400):
        paths("who: alice")
    with refused("ParameterInvalid", 400):
        paths("(path: 1")
    with refused("ParameterInvalid", 400):
        paths("* | select count(1)")
    with refused("InvalidTimeRange", 400):
        logs.get_log(project, "access", now, now - 60)

    one = logs.get_log(project, "access", now - 60, now + 60, query="path: 7").get_logs()[0]
    assert one.get_time() == now - 23
    assert one.get_source() == "10.0.0.1"
    assert one.get_contents() == {
        "__topic__": "web", "__tag__:zone": "b", "path": "/a/7", "status": "500", "who": "Alice O'Hara",
    }  # fmt: skip
    old = LogClient("x")
    old.__dict__.update(logs.__dict__)
    old._get_logs_v2_enabled = False
    assert old.get_log(project, "access", now - 60, now + 60, query="status: 500").get_count() == 5

    logs.delete_index(project, "access")
    with refused("IndexConfigNotExist", 404):
        logs.get_index_config(project, "access")


def test_histograms(logs: LogClient, project: str) -> None:
    from aliyun.log import GetHistogramsRequest

    logs.create_logstore(project, "access", shard_count=2)
    logs.create_index(project, "access", index())
    now = int(time.time())
    put(logs, project, [(now - 100 + number, {"status": str(number)}) for number in range(100)])
    found = logs.get_histograms(
        GetHistogramsRequest(project, "access", fromTime=now - 100, toTime=now, topic="", query="status < 50")
    )
    assert found.is_completed()
    assert found.get_total_count() == 50
    bars = found.get_histograms()
    assert (bars[0].get_from(), bars[-1].get_to()) == (now - 100, now)
    assert [bar.get_count() for bar in bars] == [2] * 25 + [0] * 25


def test_logs_are_pulled(logs: LogClient, project: str) -> None:
    logs.create_logstore(project, "access", shard_count=2)
    now = int(time.time())
    key = "f" * 32
    for number in range(5):
        put(logs, project, [(now, {"n": str(number)})], hashKey=key)
    big = "".join(json.dumps([number, number * 7919 % 104729]) for number in range(40_000))
    put(logs, project, [(now, {"n": "5", "big": big})], hashKey=key)
    begin = logs.get_cursor(project, "access", 1, "begin").get_cursor()
    end = logs.get_cursor(project, "access", 1, "end").get_cursor()
    first = logs.pull_logs(project, "access", 1, begin, 2)
    assert [one["n"] for one in first.get_flatten_logs_json()] == ["0", "1"]
    rest = logs.pull_logs(project, "access", 1, first.get_next_cursor(), 100, end_cursor=end)
    pulled = rest.get_flatten_logs_json()
    assert [one["n"] for one in pulled] == ["2", "3", "4", "5"]
    assert pulled[-1]["big"] == big
    assert pulled[0]["__topic__"] == "web"
    assert pulled[0]["__tag__:zone"] == "b"
    again = logs.pull_logs(project, "access", 1, rest.get_next_cursor())
    assert (again.get_log_count(), again.get_next_cursor()) == (0, rest.get_next_cursor())
    assert logs.get_cursor(project, "access", 1, now - 5).get_cursor() == begin
    assert abs(logs.get_cursor_time(project, "access", 1, begin).get_cursor_time() - now) < 60
    shard_0 = logs.get_cursor(project, "access", 0, "begin").get_cursor()
    assert logs.pull_logs(project, "access", 0, shard_0).get_log_count() == 0
    with refused("ShardNotExist", 404):
        logs.get_cursor(project, "access", 2, "begin")
    with refused("InvalidCursor", 400):
        logs.pull_logs(project, "access", 1, "nonsense")
    with refused("InvalidTimestamp", 400):
        put(logs, project, [(now + 3600, {"n": "6"})])
    with refused("LogStoreNotExist", 404):
        logs.put_logs(PutLogsRequest(project, "missing", logitems=[LogItem(contents=[("a", "b")])]))
    with refused("PostBodyInvalid", 400):
        put(logs, project, [(now, {"n" * 200: "long"})])
    logs.update_logstore(project, "access", ttl=30, shard_count=2, append_meta=True)
    put(logs, project, [(now, {"n": "6"})], hashKey=key)
    last = logs.pull_logs(project, "access", 1, rest.get_next_cursor()).get_flatten_logs_json()
    assert last[0]["__tag__:__client_ip__"] == "127.0.0.1"
    assert abs(int(last[0]["__tag__:__receive_time__"]) - now) < 60
    with refused("OperationNotImplemented", 400):
        logs.list_dashboard(project)


def test_the_generated_sdk(cloud: Cloud) -> None:
    host = f"localhost:{cloud.endpoint.rpartition(':')[2]}"
    client = Generated(
        Config(
            access_key_id=cloud.access_key_id,
            access_key_secret=cloud.access_key_secret,
            endpoint=host,
            protocol="http",
            region_id=REGION,
        )
    )
    name = project_name()
    client.create_project(generated.CreateProjectRequest(project_name=name, description="made"))
    assert client.get_project(name, generated.GetProjectRequest()).body.description == "made"
    client.create_log_store(name, generated.CreateLogStoreRequest(logstore_name="access", ttl=3, shard_count=1))
    line = generated.IndexLine(token=DELIMITERS)
    client.create_index(name, "access", generated.CreateIndexRequest(body=generated.Index(line=line)))
    now = int(time.time())
    group = generated.LogGroup(
        log_items=[generated.LogItem(time=now, contents=[generated.LogContent(key="a", value="words here")])],
        topic="t",
    )
    client.put_logs(name, "access", generated.PutLogsRequest(body=group))
    found = client.get_logs_v2(
        name, "access", generated.GetLogsV2Request(from_=now - 5, to=now + 5, query="words", line=10, offset=0)
    )
    assert [one["a"] for one in found.body.data] == ["words here"]
    assert found.body.meta.progress == "Complete"
    assert client.list_log_stores(name, generated.ListLogStoresRequest()).body.logstores == ["access"]


def test_a_ram_user_needs_to_be_allowed(cloud: Cloud, ram: Any, user: str, logs: LogClient, project: str) -> None:
    from alibabacloud_ram20150501 import models as ram_models

    logs.create_logstore(project, "access", shard_count=1)
    key = ram.create_access_key(ram_models.CreateAccessKeyRequest(user_name=user)).body.access_key
    client = log_client(cloud.with_key(key.access_key_id, key.access_key_secret))
    with refused("Unauthorized", 401):
        put(client, project, [(int(time.time()), {"a": "b"})])
    document = {
        "Version": "1",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "log:PostLogStoreLogs",
                "Resource": f"acs:log:*:*:project/{project}/logstore/access",
            }
        ],
    }
    ram.create_policy(ram_models.CreatePolicyRequest(policy_name="put", policy_document=json.dumps(document)))
    ram.attach_policy_to_user(
        ram_models.AttachPolicyToUserRequest(policy_name="put", policy_type="Custom", user_name=user)
    )
    eventually(lambda: put(client, project, [(int(time.time()), {"a": "b"})]) is None)
    with refused("Unauthorized", 401):
        client.get_cursor(project, "access", 0, "begin")
