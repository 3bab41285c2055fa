"""Clients of Amazon's S3 for a test's account."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.conformance.conftest import Cloud

boto3 = pytest.importorskip("boto3", reason="boto3 is not installed")
from botocore.config import Config  # noqa: E402  after the check that it is there
from botocore.exceptions import ClientError  # noqa: E402


def s3_client(cloud: Cloud, *, region: str = "us-east-1", **settings: Any) -> Any:
    """As a user of Amazon's makes it, with another endpoint."""
    return boto3.client(
        "s3",
        endpoint_url=f"http://{cloud.endpoint}",
        aws_access_key_id=cloud.access_key_id,
        aws_secret_access_key=cloud.access_key_secret,
        aws_session_token=cloud.security_token or None,
        region_name=region,
        config=Config(retries={"max_attempts": 0}, **settings),
    )


@contextmanager
def refused(code: str, status: int) -> Iterator[None]:
    with pytest.raises(ClientError) as caught:
        yield
    answer = caught.value.response
    assert (answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]) == (code, status), answer


def aws_environment(cloud: Cloud) -> dict[str, str]:
    """For command lines that read Amazon's variables, and nothing of the user's own settings."""
    return {
        "AWS_ACCESS_KEY_ID": cloud.access_key_id,
        "AWS_SECRET_ACCESS_KEY": cloud.access_key_secret,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": f"http://{cloud.endpoint}",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
