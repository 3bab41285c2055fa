"""Settings of a bucket that few use: what they do, as the official SDKs see it."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager

import alibabacloud_oss_v2 as oss_v2
import oss2
import pytest
from oss2.models import BucketLogging, BucketTlsVersion, PartInfo, ReplicationRule

from tests.conformance.conftest import Cloud, eventually
from tests.conformance.oss_clients import oss2_bucket, oss2_service, v2_client


@pytest.fixture
def bucket(cloud: Cloud) -> oss2.Bucket:
    made = oss2_bucket(cloud)
    made.create_bucket()
    return made


@contextmanager
def refused(code: str, status: int) -> Iterator[None]:
    with pytest.raises((oss2.exceptions.ServerError, oss_v2.exceptions.OperationError)) as caught:
        yield
    problem = caught.value
    if isinstance(problem, oss_v2.exceptions.OperationError):
        problem = problem.unwrap()
        assert (problem.code, problem.status_code) == (code, status)
    else:
        assert (problem.code, problem.status) == (code, status)


def test_tls_versions_are_kept(bucket: oss2.Bucket) -> None:
    with refused("NoSuchHttpsConfiguration", 404):
        bucket.get_bucket_https_config()
    bucket.put_bucket_https_config(BucketTlsVersion(True, ["TLSv1.3", "TLSv1.2", "TLSv1.2"]))
    held = bucket.get_bucket_https_config()
    assert (held.tls_enabled, held.tls_version) == (True, ["TLSv1.2", "TLSv1.3"])
    for wrong in (BucketTlsVersion(True), BucketTlsVersion(True, ["SSLv3"])):
        with refused("MalformedXML", 400):
            bucket.put_bucket_https_config(wrong)
    assert bucket.get_bucket_https_config().tls_version == ["TLSv1.2", "TLSv1.3"]


def test_some_objects_are_not_overwritten(cloud: Cloud, other_cloud: Cloud, bucket: oss2.Bucket) -> None:
    client, name = v2_client(cloud), bucket.bucket_name
    with refused("NoSuchBucketOverwriteConfig", 404):
        client.get_bucket_overwrite_config(oss_v2.GetBucketOverwriteConfigRequest(bucket=name))
    rules = [
        oss_v2.OverwriteRule(id="logs", action="forbid", prefix="logs/", suffix=".txt"),
        oss_v2.OverwriteRule(
            action="forbid",
            prefix="shared/",
            principals=oss_v2.OverwritePrincipals(principals=[other_cloud.account_id]),
        ),
    ]
    client.put_bucket_overwrite_config(
        oss_v2.PutBucketOverwriteConfigRequest(
            bucket=name, overwrite_configuration=oss_v2.OverwriteConfiguration(rules=rules)
        )
    )
    held = client.get_bucket_overwrite_config(oss_v2.GetBucketOverwriteConfigRequest(bucket=name))
    assert [one.prefix for one in held.overwrite_configuration.rules] == ["logs/", "shared/"]
    assert held.overwrite_configuration.rules[1].id
    for key in ("logs/a.txt", "logs/a.bin", "shared/a"):
        bucket.put_object(key, b"1")
    with refused("FileAlreadyExists", 409):
        bucket.put_object("logs/a.txt", b"2")
    with refused("FileAlreadyExists", 409):
        bucket.copy_object(name, "logs/a.bin", "logs/a.txt")
    bucket.put_object("logs/a.bin", b"2")
    bucket.put_object("shared/a", b"2")
    grant = '{"Version":"1","Statement":[{"Effect":"Allow","Action":["oss:*"],"Principal":["%s"],"Resource":["*"]}]}'
    bucket.put_bucket_policy(grant % other_cloud.account_id)
    with refused("FileAlreadyExists", 409):
        oss2_bucket(other_cloud, name).put_object("shared/a", b"3")
    twice = oss_v2.OverwriteConfiguration(rules=[rules[0], rules[0]])
    with refused("InvalidArgument", 400):
        client.put_bucket_overwrite_config(
            oss_v2.PutBucketOverwriteConfigRequest(bucket=name, overwrite_configuration=twice)
        )
    client.delete_bucket_overwrite_config(oss_v2.DeleteBucketOverwriteConfigRequest(bucket=name))
    bucket.put_object("logs/a.txt", b"2")


def test_the_log_tells_what_is_asked_for(cloud: Cloud, bucket: oss2.Bucket) -> None:
    client, name = v2_client(cloud), bucket.bucket_name
    with refused("NoSuchUserDefinedLogFieldsConfig", 404):
        client.get_user_defined_log_fields_config(oss_v2.GetUserDefinedLogFieldsConfigRequest(bucket=name))

    def put(headers: list[str], parameters: list[str]) -> None:
        wanted = oss_v2.UserDefinedLogFieldsConfiguration(
            header_set=oss_v2.LoggingHeaderSet(headers=headers),
            param_set=oss_v2.LoggingParamSet(parameters=parameters),
        )
        client.put_user_defined_log_fields_config(
            oss_v2.PutUserDefinedLogFieldsConfigRequest(bucket=name, user_defined_log_fields_configuration=wanted)
        )

    for headers, parameters in (([], []), (["a_b"], []), (["a"] * 4, ["b"] * 3)):
        with refused("InvalidArgument", 400):
            put(headers, parameters)
    put(["X-Trace"], ["versionId", "prefix"])
    held = client.get_user_defined_log_fields_config(oss_v2.GetUserDefinedLogFieldsConfigRequest(bucket=name))
    assert held.user_defined_log_fields_configuration.header_set.headers == ["X-Trace"]
    bucket.put_bucket_logging(BucketLogging(name, "log/"))

    def told() -> list[dict[str, object]]:
        bucket.list_objects(prefix="data/", headers={"X-Trace": "t" * 2000})
        bucket.list_objects(prefix="data/", headers={"X-Trace": "42"})
        lines = [
            line
            for one in oss2.ObjectIterator(bucket, prefix="log/")
            for line in bucket.get_object(one.key).read().decode().splitlines()
            if "prefix=data" in line
        ]
        return [
            json.loads(base64.b64decode(line.rpartition(" ")[2].strip('"'))) for line in lines if line.endswith('="')
        ]

    found = eventually(told, lambda lines: any(not one["truncated"] for one in lines))
    assert {"truncated": False, "headers": {"X-Trace": "42"}, "querys": {"prefix": "data/"}} in found
    cut = next(one for one in found if one["truncated"])
    assert len(json.dumps(cut)) < 1200
    client.delete_user_defined_log_fields_config(oss_v2.DeleteUserDefinedLogFieldsConfigRequest(bucket=name))


def test_a_bucket_changes_its_redundancy(cloud: Cloud, bucket: oss2.Bucket) -> None:
    with refused("InvalidArgument", 400):
        bucket.create_bucket_data_redundancy_transition("LRS")
    task = bucket.create_bucket_data_redundancy_transition("ZRS").task_id
    with refused("BucketDataRedundancyTransitionTaskAlreadyExist", 409):
        bucket.create_bucket_data_redundancy_transition("ZRS")
    (listed,) = oss2_service(cloud).list_user_data_redundancy_transition().data_redundancy_transitions
    assert (listed.bucket, listed.task_id) == (bucket.bucket_name, task)
    done = eventually(
        lambda: bucket.get_bucket_data_redundancy_transition(task), lambda one: one.transition_status == "Finished"
    )
    assert (done.process_percentage, done.estimated_remaining_time) == (100, 0)
    assert done.create_time <= done.start_time <= done.end_time
    assert bucket.get_bucket_info().data_redundancy_type == "ZRS"
    assert [one.task_id for one in bucket.list_bucket_data_redundancy_transition().data_redundancy_transitions] == [
        task
    ]
    bucket.delete_bucket_data_redundancy_transition(task)
    with refused("NoSuchBucketDataRedundancyTransitionTask", 404):
        bucket.get_bucket_data_redundancy_transition(task)
    with refused("InvalidArgument", 400):
        bucket.create_bucket_data_redundancy_transition("ZRS")


def test_replication_time_control(cloud: Cloud, bucket: oss2.Bucket) -> None:
    target = oss2_bucket(cloud, region="cn-beijing")
    target.create_bucket()
    rule = ReplicationRule(rule_id="r1", target_bucket_name=target.bucket_name, target_bucket_location="oss-cn-beijing")
    bucket.put_bucket_replication(rule)
    client = v2_client(cloud)

    def control(rule_id: str, status: str) -> None:
        wanted = oss_v2.RtcConfiguration(rtc=oss_v2.ReplicationTimeControl(status=status), id=rule_id)
        client.put_bucket_rtc(oss_v2.PutBucketRtcRequest(bucket=bucket.bucket_name, rtc_configuration=wanted))

    control("r1", "enabled")
    held = client.get_bucket_replication(oss_v2.GetBucketReplicationRequest(bucket=bucket.bucket_name))
    assert held.replication_configuration.rules[0].rtc.status == "enabled"
    with refused("NoSuchReplicationRule", 404):
        control("r2", "enabled")
    with refused("MalformedXML", 400):
        control("r1", "perhaps")


def test_archived_objects_are_read_at_once_where_the_bucket_says_so(bucket: oss2.Bucket) -> None:
    for storage_class in ("Archive", "ColdArchive"):
        bucket.put_object(storage_class, b"cold", headers={"x-oss-storage-class": storage_class})
    with refused("InvalidObjectState", 403):
        bucket.get_object("Archive")
    bucket.put_bucket_archive_direct_read(True)
    assert bucket.get_object("Archive").read() == b"cold"
    bucket.copy_object(bucket.bucket_name, "Archive", "copy", headers={"x-oss-storage-class": "Standard"})
    with refused("InvalidObjectState", 403):
        bucket.get_object("ColdArchive")
    bucket.put_bucket_archive_direct_read(False)
    with refused("InvalidObjectState", 403):
        bucket.get_object("Archive")


def test_a_sequential_upload_tells_the_md5_of_the_whole(bucket: oss2.Bucket) -> None:
    upload = bucket.init_multipart_upload("a", params={"sequential": ""}).upload_id
    parts = [bytes([number]) * 100 * 1024 for number in range(3)]
    with refused("PartNotSequential", 400):
        bucket.upload_part("a", upload, 2, parts[1])
    etags = [bucket.upload_part("a", upload, 1, b"an earlier try").etag]
    etags = [bucket.upload_part("a", upload, number, data).etag for number, data in enumerate(parts, 1)]
    with refused("PartNotSequential", 400):
        bucket.upload_part("a", upload, 1, parts[0])
    bucket.complete_multipart_upload("a", upload, [PartInfo(number, etag) for number, etag in enumerate(etags, 1)])
    md5 = base64.b64encode(hashlib.md5(b"".join(parts), usedforsecurity=False).digest()).decode()
    assert bucket.get_object("a").resp.headers["Content-MD5"] == md5
    plain = bucket.init_multipart_upload("b").upload_id
    etag = bucket.upload_part("b", plain, 7, parts[0]).etag
    bucket.complete_multipart_upload("b", plain, [PartInfo(7, etag)])
    assert "Content-MD5" not in bucket.get_object("b").resp.headers
