"""SelectObject and CreateSelectObjectMeta: SQL over the records of one object, run by a process of its own.

The operations say what is to be read and how; the gateway hands the bytes to a worker and its output to the client.
"""

from __future__ import annotations

import base64
import binascii
import re
from xml.etree.ElementTree import Element

from openyun.operation import Call
from openyun.services.oss import xml
from openyun.services.oss.errors import MalformedXML
from openyun.services.oss.object.processing import SourceRequest, source_of
from openyun.services.oss.select.errors import RangeHeaderInSelect, SelectProblem
from openyun.services.oss.select.plan import Plan
from openyun.services.oss.select.records import Csv, Json, Span
from openyun.services.oss.service import OssResponse, oss

_BYTES = re.compile(r"bytes=(\d{1,18})-(\d{0,18})")
_RANGE = re.compile(r"(line|split)-range=(\d{0,18})-(\d{0,18})")


class SelectObjectRequest(SourceRequest, kw_only=True):
    document: bytes = b""


@oss.operation(resource="{bucket}/{key}", action="oss:GetObject", reads=True)
def select_object(call: Call, ask: SelectObjectRequest) -> OssResponse:
    plan = read_plan(ask.document, ask.process.startswith("json"))
    return OssResponse(
        status=206,
        headers={
            "x-oss-select-output-raw": "true" if plan.raw else "false",
            "Content-Type": "application/octet-stream",
        },
        data=source_of(call, ask),
    )


class CreateSelectObjectMetaRequest(SourceRequest, kw_only=True):
    document: bytes = b""


@oss.operation(resource="{bucket}/{key}", action="oss:GetObject", reads=True)
def create_select_object_meta(call: Call, ask: CreateSelectObjectMetaRequest) -> OssResponse:
    """The numbers are counted anew each time, so they are never those of an older object."""
    read_meta_plan(ask.document, ask.process.startswith("json"))
    return OssResponse(headers={"Content-Type": "application/octet-stream"}, data=source_of(call, ask))


def read_plan(document: bytes, is_json: bool, byte_range: str = "") -> Plan:
    """`byte_range` is a Range header, which only CSV without quoted delimiters can follow.
    Raises RangeHeaderInSelect, MalformedXML, SelectProblem."""
    root = xml.parse(document)
    if root.tag != "SelectRequest":
        raise MalformedXML
    given, wanted = root.find("InputSerialization"), root.find("OutputSerialization")
    given = given if given is not None else Element("InputSerialization")
    wanted = wanted if wanted is not None else Element("OutputSerialization")
    kind = "JSON" if is_json else "CSV"
    raw, crc = _flag(wanted, "OutputRawData"), _flag(wanted, "EnablePayloadCrc")
    if raw and crc:
        raise SelectProblem("InvalidOSSSelectParameters", "OutputRawData and EnablePayloadCrc conflict.")
    skipped = xml.text_of(root, "Options/MaxSkippedRecordsAllowed").strip() or "0"
    if not skipped.isdecimal():
        raise SelectProblem("InvalidMaxSkippedRecordsAllowed", "MaxSkippedRecordsAllowed must be a number.")
    document_type = xml.text_of(given, "JSON/Type").strip().upper()
    if is_json and document_type not in ("DOCUMENT", "LINES"):
        raise SelectProblem("InvalidArgument", "Type must be DOCUMENT or LINES.")
    sql = _decoded(xml.text_of(root, "Expression"), "InvalidSqlParameter", 1 << 15)
    if not sql.strip():
        raise SelectProblem("InvalidSqlParameter", "The SQL expression is empty.")
    csv = None if is_json else _csv(given)
    span = _span(xml.text_of(given, f"{kind}/Range").strip())
    if byte_range:
        if csv is None or csv.quoted_delimiters or span is not None:
            raise RangeHeaderInSelect
        span = _bytes(byte_range)
    return Plan(
        sql=sql,
        csv=csv,
        json=Json(document_type == "DOCUMENT", _flag(given, "JSON/ParseJsonNumberAsString")) if is_json else None,
        span=span,
        gzip=_compressed(xml.text_of(given, "CompressionType")),
        record_delimiter=_delimiter(wanted, f"{kind}/RecordDelimiter", "\n", "InvalidOutputRecordDelimiter", 2),
        field_delimiter=_delimiter(wanted, "CSV/FieldDelimiter", ",", "InvalidOutputFieldDelimiter", 1),
        header=_flag(wanted, "OutputHeader"),
        keep_all_columns=_flag(wanted, "KeepAllColumns"),
        raw=raw,
        crc=crc,
        skip_partial=_flag(root, "Options/SkipPartialDataRecord"),
        most_skipped=int(skipped[:18]),
    )


