"""SelectObject and CreateSelectObjectMeta, through oss2 and alibabacloud_oss_v2."""

from __future__ import annotations

import base64
import gzip
import json

import alibabacloud_oss_v2 as oss_v2
import oss2
import pytest

from tests.conformance.conftest import Cloud
from tests.conformance.oss_clients import oss2_bucket, v2_client

PEOPLE = b'name,age,town\nann,31,"Hang, zhou"\nbob,,Beijing\n"c ""c"" ",40,\n'


@pytest.fixture
def bucket(cloud: Cloud) -> oss2.Bucket:
    made = oss2_bucket(cloud)
    made.create_bucket()
    made.put_object("people.csv", PEOPLE)
    return made


def csv(bucket: oss2.Bucket, sql: str, **params: object) -> bytes:
    data: bytes = bucket.select_object(
        "people.csv", sql, None, {"CsvHeaderInfo": "Use", "EnablePayloadCrc": True, **params}
    ).read()
    return data


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("select * from ossobject", PEOPLE.partition(b"\n")[2]),
        ("select name from ossobject where age > 31", b'"c ""c"" "\n'),
        ("select _1, NAME from ossobject where name like 'a%'", b"ann,ann\n"),
        ("select s.name from ossobject s where s.age is null", b"bob\n"),
        ("select name from ossobject where town in ('Beijing', 'x') or age between 40 and 50", b'bob\n"c ""c"" "\n'),
        ("select name from ossobject where not (name = 'ann') limit 1", b"bob\n"),
        ("select name from ossobject where name || town = 'bobBeijing'", b"bob\n"),
        ("select name from ossobject where cast(age as int) * 2 + 1 = 63", b"ann\n"),
        ("select count(*), avg(cast(age as int)), max(cast(age as int)), sum(age) from ossobject", b"3,35.5,40,71\n"),
        ("select count(*) from ossobject limit 2", b"2\n"),
        ("select max(cast(age as double)) from ossobject where age > 99", b"\n"),
    ],
)
def test_csv(bucket: oss2.Bucket, sql: str, rows: bytes) -> None:
    assert csv(bucket, sql) == rows


@pytest.mark.parametrize(
    ("params", "rows"),
    [
        ({"OutputRecordDelimiter": "\r\n", "OutputFieldDelimiter": "|"}, b"ann|31\r\nbob|\r\n"),
        ({"KeepAllColumns": "true"}, b"ann,31,\nbob,,\n"),
        ({"OutputHeader": "true"}, b"name,age\nann,31\nbob,\n"),
    ],
)
def test_output(bucket: oss2.Bucket, params: dict[str, str], rows: bytes) -> None:
    assert csv(bucket, "select name, age from ossobject limit 2", **params) == rows


def test_raw_output_is_marked(bucket: oss2.Bucket) -> None:
    answer = bucket.select_object("people.csv", "select _1 from ossobject limit 1", None, {"OutputRawData": "true"})
    assert (answer.status, answer.resp.headers["x-oss-select-output-raw"]) == (206, "true")
    assert answer.read() == b"name\n"


def test_other_delimiters_comments_and_compression(bucket: oss2.Bucket) -> None:
    bucket.put_object("odd", gzip.compress(b"a;'x|y'|#b;c|d;e|"))
    params = {
        "RecordDelimiter": "|",
        "FieldDelimiter": ";",
        "QuoteCharacter": "'",
        "CommentCharacter": "#",
        "CompressionType": "GZIP",
    }
    assert bucket.select_object("odd", "select _2 from ossobject", None, params).read() == b"x|y\ne\n"


def test_ranges_of_lines_splits_and_bytes(bucket: oss2.Bucket) -> None:
    bucket.put_object("lines", b"".join(b"%d\n" % number for number in range(1000)))

    def first_and_last(**params: object) -> tuple[bytes, bytes]:
        answer = bucket.select_object("lines", "select * from ossobject", None, params).read().split()
        return answer[0], answer[-1]

    assert first_and_last(LineRange=(10, 50)) == (b"10", b"50")
    assert first_and_last(LineRange=(990, None)) == (b"990", b"999")
    assert first_and_last(SplitRange=(0, 0)) == (b"0", b"999")
    answer = bucket.select_object(
        "lines", "select * from ossobject", None, {"AllowQuotedRecordDelimiter": False}, (0, 5)
    )
    assert answer.read() == b"0\n1\n2\n"


