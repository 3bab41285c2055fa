"""How traffic is held to its limits, without a clock."""

from __future__ import annotations

import asyncio
import base64
import json

import pytest

from openyun.gateway.oss import pace
from openyun.services.oss.bucket.log_fields import HeaderSet, LogFields, ParamSet, told
from openyun.services.oss.bucket.qos import Limits
from openyun.services.oss.errors import InvalidArgument
from openyun.services.oss.metering import Meter
from openyun.services.oss.select.records import Json, json_records


def test_a_meter_makes_bytes_wait_their_turn() -> None:
    meter = Meter(1000)
    assert meter.take(500, 0.0) == 0.5
    assert meter.take(500, 0.25) == 0.75
    assert meter.take(1, 60.0) == pytest.approx(0.001), "what was not used is not saved up"


def test_paced_bytes_come_whole_and_in_small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(pace.asyncio, "sleep", sleep)
    data = bytes(range(256)) * 400

    async def read() -> list[bytes]:
        return [bytes(piece) async for piece in pace.paced(data, [Meter(102_400), Meter(10**9)])]

    pieces = asyncio.run(read())
    assert b"".join(pieces) == data
    assert max(len(piece) for piece in pieces) <= 10_240
    assert max(waited) == pytest.approx(1.0, rel=0.05), "no time passes here, so waits add up to the whole"


@pytest.mark.parametrize(
    ("limits", "valid"),
    [
        (Limits(), True),
        (Limits(total_upload_bandwidth=10, extranet_upload_bandwidth=10, total_qps=0), True),
        (Limits(total_upload_bandwidth=11), False),
        (Limits(intranet_download_bandwidth=11), False),
        (Limits(total_download_bandwidth=1, extranet_download_bandwidth=2), False),
        (Limits(total_qps=5, extranet_qps=6), False),
        (Limits(total_qps=-2), False),
    ],
)
def test_a_part_is_no_more_than_the_whole(limits: Limits, valid: bool) -> None:
    if valid:
        limits.check(10)
    else:
        with pytest.raises(InvalidArgument):
            limits.check(10)


def test_log_fields_are_cut_at_a_kilobyte() -> None:
    fields = LogFields(header_set=HeaderSet(header=["A", "B"]), param_set=ParamSet(parameter=["c", "absent"]))
    line = told(fields, {"a": "é" * 600, "b": "1"}, [("c", "2")])
    found = json.loads(base64.b64decode(line))
    assert found["truncated"] is True
    assert found["headers"]["A"] == "é" * 511
    assert "absent" not in found["querys"]


def test_json_lines_may_stretch_over_lines() -> None:
    data = b'{"a": 1}\n{\n  "a": "}{",\n  "b": [\n    1\n  ]\n},\n{"a": 3}\n'
    assert [one["a"] for one in json_records([data], Json(), None, ())] == [1, "}{", 3]
