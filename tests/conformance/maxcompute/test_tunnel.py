"""Rows in and out through the tunnel."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from odps import errors
from odps.tunnel import CompressOption, TableTunnel

from tests.conformance.maxcompute.conftest import rows

pandas = pytest.importorskip("pandas")

COLUMNS = (
    "a bigint, b string, c double, d datetime, e decimal(10,2), f date, g boolean, h array<bigint>, "
    "i map<string,bigint>, j struct<x:bigint,y:string>, k binary, l timestamp, m timestamp_ntz, n float, o smallint, "
    "p json, q varchar(3)"
)
ROW = [
    *(1, "é", 1.5, datetime(2020, 1, 1, 10), Decimal("1.25"), date(1969, 5, 6), True, [1, None, 3]),
    *({"k": 2}, (1, "y"), b"\x00\xff", pandas.Timestamp("2021-01-01 00:00:00.123456")),
    *(pandas.Timestamp("2021-01-01 00:00:00.123456789"), 2.5, -7, {"q": 1}, "abc"),
]
ALGORITHMS = CompressOption.CompressAlgorithm


def test_every_type_comes_back_as_it_went(o: Any) -> None:
    o.create_table("t", COLUMNS)
    o.write_table("t", [ROW, [None] * 17])
    found = [list(one.values) for one in o.read_table("t")]
    assert [tuple(one) if position == 9 else one for position, one in enumerate(found[0])] == ROW
    assert found[1] == [None] * 17
    assert rows(o, "select count(*), max(a) from t where b = 'é'") == [[1, 1]]


@pytest.mark.parametrize("algorithm", [ALGORITHMS.ODPS_ZLIB, ALGORITHMS.ODPS_ZSTD, ALGORITHMS.ODPS_LZ4])
def test_blocks_compression_and_ranges(o: Any, algorithm: Any) -> None:
    o.create_table("t", "a bigint, b string")
    tunnel = TableTunnel(o)
    option = CompressOption(compress_algo=algorithm)
    upload = tunnel.create_upload_session("t", compress_option=option)
    for block in (1, 0):
        with upload.open_record_writer(block, compress=True) as writer:
            for number in range(500):
                writer.write(upload.new_record([block * 500 + number, "x" * number]))
    assert rows(o, "select count(*) from t") == [[0]]
    assert sorted(int(one) for one in upload.get_block_list()) == [0, 1]
    upload.commit([0, 1])
    with pytest.raises(errors.ODPSError):
        tunnel.create_upload_session("t", upload_id="no-such-session")
    download = tunnel.create_download_session("t", compress_option=option)
    o.execute_sql("truncate table t")
    assert download.count == 1000
    with download.open_record_reader(0, 1000, compress=True) as reader:
        assert sorted(one[0] for one in reader) == list(range(1000))
    with download.open_record_reader(500, 3, columns=["b", "a"]) as reader:
        assert [(len(one[0]), one[1] % 500) for one in reader] == [(0, 0), (1, 1), (2, 2)]


def test_data_frames_and_partitions(o: Any) -> None:
    o.create_table("t", ("a bigint, b string, d datetime", "pt string"))
    frame = pandas.DataFrame(
        {"a": range(3000), "b": [f"x{one}" for one in range(3000)], "d": pandas.Timestamp("2020-01-01 10:00:00")}
    )
    o.write_table("t", frame, partition="pt=1", create_partition=True)
    o.write_table("t", frame[:5], partition="pt=2", create_partition=True)
    o.write_table("t", frame[:2], partition="pt=2", overwrite=True)
    table = o.get_table("t")
    assert [(one.name, one.record_num) for one in table.partitions] == [("pt='1'", 3000), ("pt='2'", 2)]
    back = table.to_pandas(partition="pt=1")
    assert back["a"].tolist() == list(range(3000))
    assert back["d"].tolist() == frame["d"].tolist()
    assert rows(o, "select pt, count(*), max(a) from t group by pt order by pt") == [["1", 3000, 2999], ["2", 2, 1]]
    with table.open_reader(partition="pt=1", arrow=True) as reader:
        assert sum(batch.num_rows for batch in reader) == 3000
    with pytest.raises(errors.NoSuchPartition):
        o.write_table("t", frame, partition="pt=3")
