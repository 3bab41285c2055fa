"""What SelectObject and CreateSelectObjectMeta refuse, with the vendor's codes.

One and the same problem is an HTTP error when it is seen before any output, and else ends the output as a frame.
"""

from __future__ import annotations

from openyun.errors import BadRequest


class SelectProblem(BadRequest):
    """Facts: `reason`, and `kind`, which is the vendor's code."""

    message = "{reason}"

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(kind=kind, reason=reason)
        self.code = kind


class RangeHeaderInSelect(BadRequest):
    code = "InvalidArgument"
    message = "The Range header is not supported for SelectObject; use the Range element."
    ec = "0016-00000815"


def syntax(reason: str) -> SelectProblem:
    return SelectProblem("SqlSyntaxError", reason)
