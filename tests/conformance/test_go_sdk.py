"""A fast part of the Go SDK's own tests, where they are built; `python -m tests.conformance.go_suite` builds them and
runs all."""

from __future__ import annotations

import pytest

from tests.conformance.go_suite import is_ready, run
from tests.conftest import Server

FAST = """
TestHeadObject TestGetObjectMeta TestAppendObject TestDeleteMultipleObjects TestListObjectsV2 TestListObjectVersions
TestUploadPart TestListMultipartUploads TestPutObjectTagging TestPutSymlink TestPresign TestEncryptionClient
""".split()  # noqa: SIM905  names as they are read, not as a list is written


@pytest.mark.skipif(not is_ready(), reason="the Go SDK's tests are not built: python -m tests.conformance.go_suite")
@pytest.mark.parametrize("signature", ["v1", "v4"])
def test_the_fast_part_passes(server: Server, signature: str) -> None:
    passed = run(server, signature, FAST)
    assert [name for name, good in passed.items() if not good] == []