DOCUMENT = {
    "site": "http://a/b",
    "contacts": [{"name": "ann", "age": 35, "kids": ["x", "y"]}, {"name": "bob", "age": 4.50}],
}


@pytest.mark.parametrize(
    ("sql", "lines"),
    [
        ("select * from ossobject.contacts[*] s where s.age > 30", b'{"name":"ann","age":35,"kids":["x","y"]}\n'),
        ("select s.name, s.kids[0] from ossobject.contacts[*] s", b'{"name":"ann","_2":"x"}\n{"name":"bob"}\n'),
        ("select s.kids[1] as second from ossobject.contacts[0] s", b'{"second":"y"}\n'),
        ("select * from ossobject.contacts[1].age s", b'{"_1":4.5}\n'),
        ("select max(cast(s.age as double)) from ossobject.contacts[*] s", b'{"_1":35}\n'),
        ("select s.site from ossobject s where s.site = 'http://a/b'", b'{"site":"http:\\/\\/a\\/b"}\n'),
    ],
)
def test_json_document(bucket: oss2.Bucket, sql: str, lines: bytes) -> None:
    bucket.put_object("j", json.dumps(DOCUMENT))
    assert bucket.select_object("j", sql, None, {"Json_Type": "DOCUMENT"}).read() == lines


def test_json_lines_and_exact_numbers(bucket: oss2.Bucket) -> None:
    bucket.put_object("j", b'{"a":123456789.12345678901}\n{"a":1e3}\n')
    params = {"Json_Type": "LINES", "ParseJsonNumberAsString": "true"}
    answer = bucket.select_object("j", "select a from ossobject where cast(a as decimal) > 2", None, params)
    assert answer.read() == b'{"a":123456789.12345678901}\n{"a":1e3}\n'


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("", "InvalidSqlParameter"),
        ("select * from elsewhere", "SqlSyntaxError"),
        ("select * from read_csv('/etc/passwd')", "SqlSyntaxError"),
        ("select name from ossobject; drop table x", "SqlSyntaxError"),
        ("select name from ossobject where name = (select 1 from ossobject)", "SqlSyntaxError"),
        ("select name || town from ossobject", "SqlSyntaxError"),
        ("select * from ossobject where avg(cast(age as int)) > 3", "SqlSyntaxError"),
        ("select * from ossobject group by name", "SqlSyntaxError"),
        ("select name, count(*) from ossobject", "SqlInvalidMixOfAggregationAndColumn"),
        ("select nobody from ossobject", "SqlInvalidColumnName"),
        ("select _1001 from ossobject", "SqlInvalidColumnIndex"),
        ("select a.b.c from ossobject", "NestedColumnNotSupportInCsv"),
        ("select * from ossobject limit 0", "SqlInvalidLimitValue"),
        ("select * from ossobject where " + "(" * 500 + "1" + ")" * 500, "SqlExceedsMaxConditionDepth"),
        ("select * from ossobject where name like '%a%b%c%d%e%f'", "SqlExceedsMaxWildCardCount"),
    ],
)
def test_what_the_dialect_has_not(bucket: oss2.Bucket, sql: str, code: str) -> None:
    with pytest.raises(oss2.exceptions.ServerError) as refused:
        csv(bucket, sql)
    assert (refused.value.status, refused.value.code) == (400, code)


def test_records_that_do_not_fit_are_skipped_as_far_as_allowed(bucket: oss2.Bucket) -> None:
    bucket.put_object("people.csv", b"a,1\nb\nc,x\nd,4\n")
    sql = "select _1 from ossobject where _2 > 0"
    plain = {"CsvHeaderInfo": "None", "SkipPartialDataRecord": "true"}
    assert csv(bucket, sql, **plain, MaxSkippedRecordsAllowed=2) == b"a\nd\n"
    answer = bucket.select_object("people.csv", sql, None, {**plain, "MaxSkippedRecordsAllowed": 1})
    assert next(answer) == b"a\n"
    with pytest.raises(oss2.exceptions.SelectOperationFailed) as failed:
        next(answer)
    assert failed.value.code == b"InvalidCsvLine"


