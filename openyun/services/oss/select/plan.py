"""What a SelectObject request asks for."""

from __future__ import annotations

import msgspec

from openyun.services.oss.select.records import Csv, Json, Span


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """All of it, as the worker is told."""

    sql: str = ""
    """none: CreateSelectObjectMeta"""
    csv: Csv | None = None
    json: Json | None = None
    """one of the two"""
    span: Span | None = None
    gzip: bool = False
    record_delimiter: str = "\n"
    field_delimiter: str = ","
    header: bool = False
    """of the output"""
    keep_all_columns: bool = False
    raw: bool = False
    crc: bool = False
    skip_partial: bool = False
    most_skipped: int = 0
