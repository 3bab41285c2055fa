"""What is counted: usage for bills, metrics for Prometheus, the last use of a key."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import urllib.error
import urllib.request
from typing import Any

import oss2
import pytest
from alibabacloud_ram20150501 import models as ram_models
from alibabacloud_ram20150501.client import Client as Ram

from tests.conformance.conftest import Cloud, cloud_of, eventually
from tests.conformance.oss_clients import oss2_bucket
from tests.conformance.s3_clients import s3_client
from tests.conftest import Server


@pytest.fixture
def bucket(cloud: Cloud) -> oss2.Bucket:
    made = oss2_bucket(cloud)
    made.create_bucket()
    return made


def rows(server: Server, *options: str) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "openyun", "usage", "--json", *options]
    done = subprocess.run(command, env={"OPENYUN_DATA": str(server.data)}, capture_output=True, text=True, check=True)
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def used(server: Server, bucket: oss2.Bucket, *options: str) -> dict[str, int]:
    """By meter, whatever hours the test fell in."""
    found = rows(server, "--bucket", bucket.bucket_name, "--sum", *options)
    assert all((one["service"], one["region_id"]) == ("oss", "cn-hangzhou") for one in found)
    return {one["meter"]: one["quantity"] for one in found}


def test_usage_of_a_bucket(server: Server, cloud: Cloud, bucket: oss2.Bucket) -> None:
    bucket.put_object("a", b"x" * 1000)
    bucket.put_object("cold", b"x" * 100, headers={"x-oss-storage-class": "IA"})
    bucket.put_object("gone", b"x" * 100, headers={"x-oss-storage-class": "IA"})
    bucket.delete_object("gone")
    assert bucket.get_object("a").read() == b"x" * 1000
    bucket.get_object("a", byte_range=(0, 499)).read()
    bucket.get_object("cold").read()
    bucket.head_object("a")
    s3: Any = s3_client(cloud)
    s3.put_object(Bucket=bucket.bucket_name, Key="s3", Body=b"y" * 10)
    s3.get_object(Bucket=bucket.bucket_name, Key="s3")["Body"].read()
    with pytest.raises(oss2.exceptions.NoSuchKey):
        bucket.get_object("none")
    seen = eventually(lambda: used(server, bucket), lambda seen: seen.get("GetRequest", 0) >= 5)
    assert seen["PutRequest"] == 6, "the bucket, four objects, one deletion"
    assert seen["GetRequest"] == 5, "and none that failed"
    assert seen["NetworkOut"] == 1000 + 500 + 100 + 10
    assert seen["NetworkIn"] >= 1000 + 200 + 10
    assert seen["RetrievalData"] == 100
    assert (seen["Storage.Standard"], seen["Storage.IA"]) == (1010, 100)
    assert seen["ChargedDatasize.IA"] == 65536, "small objects are charged as 64 KiB"
    assert seen["EarlyDeletion.IA"] == 65536 * 720, "30 days of 64 KiB"
    stat = bucket.get_bucket_stat()
    assert stat.storage_size_in_bytes == seen["Storage.Standard"] + seen["Storage.IA"]
    assert stat.infrequent_access_storage == seen["ChargedDatasize.IA"]
    assert stat.infrequent_access_real_storage == seen["Storage.IA"]
    assert rows(server, "--bucket", bucket.bucket_name, "--account", "1") == []
    assert rows(server, "--bucket", bucket.bucket_name, "--service", "ecs") == []
    shown = subprocess.run(
        [sys.executable, "-m", "openyun", "usage", "--account", cloud.account_id],
        env={"OPENYUN_DATA": str(server.data)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "PutRequest" in shown
    assert bucket.bucket_name in shown


def test_who_asks_pays_where_the_bucket_says_so(
    server: Server, cloud: Cloud, other_cloud: Cloud, bucket: oss2.Bucket
) -> None:
    bucket.put_object("k", b"12345")
    bucket.put_bucket_policy(
        json.dumps(
            {
                "Version": "1",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Action": ["oss:GetObject"],
                        "Principal": [other_cloud.account_id],
                        "Resource": [f"acs:oss:*:{cloud.account_id}:{bucket.bucket_name}/*"],
                    }
                ],
            }
        )
    )
    bucket.put_bucket_request_payment("Requester")
    stranger = oss2_bucket(other_cloud, bucket.bucket_name)
    stranger.get_object("k", headers={"x-oss-request-payer": "requester"}).read()
    theirs = eventually(lambda: used(server, bucket, "--account", other_cloud.account_id))
    assert theirs == {"GetRequest": 1, "NetworkOut": 5}
    assert "GetRequest" not in used(server, bucket, "--account", cloud.account_id)


def scraped(server: Server, token: str) -> str:
    request = urllib.request.Request(
        f"http://{server.endpoint}/_openyun/metrics", headers={"Authorization": f"Bearer {token}"}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        return str(answer.read().decode())


def test_metrics_are_the_operators(server: Server, bucket: oss2.Bucket, ram: Ram) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        scraped(server, "wrong")
    assert refused.value.code == 403
    token = (server.data / "operator.token").read_text()
    bucket.put_object("k", b"12345")
    for _ in range(3):
        bucket.get_object("k").read()
    ram.list_users(ram_models.ListUsersRequest())
    name = bucket.bucket_name
    labels = f'region="cn-hangzhou",bucket="{name}",operation="GetObject"'
    got = f'openyun_oss_request_duration_seconds_count{{{labels},status="200"}} 3'
    text = eventually(lambda: scraped(server, token), lambda text: got in text)
    assert f"openyun_oss_sent_bytes_total{{{labels}}} 15" in text
    assert re.search(
        r'openyun_request_duration_seconds_count\{product="Ram",operation="ListUsers",status="200",code=""\} \d+', text
    )
    for pattern in (
        r'openyun_state_transactions_total\{region="cn-hangzhou",outcome="committed"\} [1-9]',
        r'openyun_state_commits_total\{region="cn-hangzhou"\} [1-9]',
        r'openyun_reconcile_passes_total\{region="cn-hangzhou"\} [1-9]',
        r"openyun_open_connections [1-9]",
    ):
        assert re.search(pattern, text), pattern
    for line in text.splitlines():
        assert re.fullmatch(r"# (HELP|TYPE) \w+ .+|\w+(\{(\w+=\"[^\"]*\",?)*\})? [-+.\w]+", line), line


def test_counts_survive_the_end_and_storage_a_crash(own_server: Server) -> None:
    """A server that ends writes down what it counted last. One that is killed may lose the last seconds of requests,
    but knows what is stored."""
    bucket = oss2_bucket(cloud_of(own_server, own_server.account()))
    bucket.create_bucket()
    bucket.put_object("k", b"12345")
    own_server.stop()
    assert used(own_server, bucket)["PutRequest"] == 2
    own_server.start()
    bucket.put_object("k2", b"12345", headers={"x-oss-storage-class": "Archive"})
    own_server.kill()
    own_server.start()
    seen = eventually(lambda: used(own_server, bucket), lambda seen: seen.get("Storage.Archive") == 5)
    assert seen["Storage.Standard"] == 5
    assert seen["PutRequest"] in (2, 3)


def test_the_last_use_of_a_key(cloud: Cloud, ram: Ram, user: str, bucket: oss2.Bucket) -> None:
    keys = []
    for _ in range(2):
        made = ram.create_access_key(ram_models.CreateAccessKeyRequest(user_name=user)).body.access_key
        keys.append(cloud.with_key(made.access_key_id, made.access_key_secret))
    with pytest.raises(oss2.exceptions.AccessDenied):
        oss2_bucket(keys[0], bucket.bucket_name).get_object("k")
    with pytest.raises(Exception, match="AccessDenied"):
        s3_client(keys[1]).list_buckets()
    for one in keys:

        def last_used(one: Cloud = one) -> str:
            asked = ram_models.GetAccessKeyLastUsedRequest(user_name=user, user_access_key_id=one.access_key_id)
            return str(ram.get_access_key_last_used(asked).body.access_key_last_used.last_used_date or "")

        assert eventually(last_used).startswith("20")
