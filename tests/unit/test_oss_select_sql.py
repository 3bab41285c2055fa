"""Whatever text is sent as SQL: it is a statement of the dialect or it is refused, and it never runs for long."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openyun.services.oss.select.errors import SelectProblem
from openyun.services.oss.select.plan import Plan
from openyun.services.oss.select.records import Csv, lines
from openyun.services.oss.select.run import prepare
from openyun.services.oss.select.sql import parse

WORDS = st.sampled_from(
    [
        "select",
        "from",
        "ossobject",
        "where",
        "and",
        "or",
        "not",
        "in",
        "between",
        "like",
        "is",
        "null",
        "as",
        "cast",
        "(",
        ")",
        ",",
        "*",
        ".",
        "[",
        "]",
        "=",
        "<",
        ">",
        "+",
        "-",
        "||",
        "%",
        "_1",
        "a",
        "s",
        "'x'",
        "1",
        "limit",
        "count",
        "avg",
    ]
)


@given(st.lists(WORDS, max_size=30).map(" ".join) | st.text(max_size=60))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    with contextlib.suppress(SelectProblem):
        parse(text)


@given(st.lists(WORDS, max_size=12).map(" ".join), st.binary(max_size=80))
def test_any_condition_on_any_data_gives_output_or_a_refusal(condition: str, data: bytes) -> None:
    with contextlib.suppress(SelectProblem):
        frames = prepare(Plan(sql=f"select _1 from ossobject where {condition}", csv=Csv()))([data])
        assert b"".join(frames).startswith(b"\x01")


@given(st.lists(st.binary(max_size=7), max_size=9))
def test_lines_do_not_depend_on_the_pieces(pieces: list[bytes]) -> None:
    whole = b"".join(pieces)
    try:
        expected = list(lines([whole], b"\n", b'"', 1000))
    except SelectProblem:
        with pytest.raises(SelectProblem):
            list(lines(pieces, b"\n", b'"', 1000))
    else:
        assert list(lines(pieces, b"\n", b'"', 1000)) == expected