def read_meta_plan(document: bytes, is_json: bool) -> Plan:
    """Raises MalformedXML, SelectProblem."""
    root = xml.parse(document)
    if root.tag != ("JsonMetaRequest" if is_json else "CsvMetaRequest"):
        raise MalformedXML
    given = root.find("InputSerialization")
    given = given if given is not None else Element("InputSerialization")
    if xml.text_of(given, "CompressionType").strip().lower() not in ("", "none", "tm9uzq=="):
        raise SelectProblem("UnsupportedCompressionFormat", "Compressed objects have no metadata for Select.")
    if is_json and xml.text_of(given, "JSON/Type").strip().upper() != "LINES":
        raise SelectProblem("InvalidArgument", "Type must be LINES.")
    return Plan(csv=None if is_json else _csv(given), json=Json() if is_json else None)


def _csv(given: Element) -> Csv:
    header = xml.text_of(given, "CSV/FileHeaderInfo").strip().lower() or "none"
    if header not in ("none", "ignore", "use"):
        raise SelectProblem("InvalidArgument", "FileHeaderInfo must be None, Ignore or Use.")
    return Csv(
        record_delimiter=_delimiter(given, "CSV/RecordDelimiter", "\n", "InvalidInputRecordDelimiter", 2),
        field_delimiter=_delimiter(given, "CSV/FieldDelimiter", ",", "InvalidInputFieldDelimiter", 1),
        quote=_delimiter(given, "CSV/QuoteCharacter", '"', "InvalidInputQuote", 1),
        comment=_delimiter(given, "CSV/CommentCharacter", "", "InvalidCommentCharacter", 1),
        header="use" if header == "use" else "ignore" if header == "ignore" else "none",
        quoted_delimiters=xml.text_of(given, "CSV/AllowQuotedRecordDelimiter").strip().lower() != "false",
    )


def _flag(element: Element, path: str) -> bool:
    return xml.text_of(element, path).strip().lower() == "true"


def _delimiter(element: Element, path: str, default: str, code: str, longest: int) -> str:
    text = xml.text_of(element, path).strip()
    return _decoded(text, code, longest) if text else default


def _decoded(text: str, code: str, longest: int) -> str:
    try:
        plain = base64.b64decode("".join(text.split()), validate=True).decode()
    except (binascii.Error, ValueError):
        raise SelectProblem(code, "The value is not in base64.") from None
    if len(plain) > longest:
        raise SelectProblem(code, "The value is too long.")
    return plain


def _compressed(text: str) -> bool:
    name = text.strip().lower()
    if name not in ("", "none", "gzip"):
        raise SelectProblem("UnsupportedCompressionFormat", "CompressionType must be NONE or GZIP.")
    return name == "gzip"


def _bytes(header: str) -> Span:
    found = _BYTES.fullmatch(header.strip())
    if found is None:
        raise SelectProblem("InvalidRange", "The Range header is not bytes=first-last.")
    return Span("byte", int(found[1]), int(found[2]) if found[2] else None)


def _span(text: str) -> Span | None:
    if not text:
        return None
    found = _RANGE.fullmatch(text)
    if found is None or not (found[2] or found[3]):
        raise SelectProblem("InvalidRange", "The range is not line-range=first-last or split-range=first-last.")
    first, last = int(found[2] or 0), int(found[3]) if found[3] else None
    if not found[2] or (last is not None and last < first):
        raise SelectProblem("InvalidRange", "The range has no beginning, or ends before it.")
    return Span("line" if found[1] == "line" else "split", first, last)
