"""Tools that people have for S3: the AWS CLI, rclone, s3fs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.conftest import Cloud
from tests.conformance.oss_clients import bucket_name
from tests.conformance.s3_clients import aws_environment

AWS = Path(sys.executable).with_name("aws")


def run(command: list[str], environment: dict[str, str]) -> str:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    done = subprocess.run(command, env={**inherited, **environment}, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A few files, one of them large enough to go in parts."""
    root = tmp_path / "tree"
    (root / "below").mkdir(parents=True)
    (root / "a.txt").write_text("hello")
    (root / "below" / "b c.txt").write_text("world")
    (root / "empty").write_bytes(b"")
    (root / "big").write_bytes(os.urandom(20_000_000))
    return root


def contents(root: Path) -> dict[str, bytes]:
    return {str(one.relative_to(root)): one.read_bytes() for one in root.rglob("*") if one.is_file()}


@pytest.mark.skipif(not AWS.exists(), reason="the AWS CLI is not installed")
class TestAws:
    def test_files_go_there_and_back(self, cloud: Cloud, tree: Path, tmp_path: Path) -> None:
        environment, bucket = aws_environment(cloud), bucket_name()

        def aws(*words: str) -> str:
            return run([str(AWS), "s3", *words], environment)

        aws("mb", f"s3://{bucket}")
        assert bucket in aws("ls")
        aws("sync", str(tree), f"s3://{bucket}/tree")
        assert aws("sync", str(tree), f"s3://{bucket}/tree") == "", "the second time there is nothing to do"
        listed = aws("ls", f"s3://{bucket}/", "--recursive")
        assert sorted(line.split(None, 3)[3] for line in listed.splitlines()) == [
            "tree/a.txt",
            "tree/below/b c.txt",
            "tree/big",
            "tree/empty",
        ]
        assert "PRE tree/" in aws("ls", f"s3://{bucket}/")
        back = tmp_path / "back"
        aws("cp", f"s3://{bucket}/tree", str(back), "--recursive")
        assert contents(back) == contents(tree)
        aws("mv", f"s3://{bucket}/tree/big", f"s3://{bucket}/moved")
        aws("cp", f"s3://{bucket}/tree/a.txt", f"s3://{bucket}/copy", "--storage-class", "STANDARD_IA")
        assert aws("cp", f"s3://{bucket}/copy", "-") == "hello"
        aws("rm", f"s3://{bucket}/tree", "--recursive")
        aws("rb", f"s3://{bucket}", "--force")
        assert bucket not in aws("ls")

    def test_the_api_word_by_word(self, cloud: Cloud, tree: Path) -> None:
        environment, bucket = aws_environment(cloud), bucket_name()

        def aws(*words: str) -> Any:
            answer = run([str(AWS), "s3api", *words, "--output", "json"], environment)
            return json.loads(answer) if answer else {}

        aws("create-bucket", "--bucket", bucket)
        for algorithm in ("CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"):
            put = ("put-object", "--bucket", bucket, "--key", "k", "--body", str(tree / "a.txt"))
            assert aws(*put, "--checksum-algorithm", algorithm)[f"Checksum{algorithm}"]
        assert aws("head-object", "--bucket", bucket, "--key", "k")["ContentLength"] == 5
        assert aws("list-objects-v2", "--bucket", bucket)["Contents"][0]["Key"] == "k"
        assert aws("get-bucket-location", "--bucket", bucket) == {"LocationConstraint": "cn-hangzhou"}
        aws("delete-object", "--bucket", bucket, "--key", "k")
        aws("delete-bucket", "--bucket", bucket)


@pytest.mark.skipif(shutil.which("rclone") is None, reason="rclone is not installed")
def test_rclone(cloud: Cloud, tree: Path, tmp_path: Path) -> None:
    environment = {
        "RCLONE_CONFIG": "/dev/null",
        "RCLONE_CONFIG_CLOUD_TYPE": "s3",
        "RCLONE_CONFIG_CLOUD_PROVIDER": "Other",
        "RCLONE_CONFIG_CLOUD_ENDPOINT": f"http://{cloud.endpoint}",
        "RCLONE_CONFIG_CLOUD_ACCESS_KEY_ID": cloud.access_key_id,
        "RCLONE_CONFIG_CLOUD_SECRET_ACCESS_KEY": cloud.access_key_secret,
        "RCLONE_S3_UPLOAD_CUTOFF": "6M",
        "RCLONE_S3_CHUNK_SIZE": "6M",
    }
    bucket = bucket_name()

    def rclone(*words: str) -> str:
        return run(["rclone", *words, "--retries", "1", "--low-level-retries", "1"], environment)

    rclone("mkdir", f"cloud:{bucket}")
    rclone("sync", str(tree), f"cloud:{bucket}/tree")
    rclone("check", str(tree), f"cloud:{bucket}/tree", "--download")
    assert sorted(rclone("lsf", "-R", "--files-only", f"cloud:{bucket}").splitlines()) == [
        "tree/a.txt",
        "tree/below/b c.txt",
        "tree/big",
        "tree/empty",
    ]
    back = tmp_path / "back"
    rclone("copy", f"cloud:{bucket}/tree", str(back))
    assert contents(back) == contents(tree)
    rclone("moveto", f"cloud:{bucket}/tree/big", f"cloud:{bucket}/big")
    rclone("purge", f"cloud:{bucket}/tree")
    rclone("delete", f"cloud:{bucket}")
    rclone("rmdir", f"cloud:{bucket}")


def test_s3fs(cloud: Cloud) -> None:
    s3fs = pytest.importorskip("s3fs", reason="s3fs is not installed")
    files = s3fs.S3FileSystem(
        key=cloud.access_key_id,
        secret=cloud.access_key_secret,
        endpoint_url=f"http://{cloud.endpoint}",
        skip_instance_cache=True,
    )
    bucket = bucket_name()
    files.mkdir(bucket)
    with files.open(f"{bucket}/dir/a.txt", "w") as file:
        file.write("hello\nworld")
    with files.open(f"{bucket}/dir/a.txt") as file:
        file.seek(6)
        assert file.read() == b"world"
    body = os.urandom(12_000_000)
    with files.open(f"{bucket}/big", "wb", block_size=5 * 1024**2) as file:
        file.write(body)
    assert files.cat(f"{bucket}/big") == body
    assert files.info(f"{bucket}/big")["size"] == len(body)
    assert sorted(files.find(bucket)) == [f"{bucket}/big", f"{bucket}/dir/a.txt"]
    files.cp(f"{bucket}/big", f"{bucket}/copy")
    files.rm(bucket, recursive=True)
    assert not files.exists(bucket)