def test_bad_data_before_any_output_is_an_http_error(bucket: oss2.Bucket) -> None:
    bucket.put_object("j", b'{"a": nonsense}')
    with pytest.raises(oss2.exceptions.ServerError) as refused:
        bucket.select_object("j", "select * from ossobject", None, {"Json_Type": "DOCUMENT"})
    assert (refused.value.status, refused.value.code) == (400, "InvalidJsonData")


def test_meta_counts_rows_columns_and_splits(bucket: oss2.Bucket) -> None:
    bucket.put_object("big.csv", b"".join(b"%d,%s\n" % (number, b"x" * 90) for number in range(100_000)))
    meta = bucket.create_select_object_meta("big.csv")
    assert (meta.rows, meta.select_resp.columns) == (100_000, 2)
    assert meta.splits > 1
    second = bucket.select_object("big.csv", "select _1 from ossobject", None, {"SplitRange": (1, 1)}).read().split()
    third = bucket.select_object("big.csv", "select _1 from ossobject", None, {"SplitRange": (2, None)}).read().split()
    assert int(third[0]) == int(second[-1]) + 1
    assert third[-1] == b"99999"
    bucket.put_object("j", b"{}\n{}\n")
    assert bucket.create_select_object_meta("j", {"Json_Type": "LINES"}).rows == 2


def test_progress_reaches_the_size_of_the_object(bucket: oss2.Bucket) -> None:
    places: list[int] = []
    bucket.select_object("people.csv", "select * from ossobject", lambda place, _: places.append(place)).read()
    assert places[-1] == len(PEOPLE)


def test_with_the_second_sdk(cloud: Cloud, bucket: oss2.Bucket) -> None:
    asked = oss_v2.SelectRequest(
        expression=base64.b64encode(b"select age from ossobject where name = 'ann'").decode(),
        input_serialization=oss_v2.InputSerialization(csv=oss_v2.CSVInput(file_header_info="Use")),
        output_serialization=oss_v2.OutputSerialization(enable_payload_crc=True),
    )
    answer = v2_client(cloud).select_object(
        oss_v2.SelectObjectRequest(
            bucket=bucket.bucket_name, key="people.csv", process="csv/select", select_request=asked
        )
    )
    assert answer.body.read() == b"31\n"


def test_a_large_object(bucket: oss2.Bucket) -> None:
    """Which DuckDB works through, chunk by chunk, where it is installed; one odd record makes no other odd."""
    rows = [f"{number},name{number % 7},{number % 100}" for number in range(600_000)]
    rows[300_000] = '300000,"odd, and quoted",'
    bucket.put_object("big.csv", "id,name,age\n" + "\n".join(rows))

    def select(sql: str, **params: object) -> bytes:
        data: bytes = bucket.select_object("big.csv", sql, None, {"CsvHeaderInfo": "Use", **params}).read()
        return data

    ages = [number % 100 for number in range(600_000) if number != 300_000]
    total = f'600000,{sum(ages)},"odd, and quoted",599999\n'
    assert select("select count(*), sum(age), max(name), max(cast(id as int)) from ossobject").decode() == total
    first = [f"{number},name3\n" for number in range(2000) if number % 100 == 42 and number % 7 == 3][:2]
    assert select("select id, name from ossobject where age = 42 and name = 'name3' limit 2").decode() == "".join(first)
    found = select("select id from ossobject where age > 98").split()
    assert [int(one) for one in found] == [number for number in range(600_000) if number % 100 == 99]
    assert select("select * from ossobject where name like 'odd%'") == b'300000,"odd, and quoted",\n'
    lines = b"".join(b'{"id": %d, "tag": "t%d"}\n' % (number, number % 1000) for number in range(50_000))
    bucket.put_object("big.json", lines)
    answer = bucket.select_object("big.json", "select id from ossobject where tag = 't7'", None, {"Json_Type": "LINES"})
    assert answer.read() == b"".join(b'{"id":%d}\n' % number for number in range(7, 50_000, 1000))
