"""A fast part of the oss2 SDK's own tests; `python -m tests.conformance.oss2_suite.suite` runs all of them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.conformance.oss2_suite.page import reason_of
from tests.conformance.oss2_suite.suite import cache, prepare, run
from tests.conftest import Server

FAST = ["tests/test_live_channel.py", "tests/test_list_objects_v2.py", "tests/test_sign.py"]
"""The first has tests that cannot pass with an address for an endpoint: they make up names below it."""


@pytest.fixture(scope="module")
def suite() -> Path:
    try:
        return prepare(cache())
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        pytest.skip("the source distribution of oss2 could not be fetched")


@pytest.mark.parametrize(("auth", "addressing"), [("v1", "vhost"), ("v4", "path")], ids="/".join)
def test_the_fast_part_passes(server: Server, suite: Path, auth: str, addressing: str) -> None:
    results = run(server, suite, auth, addressing, FAST[1:] if addressing == "path" else FAST)
    assert len(results) >= 10
    assert [one["test"] for one in results if one["outcome"] == "failed"] == []


@pytest.mark.parametrize(
    ("why", "reason"),
    [
        ("FileNotFoundError: No such file or directory: 'tests/a.jpg'", "lacks the sample file `tests/a.jpg`"),
        ("{'Code': 'NotImplemented', 'Message': 'PUT of bucket?x is a function'}", "PUT of bucket?x"),
        ("AssertionError: 1 != 2 | 3", "AssertionError: 1 != 2 / 3"),
    ],
)
def test_reasons_on_the_page(why: str, reason: str) -> None:
    assert reason in reason_of(why)
