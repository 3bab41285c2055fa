"""Libraries that others built upon OSS: each does here what its users do with it."""

from __future__ import annotations

import asyncio
import io
import json
import os
import shutil
import socket
import subprocess
from pathlib import Path
from typing import Any

import alibabacloud_oss_v2 as oss_v2
import alibabacloud_oss_v2.aio as oss_aio
import oss2
import pytest
from libcloud.storage.drivers.oss import OSSStorageDriver

from tests.conformance.conftest import REGION, Cloud
from tests.conformance.oss_clients import bucket_name, oss2_bucket


@pytest.fixture
def bucket(cloud: Cloud) -> oss2.Bucket:
    made = oss2_bucket(cloud)
    made.create_bucket()
    return made


def test_oss_v2_async(cloud: Cloud) -> None:
    config = oss_v2.config.load_default()
    config.credentials_provider = oss_v2.credentials.StaticCredentialsProvider(
        cloud.access_key_id, cloud.access_key_secret
    )
    config.region, config.endpoint, config.use_path_style = REGION, f"http://{cloud.endpoint}", True
    name = bucket_name()

    async def go() -> None:
        client = oss_aio.AsyncClient(config)
        try:
            await client.put_bucket(oss_v2.PutBucketRequest(bucket=name))
            bodies = {f"k{number}": os.urandom(number * 10_000) for number in range(20)}
            await asyncio.gather(
                *(client.put_object(oss_v2.PutObjectRequest(name, key, body=body)) for key, body in bodies.items())
            )
            for key, body in bodies.items():
                answer = await client.get_object(oss_v2.GetObjectRequest(name, key))
                assert answer.body.content == body
            listed = await client.list_objects_v2(oss_v2.ListObjectsV2Request(bucket=name))
            assert {one.key for one in listed.contents} == set(bodies)
            objects = [oss_v2.DeleteObject(key=key) for key in bodies]
            await client.delete_multiple_objects(oss_v2.DeleteMultipleObjectsRequest(bucket=name, objects=objects))
            await client.delete_bucket(oss_v2.DeleteBucketRequest(bucket=name))
        finally:
            await client.close()

    asyncio.run(go())


def test_ossfs(cloud: Cloud, bucket: oss2.Bucket) -> None:
    ossfs = pytest.importorskip("ossfs", reason="ossfs is not installed")
    files = ossfs.OSSFileSystem(
        key=cloud.access_key_id,
        secret=cloud.access_key_secret,
        endpoint=f"http://{cloud.endpoint}",
    )
    root = f"/{bucket.bucket_name}"
    with files.open(f"{root}/dir/a.txt", "wb") as file:
        file.write(b"first\nsecond\n")
    assert files.cat(f"{root}/dir/a.txt") == b"first\nsecond\n"
    with files.open(f"{root}/dir/a.txt", "rb") as file:
        file.seek(6)
        assert file.readline() == b"second\n"
    files.copy(f"{root}/dir/a.txt", f"{root}/dir/b.txt")
    assert sorted(Path(one).name for one in files.ls(f"{root}/dir", detail=False)) == ["a.txt", "b.txt"]
    assert sorted(Path(one).name for one in files.glob(f"{root}/**/*.txt")) == ["a.txt", "b.txt"]
    assert files.info(f"{root}/dir/b.txt")["size"] == 13
    files.rm(f"{root}/dir", recursive=True)
    assert not files.exists(f"{root}/dir/a.txt")
    with pytest.raises(FileNotFoundError):
        files.cat(f"{root}/dir/a.txt")


def test_django_oss_storage(cloud: Cloud, bucket: oss2.Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("django", reason="Django is not installed")
    from datetime import UTC

    from django.conf import settings
    from django.core.files.base import ContentFile
    from django.utils import encoding, timezone

    if not settings.configured:
        settings.configure(MEDIA_URL="/media/", STATIC_URL="/static/", USE_TZ=True)
    # The package is older than this Django, which no longer has two names that it imports.
    monkeypatch.setattr(encoding, "force_text", encoding.force_str, raising=False)
    monkeypatch.setattr(timezone, "utc", UTC, raising=False)
    backends = pytest.importorskip("django_oss_storage.backends", reason="django-oss-storage is not installed")
    monkeypatch.setenv("OSS_ACCESS_KEY_ID", cloud.access_key_id)
    monkeypatch.setenv("OSS_ACCESS_KEY_SECRET", cloud.access_key_secret)
    monkeypatch.setenv("OSS_ENDPOINT", f"http://{cloud.endpoint}")
    monkeypatch.setenv("OSS_BUCKET_NAME", bucket.bucket_name)
    storage: Any = backends.OssMediaStorage()
    saved = storage.save("photos/one.txt", ContentFile(b"hello"))
    assert storage.exists(saved)
    assert storage.size(saved) == 5
    with storage.open(saved) as file:
        assert file.read() == b"hello"
    assert storage.listdir("photos") == ([], ["media/photos/one.txt"])
    assert saved.rpartition("/")[2] in storage.url(saved)
    storage.delete(saved)
    assert not storage.exists(saved)


@pytest.fixture
def names_lead_here(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """For clients that can only be told a domain: in this process, the vendor's leads to the cloud under test."""
    host, _, port = cloud.endpoint.partition(":")
    resolve = socket.getaddrinfo

    def lead(name: Any, *rest: Any, **more: Any) -> Any:
        if str(name).endswith(".aliyuncs.com"):
            return resolve(host, int(port), type=socket.SOCK_STREAM)
        return resolve(name, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", lead)


@pytest.mark.usefixtures("names_lead_here")
def test_libcloud(cloud: Cloud, tmp_path: Path) -> None:
    driver = OSSStorageDriver(
        cloud.access_key_id, cloud.access_key_secret, host=f"oss-{REGION}.aliyuncs.com", secure=False
    )
    container = driver.create_container(bucket_name())
    assert container.name in [one.name for one in driver.list_containers()]
    source = tmp_path / "a"
    source.write_bytes(os.urandom(100_000))
    driver.upload_object(str(source), container, "dir/a", extra={"meta_data": {"who": "me"}})
    driver.upload_object_via_stream(io.BytesIO(b"streamed" * 1000), container, "b")
    found = driver.get_object(container.name, "dir/a")
    assert (found.size, found.meta_data["who"]) == (100_000, "me")
    assert found.download(str(tmp_path / "copy"), overwrite_existing=True)
    assert (tmp_path / "copy").read_bytes() == source.read_bytes()
    assert driver.get_object(container.name, "b").download(str(tmp_path / "b"))
    assert (tmp_path / "b").read_bytes() == b"streamed" * 1000
    assert [one.name for one in driver.list_container_objects(container)] == ["b", "dir/a"]
    for one in driver.list_container_objects(container):
        assert driver.delete_object(one)
    assert driver.delete_container(container)


ALI_OSS = """
const OSS = require('ali-oss');
const [endpoint, accessKeyId, accessKeySecret, region, bucket, v4] = process.argv.slice(2);
(async () => {
  const client = new OSS({endpoint, accessKeyId, accessKeySecret, region, bucket, authorizationV4: v4 === 'true'});
  const told = {};
  await client.putBucket(bucket);
  const put = await client.put('dir/\\u4e2d a.txt', Buffer.from('hello'), {meta: {who: 'me'}});
  told.status = put.res.status;
  const got = await client.get('dir/\\u4e2d a.txt');
  told.content = got.content.toString();
  told.who = (await client.head('dir/\\u4e2d a.txt')).meta.who;
  await client.copy('copy', 'dir/\\u4e2d a.txt');
  const big = Buffer.alloc(300 * 1024, 'x');
  told.parts = (await client.multipartUpload('big', big, {partSize: 100 * 1024})).res.status;
  told.size = (await client.get('big')).content.length;
  told.names = (await client.list({'max-keys': 10})).objects.map(one => one.name);
  try { await client.get('none'); } catch (problem) { told.missing = problem.code; }
  await client.deleteMulti(['copy', 'big', 'dir/\\u4e2d a.txt']);
  await client.deleteBucket(bucket);
  console.log(JSON.stringify(told));
})().catch(problem => { console.error(problem); process.exit(1); });
"""


@pytest.fixture(scope="session")
def ali_oss() -> Path:
    """A directory with Node's ali-oss, installed once for all runs on this machine."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("node and npm are not installed")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()) / "openyun" / "ali-oss"
    if not (cache / "node_modules" / "ali-oss").exists():
        cache.mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--silent", "--prefix", str(cache), "ali-oss@6"]
        try:
            subprocess.run(command, check=True, timeout=180, capture_output=True)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
            pytest.skip("npm could not install ali-oss")
    return cache


@pytest.mark.parametrize("v4", ["false", "true"])
def test_ali_oss(cloud: Cloud, ali_oss: Path, v4: str) -> None:
    arguments = [f"http://{cloud.endpoint}", cloud.access_key_id, cloud.access_key_secret, f"oss-{REGION}"]
    ran = subprocess.run(
        ["node", "-", *arguments, bucket_name(), v4],
        input=ALI_OSS.encode(),
        env={**os.environ, "NODE_PATH": str(ali_oss / "node_modules")},
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr.decode()
    assert json.loads(ran.stdout) == {
        "status": 200,
        "content": "hello",
        "who": "me",
        "parts": 200,
        "size": 300 * 1024,
        "names": ["big", "copy", "dir/中 a.txt"],
        "missing": "NoSuchKey",
    }
